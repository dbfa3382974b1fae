//! The scores of the ISBI 2012 challenge.

use micrograph_metrics::Counts;
use micrograph_metrics::segmentation::{
    Information, Overlaps, PredictedBackground, RandSums, pixel_counts,
};
use ndarray::ArrayView2;

use crate::components::label_components;
use crate::error::{Result, same_shape};
use crate::neighbors::Connectivity;
use crate::thin_borders::thin_borders;

/// One slice of a stack: what is inside of cells, and how probable that was said to be.
#[derive(Debug, Clone, Copy)]
pub struct Slice<'a> {
    /// Whether a pixel lies in a cell; elsewhere are membranes.
    pub truth: ArrayView2<'a, bool>,
    /// The probability that it does, 0 to 1.
    pub probability: ArrayView2<'a, f32>,
}

/// A score and the threshold at which it is best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Best {
    /// The score.
    pub value: f64,
    /// Pixels with a probability above this were taken for the inside of cells.
    pub threshold: f64,
}

/// The scores of a stack, each at its best threshold of 0, 0.1, ..., 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Isbi2012 {
    /// V^Rand after thinning of borders, the mean over slices; 1 is best. `None` where no slice has it.
    pub v_rand: Option<Best>,
    /// V^Info after thinning of borders, the mean over slices; 1 is best.
    pub v_info: Option<Best>,
    /// `1 - F1` of the pixels inside of cells, over all slices; 0 is best.
    pub pixel_error: Option<Best>,
}

/// The scores of ISBI 2012: foreground-restricted Rand and information after thinning of borders,
/// and pixel error.
///
/// At each threshold the components (over sides) of what is said to be inside grow until borders of
/// one pixel part them ([`thin_borders`]); the pixels of the truth's cells are compared, those that
/// fall on a border each being a region of their own. Of a slice in which a score is undefined
/// nothing is added to the mean.
///
/// # Edge cases
/// A probability that is NaN is a border.
///
/// # Errors
/// A probability of another shape than its truth.
///
/// # Source
/// Arganda-Carreras et al., Crowdsourcing the creation of image segmentation algorithms for
/// connectomics, 2015; Fiji's `RandError` and `VariationOfInformation` of Trainable Segmentation.
///
/// # Example
/// ```
/// use micrograph_segment::{Best, Slice, isbi2012};
/// use ndarray::array;
/// let truth = array![[true, true, true, false, true, true, true]];
/// let probability = array![[0.9, 0.9, 0.8, 0.4, 0.7, 0.7, 0.9]];
/// let slice = Slice { truth: truth.view(), probability: probability.view() };
/// let scores = isbi2012(&[slice])?;
/// // Below 0.4 the two are one.
/// assert_eq!(scores.v_rand, Some(Best { value: 1.0, threshold: 0.4 }));
/// assert_eq!(scores.pixel_error, Some(Best { value: 0.0, threshold: 0.4 }));
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn isbi2012(slices: &[Slice<'_>]) -> Result<Isbi2012> {
    for slice in slices {
        same_shape("a probability", slice.truth.dim(), slice.probability.dim())?;
    }
    let truths: Vec<_> =
        slices.iter().map(|s| label_components(s.truth, Connectivity::Four).0).collect();
    let mut scores = Isbi2012 { v_rand: None, v_info: None, pixel_error: None };
    for step in 0..=10 {
        let threshold = f64::from(step) / 10.0;
        let (mut rand, mut information) = (Vec::new(), Vec::new());
        let mut counts = Counts::default();
        for (slice, truth) in slices.iter().zip(&truths) {
            let inside = slice.probability.mapv(|p| p > threshold as f32);
            let cells = thin_borders(label_components(inside.view(), Connectivity::Four).0.view());
            let overlaps = Overlaps::new(truth.view(), cells.view())?;
            let background = PredictedBackground::Singletons;
            rand.extend(RandSums::new(&overlaps, background).v_rand());
            information.extend(Information::new(&overlaps, background).v_info());
            let Counts { tp, fp, fn_, tn } = pixel_counts(slice.truth, inside.view())?;
            counts = Counts {
                tp: counts.tp + tp,
                fp: counts.fp + fp,
                fn_: counts.fn_ + fn_,
                tn: counts.tn + tn,
            };
        }
        better(&mut scores.v_rand, mean(&rand), threshold, |new, old| new > old);
        better(&mut scores.v_info, mean(&information), threshold, |new, old| new > old);
        let error = counts.f1().map(|f1| 1.0 - f1);
        better(&mut scores.pixel_error, error, threshold, |new, old| new < old);
    }
    Ok(scores)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Keeps the first of equal scores.
fn better(
    best: &mut Option<Best>,
    value: Option<f64>,
    threshold: f64,
    is_better: impl Fn(f64, f64) -> bool,
) {
    if let Some(value) = value
        && best.is_none_or(|best| is_better(value, best.value))
    {
        *best = Some(Best { value, threshold });
    }
}
