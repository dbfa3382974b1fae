//! Without a network: a threshold, and a watershed that parts what touches.

use anyhow::{Context, Result};
use micrograph::metrics::Counts;
use micrograph::metrics::segmentation::{EmptyFrames, Frames};
use micrograph::segment::{Foreground, InstancesConfig, ThresholdMethod, instances};
use micrograph::train::{BackgroundFolder, SegmentationData};
use ndarray::{Array2, Axis};

use crate::protocol::Row;

/// What is asked for of the threshold; found by its name in the table.
const METHODS: [(&str, ThresholdMethod); 4] = [
    ("Otsu", ThresholdMethod::Otsu),
    ("Li", ThresholdMethod::Li),
    ("triangle", ThresholdMethod::Triangle),
    ("Yen", ThresholdMethod::Yen),
];

/// The frames that validate, by the method that has the best F1 on the training frames.
pub(crate) fn row(data: &SegmentationData, subtracted: bool) -> Result<Row> {
    let mut best: Option<(f64, &str, ThresholdMethod)> = None;
    for (name, method) in METHODS {
        let f1 = measured(data, &data.train, (method, subtracted))?.pooled().f1.unwrap_or(0.0);
        if best.is_none_or(|(other, ..)| f1 > other) {
            best = Some((f1, name, method));
        }
    }
    let (_, name, method) = best.context("there is no method")?;
    let scores =
        measured(data, &data.validation, (method, subtracted))?.per_frame(EmptyFrames::Thesis);
    Ok(Row {
        name: "threshold + watershed".into(),
        error_percent: scores.error_rate_percent,
        f1: scores.f1,
        false_white: scores.false_white,
        white_accuracy: scores.white_pixel_accuracy,
        remark: format!("{name}, the best of {} on training frames", METHODS.len()),
    })
}

fn measured(
    data: &SegmentationData,
    indices: &[usize],
    (method, subtracted): (ThresholdMethod, bool),
) -> Result<Frames> {
    let config = InstancesConfig {
        foreground: Foreground::Automatic(method),
        blur_px: 1.5,
        least_px: 30,
        ..InstancesConfig::default()
    };
    let mut frames = Frames::default();
    for &index in indices {
        let read = data.dataset.read(index)?;
        let truth = read.labels.context("a frame that is measured has a mask")?.foreground();
        let frame = read.image.pixels.mean_axis(Axis(0)).context("a frame has a channel")?;
        // Cells are brighter or darker than what was behind them.
        let seen = frame.mapv(|v| if subtracted { (v - BackgroundFolder::ZERO).abs() } else { v });
        let found = instances(seen.view(), &config)?;
        frames.push(counts(&truth, &found));
    }
    Ok(frames)
}

fn counts(truth: &Array2<bool>, found: &Array2<u32>) -> Counts {
    let mut counts = Counts { tp: 0.0, fp: 0.0, fn_: 0.0, tn: 0.0 };
    for (&cell, &object) in truth.iter().zip(found) {
        let place = match (cell, object > 0) {
            (true, true) => &mut counts.tp,
            (false, true) => &mut counts.fp,
            (true, false) => &mut counts.fn_,
            (false, false) => &mut counts.tn,
        };
        *place += 1.0;
    }
    counts
}
