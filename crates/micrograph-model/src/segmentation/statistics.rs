//! What the preparation of any part of a frame takes from the whole of it.

use micrograph_image::{Channels, Normalization, Normalizer, TrainingMoments};
use ndarray::{Array3, ArrayView3, Axis, Slice};

use super::SegmenterInput;
use crate::{Error, Result};

/// Moments and range of a frame, gathered row by row from the first: the bits are the same whether it
/// lies in memory or is read in bands of any height.
///
/// ```
/// use micrograph_model::FrameStatistics;
/// use ndarray::{Array3, Axis, Slice};
///
/// let frame = Array3::from_shape_fn((1, 9, 7), |(_, y, x)| (y * x) as f32 / 3.0);
/// let mut of_bands = FrameStatistics::default();
/// for rows in [0..4, 4..5, 5..9] {
///     of_bands.push(frame.slice_axis(Axis(1), Slice::from(rows)))?;
/// }
/// assert_eq!(of_bands, FrameStatistics::of(frame.view())?);
/// # Ok::<(), micrograph_model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FrameStatistics {
    moments: TrainingMoments,
    /// The smallest and the largest pixel.
    range: Option<[f32; 2]>,
    /// The one value of a channel that is dropped.
    dropped: Option<f32>,
}

impl FrameStatistics {
    /// Those of a frame in memory, in the channels of the network.
    ///
    /// # Errors
    /// Never for a frame: those of [`push`](Self::push).
    pub fn of(pixels: ArrayView3<'_, f32>) -> Result<Self> {
        let mut statistics = Self::default();
        statistics.push(pixels)?;
        Ok(statistics)
    }

    /// Adds rows `(c, rows, w)` in the channels of the network, below those before.
    ///
    /// # Errors
    /// When they have other channels than those before.
    pub fn push(&mut self, rows: ArrayView3<'_, f32>) -> Result<()> {
        for row in rows.axis_chunks_iter(Axis(1), 1) {
            self.moments.push(row)?;
        }
        let wider = |range: Option<[f32; 2]>, &x: &f32| {
            Some(range.map_or([x; 2], |[low, high]| [low.min(x), high.max(x)]))
        };
        self.range = rows.iter().fold(self.range, wider);
        Ok(())
    }

    /// Adds rows as they are stored, and checks that a channel which `input` drops has one value in the
    /// whole frame.
    ///
    /// # Errors
    /// When they have channels that cannot be converted.
    pub fn push_stored(&mut self, input: &SegmenterInput, rows: ArrayView3<'_, f32>) -> Result<()> {
        let converted = input.in_channels_of(rows)?;
        let got = rows.dim().0;
        if input.channels == Channels::Native && matches!(got, 2 | 4) && got != input.n_channels {
            let last = rows.slice_axis(Axis(0), Slice::from(got - 1..));
            let first = last.iter().next().copied();
            self.dropped = self.dropped.or(first);
            if first.is_some() && first != self.dropped {
                let expected = input.n_channels;
                return Err(micrograph_image::Error::ChannelCount { expected, got }.into());
            }
        }
        self.push(converted.view())
    }
}

impl SegmenterInput {
    /// A frame or a part of it in the channels of the network, on the scale of its file.
    ///
    /// # Errors
    /// When it has other channels that cannot be converted.
    pub fn in_channels_of(&self, pixels: ArrayView3<'_, f32>) -> Result<Array3<f32>> {
        Ok(match self.channels {
            Channels::Native => micrograph_image::fit_channels(pixels, self.n_channels)?.0,
            channels => micrograph_image::convert_channels(pixels, channels),
        })
    }

    /// The normalizer with the numbers of one frame, so that parts of it are mapped as the whole.
    ///
    /// # Errors
    /// [`Error::Percentiles`] for clipped percentiles, which are not known of a part of a frame.
    pub fn normalizer_of(
        &self,
        statistics: &FrameStatistics,
        depth: micrograph_image::Depth,
    ) -> Result<Normalizer> {
        match &self.normalizer {
            Normalizer::PercentileClip { .. } => Err(Error::Percentiles),
            Normalizer::ImageZScore => {
                Ok(statistics.moments.finish(Normalization::DatasetZScore)?)
            }
            Normalizer::UnitRange if depth.full_scale().is_none() => {
                let [low, high] = statistics.range.unwrap_or_default();
                let (mean, std) = (vec![low; self.n_channels], vec![high - low; self.n_channels]);
                Ok(Normalizer::DatasetZScore { mean, std })
            }
            normalizer => Ok(normalizer.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use micrograph_image::{Depth, TemporalWindow};
    use ndarray::array;

    use super::*;

    fn input(normalizer: Normalizer) -> SegmenterInput {
        let (channels, window) = (Channels::Native, TemporalWindow::default());
        SegmenterInput { channels, n_channels: 1, normalizer, window }
    }

    #[test]
    fn a_channel_that_is_dropped_has_one_value_in_all_rows() {
        let input = input(Normalizer::ImageZScore);
        let rows = |alpha: f32| array![[[1.0, 2.0]], [[alpha, alpha]]];
        let mut statistics = FrameStatistics::default();
        statistics.push_stored(&input, rows(255.0).view()).unwrap();
        statistics.push_stored(&input, rows(255.0).view()).unwrap();
        let error = statistics.push_stored(&input, rows(7.0).view()).unwrap_err();
        let whole = input.in_channels_of(array![[[1.0], [2.0]], [[255.0], [7.0]]].view());
        assert_eq!(error.to_string(), whole.unwrap_err().to_string());
    }

    /// numpy: `x.mean()` and `x.std()`.
    #[test]
    fn a_frame_becomes_what_its_own_numbers_make_of_it() {
        let pixels = array![[[1.0, 2.0], [3.0, 6.0]]];
        let statistics = FrameStatistics::of(pixels.view()).unwrap();
        let normalizer = input(Normalizer::ImageZScore).normalizer_of(&statistics, Depth::U16);
        let (mean, std) = (vec![3.0], vec![3.5_f32.sqrt()]);
        assert_eq!(normalizer.unwrap(), Normalizer::DatasetZScore { mean, std });
        let normalizer = input(Normalizer::UnitRange).normalizer_of(&statistics, Depth::F32);
        let (mean, std) = (vec![1.0], vec![5.0]);
        assert_eq!(normalizer.unwrap(), Normalizer::DatasetZScore { mean, std });
    }
}
