//! The families of descriptors, as values that can be written down.

use serde::{Deserialize, Serialize};

use crate::binary_pattern::{self, BinaryPatternConfig};
use crate::chebyshev::{self, ChebyshevConfig};
use crate::column::Descriptor;
use crate::compound::Compound;
use crate::cooccurrence::{self, HaralickConfig};
use crate::error::Result;
use crate::first_order::{self, FirstOrderConfig};
use crate::fourier::{self, FourierConfig};
use crate::gabor::{self, GaborConfig};
use crate::granularity::{self, GranularityConfig};
use crate::hog::{self, HogConfig};
use crate::intensity::{self, HistogramConfig};
use crate::levels::Levels;
use crate::membrane::{self, MembraneConfig};
use crate::moments::{self, Weight};
use crate::object::{Channel, Region};
use crate::profile::{self, EdgeProfileConfig, RadialProfileConfig};
use crate::radial_distribution::{self, RadialDistributionConfig};
use crate::radon::{self, RadonConfig};
use crate::runs;
use crate::size;
use crate::tamura::{self, TamuraConfig};
use crate::tone;
use crate::zernike::{self, ZernikeConfig};
use crate::{convexity, ellipse, outline};

/// One family of descriptors with its settings.
///
/// The functions of the same names say formula, edge cases and source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Family {
    /// The number of object pixels: [`area`](crate::area).
    Area,
    /// [`circularity`](crate::circularity).
    Circularity,
    /// The long axis of the ellipse, [`ellipse_axes`](crate::ellipse_axes), and the greatest distance
    /// to the background, [`distance_transform`](micrograph_segment::distance_transform).
    ///
    /// The thesis takes the first of particles outlined as ellipses and the second of polygons; a
    /// mask does not tell how it was drawn, so that both are given.
    MaximumWidth,
    /// The long axis and [`polygon_diameter`](crate::polygon_diameter), always in pixels.
    Diameter,
    /// The same as [`Family::Diameter`] in nanometers, where the size of a pixel is known.
    Length,
    /// The moments mu20, mu02, mu30, mu03: [`central_moments`](crate::central_moments).
    CentralMoments(Weight),
    /// [`normalized_moments`](crate::normalized_moments).
    NormalizedMoments(Weight),
    /// [`hu_moments`](crate::hu_moments).
    HuMoments(Weight),
    /// [`histogram`](crate::histogram).
    Histogram(HistogramConfig),
    /// [`radial_profile`](crate::radial_profile).
    RadialProfile(RadialProfileConfig),
    /// [`edge_profile`](crate::edge_profile).
    EdgeProfile(EdgeProfileConfig),
    /// [`signal_to_noise`](crate::signal_to_noise).
    SignalToNoise(MembraneConfig),
    /// [`internal_segmentation_variance`](crate::internal_segmentation_variance).
    InternalSegmentationVariance(MembraneConfig),
    /// [`perimeter`](crate::perimeter).
    Perimeter,
    /// [`ellipse_axes`](crate::ellipse_axes), [`eccentricity`](crate::eccentricity) and
    /// [`orientation`](crate::orientation).
    Ellipse,
    /// [`solidity`](crate::solidity).
    Solidity,
    /// [`extent`](crate::extent).
    Extent,
    /// [`euler_number`](crate::euler_number).
    EulerNumber,
    /// [`feret_diameters`](crate::feret_diameters).
    FeretDiameters,
    /// [`zernike_moments`](crate::zernike_moments) around the center of mass, in the smallest disk
    /// there that holds the object.
    ZernikeMoments(ZernikeConfig),
    /// [`fourier_descriptors`](crate::fourier_descriptors).
    FourierDescriptors(FourierConfig),
    /// [`first_order`](crate::first_order).
    FirstOrder(FirstOrderConfig),
    /// [`haralick`](crate::haralick) of [`cooccurrence`](crate::cooccurrence): mean and range over
    /// four directions.
    Haralick(HaralickConfig),
    /// [`run_statistics`](crate::run_statistics) of [`gray_level_runs`](crate::gray_level_runs): mean
    /// and range over four directions.
    Runs(Levels),
    /// [`run_statistics`](crate::run_statistics) of [`gray_level_zones`](crate::gray_level_zones).
    Zones(Levels),
    /// [`tone_differences`](crate::tone_differences).
    ToneDifferences(Levels),
    /// [`binary_patterns`](crate::binary_patterns).
    BinaryPatterns(BinaryPatternConfig),
    /// [`gabor_energy`](crate::gabor_energy).
    Gabor(GaborConfig),
    /// [`hog`](crate::hog) of the object's box, scaled to one size.
    Hog(HogConfig),
    /// [`tamura`](crate::tamura).
    Tamura(TamuraConfig),
    /// [`granularity`](crate::granularity) in the object's box with the background's radius around it.
    Granularity(GranularityConfig),
    /// [`radial_distribution`](crate::radial_distribution).
    RadialDistribution(RadialDistributionConfig),
    /// [`chebyshev_coefficients`](crate::chebyshev_coefficients) of the object's box, with the object's
    /// mean around it.
    Chebyshev(ChebyshevConfig),
    /// Histograms of [`radon_projection`](crate::radon_projection) of the object's box, with 0 around
    /// it.
    Radon(RadonConfig),
    /// Descriptors after transforms.
    Compound(Compound),
}

