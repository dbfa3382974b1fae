//! How far a network sees, and in which steps it may be shifted.

/// Which pixels of the input decide about the logits of a pixel.
///
/// An image can be segmented in tiles that begin at multiples of `stride` and have `radius` pixels
/// more on each side that is not the image's own; what is kept are the logits without these pixels.
///
/// ```
/// use micrograph_nn::{SegmenterConfig, StemNetConfig};
///
/// let field = SegmenterConfig::new(StemNetConfig::thesis().into(), 1, 2).field()?;
/// assert_eq!((field.stride, field.radius), (32, 219));
/// assert_eq!(field.halo(), 224);
/// # Ok::<(), micrograph_nn::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Field {
    /// Shifting the input by a multiple of so many pixels shifts the logits alike, but for what
    /// lies within `radius` of a border.
    pub stride: usize,
    /// Pixels farther than this, along either axis, do not count.
    pub radius: usize,
}

impl Field {
    /// The radius, rounded up to a multiple of the stride.
    #[must_use]
    pub const fn halo(self) -> usize {
        self.radius.next_multiple_of(self.stride)
    }

    /// The field of a chain of steps, from the input to the logits, in which as many halve as
    /// double.
    pub(crate) fn of(steps: &[Step]) -> Self {
        let halvings = steps.iter().filter(|step| matches!(step, Step::Halve)).count();
        let stride = 1_i64 << halvings;
        let radius = (0..stride).map(|pixel| {
            let [first, last] = steps.iter().rev().fold([pixel; 2], |seen, step| step.seen(seen));
            (pixel - first).max(last - pixel)
        });
        let radius = radius.max().unwrap_or(0).unsigned_abs();
        Self { stride: stride.unsigned_abs() as usize, radius: radius as usize }
    }
}

/// One layer, as far as the places of pixels are concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// A window of so many pixels before and after the one that is computed.
    Window(i64, i64),
    /// Windows of 2x2 side by side become pixels.
    Halve,
    /// A transposed convolution, of which so many lines are cut off before the first; 2, 2 and 0
    /// where pixels become windows of 2x2 side by side.
    Spread {
        /// Lines of the kernel.
        kernel: i64,
        /// Lines from one pixel to the next.
        stride: i64,
        /// Lines cut off.
        cut: i64,
    },
}

impl Step {
    /// Pixels become windows of 2x2 side by side.
    pub(crate) const DOUBLE: Self = Self::Spread { kernel: 2, stride: 2, cut: 0 };

    /// The first and the last pixel that decide about the first to the last pixel behind the step.
    fn seen(self, [first, last]: [i64; 2]) -> [i64; 2] {
        match self {
            Self::Window(before, after) => [first - before, last + after],
            Self::Halve => [2 * first, 2 * last + 1],
            Self::Spread { kernel, stride, cut } => [
                (first + cut - kernel + stride).div_euclid(stride),
                (last + cut).div_euclid(stride),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_that_of_its_worst_pixel() {
        let field = |steps: &[Step]| {
            let Field { stride, radius } = Field::of(steps);
            [stride, radius]
        };
        assert_eq!(field(&[]), [1, 0]);
        assert_eq!(field(&[Step::Window(1, 1), Step::Window(2, 2)]), [1, 3]);
        // A pixel sees the other of its window, and nothing else.
        assert_eq!(field(&[Step::Halve, Step::DOUBLE]), [2, 1]);
        // The first of a window sees the two windows beside its own: three pixels to the right.
        assert_eq!(field(&[Step::Halve, Step::Window(1, 1), Step::DOUBLE]), [2, 3]);
    }
}
