//! Decoded samples of any type to `(c, h, w)` planes of `f32`.

use ndarray::Array3;

use super::source::Source;
use crate::{Error, Result, Shape};

/// A type in which files store samples.
pub(super) trait Sample: Copy {
    /// The sample as the nearest `f32`; a boolean as 0 or 255.
    fn to_f32(self) -> f32;

    /// Whether an integer is an `f32`. A float is always taken as good enough.
    fn is_exact(self) -> bool {
        true
    }
}

macro_rules! small_samples {
    ($($sample:ty),*) => { $(
        impl Sample for $sample {
            fn to_f32(self) -> f32 {
                f32::from(self)
            }
        }
    )* };
}

macro_rules! large_integer_samples {
    ($($sample:ty),*) => { $(
        impl Sample for $sample {
            fn to_f32(self) -> f32 {
                self as f32
            }

            fn is_exact(self) -> bool {
                // Through a type that holds 2^64, for the cast back from a float saturates.
                self as f32 as i128 == i128::from(self)
            }
        }
    )* };
}

small_samples!(u8, u16, i8, i16, f32);
large_integer_samples!(u32, u64, i32, i64);

impl Sample for f64 {
    fn to_f32(self) -> f32 {
        self as f32
    }
}

impl Sample for bool {
    fn to_f32(self) -> f32 {
        if self { 255.0 } else { 0.0 }
    }
}

/// Samples as they are stored, pixel by pixel, and which channels of them are wanted.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) height: usize,
    pub(super) width: usize,
    /// How many channels are stored, alpha included.
    pub(super) channels: usize,
    /// The channels to keep, in their order in the result.
    pub(super) kept: Vec<usize>,
}

impl Stored {
    /// The shape of the result.
    pub(super) fn shape(&self) -> Shape {
        Shape { channels: self.kept.len(), height: self.height, width: self.width }
    }

    /// Gathers the kept channels, each sample mapped to its value.
    ///
    /// Samples that are missing at the end are 0; a decoder that delivers too few has failed before.
    pub(super) fn planes<S: Copy>(&self, samples: &[S], value: impl Fn(S) -> f32) -> Array3<f32> {
        let mut pixels = Array3::zeros((self.kept.len(), self.height, self.width));
        for (mut plane, channel) in pixels.outer_iter_mut().zip(&self.kept) {
            let from = samples.iter().skip(*channel).step_by(self.channels);
            plane.iter_mut().zip(from).for_each(|(to, &sample)| *to = value(sample));
        }
        pixels
    }
}

/// Whether every sample is an `f32`.
pub(super) fn all_exact<S: Sample>(samples: &[S]) -> bool {
    samples.iter().all(|sample| sample.is_exact())
}

/// Checks that every pixel is finite, and names the first that is not. The first pixel has the row and
/// column of `corner`.
pub(super) fn check_finite(
    pixels: &Array3<f32>,
    [top, left]: [usize; 2],
    source: &Source<'_>,
) -> Result<()> {
    match pixels.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some(((channel, row, column), &value)) => {
            let (path, row, column) = (source.path.into(), top + row, left + column);
            Err(Error::NotFinite { path, channel, row, column, value })
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn kept_channels_become_planes() {
        let stored = Stored { height: 1, width: 2, channels: 3, kept: vec![0, 2] };
        let expected = array![[[1.0, 2.0]], [[5.0, 6.0]]];
        assert_eq!(stored.planes(&[1u8, 3, 5, 2, 4, 6], Sample::to_f32), expected);
    }

    #[test]
    fn integers_are_exact_up_to_24_bits() {
        assert!(all_exact(&[0u32, 1 << 24, 1 << 31]));
        assert!(!all_exact(&[(1u32 << 24) + 1]));
        assert!(!all_exact(&[u32::MAX]));
        assert!(!all_exact(&[i64::MAX]));
        assert!(all_exact(&[i64::MIN]));
    }
}