impl Family {
    /// Whether the family is computed for each channel, or once from the mask.
    pub(crate) fn reads_pixels(&self) -> bool {
        match self {
            Self::Area
            | Self::Circularity
            | Self::MaximumWidth
            | Self::Diameter
            | Self::Length
            | Self::Perimeter
            | Self::Ellipse
            | Self::Solidity
            | Self::Extent
            | Self::EulerNumber
            | Self::FeretDiameters
            | Self::FourierDescriptors(_) => false,
            Self::CentralMoments(weight)
            | Self::NormalizedMoments(weight)
            | Self::HuMoments(weight) => *weight == Weight::Intensity,
            Self::ZernikeMoments(config) => config.weight == Weight::Intensity,
            _ => true,
        }
    }

    /// The descriptors, in the order in which [`Family::compute`] gives their values, with unusual
    /// settings in their names.
    pub(crate) fn descriptors(&self, size_is_known: bool) -> Vec<Descriptor> {
        let (stem, tag) = (self.stem(), self.tag(size_is_known));
        let mut descriptors = self.plain_descriptors();
        if !tag.is_empty() {
            for descriptor in &mut descriptors {
                let rest = descriptor.name.strip_prefix(stem).unwrap_or(&descriptor.name);
                descriptor.name = format!("{stem}{tag}{rest}").into();
            }
        }
        descriptors
    }

    fn plain_descriptors(&self) -> Vec<Descriptor> {
        let numbered =
            |one: Descriptor, n: usize| (0..n).map(|number| one.numbered(number)).collect();
        match self {
            Self::Area => size::AREA.to_vec(),
            Self::Circularity => size::CIRCULARITY.to_vec(),
            Self::MaximumWidth => size::MAXIMUM_WIDTH.to_vec(),
            Self::Diameter => size::DIAMETER.to_vec(),
            Self::Length => size::LENGTH.to_vec(),
            Self::CentralMoments(weight) => weighted(*weight, &moments::THESIS),
            Self::NormalizedMoments(weight) => weighted(*weight, &moments::ETA),
            Self::HuMoments(weight) => weighted(*weight, &moments::HU_MOMENTS),
            Self::Histogram(config) => numbered(intensity::HISTOGRAM, config.bins),
            Self::RadialProfile(config) => numbered(profile::RADIAL, config.rings),
            Self::EdgeProfile(config) => numbered(profile::EDGE, config.inside + config.outside),
            Self::SignalToNoise(_) => vec![membrane::SIGNAL_TO_NOISE],
            Self::InternalSegmentationVariance(_) => vec![membrane::SEGMENTATION_VARIANCE],
            Self::Perimeter => size::PERIMETER.to_vec(),
            Self::Ellipse => ellipse::ELLIPSE.to_vec(),
            Self::Solidity => convexity::SOLIDITY.to_vec(),
            Self::Extent => convexity::EXTENT.to_vec(),
            Self::EulerNumber => convexity::EULER_NUMBER.to_vec(),
            Self::FeretDiameters => convexity::FERET.to_vec(),
            Self::ZernikeMoments(config) => weighted(config.weight, &zernike::descriptors(config)),
            Self::FourierDescriptors(config) => fourier::descriptors(config),
            Self::FirstOrder(_) => first_order::descriptors(),
            Self::Haralick(config) => cooccurrence::descriptors(config),
            Self::Runs(_) => runs::run_descriptors(),
            Self::Zones(_) => runs::zone_descriptors(),
            Self::ToneDifferences(_) => tone::descriptors(),
            Self::BinaryPatterns(config) => binary_pattern::descriptors(config),
            Self::Gabor(config) => gabor::descriptors(config),
            Self::Hog(config) => hog::descriptors(config),
            Self::Tamura(_) => tamura::descriptors(),
            Self::Granularity(config) => granularity::descriptors(config),
            Self::RadialDistribution(config) => radial_distribution::descriptors(config),
            Self::Chebyshev(config) => chebyshev::descriptors(config),
            Self::Radon(config) => radon::descriptors(config),
            Self::Compound(compound) => compound.descriptors(),
        }
    }

