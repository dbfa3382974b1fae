//! The aggregated Jaccard index.

use std::collections::{BTreeMap, BTreeSet};

use super::overlaps::Overlaps;
use crate::counts::ratio;

/// The aggregated Jaccard index (AJI) over images.
///
/// Each object of the truth is taken with the predicted object of greatest intersection over union;
/// their intersections are added up, divided by the sum of their unions and of the areas of predicted
/// objects that are nobody's. The sums run over all images; the means over images that are often
/// published (as by HoVer-Net's program) are of `&[one]` each.
///
/// # Edge cases
/// Of equals, the lowest label is taken; an object that shares no pixel adds its area. `None` without
/// any objects.
///
/// # Source
/// Kumar et al., A dataset and a technique for generalized nuclear segmentation for computational
/// pathology, IEEE Trans. Med. Imaging 36, 2017. A predicted object may be taken twice, as there.
///
/// # Example
/// ```
/// use micrograph_metrics::segmentation::{Overlaps, aggregated_jaccard};
/// use ndarray::array;
/// let truth = array![[1, 1, 1, 0, 2, 2, 0, 0]];
/// let predicted = array![[1, 1, 0, 0, 2, 2, 2, 4]];
/// let overlaps = Overlaps::new(truth.view(), predicted.view())?;
/// assert_eq!(aggregated_jaccard(&[overlaps]), Some((2.0 + 2.0) / (3.0 + 3.0 + 1.0)));
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn aggregated_jaccard(images: &[Overlaps]) -> Option<f64> {
    let (mut shared, mut united) = (0, 0);
    for overlaps in images {
        let mut best: BTreeMap<u32, (f64, u32, u64)> = BTreeMap::new();
        for (truth, predicted, n) in overlaps.object_pairs() {
            let iou = overlaps.iou(truth, predicted);
            // Pairs come by rising labels.
            if best.get(&truth).is_none_or(|&(other, ..)| iou > other) {
                best.insert(truth, (iou, predicted, n));
            }
        }
        let mut used = BTreeSet::new();
        for (truth, area) in overlaps.truth_objects() {
            match best.get(&truth) {
                Some(&(_, predicted, n)) => {
                    shared += n;
                    united += area + overlaps.predicted_area(predicted) - n;
                    used.insert(predicted);
                }
                None => united += area,
            }
        }
        let unused = overlaps.predicted_objects().filter(|(label, _)| !used.contains(label));
        united += unused.map(|(_, area)| area).sum::<u64>();
    }
    ratio(shared as f64, united as f64)
}
