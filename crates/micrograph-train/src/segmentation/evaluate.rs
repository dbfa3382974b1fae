//! A segmenter over frames with masks: what it is worth.

use micrograph_image::{MaskKind, SegmentationDataset};
use micrograph_metrics::segmentation::{
    EmptyFrames, IOU_THRESHOLDS, Overlaps, PixelScores, aggregated_jaccard, instance_curve,
};
use micrograph_model::{SeenIn, Segmenter};
use micrograph_segment::{InstancesConfig, Slice, instances, isbi2012};
use ndarray::{Array2, ArrayView3};
use serde::{Deserialize, Serialize};

use super::predict::predict_frame;
use super::sums::Sums;
use crate::{Error, Event, Result, SeenCounts, Surroundings, Unreadable};

/// The measures of a segmenter on frames; the content of `evaluate --json`.
///
/// The foreground, white, is every class but the first; scores are over all pixels together unless
/// they are called means over frames. What is 0/0 is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentationEvaluation {
    /// The version of this format, 1.
    pub schema: u32,
    /// Class names; the first is the background.
    pub classes: Vec<String>,
    /// Pixels whose class is known.
    pub pixels: u64,
    /// Share of pixels of another class than said.
    pub error_rate: f64,
    /// `tp / (tp + fp)` of the foreground.
    pub precision: Option<f64>,
    /// `tp / (tp + fn)` of the foreground.
    pub recall: Option<f64>,
    /// `2 tp / (2 tp + fp + fn)` of the foreground.
    pub f1: Option<f64>,
    /// `tp / (tp + fp + fn)` of the foreground.
    pub iou: Option<f64>,
    /// The same as `f1`, by its other name.
    pub dice: Option<f64>,
    /// Share of the foreground that was found: the same as `recall`, by the StemNet thesis's name.
    pub white_pixel_accuracy: Option<f64>,
    /// Pixels wrongly said to be foreground, as a share of all.
    pub false_white: Option<f64>,
    /// Mean of the frames' F1, 0 in a frame where it is 0/0, as in the StemNet thesis.
    pub f1_frame_mean: Option<f64>,
    /// Mean of the frames' white-pixel accuracy, 1 in a frame without foreground, as in the thesis.
    pub white_pixel_accuracy_frame_mean: Option<f64>,
    /// `2 tn / (2 tn + fp + fn)`: F1 of the background, where that is what is looked for.
    pub background_f1: Option<f64>,
    /// Mean cross-entropy of a pixel.
    pub log_loss: f64,
    /// Of each class against all others.
    pub per_class: Vec<ClassPixels>,
    /// Scores of cells between membranes: of two classes, where more than half of the pixels are
    /// foreground.
    pub membranes: Option<Membranes>,
    /// Scores of objects, where the masks are instances.
    pub objects: Option<ObjectScores>,
    /// Frame by frame.
    pub per_frame: Vec<FrameScores>,
}

/// The scores of one class against all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassPixels {
    /// Its name.
    pub name: String,
    /// Its pixels.
    pub support: u64,
    /// `tp / (tp + fp + fn)`.
    pub iou: Option<f64>,
    /// `2 tp / (2 tp + fp + fn)`.
    pub dice: Option<f64>,
}

/// The scores of the ISBI 2012 challenge, after thinning of borders, at the best of eleven thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Membranes {
    /// Foreground-restricted Rand score; 1 is best.
    pub v_rand: Option<f64>,
    /// Its threshold.
    pub v_rand_threshold: Option<f64>,
    /// Foreground-restricted information score; 1 is best.
    pub v_info: Option<f64>,
    /// Its threshold.
    pub v_info_threshold: Option<f64>,
}

/// What is found of the objects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObjectScores {
    /// Objects of the truth.
    pub truth: usize,
    /// Predicted objects.
    pub predicted: usize,
    /// Mean over frames of `tp / (tp + fp + fn)` at IoU 0.5.
    pub ap_50: Option<f64>,
    /// The mean of the same over IoU 0.5, 0.55, ..., 0.95.
    pub ap_50_95: Option<f64>,
    /// Aggregated Jaccard index.
    pub aji: Option<f64>,
}

