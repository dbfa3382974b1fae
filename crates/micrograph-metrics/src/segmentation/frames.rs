//! Pixels that are right and wrong, over frames.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::average::average;
use crate::counts::ratio;
use crate::{Average, Counts, EmptyClass, Result, check};

/// The table of confusion of a frame's pixels; the foreground is the class.
///
/// # Errors
/// [`Error::MaskShape`](crate::Error::MaskShape) for masks of different shapes.
///
/// # Example
/// ```
/// use micrograph_metrics::Counts;
/// use micrograph_metrics::segmentation::pixel_counts;
/// use ndarray::array;
/// let truth = array![[true, true, false, false]];
/// let predicted = array![[true, false, true, false]];
/// let counts = pixel_counts(truth.view(), predicted.view())?;
/// assert_eq!(counts, Counts { tp: 1.0, fp: 1.0, fn_: 1.0, tn: 1.0 });
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn pixel_counts(
    truth: ArrayView2<'_, bool>,
    predicted: ArrayView2<'_, bool>,
) -> Result<Counts> {
    check::same_shape(truth.dim(), predicted.dim())?;
    let mut cells = [0_u64; 4];
    for (&truth, &predicted) in truth.iter().zip(&predicted) {
        cells[usize::from(truth) << 1 | usize::from(predicted)] += 1;
    }
    let [tn, fp, fn_, tp] = cells.map(|cell| cell as f64);
    Ok(Counts { tp, fp, fn_, tn })
}

/// What a frame without foreground contributes to a mean over frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyFrames {
    /// A score that is 0/0 there is left out of its mean.
    LeftOut,
    /// The rule of the StemNet thesis: F1, IoU, precision and recall are 0 where they are 0/0, and
    /// the white pixel accuracy is 1 in a frame without cells.
    Thesis,
}

/// The confusions of the frames of a sequence or a set.
///
/// Its scores are averaged in two ways, which differ where cells are rare: [`Frames::pooled`] adds
/// the pixels of all frames up first, [`Frames::per_frame`] takes the mean of the frames' scores, as
/// the StemNet thesis does.
///
/// ```
/// use micrograph_metrics::Counts;
/// use micrograph_metrics::segmentation::{EmptyFrames, Frames};
///
/// let mut frames = Frames::default();
/// frames.push(Counts { tp: 6.0, fp: 2.0, fn_: 2.0, tn: 90.0 });
/// frames.push(Counts { tp: 0.0, fp: 1.0, fn_: 0.0, tn: 99.0 }); // without cells
/// assert_eq!(frames.pooled().f1, Some(12.0 / 17.0));
/// let thesis = frames.per_frame(EmptyFrames::Thesis);
/// assert_eq!(thesis.f1, Some((0.75 + 0.0) / 2.0));
/// assert_eq!(thesis.white_pixel_accuracy, Some((0.75 + 1.0) / 2.0));
/// assert_eq!(thesis.false_white, Some((0.02 + 0.01) / 2.0));
/// assert_eq!(thesis.error_rate_percent, Some((4.0 + 1.0) / 2.0));
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Frames {
    frames: Vec<Counts>,
}

impl Frames {
    /// Adds the pixels of a frame.
    pub fn push(&mut self, counts: Counts) {
        self.frames.push(counts);
    }

    /// The frames so far.
    pub fn counts(&self) -> &[Counts] {
        &self.frames
    }

    /// The pixels of all frames as one table.
    pub fn total(&self) -> Counts {
        self.frames.iter().fold(Counts::default(), |sum, frame| Counts {
            tp: sum.tp + frame.tp,
            fp: sum.fp + frame.fp,
            fn_: sum.fn_ + frame.fn_,
            tn: sum.tn + frame.tn,
        })
    }

    /// The scores of all pixels together: each pixel weighs the same.
    pub fn pooled(&self) -> PixelScores {
        PixelScores::of(&self.total())
    }

    /// The means of the frames' scores: each frame weighs the same.
    ///
    /// `None` where no frame has the score.
    pub fn per_frame(&self, empty: EmptyFrames) -> PixelScores {
        let scores: Vec<PixelScores> = self.frames.iter().map(PixelScores::of).collect();
        let mean = |score: fn(&PixelScores) -> Option<f64>, if_empty: f64| {
            let scores = scores.iter().map(|frame| match empty {
                EmptyFrames::LeftOut => score(frame),
                EmptyFrames::Thesis => score(frame).or(Some(if_empty)),
            });
            let Average { mean, .. } = average(scores, EmptyClass::Undefined);
            mean
        };
        PixelScores {
            error_rate_percent: mean(|s| s.error_rate_percent, 0.0),
            precision: mean(|s| s.precision, 0.0),
            recall: mean(|s| s.recall, 0.0),
            f1: mean(|s| s.f1, 0.0),
            iou: mean(|s| s.iou, 0.0),
            white_pixel_accuracy: mean(|s| s.white_pixel_accuracy, 1.0),
            false_white: mean(|s| s.false_white, 0.0),
        }
    }
}

impl FromIterator<Counts> for Frames {
    fn from_iter<I: IntoIterator<Item = Counts>>(frames: I) -> Self {
        Self { frames: frames.into_iter().collect() }
    }
}

/// Scores of pixels: those of Table 3 of the StemNet thesis, and the usual ones.
///
/// Each is `None` where it is 0/0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PixelScores {
    /// Wrong pixels in per cent of all: `100 (fp + fn) / n`. The thesis's 0.033 is 0.033 %.
    pub error_rate_percent: Option<f64>,
    /// `tp / (tp + fp)`.
    pub precision: Option<f64>,
    /// `tp / (tp + fn)`.
    pub recall: Option<f64>,
    /// `2 tp / (2 tp + fp + fn)`, which is Dice's coefficient.
    pub f1: Option<f64>,
    /// Intersection over union: `tp / (tp + fp + fn)`.
    pub iou: Option<f64>,
    /// The recall of the foreground by the thesis's name; it differs from `recall` in what a frame
    /// without cells contributes ([`EmptyFrames::Thesis`]).
    pub white_pixel_accuracy: Option<f64>,
    /// Pixels wrongly said to be foreground as a fraction of all: `fp / n`. The thesis's code prints
    /// their number.
    pub false_white: Option<f64>,
}

impl PixelScores {
    /// The scores of a table of confusion.
    pub fn of(counts: &Counts) -> Self {
        let n = counts.tp + counts.fp + counts.fn_ + counts.tn;
        Self {
            error_rate_percent: ratio(100.0 * (counts.fp + counts.fn_), n),
            precision: counts.ppv(),
            recall: counts.tpr(),
            f1: counts.f1(),
            iou: counts.iou(),
            white_pixel_accuracy: counts.tpr(),
            false_white: ratio(counts.fp, n),
        }
    }
}
