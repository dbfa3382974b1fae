//! Mean and variance of a stream of images, in one pass and double precision.

use ndarray::{ArrayView2, ArrayView3, Axis};

use super::whitening::{self, between, pairs};
use super::{Normalization, Normalizer, check_percentiles};
use crate::{Error, Result};

/// Mean and variance per channel of the training samples, gathered image by image: no more than one
/// image is in memory.
///
/// Push training samples and nothing else, after [`Preprocessing::geometry`](crate::Preprocessing::geometry)
/// and before augmentation. Several threads each gather a part and [`merge`](Self::merge) them;
/// parts cut and merged in a fixed order give the same bits whatever the number of threads.
///
/// # Source
/// Chan, Golub, LeVeque, Algorithms for computing the sample variance, Am. Stat. 37, 1983, eq. 1.5.
///
/// # Example
/// ```
/// use micrograph_image::{Normalization, Normalizer, TrainingMoments};
/// use ndarray::array;
/// let mut moments = TrainingMoments::default();
/// moments.push(array![[[1.0, 3.0]]].view())?;
/// moments.push(array![[[5.0, 7.0]]].view())?;
/// let normalizer = moments.finish(Normalization::DatasetZScore)?;
/// // The mean is 4, the variance (9 + 1 + 1 + 9) / 4 = 5.
/// assert_eq!(normalizer, Normalizer::DatasetZScore { mean: vec![4.0], std: vec![5f32.sqrt()] });
/// # Ok::<(), micrograph_image::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrainingMoments {
    /// One per channel; none before the first image.
    pub(super) channels: Vec<Moments>,
    /// Summed products of the deviations of each pair of channels.
    pub(super) products: Vec<f64>,
}

impl TrainingMoments {
    /// Adds an image, `(channels, height, width)`, on the scale of its file.
    ///
    /// # Errors
    /// [`Error::NormalizerChannels`] where it has another number of channels than the images before.
    pub fn push(&mut self, pixels: ArrayView3<'_, f32>) -> Result<()> {
        let channels: Vec<Moments> = pixels.axis_iter(Axis(0)).map(Moments::of).collect();
        let products = pairs(channels.len()).map(|(first, second)| {
            let deviation = |value: f32, channel: usize| f64::from(value) - channels[channel].mean;
            let planes = [first, second].map(|channel| pixels.index_axis_move(Axis(0), channel));
            let both = planes[0].iter().zip(&planes[1]);
            both.map(|(&a, &b)| deviation(a, first) * deviation(b, second)).sum()
        });
        let products = products.collect();
        self.merge(&Self { channels, products })
    }

    /// Adds all that another value has gathered.
    ///
    /// # Errors
    /// [`Error::NormalizerChannels`] where it was gathered over another number of channels.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.channels.is_empty() {
            self.clone_from(other);
            return Ok(());
        }
        let (fitted, got) = (self.channels.len(), other.channels.len());
        if got == 0 {
            return Ok(());
        }
        if got != fitted {
            return Err(Error::NormalizerChannels { fitted, got });
        }
        let between = between(&self.channels, &other.channels);
        for ((mine, theirs), between) in self.products.iter_mut().zip(&other.products).zip(between)
        {
            *mine += theirs + between;
        }
        for (mine, theirs) in self.channels.iter_mut().zip(&other.channels) {
            mine.merge(theirs);
        }
        Ok(())
    }

    /// The fitted form of `normalization`.
    ///
    /// Only [`Normalization::DatasetZScore`] and [`Normalization::Whitening`] need images; the others are
    /// taken over as they are.
    ///
    /// # Errors
    /// [`Error::NoMoments`] for these two over no pixels, [`Error::Percentiles`] for
    /// percentiles outside of `0 <= low < high <= 100`.
    pub fn finish(&self, normalization: Normalization) -> Result<Normalizer> {
        Ok(match normalization {
            Normalization::UnitRange => Normalizer::UnitRange,
            Normalization::ImageZScore => Normalizer::ImageZScore,
            Normalization::PercentileClip { low, high } => {
                check_percentiles(low, high)?;
                Normalizer::PercentileClip { low, high }
            }
            Normalization::Subtract { value } => {
                if !value.is_finite() {
                    return Err(Error::Subtrahend { value });
                }
                Normalizer::Subtract { value }
            }
            Normalization::DatasetZScore | Normalization::Whitening
                if self.channels.iter().all(|channel| channel.count == 0.0) =>
            {
                return Err(Error::NoMoments);
            }
            Normalization::Whitening => whitening::fit(self),
            Normalization::DatasetZScore => Normalizer::DatasetZScore {
                mean: self.channels.iter().map(|channel| channel.mean as f32).collect(),
                std: self.channels.iter().map(|channel| channel.std() as f32).collect(),
            },
        })
    }
}

/// Number, mean and summed squared deviations of some values.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Moments {
    /// As a float: exact up to `2^53` values.
    pub(super) count: f64,
    pub(super) mean: f64,
    pub(super) squares: f64,
}

impl Moments {
    /// Two passes: exact to rounding even where the deviations are small beside the mean.
    pub(super) fn of(plane: ArrayView2<'_, f32>) -> Self {
        if plane.is_empty() {
            return Self::default();
        }
        let count = plane.len() as f64;
        let mean = plane.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
        let squares = plane.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum();
        Self { count, mean, squares }
    }

    /// The population standard deviation; 0 for no values.
    pub(super) fn std(&self) -> f64 {
        if self.count > 0.0 { (self.squares / self.count).sqrt() } else { 0.0 }
    }

    fn merge(&mut self, other: &Self) {
        let count = self.count + other.count;
        if count == 0.0 {
            return;
        }
        let difference = other.mean - self.mean;
        self.squares +=
            other.squares + difference * difference * (self.count * other.count / count);
        self.mean += difference * (other.count / count);
        self.count = count;
    }
}
