//! A segmenter over frames with masks: what it is worth.

use micrograph_image::{MaskKind, SegmentationDataset};
use micrograph_metrics::segmentation::{EmptyFrames, PixelScores};
use micrograph_model::{SeenIn, Segmenter};
use ndarray::ArrayView3;

use super::evaluation::{ClassPixels, FrameScores, SegmentationEvaluation};
use super::predict::predict_frame;
use super::regions::Regions;
use super::sums::Sums;
use super::windows::whole_windows;
use crate::{Error, Event, Result, SeenCounts, Surroundings, Unreadable};

/// Measures frames with masks, and says how many of them the segmenter was trained on, where it
/// knows. Each prediction is also given to `see`, with the index of its frame.
///
/// # Errors
/// When a frame has no mask or the class table does not agree with that of the training
/// ([`ClassTable::agrees_with`](micrograph_image::ClassTable::agrees_with)); the first frame that
/// cannot be read, unless `unreadable` is to be skipped.
pub fn evaluate_segmenter(
    segmenter: &Segmenter,
    (dataset, indices): (&SegmentationDataset, &[usize]),
    unreadable: Unreadable,
    around: &Surroundings<'_>,
    see: &mut dyn FnMut(usize, ArrayView3<'_, f32>) -> Result<()>,
) -> Result<SegmentationEvaluation> {
    check_classes(segmenter, dataset)?;
    let whole = whole_windows(segmenter, dataset, indices, around);
    let mut gathered = Gathered::new(dataset);
    around.tell(Event::Began { task: "predicting", total: whole.len() });
    for &index in &whole {
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
    if let Some(warning) = gathered.known.warning(whole.len()) {
        around.tell(Event::Notice(&warning));
    }
    gathered.finish(indices.len() - whole.len())
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
    regions: Regions,
}

impl<'a> Gathered<'a> {
    fn new(dataset: &'a SegmentationDataset) -> Self {
        Self {
            dataset,
            sums: Sums::new(dataset.n_classes()),
            ids: Vec::new(),
            known: SeenCounts::default(),
            regions: Regions::default(),
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
        let two_classes = self.dataset.n_classes() == 2 && self.dataset.masks == MaskKind::Classes;
        self.regions.add(&labels, probabilities, two_classes)?;
        self.sums.add(probabilities.view(), labels.classes.view());
        self.ids.push(frame.id.clone());
        Ok(())
    }

    fn finish(self, frames_without_window: usize) -> Result<SegmentationEvaluation> {
        let Self { dataset, sums, ids, regions, .. } = self;
        if ids.is_empty() {
            let problem = "none of its frames could be measured".to_owned();
            return Err(Error::Data { path: dataset.source.clone(), problem });
        }
        let total = sums.frames.total();
        let scores = sums.frames.pooled();
        let thesis = sums.frames.per_frame(EmptyFrames::Thesis);
        let PixelScores { precision, recall, f1, iou, white_pixel_accuracy, false_white, .. } =
            scores;
        let mostly_white = total.tp + total.fn_ > total.tn + total.fp;
        let background = 2.0 * total.tn + total.fp + total.fn_;
        Ok(SegmentationEvaluation {
            schema: 1,
            classes: dataset.table.names(),
            frames_without_window,
            pixels: sums.pixels,
            error_rate: sums.error_rate(),
            precision,
            recall,
            f1,
            iou,
            dice: f1,
            white_pixel_accuracy_pooled: white_pixel_accuracy,
            false_white,
            f1_frame_mean: thesis.f1,
            white_pixel_accuracy_frame_mean: thesis.white_pixel_accuracy,
            background_f1: (background > 0.0).then(|| 2.0 * total.tn / background),
            log_loss: sums.mean_loss(),
            per_class: per_class(dataset, &sums),
            membranes: if mostly_white { regions.membranes()? } else { None },
            objects: regions.objects()?,
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
            white_pixel_accuracy: scores.white_pixel_accuracy.unwrap_or(1.0),
            false_white: scores.false_white,
        }
    };
    ids.into_iter().zip(sums.frames.counts()).zip(&sums.error_rates).map(of_frame).collect()
}
