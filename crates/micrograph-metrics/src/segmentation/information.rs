//! How much one partition tells of the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::overlaps::{Overlaps, PredictedBackground};
use crate::counts::ratio;

/// Entropies of two partitions and their mutual information, over the pixels where the truth has an
/// object.
///
/// With the shares `p_ij` of pixels in region `i` of the truth and `j` of the prediction:
/// `H = -sum p ln p` of the regions' shares, `I = H(truth) + H(predicted) - H(both)`.
///
/// # Units and ranges
/// Nats, at least 0.
///
/// # Source
/// Arganda-Carreras et al. 2015; `VariationOfInformation` of Fiji's Trainable Segmentation for
/// [`PredictedBackground::Singletons`], `skimage.metrics.variation_of_information` (in bits) for
/// [`PredictedBackground::Region`].
///
/// # Example
/// ```
/// use micrograph_metrics::segmentation::{Information, Overlaps, PredictedBackground};
/// use ndarray::array;
/// // Of two halves one is divided once more: 1 bit of 1.5 bits is shared.
/// let truth = array![[1, 1, 1, 1, 2, 2, 2, 2]];
/// let predicted = array![[1, 1, 1, 1, 2, 2, 3, 3]];
/// let overlaps = Overlaps::new(truth.view(), predicted.view())?;
/// let information = Information::new(&overlaps, PredictedBackground::Singletons);
/// let bits = |nats: f64| (nats / std::f64::consts::LN_2 * 1e9).round() / 1e9;
/// assert_eq!((bits(information.mutual), bits(information.predicted)), (1.0, 1.5));
/// assert_eq!(information.v_info().map(|v| (v * 1e9).round() / 1e9), Some(0.8)); // 2 / (1 + 1.5)
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Information {
    /// The entropy of the truth.
    pub truth: f64,
    /// The entropy of the prediction.
    pub predicted: f64,
    /// What both share.
    pub mutual: f64,
}

impl Information {
    /// The information of two label images; all is 0 without objects in the truth.
    pub fn new(overlaps: &Overlaps, background: PredictedBackground) -> Self {
        let n: u64 = overlaps.truth_objects().map(|(_, area)| area).sum();
        // -p ln p, for p = k / n.
        let term = |k: u64| {
            let p = k as f64 / n as f64;
            if k == 0 { 0.0 } else { -p * p.ln() }
        };
        let truth: f64 = overlaps.truth_objects().map(|(_, area)| term(area)).sum();
        let mut columns: BTreeMap<u32, u64> = BTreeMap::new();
        let (mut both, mut alone) = (0.0, 0.0);
        for (_, region, k) in overlaps.pairs().filter(|&(truth, ..)| truth > 0) {
            if region == 0 && background == PredictedBackground::Singletons {
                alone += k as f64 * term(1);
            } else {
                both += term(k);
                *columns.entry(region).or_default() += k;
            }
        }
        let predicted = alone + columns.into_values().map(term).sum::<f64>();
        let mutual = (truth + predicted - both - alone).max(0.0);
        Self { truth, predicted, mutual }
    }

    /// The foreground-restricted information score `V^Info = 2 I / (H(truth) + H(predicted))`; 1 is
    /// best.
    ///
    /// `None` where both are one region, which says nothing.
    pub fn v_info(&self) -> Option<f64> {
        ratio(2.0 * self.mutual, self.truth + self.predicted)
    }

    /// `I / H(predicted)`, which splits lower.
    pub fn split(&self) -> Option<f64> {
        ratio(self.mutual, self.predicted)
    }

    /// `I / H(truth)`, which merges lower.
    pub fn merge(&self) -> Option<f64> {
        ratio(self.mutual, self.truth)
    }

    /// The variation of information as `[H(predicted | truth), H(truth | predicted)]`: what is split,
    /// and what is merged; 0 is best.
    pub fn variation(&self) -> [f64; 2] {
        [(self.predicted - self.mutual).max(0.0), (self.truth - self.mutual).max(0.0)]
    }
}
