//! What can be asked for, how much of the thesis's protocol is run, and how its tables are laid out.

use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use micrograph::metrics::{ConfusionMatrix, FoldMatrices};
use micrograph::nn::Architecture::{self, LipNet1, LipNet2, LipNet4, LipNet4c, LipNet6};
use micrograph::report::Table;
use micrograph::sampling::Split;
use micrograph::sampling::synthetic::{ClassRatio, Problem};
use micrograph::train::*;

use crate::console::say;
use crate::folder;
use crate::thesis::{self, Thesis};

#[derive(Parser)]
pub(crate) struct Arguments {
    /// A data set of your own in place of artificial liposomes.
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// The thesis's protocol, number and ratio of images: all networks, 5 folds for each table.
    #[arg(long)]
    pub(crate) full: bool,
    /// As little as shows that it works.
    #[arg(long, conflicts_with = "full")]
    pub(crate) smallest: bool,
    /// lamellarity or encapsulation
    #[arg(long, default_value = "lamellarity")]
    pub(crate) problem: Problem,
    /// Another number of artificial images than the preset's.
    #[arg(long)]
    pub(crate) images: Option<usize>,
    /// Another number of epochs than the preset's.
    #[arg(long)]
    pub(crate) epochs: Option<usize>,
    /// Where results and report go; with the same settings, what is finished there is kept, and what
    /// was cut goes on. Images are drawn into a folder beside it.
    #[arg(long, default_value = "runs/lipnet")]
    pub(crate) out: PathBuf,
    /// Replace a run of other settings or data in `--out`; it is kept below that, in replaced/1 and so
    /// on.
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// How much is run.
pub(crate) struct Preset {
    pub(crate) name: &'static str,
    pub(crate) images: usize,
    pub(crate) ratio: ClassRatio,
    /// LipNet-4 last, whose results go into the report.
    pub(crate) networks: &'static [Architecture],
    pub(crate) folds: FoldPlan,
    pub(crate) epochs: usize,
    pub(crate) patience: Option<usize>,
    /// Whether the ablations, too, are cross-validated; else one hold-out serves them all.
    pub(crate) cross_validates_all: bool,
}

impl Preset {
    pub(crate) fn of(arguments: &Arguments) -> Self {
        let small = |name, images, networks, folds, epochs| Self {
            name,
            images,
            ratio: match arguments.problem {
                Problem::Lamellarity => ClassRatio::Given(vec![20.0, 10.0, 70.0]),
                Problem::Encapsulation => ClassRatio::Given(vec![20.0, 70.0, 10.0]),
            },
            networks,
            folds: FoldPlan { folds, epochs: FoldEpochs::AsConfigured },
            epochs,
            patience: None,
            cross_validates_all: false,
        };
        let preset = match (arguments.full, arguments.smallest) {
            (true, _) => Self {
                name: "full",
                images: thesis::of(arguments.problem).images,
                ratio: ClassRatio::Thesis,
                networks: &[LipNet1, LipNet2, LipNet4c, LipNet6, LipNet4],
                // Section 5.4: early stopping picks the epochs, then five folds train as long.
                folds: FoldPlan { folds: 5, epochs: FoldEpochs::EarlyStopping },
                epochs: 60,
                patience: Some(10),
                cross_validates_all: true,
            },
            (_, true) => small("smallest", 40, &[LipNet1], 2, 1),
            _ => small("small", 600, &[LipNet1, LipNet4], 3, 8),
        };
        Self {
            images: arguments.images.unwrap_or(preset.images),
            epochs: arguments.epochs.unwrap_or(preset.epochs),
            ..preset
        }
    }

    /// The network whose cross-validation goes into the report.
    pub(crate) fn last_network(&self) -> anyhow::Result<Architecture> {
        self.networks.last().copied().context("the preset has no network")
    }

    pub(crate) fn protocol(&self) -> String {
        let (folds, epochs) = (self.folds.folds, self.epochs);
        if self.cross_validates_all {
            format!("{folds} folds for each line, early stopping within {epochs} epochs")
        } else {
            format!("{folds} folds for networks, one hold-out for the rest, {epochs} epochs")
        }
    }
}

/// Data, settings and protocol of all experiments.
pub(crate) struct Lab<'a> {
    pub(crate) readable: Readable,
    pub(crate) split: Split,
    pub(crate) config: RunConfig,
    pub(crate) folder: RunFolder,
    pub(crate) overwrite: bool,
    pub(crate) preset: Preset,
    pub(crate) around: Surroundings<'a>,
    /// What to print beside ours; nothing beside images of your own.
    pub(crate) thesis: Option<Thesis>,
}

