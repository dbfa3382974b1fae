//! Pooling over windows: the largest or the mean of each; and unpooling.

mod average;
#[cfg(any(feature = "cuda", test))]
mod average_device;
#[cfg(any(feature = "cuda", test))]
mod device;
mod max;
pub(crate) mod pairs;
mod unpool;

pub use average::{adaptive_avg_pool2d, avg_pool2d, global_avg_pool2d};
pub use max::{max_pool2d, max_pool2d_with_indices};
pub use unpool::max_unpool2d;

use crate::error::{float, invalid, not_empty, rank, unexpected_shape};
use crate::window::{Padding, check_volume, positions};
use candle::{Result, Tensor};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Windows of [`max_pool2d`] and [`avg_pool2d`]; pairs are `[vertical, horizontal]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool2dConfig {
    /// Pixels of the window.
    pub kernel: [usize; 2],
    /// Pixels from one window to the next.
    pub stride: [usize; 2],
    /// How far windows may reach over the edges: on each side by less than the kernel. What lies
    /// outside takes no part, neither in a maximum nor in a mean.
    #[serde(default)]
    pub padding: Padding,
    /// What becomes of pixels that are too few for one more window; they are left out by default.
    #[serde(default)]
    pub rounding: Rounding,
}

impl Pool2dConfig {
    /// Square windows side by side, without padding, as many as fit.
    #[must_use]
    pub const fn square(size: usize) -> Self {
        let (kernel, stride) = ([size; 2], [size; 2]);
        Self { kernel, stride, padding: Padding::ZERO, rounding: Rounding::Down }
    }
}

/// How the number of windows, `(size + padding - kernel) / stride + 1`, becomes whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Each window lies inside of the padded image; what is left over at the end is not seen.
    #[default]
    Down,
    /// The last window may reach beyond the padding, as long as it begins before the padding after
    /// the image (PyTorch's `ceil_mode`). Each pixel is seen when the stride is at most the kernel.
    Up,
}

impl Rounding {
    /// Windows along one axis; `None` when there is none.
    fn windows(
        self,
        size: usize,
        padding: [usize; 2],
        kernel: usize,
        stride: usize,
    ) -> Option<usize> {
        let [before, after] = padding;
        match self {
            Self::Down => positions(size, padding, kernel, stride),
            Self::Up => {
                let after = after.saturating_add(stride - 1);
                let windows = positions(size, [before, after], kernel, stride)?;
                Some(windows.min(size.saturating_add(before).div_ceil(stride)))
            }
        }
    }
}

/// The sizes of a pooling that is known to be possible.
#[derive(Debug, Clone, Copy)]
struct Plan {
    size: [usize; 2],
    out_size: [usize; 2],
    config: Pool2dConfig,
}

impl Plan {
    fn new(op: &'static str, xs: &Tensor, config: &Pool2dConfig) -> Result<Self> {
        float(op, xs)?;
        rank(op, "xs is (n, c, h, w)", 4, xs)?;
        not_empty(op, "xs", xs)?;
        let (n, c, h, w) = xs.dims4()?;
        let (kernel, stride, padding) = (config.kernel, config.stride, config.padding.axes());
        for (what, pair) in [("kernel", kernel), ("stride", stride)] {
            if pair.contains(&0) {
                return Err(invalid(op, format!("{what} {pair:?} must be 1 or more on both axes")));
            }
        }
        if (0..2).any(|axis| padding[axis].iter().any(|&pixels| pixels >= kernel[axis])) {
            let message = format!(
                "{:?} must be less than the kernel {kernel:?}, or windows would see no pixel; pad \
                 the image itself if it is to grow",
                config.padding
            );
            return Err(invalid(op, message));
        }
        let size = [h, w];
        let [rows, cols] = [0, 1].map(|axis| {
            config.rounding.windows(size[axis], padding[axis], kernel[axis], stride[axis])
        });
        let (Some(rows), Some(cols)) = (rows, cols) else {
            let message = format!(
                "a {}x{} window does not fit an image of {h}x{w} with {:?}; enlarge the image, \
                 pad more, or take a smaller kernel",
                kernel[0], kernel[1], config.padding
            );
            let least = [0, 1].map(|axis| {
                kernel[axis].saturating_sub(padding[axis][0]).saturating_sub(padding[axis][1])
            });
            let least = (n, c, least[0].max(1), least[1].max(1));
            return Err(unexpected_shape(op, message, least, xs.shape()));
        };
        check_volume(op, config.padding, [n, c, rows, cols])?;
        Ok(Self { size, out_size: [rows, cols], config: *config })
    }

    /// Pixels of one input plane.
    fn plane(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// Pixels of one output plane.
    fn out_plane(&self) -> usize {
        self.out_size[0] * self.out_size[1]
    }

    /// The input rows or columns that the window at `output` covers; never none.
    fn covered(&self, axis: usize, output: usize) -> Range<usize> {
        let [before, _] = self.config.padding.axes()[axis];
        let start = output * self.config.stride[axis];
        let end = start.saturating_add(self.config.kernel[axis]) - before;
        start.saturating_sub(before)..end.min(self.size[axis])
    }

    /// The windows of a plane, row by row.
    fn windows(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        (0..self.out_size[0]).flat_map(move |y| {
            let rows = self.covered(0, y);
            (0..self.out_size[1]).map(move |x| (rows.clone(), self.covered(1, x)))
        })
    }
}
