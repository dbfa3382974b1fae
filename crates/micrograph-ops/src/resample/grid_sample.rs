//! Images read at any points.

use super::Alignment;
use super::sampler::GridSample;
use crate::error::{float, image_dims, not_empty, rank, same_dtype, unexpected_shape};
use candle::{Result, Tensor};
use serde::{Deserialize, Serialize};

const NAME: &str = "grid_sample";

/// How [`grid_sample`] reads between pixels and outside of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GridSampleConfig {
    /// Between pixels.
    pub interpolation: Interpolation,
    /// Outside of the image.
    pub border: Border,
    /// Which points of the image -1 and 1 are.
    pub alignment: Alignment,
}

/// The value between pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interpolation {
    /// That of the nearest pixel, at the middle of the one with the even index: for label maps. The
    /// points have no gradient then.
    Nearest,
    /// Between the four pixels around.
    #[default]
    Bilinear,
}

/// The value outside of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Border {
    /// Zero; pixels at the edge fade into it.
    #[default]
    Zero,
    /// That of the nearest point of the image.
    Edge,
    /// That of the image in a mirror: at the outer edges of its pixels, or at the centers of the
    /// outer ones, as they are aligned.
    Reflect,
}

/// Reads images at the points of a grid, as PyTorch's `grid_sample`: for warps whose parameters
/// learn, or that run where the network runs.
///
/// A point is `(x, y)` between -1, left or top, and 1, right or bottom. It is at column
/// `((x + 1) * w - 1) / 2` when edges are aligned, and at `(x + 1) / 2 * (w - 1)` when centers are.
///
/// # Shapes
/// - `xs`: `(n, c, h, w)`, f32 or f64, in any memory layout
/// - `grid`: `(n, oh, ow, 2)`
/// - returns: `(n, c, oh, ow)`
///
/// # Edge cases
/// A point of which a coordinate is NaN is read as NaN; where the border is zero and the other
/// coordinate is outside, as 0.
///
/// # Errors
/// Shapes or types that do not agree; a size of zero.
///
/// # Source
/// Jaderberg et al., "Spatial transformer networks", 2015.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// use micrograph_ops::{GridSampleConfig, grid_sample};
/// let xs = Tensor::new(&[[[[0f32, 4.]]]], &Device::Cpu)?;
/// let grid = Tensor::new(&[[[[-0.5f32, 0.], [0., 0.], [1., 0.]]]], &Device::Cpu)?;
/// let ys = grid_sample(&xs, &grid, &GridSampleConfig::default())?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f32>()?, [0., 2., 2.]); // the last half outside
/// # Ok::<(), candle::Error>(())
/// ```
pub fn grid_sample(xs: &Tensor, grid: &Tensor, config: &GridSampleConfig) -> Result<Tensor> {
    let [n, ..] = image_dims(NAME, xs)?;
    float(NAME, grid)?;
    same_dtype(NAME, xs, grid)?;
    rank(NAME, "grid is (n, oh, ow, 2)", 4, grid)?;
    not_empty(NAME, "grid", grid)?;
    let (samples, rows, cols, axes) = grid.dims4()?;
    if (samples, axes) != (n, 2) {
        let message = "the grid must have points (x, y) for each sample of xs";
        return Err(unexpected_shape(NAME, message, (n, rows, cols, 2), grid.shape()));
    }
    xs.contiguous()?.apply_op2(&grid.contiguous()?, GridSample { config: *config })
}