impl Lab<'_> {
    pub(crate) fn classes(&self) -> &[String] {
        &self.readable.dataset().classes
    }

    /// Cross-validates in a folder of the line's own; the settings of the whole in its own folder.
    pub(crate) fn cross_validate(
        &self,
        line: &str,
        train: &TrainConfig,
    ) -> anyhow::Result<CrossValidation> {
        let Self { preset, around, .. } = self;
        let again = self.read_for(train)?;
        let readable = again.as_ref().unwrap_or(&self.readable);
        let in_folder = |folder| -> anyhow::Result<CrossValidation> {
            let folder = Some((folder, Start::Resume));
            Ok(cross_validate(readable, train, preset.folds, folder, around)?)
        };
        if *train == self.config.train {
            return in_folder(&self.folder); // its report says more, and is written at the end
        }
        let config = RunConfig { train: train.clone(), ..self.config.clone() };
        let path = self.folder.path().join("lines").join(line);
        let folder = folder::claim(&path, self.overwrite, &config, (readable, around))?;
        let result = in_folder(&folder)?;
        let report = cross_validation_report(readable, train, &result, around)?;
        finish_cross_validation(train, &result, &report, &folder)?;
        Ok(result)
    }

    /// The matrices of all folds, or that of the one hold-out.
    pub(crate) fn measure(&self, line: &str, train: &TrainConfig) -> anyhow::Result<FoldMatrices> {
        say(line);
        if self.preset.cross_validates_all {
            return Ok(self.cross_validate(line, train)?.matrices);
        }
        let again = self.read_for(train)?;
        let readable = again.as_ref().unwrap_or(&self.readable);
        let (_, tested) = train_and_test(readable, self.split.clone(), train, &self.around)?;
        Ok(FoldMatrices::new(vec![tested.evaluate()?.confusion])?)
    }

    /// The data once more, where a line's network sees it otherwise; all that there is to say of it
    /// has been said.
    fn read_for(&self, train: &TrainConfig) -> anyhow::Result<Option<Readable>> {
        if self.readable.is_read_for(train) {
            return Ok(None);
        }
        let config = RunConfig { train: train.clone(), ..self.config.clone() };
        Ok(Some(config.read(&Surroundings { observer: &Quiet, ..self.around.clone() })?))
    }

    /// An empty table with a column for each class and one more.
    pub(crate) fn table(&self, title: &str, measure: &str, last: &str) -> Table {
        let classes = self.classes().iter().cloned();
        let header = ["".into()].into_iter().chain(classes).chain([last.into()]).collect();
        Table { title: title.into(), caption: measure.into(), header, rows: Vec::new() }
    }

    /// Shares of each true class, each of ours with theirs in brackets.
    pub(crate) fn beside(&self, title: &str, ours: &FoldMatrices, theirs: &FoldMatrices) -> Table {
        let header = ["true class".to_owned()].into_iter().chain(self.classes().iter().cloned());
        let cell = |shares: &Option<Vec<f64>>, said: usize| match shares {
            Some(shares) => format!("{:.2}", shares[said]),
            None => "-".into(),
        };
        let (ours, theirs) = (ours.mean_normalized(), theirs.mean_normalized());
        let row = |(truth, name): (usize, &String)| {
            let [ours, theirs] = [&ours[truth].shares, &theirs[truth].shares];
            let cells = (0..self.classes().len())
                .map(|said| format!("{} ({})", cell(ours, said), cell(theirs, said)));
            [name.clone()].into_iter().chain(cells).collect()
        };
        Table {
            title: title.into(),
            caption: "share predicted as each class, in brackets by the thesis's LipNet-4".into(),
            header: header.collect(),
            rows: self.classes().iter().enumerate().map(row).collect(),
        }
    }
}

/// A matrix of the thesis, whose classes are ours.
pub(crate) fn matrix(classes: &[String], rows: &[[f64; 3]; 3]) -> anyhow::Result<FoldMatrices> {
    let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
    Ok(FoldMatrices::new(vec![ConfusionMatrix::from_rows(classes.to_vec(), &rows)?])?)
}

/// Phases and epochs as lines on the screen.
pub(crate) struct Lines;

impl Observer for Lines {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Notice(text) | Event::Phase(text) => say(&format!("  {text}")),
            Event::Record(EpochRecord { epoch, train_loss, seconds, .. }) => {
                say(&format!("  epoch {epoch:3}  loss {train_loss:.4}  {seconds:.2} s"));
            }
            _ => {}
        }
    }
}
