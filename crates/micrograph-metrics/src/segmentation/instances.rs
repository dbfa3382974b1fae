//! Objects that are found, missed and made up.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::overlaps::Overlaps;
use crate::average::average;
use crate::{Average, Counts, EmptyClass, Error, Result};

/// The thresholds of the Data Science Bowl 2018 and of COCO: 0.5, 0.55, ..., 0.95.
pub const IOU_THRESHOLDS: [f64; 10] = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];

/// How many objects are found (`tp`), made up (`fp`) and missed (`fn_`), where found means an
/// intersection over union of at least `iou`.
///
/// Each object is matched at most once; of all ways to match, one with most pairs is counted.
///
/// # Errors
/// [`Error::IouThreshold`] unless `iou` is above 0 and at most 1.
///
/// # Source
/// `matching` of StarDist; the bowl's own rule asks for more than the threshold.
///
/// # Example
/// ```
/// use micrograph_metrics::segmentation::{Overlaps, matched_objects};
/// use ndarray::array;
/// let truth = array![[1, 1, 1, 0, 2, 2, 0, 0]];
/// let predicted = array![[5, 5, 0, 0, 0, 0, 0, 9]];
/// let overlaps = Overlaps::new(truth.view(), predicted.view())?;
/// let counts = matched_objects(&overlaps, 0.5)?;
/// assert_eq!((counts.tp, counts.fp, counts.fn_), (1.0, 1.0, 1.0));
/// assert_eq!(counts.iou(), Some(1.0 / 3.0)); // TP / (TP + FP + FN)
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn matched_objects(overlaps: &Overlaps, iou: f64) -> Result<Counts> {
    if !(iou > 0.0 && iou <= 1.0) {
        return Err(Error::IouThreshold { value: iou });
    }
    let mut candidates: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (truth, predicted, _) in overlaps.object_pairs() {
        if overlaps.iou(truth, predicted) >= iou {
            candidates.entry(truth).or_default().push(predicted);
        }
    }
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    let found = candidates.keys().filter(|&&truth| augment(truth, &candidates, &mut taken)).count();
    Ok(Counts {
        tp: found as f64,
        fp: (overlaps.n_predicted() - found) as f64,
        fn_: (overlaps.n_truth() - found) as f64,
        tn: 0.0,
    })
}

/// Matches one more object, moving others to their next candidate where that makes room.
fn augment(
    truth: u32,
    candidates: &BTreeMap<u32, Vec<u32>>,
    taken: &mut BTreeMap<u32, u32>,
) -> bool {
    // The objects on the way and how many of their candidates have been tried.
    let mut way = vec![(truth, 0_usize)];
    let mut tried = BTreeSet::new();
    while let Some(last) = way.last_mut() {
        let next = candidates.get(&last.0).and_then(|list| list.get(last.1)).copied();
        let Some(predicted) = next else {
            way.pop();
            continue;
        };
        last.1 += 1;
        if !tried.insert(predicted) {
            continue;
        }
        if let Some(&other) = taken.get(&predicted) {
            way.push((other, 0));
            continue;
        }
        for &(truth, next) in &way {
            taken.insert(candidates[&truth][next - 1], truth);
        }
        return true;
    }
    false
}

/// What is found at one threshold, over images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstancePoint {
    /// The least intersection over union of a match.
    pub iou: f64,
    /// The objects of all images; their `tp / (tp + fp + fn)` is [`Counts::iou`].
    pub counts: Counts,
    /// The mean over images of `tp / (tp + fp + fn)`, the average precision of the Data Science Bowl;
    /// images without any objects are left out of it.
    pub mean: Average,
}

/// What is found at each threshold, over images: pooled as in StarDist, and averaged over images as
/// in the Data Science Bowl 2018.
///
/// The bowl's score is the mean of `point.mean` over [`IOU_THRESHOLDS`].
///
/// # Errors
/// As [`matched_objects`].
///
/// # Example
/// ```
/// use micrograph_metrics::segmentation::{IOU_THRESHOLDS, Overlaps, instance_curve};
/// use ndarray::array;
/// // Three of four pixels: found up to a threshold of 0.75.
/// let overlaps = Overlaps::new(array![[1, 1, 1, 1]].view(), array![[1, 1, 1, 0]].view())?;
/// let curve = instance_curve(&[overlaps], &IOU_THRESHOLDS)?;
/// assert_eq!(curve.iter().filter(|point| point.counts.tp == 1.0).count(), 6);
/// assert_eq!(curve[5].mean.mean, Some(1.0));
/// assert_eq!(curve[6].mean.mean, Some(0.0));
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn instance_curve(images: &[Overlaps], thresholds: &[f64]) -> Result<Vec<InstancePoint>> {
    let point = |&iou: &f64| {
        let images: Result<Vec<Counts>> =
            images.iter().map(|overlaps| matched_objects(overlaps, iou)).collect();
        let images = images?;
        let mean = average(images.iter().map(Counts::iou), EmptyClass::Undefined);
        let counts = super::Frames::from_iter(images).total();
        Ok(InstancePoint { iou, counts, mean })
    };
    thresholds.iter().map(point).collect()
}
