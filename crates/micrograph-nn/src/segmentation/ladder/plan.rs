//! The sizes of a ladder, checked before it is built.

use candle::{DType, Device};
use micrograph_ops::Padding;
use serde::{Deserialize, Serialize};

use super::super::blueprint::Blueprint;
use super::super::field::Step;
use super::super::layer::Initial;
use super::Ladder;
use crate::error::check;
use crate::{Error, Field, Init, InputShape, InputSize, Result, SegmentationNetwork};

/// What a network sees beyond the border of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Border {
    /// Zeros around the input of each convolution, so that maps keep their size.
    #[default]
    Zeros,
    /// The image mirrored at its border, by as many pixels as convolutions without padding take
    /// off: the form in which U-Net was published. It takes any size, and costs more.
    Mirror,
}

/// How first weights are drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FirstWeights {
    /// Normal, `sqrt(2 / N)` with the numbers `N` that an output is a sum of; biases 0.
    FanIn,
    /// Truncated normal, `sqrt(2 / (kernel^2 * maps))`, where maps are those that a level has on
    /// the way down, and on the way up those of the level below; of the output 0.1; biases 0.1.
    Thesis,
}

/// What is dropped in training, with which probability.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Drop {
    /// Pixels of what the two lowest levels make on the way down.
    Lowest(f64),
    /// The sums of each convolution but the output, before bias and ReLU.
    Sums(f64),
}

/// Everything that decides the shape of a ladder.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) in_channels: usize,
    pub(crate) n_classes: usize,
    /// Resolutions, one more than there are halvings.
    pub(crate) resolutions: usize,
    /// Maps at the highest resolution; they double with each halving.
    pub(crate) maps: usize,
    /// Rows and columns of the kernels, odd.
    pub(crate) kernel: usize,
    /// Convolutions at each resolution, on each way.
    pub(crate) convolutions: usize,
    pub(crate) border: Border,
    pub(crate) first: FirstWeights,
    pub(crate) dropped: Drop,
    pub(crate) rectified_output: bool,
    /// Whether convolutions but the output are normalized before their ReLU.
    pub(crate) normalized: bool,
}

/// Resolutions, at most: an input of 2048 pixels is then one pixel wide at the lowest.
const MOST_RESOLUTIONS: usize = 12;
/// Rows of a kernel, at most.
const LARGEST_KERNEL: usize = 31;
/// Convolutions at a resolution, at most.
const MOST_CONVOLUTIONS: usize = 16;

/// `levels`, where they are resolutions.
pub(crate) fn resolutions(levels: usize) -> Result<usize, Error> {
    let expected = format!("from 1 to {MOST_RESOLUTIONS}");
    check((1..=MOST_RESOLUTIONS).contains(&levels), "levels", levels, expected)?;
    Ok(levels)
}

/// `levels`, where they are halvings.
pub(crate) fn halvings(levels: usize) -> Result<usize, Error> {
    let expected = format!("from 1 to {}", MOST_RESOLUTIONS - 1);
    check((1..MOST_RESOLUTIONS).contains(&levels), "levels", levels, expected)?;
    Ok(levels)
}

impl Plan {
    /// Maps of a level, counted from 0 at the highest resolution.
    pub(super) fn maps_at(&self, level: usize) -> usize {
        self.maps.saturating_mul(1 << level)
    }

    /// First values of a convolution from `inputs` maps, at a level, on the way up or down.
    pub(super) fn initial(&self, inputs: usize, (level, upward): (usize, bool)) -> Initial {
        let initial = match self.first {
            FirstWeights::FanIn => self.of_fan_in(inputs * self.kernel * self.kernel),
            FirstWeights::Thesis => self.of_thesis(level, upward),
        };
        Initial { bias: initial.bias.filter(|_| !self.normalized), ..initial }
    }

    /// First values of a transposed convolution up to a level.
    pub(super) fn initial_double(&self, inputs: usize, level: usize) -> Initial {
        match self.first {
            FirstWeights::FanIn => self.of_fan_in(inputs),
            FirstWeights::Thesis => self.of_thesis(level, true),
        }
    }

    pub(super) fn initial_output(&self) -> Initial {
        match self.first {
            FirstWeights::FanIn => self.of_fan_in(self.maps),
            FirstWeights::Thesis => Initial {
                weight: Init::TruncatedNormal { std: 0.1 },
                bias: Some(Init::Constant(0.1)),
            },
        }
    }

    fn of_fan_in(&self, fan_in: usize) -> Initial {
        let weight = Init::Normal { std: (2.0 / fan_in as f64).sqrt() };
        Initial { weight, bias: Some(Init::Zero) }
    }

    fn of_thesis(&self, level: usize, upward: bool) -> Initial {
        let maps = self.maps_at(level + usize::from(upward));
        let std = (2.0 / (self.kernel * self.kernel * maps) as f64).sqrt();
        Initial { weight: Init::TruncatedNormal { std }, bias: Some(Init::Constant(0.1)) }
    }