    /// The values of the descriptors, lengths in pixels; settings have passed [`Family::check`].
    pub(crate) fn compute(&self, region: &Region, channel: &Channel<'_>) -> Result<Vec<f64>> {
        let (mask, pixels) = (region.mask(), channel.pixels);
        let moments_of =
            |weight: Weight| moments::central_moments(weight.of(channel.pixels, mask).view());
        Ok(match self {
            Self::Area => vec![size::area(mask)],
            Self::Circularity => vec![outline::circularity(mask)],
            Self::MaximumWidth => {
                let deepest = region.membrane().iter().copied().fold(0.5, f64::min);
                vec![size::ellipse_axes(mask)[0], 0.5 - deepest]
            }
            Self::Diameter | Self::Length => {
                vec![size::ellipse_axes(mask)[0], size::polygon_diameter(mask)]
            }
            Self::CentralMoments(weight) => moments::thesis_moments(&moments_of(*weight)).to_vec(),
            Self::NormalizedMoments(weight) => {
                moments::normalized_moments(&moments_of(*weight)).to_vec()
            }
            Self::HuMoments(weight) => {
                let eta = moments::normalized_moments(&moments_of(*weight));
                moments::hu_moments(&eta).to_vec()
            }
            Self::Histogram(config) => intensity::histogram(&channel.values, config)?,
            Self::RadialProfile(config) => {
                let width = config.ring_width.pixels("the ring width", region.pixel_nm)?;
                profile::radial_profile(channel.pixels, mask, config.rings, width)?
            }
            Self::EdgeProfile(config) => {
                let width = config.ring_width.pixels("the ring width", region.pixel_nm)?;
                let rings = [config.inside, config.outside];
                profile::edge_profile(channel.pixels, region.membrane(), rings, width)?
            }
            Self::SignalToNoise(config) => {
                let reach = config.half_width.pixels("the half width", region.pixel_nm)?;
                vec![membrane::signal_to_noise(channel.pixels, region.membrane(), reach)?]
            }
            Self::InternalSegmentationVariance(config) => {
                let depth = config.half_width.pixels("the half width", region.pixel_nm)?;
                let distance = region.membrane();
                vec![membrane::internal_segmentation_variance(channel.pixels, distance, depth)?]
            }
            Self::Perimeter => vec![size::perimeter(mask)],
            Self::Ellipse => ellipse::ellipse(mask).to_vec(),
            Self::Solidity => vec![convexity::solidity(mask)],
            Self::Extent => vec![convexity::extent(mask)],
            Self::EulerNumber => vec![convexity::euler_number(mask)],
            Self::FeretDiameters => convexity::feret_diameters(mask).to_vec(),
            Self::ZernikeMoments(config) => zernike::object_zernike_moments(pixels, mask, config)?,
            Self::FourierDescriptors(config) => fourier::fourier_descriptors(mask, config.order)?,
            Self::FirstOrder(config) => first_order::first_order(&channel.values, config)?.to_vec(),
            Self::Haralick(config) => cooccurrence::object_haralick(pixels, mask, config)?,
            Self::Runs(levels) => runs::object_runs(pixels, mask, levels)?,
            Self::Zones(levels) => runs::object_zones(pixels, mask, levels)?,
            Self::ToneDifferences(levels) => tone::object_tone_differences(pixels, mask, levels)?,
            Self::BinaryPatterns(config) => binary_pattern::binary_patterns(pixels, mask, config)?,
            Self::Gabor(config) => gabor::gabor_energy(pixels, mask, config)?,
            Self::Hog(config) => hog::object_hog(pixels, mask, config)?,
            Self::Tamura(config) => tamura::tamura(pixels, mask, config)?.to_vec(),
            Self::Granularity(config) => granularity::object_granularity(pixels, mask, config)?,
            Self::RadialDistribution(config) => {
                let membrane = region.membrane();
                radial_distribution::object_radial_distribution(pixels, membrane, config)?
            }
            Self::Chebyshev(config) => chebyshev::object_coefficients(pixels, mask, config)?,
            Self::Radon(config) => radon::object_radon(pixels, mask, config)?,
            Self::Compound(compound) => compound.compute(region, channel)?,
        })
    }
}

/// Moments of the shape have `shape_` in front of their names.
fn weighted(weight: Weight, descriptors: &[Descriptor]) -> Vec<Descriptor> {
    let mut descriptors = descriptors.to_vec();
    if weight == Weight::Shape {
        for descriptor in &mut descriptors {
            descriptor.name = format!("shape_{}", descriptor.name).into();
        }
    }
    descriptors
}
