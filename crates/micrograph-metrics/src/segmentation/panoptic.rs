//! Panoptic quality.

use serde::{Deserialize, Serialize};

use super::overlaps::Overlaps;
use crate::Counts;
use crate::counts::ratio;

/// How well objects are found, and how well those that are found are outlined.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanopticQuality {
    /// PQ: the sum of the intersections over unions of matches, divided by `tp + fp/2 + fn/2`; the
    /// product of the two below. `None` without any objects.
    pub quality: Option<f64>,
    /// SQ: the mean intersection over union of the matches; `None` without a match.
    pub segmentation: Option<f64>,
    /// RQ: the F1 of the objects; `None` without any objects.
    pub recognition: Option<f64>,
    /// The objects found, made up and missed.
    pub counts: Counts,
}

/// The panoptic quality of one class of objects, over images: an object is found where the
/// intersection over union is above 0.5, which no two objects can be with the same one.
///
/// # Source
/// Kirillov, He, Girshick, Rother, Dollar, Panoptic segmentation, CVPR 2019, over all images at once;
/// the mean over images that is published of nuclei is of `&[one]` each.
///
/// # Example
/// ```
/// use micrograph_metrics::segmentation::{Overlaps, panoptic_quality};
/// use ndarray::array;
/// let truth = array![[1, 1, 1, 1, 0, 2]];
/// let predicted = array![[1, 1, 1, 0, 0, 0]];
/// let quality = panoptic_quality(&[Overlaps::new(truth.view(), predicted.view())?]);
/// assert_eq!((quality.segmentation, quality.recognition), (Some(0.75), Some(2.0 / 3.0)));
/// assert_eq!(quality.quality, Some(0.5));
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn panoptic_quality(images: &[Overlaps]) -> PanopticQuality {
    let (mut sum, mut counts) = (0.0, Counts::default());
    for overlaps in images {
        let pairs = overlaps.object_pairs();
        let matches: Vec<f64> =
            pairs.map(|(t, p, _)| overlaps.iou(t, p)).filter(|&iou| iou > 0.5).collect();
        sum += matches.iter().sum::<f64>();
        counts.tp += matches.len() as f64;
        counts.fp += (overlaps.n_predicted() - matches.len()) as f64;
        counts.fn_ += (overlaps.n_truth() - matches.len()) as f64;
    }
    PanopticQuality {
        quality: ratio(sum, counts.tp + 0.5 * (counts.fp + counts.fn_)),
        segmentation: ratio(sum, counts.tp),
        recognition: counts.f1(),
        counts,
    }
}
