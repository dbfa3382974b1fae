//! `micrograph info` of data and runs of segmentation.

use std::path::Path;

use anyhow::Result;
use micrograph::image::{MaskKind, SegmentationDataset};
use micrograph::model::bundle::load_segmenter_manifest;

/// What was understood of frames and masks.
pub(crate) fn data(dataset: &SegmentationDataset) -> String {
    let SegmentationDataset { frames, sequences, notices, .. } = dataset;
    let masked = dataset.labelled(&dataset.all()).len();
    let mut text = format!(
        "{}: {}\nframes {}, with masks {masked}, in {} {}\nclasses: {}\n",
        dataset.source.display(),
        dataset.layout,
        frames.len(),
        sequences.len(),
        if sequences.len() == 1 { "sequence" } else { "sequences" },
        dataset.table.names().join(", ")
    );
    for (part, count) in dataset.parts() {
        if let Some(part) = part {
            text += &format!("{part}: {count}\n");
        }
    }
    let sizes = |side: fn(&micrograph::image::Shape) -> usize| {
        let sides = || frames.iter().map(|frame| side(&frame.shape));
        (sides().min().unwrap_or(0), sides().max().unwrap_or(0))
    };
    let (heights, widths) = (sizes(|shape| shape.height), sizes(|shape| shape.width));
    text += &format!("height {} to {}, width {} to {}\n", heights.0, heights.1, widths.0, widths.1);
    for notice in notices {
        text += &format!("note: {notice}\n");
    }
    text
}

/// What a segmenter is.
pub(crate) fn bundle(path: &Path, model: &Path) -> Result<String> {
    let manifest = load_segmenter_manifest(model)?;
    let training = &manifest.training;
    let mut text = format!(
        "{}: {}, which segments\nclasses: {} of {}\ninput: {} of any size\nseed {}, epochs {}\n\
         training frames: {}\nweights SHA-256: {}\ndata fingerprint: {}\n",
        path.display(),
        manifest.network.architecture,
        manifest.classes.join(", "),
        match manifest.masks {
            MaskKind::Instances => "masks of objects".to_owned(),
            _ => format!("masks {}", manifest.table),
        },
        match (manifest.input.window.width, manifest.input.n_channels) {
            (1, channels) => format!("{channels} channels"),
            (width, channels) => format!("{width} frames of {channels} channels"),
        },
        training.seed,
        training.epochs,
        training.training_samples.iter().sum::<usize>(),
        manifest.weights_sha256,
        training.data_fingerprint
    );
    for (name, value) in &manifest.metrics {
        text += &format!("{name}: {value:.4}\n");
    }
    Ok(text)
}