    /// The zeros around the input of each convolution.
    pub(super) fn padding(&self) -> Padding {
        match self.border {
            Border::Zeros => Padding::all(self.kernel / 2),
            Border::Mirror => Padding::ZERO,
        }
    }

    /// For convolutions without padding: the rows that must be added before `size` rows and behind
    /// them, so that there are at least so many rows of logits, of which the first is that of the
    /// first row.
    pub(super) fn continued(&self, size: usize) -> [usize; 2] {
        let lost = self.convolutions * (self.kernel - 1);
        let up = |lowest: usize| (1..self.resolutions).fold(lowest, |rows, _| 2 * rows - lost);
        // The least number of rows that the lowest resolution must make.
        let halvings = self.resolutions - 1;
        let lowest = (size + lost * ((1 << halvings) - 1)).div_ceil(1 << halvings);
        let taken = (0..halvings).fold(lowest + lost, |rows, _| 2 * rows + lost);
        let before = (taken - up(lowest)) / 2;
        [before, taken - size - before]
    }
}

impl Blueprint for Plan {
    /// Fields have the names of the configurations.
    fn validate(&self) -> Result<(), Error> {
        let (Drop::Lowest(dropped) | Drop::Sums(dropped)) = self.dropped;
        check(self.maps > 0, "maps", self.maps, "at least 1")?;
        let odd = self.kernel % 2 == 1 && self.kernel <= LARGEST_KERNEL;
        check(odd, "kernel", self.kernel, format!("an odd number, at most {LARGEST_KERNEL}"))?;
        let some = (1..=MOST_CONVOLUTIONS).contains(&self.convolutions);
        let expected = format!("from 1 to {MOST_CONVOLUTIONS}");
        check(some, "convolutions", self.convolutions, expected)?;
        let inside = (0.0..1.0).contains(&dropped);
        check(inside, "dropout", dropped, "a probability from 0 to below 1")
    }

    fn input(&self) -> InputShape {
        let step = 1 << (self.resolutions - 1);
        let size = match self.border {
            Border::Zeros => InputSize::MultipleOf { step, at_least: step },
            Border::Mirror => InputSize::MultipleOf { step: 1, at_least: 1 },
        };
        InputShape { channels: self.in_channels, size }
    }

    fn field(&self) -> Field {
        let reach = (self.kernel / 2) as i64;
        let windows = vec![Step::Window(reach, reach); self.convolutions];
        let mut steps = windows.clone();
        for between in [Step::Halve, Step::DOUBLE] {
            for _ in 1..self.resolutions {
                steps.push(between);
                steps.extend(&windows);
            }
        }
        Field::of(&steps)
    }

    fn parameter_count(&self) -> usize {
        let layer = |inputs: usize, outputs: usize, window: usize| {
            inputs.saturating_mul(window).saturating_add(1).saturating_mul(outputs)
        };
        let window = self.kernel * self.kernel;
        let block = |inputs: usize, maps: usize| {
            let further = layer(maps, maps, window).saturating_mul(self.convolutions - 1);
            // The shift of a normalization stands for the bias, its scale comes on top.
            let scales = maps.saturating_mul(self.convolutions * usize::from(self.normalized));
            layer(inputs, maps, window).saturating_add(further).saturating_add(scales)
        };
        let mut count = block(self.in_channels, self.maps);
        for level in 1..self.resolutions {
            let (above, maps) = (self.maps_at(level - 1), self.maps_at(level));
            count = count
                .saturating_add(block(above, maps))
                .saturating_add(layer(maps, above, 4))
                .saturating_add(block(above.saturating_mul(2), above));
        }
        count.saturating_add(layer(self.maps, self.n_classes, 1))
    }

    fn build(
        &self,
        seed: u64,
        dtype: DType,
        device: &Device,
    ) -> Result<Box<dyn SegmentationNetwork>> {
        Ok(Box::new(Ladder::new(self.clone(), seed, dtype, device)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unet() -> Plan {
        Plan {
            name: "unet",
            in_channels: 1,
            n_classes: 2,
            resolutions: 5,
            maps: 64,
            kernel: 3,
            convolutions: 2,
            border: Border::Mirror,
            first: FirstWeights::FanIn,
            dropped: Drop::Lowest(0.5),
            rectified_output: false,
            normalized: false,
        }
    }

    #[test]
    fn figure_1_of_unet_takes_572_pixels_for_388() {
        assert_eq!(unet().continued(388), [92, 92]);
        assert_eq!(unet().continued(389), [92, 92 + 15]);
        // The lowest level must make 4 rows: of 3, 2 would be left, and then none.
        assert_eq!(unet().continued(1), [92, 95]);
    }

    #[test]
    fn its_field_is_that_of_the_unpadded_convolutions_and_the_rest_of_a_stride() {
        // 92 rows are lost on each side; the last of 16 logits sees 15 further before it.
        assert_eq!(unet().field(), Field { stride: 16, radius: 92 + 15 });
    }
}
