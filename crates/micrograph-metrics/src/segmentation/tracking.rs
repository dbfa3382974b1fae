//! SEG and DET of the Cell Tracking Challenge.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::overlaps::Overlaps;
use crate::counts::ratio;

/// The objects of the truth that lie with more than half of their pixels in one predicted object.
fn covered(overlaps: &Overlaps) -> impl Iterator<Item = (u32, u32)> {
    overlaps
        .object_pairs()
        .filter(|&(truth, _, n)| 2 * n > overlaps.truth_area(truth))
        .map(|(truth, predicted, _)| (truth, predicted))
}

/// SEG: the mean intersection over union of the objects of the truth with the predicted objects that
/// cover more than half of them; 0 for objects that nothing covers.
///
/// Over all frames together; 1 is best. `None` without objects in the truth.
///
/// # Source
/// Maska et al., A benchmark for comparison of cell tracking algorithms, Bioinformatics 30, 2014;
/// `SEGMeasure` of the Cell Tracking Challenge.
///
/// # Example
/// ```
/// use micrograph_metrics::segmentation::{Overlaps, seg_score};
/// use ndarray::array;
/// let truth = array![[1, 1, 1, 0, 2, 2]];
/// let predicted = array![[4, 4, 0, 0, 5, 0]]; // half of the second is not enough
/// let overlaps = Overlaps::new(truth.view(), predicted.view())?;
/// assert_eq!(seg_score(&[overlaps]), Some((2.0 / 3.0 + 0.0) / 2.0));
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn seg_score(frames: &[Overlaps]) -> Option<f64> {
    let n: usize = frames.iter().map(Overlaps::n_truth).sum();
    let of_frame = |frame: &Overlaps| covered(frame).map(|(t, p)| frame.iou(t, p)).sum::<f64>();
    ratio(frames.iter().map(of_frame).sum(), n as f64)
}

/// What would have to be done to turn predicted detections into those of the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detection {
    /// Objects of the truth.
    pub n_truth: usize,
    /// Predicted objects to be parted: one that covers `k` objects counts `k - 1`.
    pub splits: usize,
    /// Objects to be added: those that nothing covers.
    pub missed: usize,
    /// Objects to be removed: those that cover none.
    pub made_up: usize,
}

impl Detection {
    /// `1 - min(D, D0) / D0` with `D = 5 splits + 10 missed + made_up`, and `D0 = 10 n_truth` for
    /// adding everything to nothing.
    ///
    /// 1 is best. `None` without objects in the truth.
    pub fn score(&self) -> Option<f64> {
        let nothing = 10.0 * self.n_truth as f64;
        let cost = (5 * self.splits + 10 * self.missed + self.made_up) as f64;
        ratio(cost.min(nothing), nothing).map(|share| 1.0 - share)
    }
}

/// DET: what is wrong with the detections of all frames; [`Detection::score`] is the measure.
///
/// # Source
/// Matula et al., Cell tracking accuracy measurement based on comparison of acyclic oriented graphs,
/// PLoS ONE 10, 2015; `DETMeasure` of the Cell Tracking Challenge, with its weights 5, 10 and 1.
///
/// # Example
/// ```
/// use micrograph_metrics::segmentation::{Detection, Overlaps, det_score};
/// use ndarray::array;
/// // Two cells found as one, one missed, one made up.
/// let truth = array![[1, 1, 2, 2, 0, 3, 3, 0]];
/// let predicted = array![[7, 7, 7, 7, 0, 0, 0, 8]];
/// let detection = det_score(&[Overlaps::new(truth.view(), predicted.view())?]);
/// assert_eq!(detection, Detection { n_truth: 3, splits: 1, missed: 1, made_up: 1 });
/// assert_eq!(detection.score(), Some(1.0 - 16.0 / 30.0));
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn det_score(frames: &[Overlaps]) -> Detection {
    let mut sum = Detection::default();
    for frame in frames {
        let mut by_predicted: BTreeMap<u32, usize> = BTreeMap::new();
        for (_, predicted) in covered(frame) {
            *by_predicted.entry(predicted).or_default() += 1;
        }
        let n_covered: usize = by_predicted.values().sum();
        sum.n_truth += frame.n_truth();
        sum.splits += n_covered - by_predicted.len();
        sum.missed += frame.n_truth() - n_covered;
        sum.made_up += frame.n_predicted() - by_predicted.len();
    }
    sum
}
