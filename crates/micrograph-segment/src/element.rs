//! The shapes with which morphology probes an image.

use serde::{Deserialize, Serialize};

use crate::error::{Result, setting};

/// A structuring element around a pixel; a radius of 0 is the pixel alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Element {
    /// The pixels no farther than the radius: `dy^2 + dx^2 <= r^2`.
    Disk(usize),
    /// The square of `2 r + 1` pixels on a side.
    Square(usize),
    /// The pixels no farther than the radius in the same row or column. Of radius 1 it is the disk.
    Cross(usize),
}

impl Element {
    /// The reach upwards, downwards and to both sides.
    pub(crate) fn radius(self) -> usize {
        match self {
            Self::Disk(radius) | Self::Square(radius) | Self::Cross(radius) => radius,
        }
    }

    /// # Errors
    /// A radius above 4096.
    pub(crate) fn check(self) -> Result<()> {
        let radius = self.radius();
        setting("an element", "of a radius up to 4096 px", radius as f64, radius <= 4096)
    }
}
