//! From the results of a segmentation to the value that `micrograph-report` renders.

use micrograph_report::{EpochRecord, Fact, FactGroup, PixelMeasures, RunReport, Table};

use super::pictures::{Picture, heat_maps, overlays};
use super::{
    FittedSegmenter, PixelRecord, SegmentationConfig, SegmentationData, SegmentationEvaluation,
};
use crate::facts::group;
use crate::{Ended, History, Result, Surroundings};

/// The report of a training run.
pub(super) fn of_training(
    data: &SegmentationData,
    config: &SegmentationConfig,
    fitted: &FittedSegmenter,
    (validation, pictures): (Option<&SegmentationEvaluation>, &[Picture]),
    around: &Surroundings<'_>,
) -> Result<RunReport> {
    let root = data.dataset.root.file_name().map(|name| name.to_string_lossy());
    let network = data.network.architecture.title();
    let mut sheets = Vec::new();
    if !pictures.is_empty() {
        sheets.push(overlays(data, pictures)?);
        sheets.push(heat_maps(data, pictures));
    }
    Ok(RunReport {
        title: format!("{network} on {}", root.unwrap_or_default()),
        subtitle: format!("Segmentation, seed {}", config.seed),
        facts: vec![
            of_data(data),
            of_model(data),
            of_steps(data, config),
            of_run(config, fitted, around),
        ],
        history: history(&fitted.history),
        best_epoch: fitted.history.best_epoch(),
        sheets,
        tables: validation.map(tables).unwrap_or_default(),
        notes: data.notices.clone(),
        ..RunReport::default()
    })
}

fn history(history: &History<PixelRecord>) -> Vec<EpochRecord> {
    let convert = |record: &crate::EpochRecord<PixelRecord>| {
        let validation = record.validation.as_ref();
        EpochRecord {
            epoch: record.epoch,
            train_loss: record.train_loss,
            validation_loss: validation.map(|v| v.loss),
            train_accuracy: Some(record.train_accuracy),
            validation_accuracy: validation.map(|v| 1.0 - v.error_rate),
            validation_auroc: None,
            pixels: validation.map(|v| PixelMeasures {
                error_rate: Some(v.error_rate),
                precision: v.precision,
                recall: v.recall,
                f1: v.f1,
                white_pixel_accuracy: v.white_pixel_accuracy_frame_mean,
                false_white: Some(v.false_white),
            }),
            learning_rate: record.learning_rate,
            seconds: record.seconds,
        }
    };
    history.epochs.iter().map(convert).collect()
}

fn of_data(data: &SegmentationData) -> FactGroup {
    let frames = match data.validation.len() {
        0 => data.train.len().to_string(),
        held => format!("{} training, {held} validation", data.train.len()),
    };
    let total = |class: usize| data.class_pixels.iter().map(|counts| counts[class]).sum::<u64>();
    let names = data.dataset.table.names();
    let all: u64 = (0..names.len()).map(total).sum();
    let share = |class: usize| format!("{:.3} %", 100.0 * total(class) as f64 / all.max(1) as f64);
    let mut facts = vec![
        Fact::new("Data", data.dataset.source.display()),
        Fact::new("Frames", frames),
        Fact::new("Sequences", data.dataset.sequences.len()),
    ];
    for (class, name) in names.iter().enumerate() {
        facts.push(Fact::new(&format!("Pixels of {name}"), share(class)));
    }
    facts.push(Fact::new("Fingerprint", &data.fingerprint));
    group("Data", facts)
}

fn of_model(data: &SegmentationData) -> FactGroup {
    let (frames, channels) = (data.input.window.width, data.input.n_channels);
    let input = match frames {
        1 => format!("a frame of {channels} channels"),
        frames => format!("{frames} frames of {channels} channels"),
    };
    let facts = vec![
        Fact::new("Model", data.network.architecture.title()),
        Fact::new("Input", input),
        Fact::count("Parameters", data.network.parameter_count()),
    ];
    group("Model", facts)
}

