//! What can be asked for, how much of the thesis's experiment is run, and what is said of it.

use std::path::PathBuf;

use clap::Parser;
use micrograph::augment::Recipe;
use micrograph::image::{Normalization, TemporalWindow};
use micrograph::nn::{
    ClassWeights, OptimizerConfig, Schedule, SegmentationLoss, SgdConfig, StemNetConfig,
};
use micrograph::ops::Momentum;
use micrograph::sampling::synthetic::TimeLapseConfig;
use micrograph::train::{
    BackgroundFolder, CropConfig, EpochRecord, Event, Observer, PixelRecord, SegmentationConfig,
};

use crate::console::say;

#[derive(Parser)]
pub(crate) struct Arguments {
    /// A data set of your own, frames with masks, in place of an artificial time-lapse.
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// The thesis's network, size of images and ratio of cells, and both its settings of Network5.
    #[arg(long)]
    pub(crate) full: bool,
    /// As little as shows that it works.
    #[arg(long, conflicts_with = "full")]
    pub(crate) smallest: bool,
    /// Leave out the subtraction of the background: of frames without one, or that hardly move.
    #[arg(long)]
    pub(crate) keep_background: bool,
    /// Another number of epochs than the preset's.
    #[arg(long)]
    pub(crate) epochs: Option<usize>,
    /// Where runs, reports and the table go; with the same settings, what is finished there is kept,
    /// and what was cut goes on. Frames are written into a folder beside it.
    #[arg(long, default_value = "runs/stemnet")]
    pub(crate) out: PathBuf,
    /// Replace runs of other settings or data in `--out`; each is kept below itself, in replaced/1 and
    /// so on.
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// A network of Table 3, by what it sees.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) name: &'static str,
    /// Of its run, below `--out`.
    pub(crate) folder: &'static str,
    window: TemporalWindow,
    learning_rate: f64,
    /// Error rate in per cent, F1, false white, white-pixel accuracy in the thesis's Table 3.
    thesis: Option<[f64; 4]>,
}

impl Network {
    fn all(full: bool) -> Vec<Self> {
        let one = Self {
            name: "Network1",
            folder: "network1",
            window: TemporalWindow::default(),
            learning_rate: 0.15,
            thesis: Some([0.033, 0.83, 0.000157, 0.83]),
        };
        let five = Self {
            name: "Network5",
            folder: "network5",
            window: TemporalWindow::thesis(),
            thesis: Some([0.054, 0.70, 0.000134, 0.68]),
            ..one
        };
        // What the thesis's program showed it, whatever its text says.
        let copies = Self {
            name: "Network5, five copies of a frame",
            folder: "network5-copies",
            window: TemporalWindow::five_copies(),
            thesis: None,
            ..five
        };
        let slower = Self {
            name: "Network5, Table 2",
            folder: "network5-table2",
            learning_rate: 0.1,
            thesis: Some([0.041, 0.82, 0.000227, 0.84]),
            ..five
        };
        [one, five, copies].into_iter().chain(full.then_some(slower)).collect()
    }

    /// Its column of the thesis's table, of other images.
    pub(crate) fn in_the_thesis(&self) -> Option<Row> {
        self.thesis.map(|[error_percent, f1, false_white, white_accuracy]| Row {
            name: format!("{} in the thesis", self.name),
            error_percent: Some(error_percent),
            f1: Some(f1),
            false_white: Some(false_white),
            white_accuracy: Some(white_accuracy),
            remark: "other images".into(),
        })
    }
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) error_percent: Option<f64>,
    pub(crate) f1: Option<f64>,
    pub(crate) false_white: Option<f64>,
    pub(crate) white_accuracy: Option<f64>,
    pub(crate) remark: String,
}

impl Row {
    pub(crate) fn cells(self) -> Vec<String> {
        let cell = |value: Option<f64>, digits: usize| {
            value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
        };
        vec![
            self.name,
            cell(self.error_percent, 3),
            cell(self.f1, 2),
            cell(self.false_white, 6),
            cell(self.white_accuracy, 2),
            self.remark,
        ]
    }
}