/// The scores of one frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrameScores {
    /// Its name in the data set.
    pub id: String,
    /// Share of wrong pixels.
    pub error_rate: f64,
    /// Of the foreground.
    pub f1: Option<f64>,
    /// Of the foreground.
    pub iou: Option<f64>,
    /// Share of the foreground that was found.
    pub white_pixel_accuracy: Option<f64>,
    /// Pixels wrongly said to be foreground, as a share of all.
    pub false_white: Option<f64>,
}

/// Measures frames with masks, and says how many of them the segmenter was trained on, where it
/// knows. Each prediction is also given to `see`, with the index of its frame.
///
/// # Errors
/// When a frame has no mask or the class table does not agree with that of the training
/// ([`ClassTable::agrees_with`](micrograph_image::ClassTable::agrees_with)); the first frame that cannot be read, unless
/// `unreadable` is to be skipped.
pub fn evaluate_segmenter(
    segmenter: &Segmenter,
    (dataset, indices): (&SegmentationDataset, &[usize]),
    unreadable: Unreadable,
    around: &Surroundings<'_>,
    see: &mut dyn FnMut(usize, ArrayView3<'_, f32>) -> Result<()>,
) -> Result<SegmentationEvaluation> {
    check_classes(segmenter, dataset)?;
    let mut gathered = Gathered::new(dataset);
    around.tell(Event::Began { task: "predicting", total: indices.len() });
    for &index in indices {
        if around.stopping() {
            return Err(Error::Interrupted);
        }
        around.tell(Event::Advanced);
        let measured = predict_frame(segmenter, dataset, index).and_then(|probabilities| {
            gathered.add(segmenter, index, &probabilities).map(|()| probabilities)
        });
        match measured {
            Err(error) if unreadable == Unreadable::Skip => {
                around.tell(Event::Notice(&format!("left out: {error}")));
            }
            Err(error) => return Err(error),
            Ok(probabilities) => see(index, probabilities.view())?,
        }
    }
    around.tell(Event::Ended);
    if let Some(warning) = gathered.known.warning(indices.len()) {
        around.tell(Event::Notice(&warning));
    }
    gathered.finish()
}

/// The values of masks have to stand for the classes that they had in training.
fn check_classes(segmenter: &Segmenter, dataset: &SegmentationDataset) -> Result<()> {
    let (own, found) = (&segmenter.manifest().table, &dataset.table);
    if found.agrees_with(own) {
        return Ok(());
    }
    let problem = format!(
        "its masks are read as {found}, but the model was trained on {own}; name their values \
         (--classes) by the model's classes, in their order"
    );
    Err(Error::Data { path: dataset.source.clone(), problem })
}

struct Gathered<'a> {
    dataset: &'a SegmentationDataset,
    sums: Sums,
    ids: Vec<String>,
    known: SeenCounts,
    /// Truth and probability of the foreground, for the scores of membranes.
    inside: Vec<(Array2<bool>, Array2<f32>)>,
    objects: Vec<Overlaps>,
}

impl<'a> Gathered<'a> {
    fn new(dataset: &'a SegmentationDataset) -> Self {
        Self {
            dataset,
            sums: Sums::new(dataset.n_classes()),
            ids: Vec::new(),
            known: SeenCounts::default(),
            inside: Vec::new(),
            objects: Vec::new(),
        }
    }

    fn add(
        &mut self,
        segmenter: &Segmenter,
        index: usize,
        probabilities: &ndarray::Array3<f32>,
    ) -> Result<()> {
        let frame = &self.dataset.frames[index];
        let Some(labels) = self.dataset.read_labels(index)? else {
            let problem = format!("{} has no mask; predict it instead", frame.id);
            return Err(Error::Data { path: self.dataset.source.clone(), problem });
        };
        if !segmenter.seen().is_empty() {
            match segmenter.seen().look_up(&self.dataset.digest(index)?) {
                Some(SeenIn::Training) => self.known.training += 1,
                Some(_) => self.known.validation += 1,
                None => {}
            }
        }
        let foreground = probabilities.index_axis(ndarray::Axis(0), 0).mapv(|p| 1.0 - p);
        if let Some(truth) = &labels.instances {
            let found = instances(foreground.view(), &InstancesConfig::default())?;
            self.objects.push(Overlaps::new(truth.view(), found.view())?);
        }
        self.sums.add(probabilities.view(), labels.classes.view());
        self.ids.push(frame.id.clone());
        if self.dataset.n_classes() == 2 && self.dataset.masks == MaskKind::Classes {
            self.inside.push((labels.foreground(), foreground));
        }
        Ok(())
    }

