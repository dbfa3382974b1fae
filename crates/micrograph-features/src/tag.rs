//! What stands in the names of descriptors for settings.

use crate::column::number;
use crate::family::Family;
use crate::first_order::FirstOrderConfig;
use crate::granularity::GranularityConfig;
use crate::hog::HogConfig;
use crate::intensity::IntensityRange;
use crate::levels::Levels;
use crate::profile::{Distance, EdgeProfileConfig, RadialProfileConfig};
use crate::radon::RadonConfig;
use crate::tamura::TamuraConfig;

/// The range of values of 8 bits, which a histogram is usually of.
const BYTES: IntensityRange = IntensityRange::Fixed { low: 0.0, high: 256.0 };

impl Family {
    /// Where in the names of its descriptors the settings stand: behind this word, if there are any.
    pub(crate) fn stem(&self) -> &'static str {
        match self {
            Self::Histogram(_) => "histogram",
            Self::RadialProfile(_) => "radial_profile",
            Self::EdgeProfile(_) => "edge_profile",
            Self::SignalToNoise(_) => "signal_to_noise",
            Self::InternalSegmentationVariance(_) => "internal_segmentation_variance",
            Self::FirstOrder(_) => "intensity",
            Self::Haralick(_) => "haralick",
            Self::Runs(_) => "runs",
            Self::Zones(_) => "zones",
            Self::ToneDifferences(_) => "tone",
            Self::BinaryPatterns(_) => "binary_pattern",
            Self::Gabor(_) => "gabor",
            Self::Hog(_) => "hog",
            Self::Tamura(_) => "tamura",
            Self::Granularity(_) => "granularity",
            Self::RadialDistribution(_) => "radial_distribution",
            Self::Radon(_) => "radon",
            _ => "",
        }
    }

    /// The settings that are not the usual ones, each behind a `_`.
    ///
    /// Descriptors of different settings have different names where their values differ; the degree of
    /// Zernike moments, the order of Fourier descriptors and the steps of granularity change no value.
    /// The order of Chebyshev coefficients changes none either, but for objects of fewer pixels.
    pub(crate) fn tag(&self, size_is_known: bool) -> String {
        match self {
            Self::Histogram(config) => {
                of_number(config.bins, 32, "bins") + &of_range(config.range, BYTES)
            }
            Self::RadialProfile(config) => {
                let usual = RadialProfileConfig::default();
                of_number(config.rings, usual.rings, "rings")
                    + &of_distance(config.ring_width, usual.ring_width, size_is_known)
            }
            Self::EdgeProfile(config) => {
                let usual = EdgeProfileConfig::default();
                of_number(config.inside, usual.inside, "inside")
                    + &of_number(config.outside, usual.outside, "outside")
                    + &of_distance(config.ring_width, usual.ring_width, size_is_known)
            }
            Self::SignalToNoise(config) | Self::InternalSegmentationVariance(config) => {
                of_distance(config.half_width, Distance::Pixels(5.0), size_is_known)
            }
            Self::FirstOrder(config) => {
                let usual = FirstOrderConfig::default().histogram;
                of_number(config.histogram.bins, usual.bins, "bins")
                    + &of_range(config.histogram.range, usual.range)
            }
            Self::Haralick(config) => of_levels(&config.levels),
            Self::Runs(levels) | Self::Zones(levels) | Self::ToneDifferences(levels) => {
                of_levels(levels)
            }
            Self::BinaryPatterns(config) => of_number(config.points, 8, "points"),
            Self::Gabor(config) => of_number(config.orientations, 4, "angles"),
            Self::Hog(config) => {
                let usual = HogConfig::default();
                of_number(config.side_px, usual.side_px, "side")
                    + &of_number(config.cell_px, usual.cell_px, "cell")
                    + &of_number(config.block_cells, usual.block_cells, "block")
                    + &of_number(config.orientations, usual.orientations, "angles")
            }
            Self::Tamura(config) => {
                let usual = TamuraConfig::default();
                of_number(config.scales.into(), usual.scales.into(), "scales")
                    + &of_number(config.directions, usual.directions, "angles")
            }
            Self::Granularity(config) => {
                let usual = GranularityConfig::default();
                of_number(config.background_px, usual.background_px, "background")
            }
            Self::RadialDistribution(config) => of_number(config.rings, 4, "rings"),
            Self::Radon(config) => {
                let usual = RadonConfig::default();
                of_number(config.directions, usual.directions, "angles")
                    + &of_number(config.bins, usual.bins, "bins")
            }
            _ => String::new(),
        }
    }
}

fn of_number(n: usize, usual: usize, what: &str) -> String {
    if n == usual { String::new() } else { format!("_{n}{what}") }
}

fn of_range(range: IntensityRange, usual: IntensityRange) -> String {
    match range {
        _ if range == usual => String::new(),
        IntensityRange::Fixed { low, high } => format!("_{}to{}", number(low), number(high)),
        IntensityRange::Object => "_ownrange".into(),
    }
}

fn of_levels(levels: &Levels) -> String {
    let usual = Levels::default();
    of_number(usize::from(levels.levels), usize::from(usual.levels), "levels")
        + &of_range(levels.range, usual.range)
}

/// Nanometers are always told, for the same column of another object may be in pixels.
fn of_distance(distance: Distance, usual: Distance, size_is_known: bool) -> String {
    match (distance.value(size_is_known), usual.value(false)) {
        ((nanometers, true), _) => format!("_{}nm", number(nanometers)),
        ((pixels, false), (usual, _)) if pixels == usual => String::new(),
        ((pixels, false), _) => format!("_{}px", number(pixels)),
    }
}