/// How much is run.
#[derive(Debug)]
pub(crate) struct Preset {
    pub(crate) name: &'static str,
    pub(crate) sequence: TimeLapseConfig,
    network: StemNetConfig,
    pub(crate) networks: Vec<Network>,
    crop: CropConfig,
    epochs: usize,
    patience: Option<usize>,
}

impl Preset {
    pub(crate) fn of(arguments: &Arguments) -> Self {
        let whole = |size| CropConfig { size, foreground: 0.0, per_frame: Some(1) };
        let preset = match (arguments.full, arguments.smallest) {
            (true, _) => Self {
                name: "full",
                sequence: TimeLapseConfig::thesis(),
                network: StemNetConfig::thesis(),
                networks: Network::all(true),
                crop: whole(1024),
                epochs: 60,
                patience: Some(10),
            },
            (_, true) => Self {
                name: "smallest",
                sequence: TimeLapseConfig {
                    height: 64,
                    width: 64,
                    n_frames: 12,
                    n_cells: 2,
                    n_debris: 2,
                    ..TimeLapseConfig::example()
                },
                network: StemNetConfig { levels: 2, maps: 2, ..StemNetConfig::thesis() },
                networks: Network::all(false),
                crop: whole(64),
                epochs: 1,
                patience: None,
            },
            _ => Self {
                name: "small",
                sequence: TimeLapseConfig { n_frames: 48, ..TimeLapseConfig::example() },
                network: StemNetConfig { levels: 4, maps: 8, ..StemNetConfig::thesis() },
                networks: Network::all(false),
                // More steps of less than a frame each: the thesis's epoch has 20,000.
                crop: CropConfig { size: 128, foreground: 0.5, per_frame: Some(4) },
                epochs: 20,
                patience: None,
            },
        };
        Self { epochs: arguments.epochs.unwrap_or(preset.epochs), ..preset }
    }

    /// Table 1: momentum 0.2, 0.15 times 0.95 an epoch, cells weigh twice, dropout 0.25, one image a
    /// step; no range of pixels is fitted.
    pub(crate) fn settings(&self, network: &Network, arguments: &Arguments) -> SegmentationConfig {
        let momentum = Momentum::Classic(0.2);
        let class_weights = ClassWeights::StemNet { weight: 2.0 };
        SegmentationConfig {
            model: self.network.clone().into(),
            seed: arguments.seed,
            epochs: Some(self.epochs),
            patience: self.patience,
            batch_size: 1,
            weight_average: None,
            learning_rate: network.learning_rate,
            schedule: Schedule::Exponential { factor: 0.95 },
            optimizer: OptimizerConfig::Sgd(SgdConfig { momentum, ..SgdConfig::default() }),
            loss: SegmentationLoss { class_weights, ..SegmentationLoss::default() },
            // 19,998 of 24,997 images trained, 4998 validated.
            validation_fraction: 0.2,
            normalization: if arguments.keep_background {
                Normalization::ImageZScore
            } else {
                Normalization::Subtract { value: BackgroundFolder::ZERO.into() }
            },
            crop: self.crop,
            window: network.window,
            augment: Recipe::none(),
            ..SegmentationConfig::default()
        }
    }

    pub(crate) fn protocol(&self) -> String {
        let StemNetConfig { levels, maps, .. } = self.network;
        let epochs = self.epochs;
        format!("StemNets of {levels} resolutions and {maps} maps, {epochs} epochs at most")
    }
}

/// Phases and epochs as lines on the screen.
pub(crate) struct Lines;

impl Observer for Lines {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Notice(text) | Event::Phase(text) => say(&format!("  {text}")),
            Event::PixelRecord(record) => say(&line(record)),
            _ => {}
        }
    }
}

fn line(
    EpochRecord { epoch, train_loss, seconds, validation, .. }: &EpochRecord<PixelRecord>,
) -> String {
    let f1 = validation.as_ref().and_then(|measured| measured.f1);
    let f1 = f1.map_or_else(String::new, |f1| format!("  F1 {f1:.3}"));
    format!("  epoch {epoch:3}  loss {train_loss:.4}{f1}  {seconds:.2} s")
}
