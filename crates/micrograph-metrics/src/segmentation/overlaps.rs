//! How the objects of two label images lie on each other.

use std::collections::BTreeMap;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::{Result, check};

/// How many pixels each object of the truth shares with each predicted object.
///
/// Label 0 is the background; labels are any other numbers. Pixels are counted; their places are
/// forgotten.
///
/// ```
/// use micrograph_metrics::segmentation::Overlaps;
/// use ndarray::array;
/// let truth = array![[1, 1, 0], [2, 2, 2]];
/// let predicted = array![[7, 0, 0], [7, 8, 8]];
/// let overlaps = Overlaps::new(truth.view(), predicted.view())?;
/// assert_eq!(overlaps.shared(2, 8), 2);
/// assert_eq!((overlaps.truth_area(2), overlaps.predicted_area(7)), (3, 2));
/// assert_eq!(overlaps.iou(1, 7), 1.0 / 3.0);
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overlaps {
    pairs: BTreeMap<(u32, u32), u64>,
    truth: BTreeMap<u32, u64>,
    predicted: BTreeMap<u32, u64>,
}

/// What the predicted background inside of true objects is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PredictedBackground {
    /// Each of its pixels is a region of its own: the rule of ISBI 2012, whose borders are thinned.
    Singletons,
    /// It is one region as any other: the rule of scikit-image.
    Region,
}

impl Overlaps {
    /// Counts the pixels of two label images.
    ///
    /// # Errors
    /// [`Error::MaskShape`](crate::Error::MaskShape) for images of different shapes.
    pub fn new(truth: ArrayView2<'_, u32>, predicted: ArrayView2<'_, u32>) -> Result<Self> {
        check::same_shape(truth.dim(), predicted.dim())?;
        let mut overlaps = Self::default();
        // Neighbors mostly belong together: a run of them is looked up once.
        let mut run = None;
        for pair in truth.iter().copied().zip(predicted.iter().copied()) {
            run = match run {
                Some((before, n)) if before == pair => Some((before, n + 1)),
                Some((before, n)) => {
                    overlaps.add(before, n);
                    Some((pair, 1))
                }
                None => Some((pair, 1)),
            };
        }
        if let Some((pair, n)) = run {
            overlaps.add(pair, n);
        }
        Ok(overlaps)
    }

    fn add(&mut self, pair: (u32, u32), n: u64) {
        *self.pairs.entry(pair).or_default() += n;
        *self.truth.entry(pair.0).or_default() += n;
        *self.predicted.entry(pair.1).or_default() += n;
    }

    /// The number of pixels.
    pub fn n_pixels(&self) -> u64 {
        self.pairs.values().sum()
    }

    /// The number of objects of the truth.
    pub fn n_truth(&self) -> usize {
        self.truth_objects().count()
    }

    /// The number of predicted objects.
    pub fn n_predicted(&self) -> usize {
        self.predicted_objects().count()
    }

    /// The objects of the truth and their areas, by label.
    pub fn truth_objects(&self) -> impl Iterator<Item = (u32, u64)> {
        self.truth.iter().filter(|&(&label, _)| label > 0).map(|(&label, &area)| (label, area))
    }

    /// The predicted objects and their areas, by label.
    pub fn predicted_objects(&self) -> impl Iterator<Item = (u32, u64)> {
        self.predicted.iter().filter(|&(&label, _)| label > 0).map(|(&label, &area)| (label, area))
    }

    /// The pixels of a label of the truth, 0 where it does not occur.
    pub fn truth_area(&self, label: u32) -> u64 {
        self.truth.get(&label).copied().unwrap_or(0)
    }

    /// The pixels of a predicted label, 0 where it does not occur.
    pub fn predicted_area(&self, label: u32) -> u64 {
        self.predicted.get(&label).copied().unwrap_or(0)
    }

    /// The pixels that two labels share.
    pub fn shared(&self, truth: u32, predicted: u32) -> u64 {
        self.pairs.get(&(truth, predicted)).copied().unwrap_or(0)
    }

    /// All pairs of labels that share pixels, background included, as `(truth, predicted, pixels)`.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, u32, u64)> {
        self.pairs.iter().map(|(&(truth, predicted), &n)| (truth, predicted, n))
    }

    /// The pairs of objects that share pixels.
    pub fn object_pairs(&self) -> impl Iterator<Item = (u32, u32, u64)> {
        self.pairs().filter(|&(truth, predicted, _)| truth > 0 && predicted > 0)
    }

    /// Intersection over union of two labels; 0 where neither occurs.
    pub fn iou(&self, truth: u32, predicted: u32) -> f64 {
        let shared = self.shared(truth, predicted);
        let union = self.truth_area(truth) + self.predicted_area(predicted) - shared;
        if union == 0 { 0.0 } else { shared as f64 / union as f64 }
    }
}
