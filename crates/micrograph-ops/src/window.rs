//! How a window slides over a padded plane: shared by convolution and pooling.

use crate::error::invalid;
use candle::Result;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Rows and columns added around a plane, in pixels; the four sides are independent.
///
/// # Example
/// ```
/// use micrograph_ops::Padding;
/// assert_eq!(Padding::same([3, 5]), Padding { top: 1, bottom: 1, left: 2, right: 2 });
/// assert_eq!(Padding::same([2, 2]), Padding { top: 0, bottom: 1, left: 0, right: 1 });
/// assert_eq!(Padding::default(), Padding::ZERO);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Padding {
    /// Rows above the first.
    pub top: usize,
    /// Rows below the last.
    pub bottom: usize,
    /// Columns before the first.
    pub left: usize,
    /// Columns after the last.
    pub right: usize,
}

impl Padding {
    /// No padding.
    pub const ZERO: Self = Self::all(0);

    /// The same number of pixels on each side.
    #[must_use]
    pub const fn all(pixels: usize) -> Self {
        Self { top: pixels, bottom: pixels, left: pixels, right: pixels }
    }

    /// The padding that keeps height and width at stride 1 and dilation 1: `kernel - 1` pixels in
    /// all, halved; of an even kernel the odd pixel goes below and to the right, as in TensorFlow.
    #[must_use]
    pub const fn same(kernel: [usize; 2]) -> Self {
        let (y, x) = (kernel[0].saturating_sub(1), kernel[1].saturating_sub(1));
        Self { top: y / 2, bottom: y - y / 2, left: x / 2, right: x - x / 2 }
    }

    /// Pixels before the first and after the last along each axis: `[[top, bottom], [left, right]]`.
    pub(crate) const fn axes(self) -> [[usize; 2]; 2] {
        [[self.top, self.bottom], [self.left, self.right]]
    }
}

/// Elements, at most, of an output: 4 TiB of `f32`.
const MOST_ELEMENTS: usize = 1 << 40;

/// Refuses an output that no memory can hold, before anything is computed with its size.
pub(crate) fn check_volume(op: &'static str, padding: Padding, output: [usize; 4]) -> Result<()> {
    let elements = output.iter().try_fold(1_usize, |volume, &size| volume.checked_mul(size));
    let widest = padding.axes().as_flattened().iter().copied().max().unwrap_or(0);
    if u32::try_from(widest).is_ok() && elements.is_some_and(|n| n <= MOST_ELEMENTS) {
        return Ok(());
    }
    Err(invalid(op, format!("an output of {output:?} with {padding:?} is too large; pad less")))
}

/// How many places a window of `extent` pixels finds on a padded line; `None` when it does not fit.
pub(crate) fn positions(
    size: usize,
    padding: [usize; 2],
    extent: usize,
    stride: usize,
) -> Option<usize> {
    let padded = size.saturating_add(padding[0]).saturating_add(padding[1]);
    Some(padded.checked_sub(extent)? / stride + 1)
}

/// Those of `outputs` whose tap, at `output * stride + offset`, lies in `0..size`.
pub(crate) fn outputs_inside(
    outputs: usize,
    stride: usize,
    offset: isize,
    size: usize,
) -> Range<usize> {
    let first = offset.min(0).unsigned_abs().div_ceil(stride);
    let end = (size as isize - offset).max(0).unsigned_abs().div_ceil(stride).min(outputs);
    first.min(end)..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_inside_are_those_that_counting_finds() {
        for (outputs, stride, size) in [(5, 1, 5), (3, 2, 6), (4, 3, 7), (2, 5, 1)] {
            for offset in -7_isize..8 {
                let counted: Vec<usize> = (0..outputs)
                    .filter(|&o| (0..size as isize).contains(&((o * stride) as isize + offset)))
                    .collect();
                let range = outputs_inside(outputs, stride, offset, size);
                assert_eq!(
                    range.collect::<Vec<_>>(),
                    counted,
                    "{outputs} {stride} {size} {offset}"
                );
            }
        }
    }

    #[test]
    fn a_window_larger_than_the_padded_line_has_no_position() {
        assert_eq!(positions(4, [1, 0], 5, 2), Some(1));
        assert_eq!(positions(4, [0, 0], 5, 1), None);
        assert_eq!(positions(28, [1, 1], 3, 2), Some(14));
    }
}
