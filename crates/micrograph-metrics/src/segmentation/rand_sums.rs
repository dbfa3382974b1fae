//! Pairs of pixels that lie together.

use serde::{Deserialize, Serialize};

use super::overlaps::{Overlaps, PredictedBackground};
use crate::counts::ratio;

/// Sums of squares of region sizes, over the pixels where the truth has an object.
///
/// With `n_ij` pixels in region `i` of the truth and `j` of the prediction: `both = sum n_ij^2`,
/// `truth = sum_i (sum_j n_ij)^2`, `predicted = sum_j (sum_i n_ij)^2`. A sum counts the ordered pairs of
/// pixels that lie in one region, each with itself included.
///
/// # Source
/// Arganda-Carreras et al., Crowdsourcing the creation of image segmentation algorithms for
/// connectomics, Frontiers in Neuroanatomy 9:142, 2015; `RandError` of Fiji's Trainable Segmentation
/// for [`PredictedBackground::Singletons`].
///
/// # Example
/// ```
/// use micrograph_metrics::segmentation::{Overlaps, PredictedBackground, RandSums};
/// use ndarray::array;
/// // One region of the truth is split in two, and another is found.
/// let truth = array![[1, 1, 1, 1, 0, 2, 2]];
/// let predicted = array![[1, 1, 2, 2, 0, 3, 3]];
/// let overlaps = Overlaps::new(truth.view(), predicted.view())?;
/// let sums = RandSums::new(&overlaps, PredictedBackground::Singletons);
/// assert_eq!((sums.both, sums.truth, sums.predicted), (12.0, 20.0, 12.0));
/// assert_eq!((sums.split(), sums.merge(), sums.v_rand()), (Some(0.6), Some(1.0), Some(0.75)));
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandSums {
    /// Pairs that lie together in the truth and in the prediction.
    pub both: f64,
    /// Pairs that lie together in the truth.
    pub truth: f64,
    /// Pairs that lie together in the prediction.
    pub predicted: f64,
    /// The pixels counted.
    pub n_pixels: f64,
}

impl RandSums {
    /// The sums of two label images.
    pub fn new(overlaps: &Overlaps, background: PredictedBackground) -> Self {
        let square = |n: u64| n as f64 * n as f64;
        let truth = overlaps.truth_objects().map(|(_, area)| square(area)).sum();
        let n_pixels = overlaps.truth_objects().map(|(_, area)| area as f64).sum();
        let mut columns = std::collections::BTreeMap::new();
        let (mut both, mut predicted) = (0.0, 0.0);
        for (_, region, n) in overlaps.pairs().filter(|&(truth, ..)| truth > 0) {
            if region == 0 && background == PredictedBackground::Singletons {
                both += n as f64;
                predicted += n as f64;
            } else {
                both += square(n);
                *columns.entry(region).or_insert(0_u64) += n;
            }
        }
        predicted += columns.into_values().map(square).sum::<f64>();
        Self { both, truth, predicted, n_pixels }
    }

    /// The foreground-restricted Rand score `V^Rand = 2 both / (truth + predicted)`; 1 is best.
    ///
    /// `None` without objects in the truth.
    pub fn v_rand(&self) -> Option<f64> {
        ratio(2.0 * self.both, self.truth + self.predicted)
    }

    /// `both / truth`, which splits lower.
    pub fn split(&self) -> Option<f64> {
        ratio(self.both, self.truth)
    }

    /// `both / predicted`, which merges lower.
    pub fn merge(&self) -> Option<f64> {
        ratio(self.both, self.predicted)
    }

    /// `1 - F` over pairs of distinct pixels: `skimage.metrics.adapted_rand_error`, with
    /// [`PredictedBackground::Region`].
    ///
    /// `None` where no two pixels lie together.
    pub fn adapted_rand_error(&self) -> Option<f64> {
        let distinct = |sum: f64| sum - self.n_pixels;
        let together = distinct(self.truth) + distinct(self.predicted);
        ratio(2.0 * distinct(self.both), together).map(|f| 1.0 - f)
    }
}