    fn finish(self) -> Result<SegmentationEvaluation> {
        let Self { dataset, sums, ids, inside, objects, .. } = self;
        if ids.is_empty() {
            let problem = "none of its frames could be measured".to_owned();
            return Err(Error::Data { path: dataset.source.clone(), problem });
        }
        let total = sums.frames.total();
        let scores = sums.frames.pooled();
        let thesis = sums.frames.per_frame(EmptyFrames::Thesis);
        let PixelScores { precision, recall, f1, iou, white_pixel_accuracy, false_white, .. } =
            scores;
        let white = total.tp + total.fn_;
        let of_membranes = white > total.tn + total.fp && !inside.is_empty();
        let background = 2.0 * total.tn + total.fp + total.fn_;
        Ok(SegmentationEvaluation {
            schema: 1,
            classes: dataset.table.names(),
            pixels: sums.pixels,
            error_rate: sums.error_rate(),
            precision,
            recall,
            f1,
            iou,
            dice: f1,
            white_pixel_accuracy,
            false_white,
            f1_frame_mean: thesis.f1,
            white_pixel_accuracy_frame_mean: thesis.white_pixel_accuracy,
            background_f1: (background > 0.0).then(|| 2.0 * total.tn / background),
            log_loss: sums.mean_loss(),
            per_class: per_class(dataset, &sums),
            membranes: if of_membranes { Some(membranes(&inside)?) } else { None },
            objects: if objects.is_empty() { None } else { Some(object_scores(&objects)?) },
            per_frame: per_frame(ids, &sums),
        })
    }
}

fn per_class(dataset: &SegmentationDataset, sums: &Sums) -> Vec<ClassPixels> {
    let of_class = |(class, name): (usize, String)| {
        let counts = sums.of_class(class);
        ClassPixels {
            name,
            support: (counts.tp + counts.fn_) as u64,
            iou: counts.iou(),
            dice: counts.f1(),
        }
    };
    dataset.table.names().into_iter().enumerate().map(of_class).collect()
}

fn per_frame(ids: Vec<String>, sums: &Sums) -> Vec<FrameScores> {
    let of_frame = |((id, counts), &error_rate): ((String, &micrograph_metrics::Counts), &f64)| {
        let scores = PixelScores::of(counts);
        FrameScores {
            id,
            error_rate,
            f1: scores.f1,
            iou: scores.iou,
            white_pixel_accuracy: scores.white_pixel_accuracy,
            false_white: scores.false_white,
        }
    };
    ids.into_iter().zip(sums.frames.counts()).zip(&sums.error_rates).map(of_frame).collect()
}

fn membranes(inside: &[(Array2<bool>, Array2<f32>)]) -> Result<Membranes> {
    let slices: Vec<Slice<'_>> = inside
        .iter()
        .map(|(truth, probability)| Slice { truth: truth.view(), probability: probability.view() })
        .collect();
    let scores = isbi2012(&slices)?;
    Ok(Membranes {
        v_rand: scores.v_rand.map(|best| best.value),
        v_rand_threshold: scores.v_rand.map(|best| best.threshold),
        v_info: scores.v_info.map(|best| best.value),
        v_info_threshold: scores.v_info.map(|best| best.threshold),
    })
}

fn object_scores(frames: &[Overlaps]) -> Result<ObjectScores> {
    let curve = instance_curve(frames, &IOU_THRESHOLDS)?;
    let points: Vec<f64> = curve.iter().filter_map(|point| point.mean.mean).collect();
    let all = points.len() == IOU_THRESHOLDS.len();
    Ok(ObjectScores {
        truth: frames.iter().map(Overlaps::n_truth).sum(),
        predicted: frames.iter().map(Overlaps::n_predicted).sum(),
        ap_50: points.first().copied().filter(|_| all),
        ap_50_95: all.then(|| points.iter().sum::<f64>() / points.len() as f64),
        aji: aggregated_jaccard(frames),
    })
}
