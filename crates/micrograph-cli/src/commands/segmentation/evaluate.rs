//! `micrograph evaluate` of a segmenter: what it is worth on frames with masks.

use anyhow::{Result, bail};
use micrograph::image::{MaskKind, Part, SegmentationDataset};
use micrograph::model::{Segmenter, SegmenterManifest};
use micrograph::train::{SegmentationEvaluation, Surroundings, evaluate_segmenter, write_json};
use serde::Serialize;

use crate::arguments::EvaluateArguments;
use crate::data::part_of;
use crate::outputs::Outputs;
use crate::print::say;
use crate::settings::segmentation::data_place;

/// The content of `--json`.
#[derive(Debug, Serialize)]
struct Measured<'a> {
    part: &'a str,
    #[serde(flatten)]
    evaluation: &'a SegmentationEvaluation,
}

pub(crate) fn run(arguments: &EvaluateArguments, around: &Surroundings<'_>) -> Result<()> {
    let segmenter = load(&arguments.models.runs(), arguments.test_time, around)?;
    if arguments.report.is_some() {
        bail!("--report: a segmenter is measured with --json; its run has a report of pictures");
    }
    let place = data_place(&arguments.place, &arguments.data)?;
    let mut options = place.options.clone();
    let SegmenterManifest { masks, table, .. } = segmenter.manifest();
    options.preferred = Some(table.clone()).filter(|_| *masks == MaskKind::Classes);
    let dataset = SegmentationDataset::open(&place.path, &options)?;
    let outputs = Outputs { runs: &arguments.models.runs(), overwrite: arguments.overwrite };
    if let Some(path) = &arguments.json {
        outputs.check(path, dataset.files())?;
    }
    let (part, indices) = frames(&dataset, arguments.split.as_deref())?;
    let see = &mut |_, _: ndarray::ArrayView3<'_, f32>| Ok(());
    let evaluation =
        evaluate_segmenter(&segmenter, (&dataset, &indices), place.unreadable(), around, see)?;
    // On the screen first: what cannot be written is not lost.
    say(&measures(part, &evaluation))?;
    if let Some(path) = &arguments.json {
        write_json(path, &Measured { part, evaluation: &evaluation })?;
    }
    Ok(())
}

/// The one segmenter of a command line.
pub(crate) fn load(
    runs: &[&std::path::Path],
    test_time: Option<micrograph::model::TestTime>,
    around: &Surroundings<'_>,
) -> Result<Segmenter> {
    let [run] = runs else {
        bail!("--ensemble: segmenters are used one at a time; give one run with --run")
    };
    let segmenter = Segmenter::load_on(run, &around.device)?;
    Ok(match test_time {
        Some(test_time) => segmenter.with_test_time(test_time),
        None => segmenter,
    })
}

/// The frames with masks of the named part, else of the test part, else all of data without parts.
fn frames(
    dataset: &SegmentationDataset,
    split: Option<&str>,
) -> Result<(&'static str, Vec<usize>)> {
    let place = dataset.source.display().to_string();
    let of = |part: Option<Part>| dataset.indices(part);
    let (name, indices) = part_of((&place, "frames"), &dataset.parts(), split, of)?;
    let indices = dataset.labelled(&indices);
    if indices.is_empty() {
        bail!("{place}: none of its frames has a mask; predict them instead");
    }
    Ok((name, indices))
}

/// The measures as lines.
pub(crate) fn measures(name: &str, evaluation: &SegmentationEvaluation) -> String {
    let show = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.4}"));
    let SegmentationEvaluation { error_rate, f1, iou, false_white, .. } = evaluation;
    let frames = evaluation.per_frame.len();
    let without = match evaluation.frames_without_window {
        0 => String::new(),
        dropped => format!(" ({dropped} more without a whole window)"),
    };
    let mut text = format!(
        "{name}: {frames} {}{without}, error rate {error_rate:.4}  F1 {}  IoU {}  false white {}  \
         white-pixel accuracy {}  log loss {:.4}\nmean over frames: F1 {}  white-pixel accuracy {}\n",
        if frames == 1 { "frame" } else { "frames" },
        show(*f1),
        show(*iou),
        show(*false_white),
        show(evaluation.white_pixel_accuracy_pooled),
        evaluation.log_loss,
        show(evaluation.f1_frame_mean),
        show(evaluation.white_pixel_accuracy_frame_mean),
    );
    if let Some(membranes) = &evaluation.membranes {
        text += &format!(
            "membranes: F1 {}  after thinning: Rand {}  information {}\n",
            show(evaluation.background_f1),
            show(membranes.v_rand),
            show(membranes.v_info)
        );
    }
    if let Some(objects) = &evaluation.objects {
        text += &format!(
            "objects: {} predicted for {}, AP at IoU 0.5 {}  mean of 0.5 to 0.95 {}  AJI {}\n",
            objects.predicted,
            objects.truth,
            show(objects.ap_50),
            show(objects.ap_50_95),
            show(objects.aji)
        );
    }
    if evaluation.per_class.len() > 2 {
        for class in &evaluation.per_class {
            let (iou, dice) = (show(class.iou), show(class.dice));
            text += &format!("{:16}  IoU {iou}  Dice {dice}\n", class.name);
        }
    }
    text
}
