//! The ranges of a family's settings, and how far it looks.

use crate::error::{Error, Result};
use crate::family::Family;
use crate::gabor;

impl Family {
    /// Whether the settings lie in their ranges.
    ///
    /// # Errors
    /// A setting that does not, or that is in nanometers where the size of a pixel is not known.
    pub(crate) fn check(&self, pixel_nm: Option<f64>) -> Result<()> {
        match self {
            Self::Histogram(config) => {
                at_least_one("bins of the histogram", config.bins)?;
                config.range.check()?;
            }
            Self::RadialProfile(config) => {
                at_least_one("rings of the radial profile", config.rings)?;
                config.ring_width.pixels("the ring width of the radial profile", pixel_nm)?;
            }
            Self::EdgeProfile(config) => {
                at_least_one("rings of the edge profile", config.inside + config.outside)?;
                config.ring_width.pixels("the ring width of the edge profile", pixel_nm)?;
            }
            Self::SignalToNoise(config) | Self::InternalSegmentationVariance(config) => {
                config.half_width.pixels("the half width of the membrane", pixel_nm)?;
            }
            Self::ZernikeMoments(config) => {
                let got = config.degree as f64;
                // Beyond, the terms of the polynomials cancel until rounding is all that is left.
                within("the degree of Zernike moments", "of at most 40", got, config.degree <= 40)?;
            }
            Self::FourierDescriptors(config) => {
                at_least_one("order of Fourier descriptors", config.order)?;
            }
            Self::FirstOrder(config) => {
                at_least_one("bins of the entropy", config.histogram.bins)?;
                config.histogram.range.check()?;
            }
            Self::Haralick(config) => {
                at_least_one("distance of Haralick's features", config.distance)?;
                config.levels.check()?;
            }
            Self::Runs(levels) | Self::Zones(levels) | Self::ToneDifferences(levels) => {
                levels.check()?;
            }
            Self::BinaryPatterns(config) => {
                at_least_one("points of binary patterns", config.points)?;
                let radius = config.radius_px;
                let usable = (0.5..=1e4).contains(&radius);
                within("the radius of binary patterns", "from 0.5 to 10000", radius, usable)?;
            }
            Self::Gabor(config) => {
                at_least_one("orientations of Gabor filters", config.orientations)?;
                let usable = (0.01..=0.5).contains(&config.frequency);
                let what = "the frequency of Gabor filters";
                within(what, "from 0.01 to 0.5 waves a pixel", config.frequency, usable)?;
            }
            _ => {}
        }
        Ok(())
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
            _ => 0.0,
        };
        Ok(margin.ceil() as usize + 1)
    }
}

fn at_least_one(what: &'static str, got: usize) -> Result<()> {
    within(what, "of at least 1", got as f64, got >= 1)
}

fn within(what: &'static str, expected: &'static str, got: f64, is_within: bool) -> Result<()> {
    if is_within { Ok(()) } else { Err(Error::Setting { what, expected, got }) }
}
