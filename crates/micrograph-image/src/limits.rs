//! How large an image may be.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Error, Result, Shape};

/// How large an image may be; the header is checked against it before anything is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The most pixels (height times width) that are decoded at once: of a whole image, or of a strip or
    /// a row of tiles of one that is read in regions. Default: `2^28`, a square of 16384.
    pub max_pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_pixels: 1 << 28 }
    }
}

impl Limits {
    /// For headers of images that are not held in memory.
    pub(crate) const UNLIMITED: Self = Self { max_pixels: u64::MAX };

    /// The most samples (channels times height times width) of one image: four times
    /// [`max_pixels`](Self::max_pixels), which is 4 GiB of `f32` by default.
    pub fn max_samples(&self) -> u64 {
        self.max_pixels.saturating_mul(4)
    }

    /// Checks the sizes that a header states.
    ///
    /// # Errors
    /// [`Error::ZeroSize`], [`Error::TooLarge`] or [`Error::TooManySamples`], naming `path`.
    pub(crate) fn check(&self, path: &Path, [channels, height, width]: [u64; 3]) -> Result<Shape> {
        if height == 0 || width == 0 {
            return Err(Error::ZeroSize { path: path.into(), height, width });
        }
        let too_large =
            || Error::TooLarge { path: path.into(), height, width, max_pixels: self.max_pixels };
        let pixels = height.checked_mul(width).filter(|&pixels| pixels <= self.max_pixels);
        let pixels = pixels.ok_or_else(too_large)?;
        let max_samples = self.max_samples();
        if pixels.checked_mul(channels).is_none_or(|samples| samples > max_samples) {
            let path = path.into();
            return Err(Error::TooManySamples { path, channels, height, width, max_samples });
        }
        // Each factor is at most `max_samples`; on a 32-bit machine it may still not fit.
        let fit = |size: u64| usize::try_from(size).map_err(|_| too_large());
        Ok(Shape { channels: fit(channels)?, height: fit(height)?, width: fit(width)? })
    }
}