fn of_steps(data: &SegmentationData, config: &SegmentationConfig) -> FactGroup {
    let [height, width] = data.crop;
    let facts = vec![
        Fact::new("Optimizer", &config.optimizer),
        Fact::new("Learning rate", format!("{}, {}", config.learning_rate, config.schedule)),
        Fact::new("Crops", format!("{height} × {width}, {} a step", config.batch_size)),
        Fact::new("Around foreground", format!("{} of crops", config.crop.foreground)),
        Fact::new("Augmentation", &config.augment),
    ];
    group("Training", facts)
}

fn of_run(
    config: &SegmentationConfig,
    fitted: &FittedSegmenter,
    around: &Surroundings<'_>,
) -> FactGroup {
    let why = match fitted.ended {
        Ended::Patience => ", then no better one came",
        Ended::MaxMinutes => ", then the time was over",
        _ => "",
    };
    let manifest = fitted.segmenter.manifest();
    let device = if around.device.is_cuda() { "GPU (CUDA)" } else { "CPU" };
    let facts = vec![
        Fact::new("Epochs", format!("{}{why}", fitted.history.epochs.len())),
        Fact::new(
            "Weights of epoch",
            format!("{}, by {}", fitted.history.best_epoch().unwrap_or(0), config.monitor),
        ),
        Fact::duration("Time", fitted.seconds),
        Fact::new("Seed", config.seed),
        Fact::new("Device", device),
        Fact::new("Precision", config.precision.name()),
        Fact::new("Threads", around.threads),
        Fact::new("micrograph", env!("CARGO_PKG_VERSION")),
        Fact::new("Weights SHA-256", &manifest.weights_sha256),
    ];
    group("Run", facts)
}

/// The scores of all frames, and frame by frame.
fn tables(evaluation: &SegmentationEvaluation) -> Vec<Table> {
    let show = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| format!("{v:.4}"));
    let mut rows = vec![
        ("Error rate", Some(evaluation.error_rate)),
        ("Precision", evaluation.precision),
        ("Recall", evaluation.recall),
        ("F1", evaluation.f1),
        ("F1, mean over frames", evaluation.f1_frame_mean),
        ("IoU", evaluation.iou),
        ("White-pixel accuracy, all pixels together", evaluation.white_pixel_accuracy_pooled),
        ("White-pixel accuracy, mean over frames", evaluation.white_pixel_accuracy_frame_mean),
        ("False white", evaluation.false_white),
        ("Cross-entropy", Some(evaluation.log_loss)),
    ];
    if let Some(membranes) = &evaluation.membranes {
        rows.push(("F1 of membranes", evaluation.background_f1));
        rows.push(("Rand score after thinning", membranes.v_rand));
        rows.push(("Information score after thinning", membranes.v_info));
    }
    if let Some(objects) = &evaluation.objects {
        rows.push(("AP at IoU 0.5", objects.ap_50));
        rows.push(("AP, mean of IoU 0.5 to 0.95", objects.ap_50_95));
        rows.push(("Aggregated Jaccard index", objects.aji));
    }
    let pair = |(name, value): (&str, Option<f64>)| vec![name.to_owned(), show(value)];
    let of_frame = |frame: &super::FrameScores| {
        let white = Some(frame.white_pixel_accuracy);
        let scores = [Some(frame.error_rate), frame.f1, frame.iou, white];
        let cells = scores.into_iter().chain([frame.false_white]).map(show);
        std::iter::once(frame.id.clone()).chain(cells).collect()
    };
    let header = ["Frame", "Error rate", "F1", "IoU", "White-pixel accuracy", "False white"];
    vec![
        Table {
            title: "Validation".into(),
            caption: "All pixels together; the foreground is every class but the first. These \
                      frames also picked the epoch, so that their scores are a little too good."
                .into(),
            header: ["Measure", "Value"].map(str::to_owned).to_vec(),
            rows: rows.into_iter().map(pair).collect(),
        },
        Table {
            title: "Frame by frame".into(),
            caption: String::new(),
            header: header.map(str::to_owned).to_vec(),
            rows: evaluation.per_frame.iter().map(of_frame).collect(),
        },
    ]
}
