//! The ranges of a family's settings, and how far it looks.

use micrograph_image::Shape;

use crate::error::{Error, Result};
use crate::family::Family;
use crate::gabor;
use crate::profile::Distance;

impl Family {
    /// Whether the settings lie in their ranges.
    ///
    /// # Errors
    /// A setting that does not, or that is in nanometers where the size of a pixel is not known.
    pub(crate) fn check(&self, pixel_nm: Option<f64>) -> Result<()> {
        match self {
            Self::Histogram(config) => config.check(),
            Self::RadialProfile(config) => {
                count("rings of the radial profile", config.rings)?;
                checked(config.ring_width, "the ring width of the radial profile", pixel_nm)
            }
            Self::EdgeProfile(config) => {
                let rings = config.inside.saturating_add(config.outside);
                count("rings of the edge profile", rings)?;
                checked(config.ring_width, "the ring width of the edge profile", pixel_nm)
            }
            Self::SignalToNoise(config) | Self::InternalSegmentationVariance(config) => {
                checked(config.half_width, "the half width of the membrane", pixel_nm)
            }
            Self::ZernikeMoments(config) => config.check(),
            Self::FourierDescriptors(config) => count("order of Fourier descriptors", config.order),
            Self::FirstOrder(config) => config.histogram.check(),
            Self::Haralick(config) => config.check(),
            Self::Runs(levels) | Self::Zones(levels) | Self::ToneDifferences(levels) => {
                levels.check()
            }
            Self::BinaryPatterns(config) => config.check(),
            Self::Gabor(config) => config.check(),
            Self::Hog(config) => config.check(),
            Self::Tamura(config) => config.check(),
            Self::Granularity(config) => config.check(),
            Self::RadialDistribution(config) => config.check(),
            Self::Chebyshev(config) => config.check(),
            Self::Radon(config) => config.check(),
            Self::Compound(compound) => compound.check(),
            _ => Ok(()),
        }
    }

    /// How many pixels around the object are looked at.
    ///
    /// # Errors
    /// As [`Family::check`].
    pub(crate) fn margin(&self, pixel_nm: Option<f64>) -> Result<usize> {
        let margin = match self {
            Self::EdgeProfile(config) => {
                config.outside as f64 * config.ring_width.pixels("the ring width", pixel_nm)?
            }
            Self::SignalToNoise(config) => config.half_width.pixels("the half width", pixel_nm)?,
            Self::BinaryPatterns(config) => config.radius_px,
            Self::Gabor(config) => gabor::reach_px(config.frequency),
            Self::Tamura(config) => config.reach_px(),
            Self::Granularity(config) => config.background_px as f64,
            _ => 0.0,
        };
        Ok((margin.ceil() as usize).saturating_add(1))
    }
}

fn checked(distance: Distance, what: &'static str, pixel_nm: Option<f64>) -> Result<()> {
    distance.pixels(what, pixel_nm).map(|_| ())
}

/// Whether so many values of one kind can be meant: from 1 to 65536.
pub(crate) fn count(what: &'static str, got: usize) -> Result<()> {
    within(what, "from 1 to 65536", got as f64, (1..=65_536).contains(&got))
}

/// Whether a distance in pixels can be meant: from 1 to 10000.
pub(crate) fn distance(what: &'static str, got: usize) -> Result<()> {
    within(what, "from 1 to 10000", got as f64, (1..=10_000).contains(&got))
}

pub(crate) fn within(
    what: &'static str,
    expected: &'static str,
    got: f64,
    is_within: bool,
) -> Result<()> {
    if is_within { Ok(()) } else { Err(Error::Setting { what, expected, got }) }
}

/// Whether a mask, or distances, lie on the values.
pub(crate) fn same_shape(
    (height, width): (usize, usize),
    (rows, columns): (usize, usize),
) -> Result<()> {
    if (height, width) == (rows, columns) {
        return Ok(());
    }
    let image = Shape { channels: 1, height, width };
    Err(Error::MaskShape { image, mask: [rows, columns] })
}
