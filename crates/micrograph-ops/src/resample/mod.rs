//! Images of other sizes, and at other points.

mod affine_grid;
mod crop_or_pad;
#[cfg(any(feature = "cuda", test))]
mod device;
mod grid_sample;
mod sampler;
mod upsample;
#[cfg(any(feature = "cuda", test))]
mod warp_device;

pub use affine_grid::affine_grid;
pub use crop_or_pad::{Margins, crop_or_pad};
pub use grid_sample::{Border, GridSampleConfig, Interpolation, grid_sample};
pub use upsample::{upsample_bilinear2d, upsample_nearest2d};

use serde::{Deserialize, Serialize};

/// Which points of two images lie on each other (PyTorch's `align_corners`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alignment {
    /// The outer edges of the outer pixels: a pixel is a square, and content keeps its place
    /// whatever the size (`align_corners=False`).
    #[default]
    Edges,
    /// The centers of the outer pixels: a pixel is a point (`align_corners=True`).
    Centers,
}
