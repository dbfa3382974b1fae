//! Flags of the commands that train on folds.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use micrograph::train::{Existing, FoldEpochs, FoldPlan, Surroundings};

use super::shared::{
    CheckpointArguments, DataArguments, DataPlace, LengthArguments, SettingArguments, WorkArguments,
};

/// What `crossval` and `compare` share.
#[derive(Debug, Args)]
pub(crate) struct FoldArguments {
    #[command(flatten)]
    pub(crate) place: DataPlace,
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) length: LengthArguments,
    #[command(flatten)]
    pub(crate) settings: SettingArguments,
    #[command(flatten)]
    pub(crate) work: WorkArguments,
    #[command(flatten)]
    pub(crate) checkpoints: CheckpointArguments,
    /// Number of folds [default: 5]
    #[arg(long, value_name = "K")]
    pub(crate) folds: Option<usize>,
    /// Train each fold of a network for exactly `--epochs`, without a first run that looks for the
    /// best number.
    #[arg(long)]
    pub(crate) fixed_epochs: bool,
    /// Folder for the results.
    #[arg(long, value_name = "RUN", required_unless_present = "resume")]
    pub(crate) out: Option<PathBuf>,
    /// Continue these results with their own settings and data (--data says where it is now):
    /// finished folds are kept, the one that was cut goes on from its last checkpoint.
    #[arg(long, value_name = "RUN",
          conflicts_with_all = ["out", "overwrite", "folds", "fixed_epochs", "DataArguments",
                                "SettingArguments", "LengthArguments"])]
    pub(crate) resume: Option<PathBuf>,
    /// Replace an existing run in `--out`; it is kept below that, in replaced/1 and so on.
    #[arg(long)]
    pub(crate) overwrite: bool,
}

impl FoldArguments {
    /// Goes on with the results of `--resume`, or makes new ones in `--out`.
    pub(crate) fn begin(
        &self,
        new_run: impl FnOnce(&Path, &Surroundings<'_>) -> Result<()>,
        resume: impl FnOnce(&Path, &Surroundings<'_>) -> Result<()>,
    ) -> Result<()> {
        let progress = self.work.progress();
        let mut around = self.work.surroundings(&progress)?;
        self.checkpoints.apply(&mut around)?;
        match (&self.resume, &self.out) {
            (Some(path), _) => resume(path, &around),
            (None, Some(out)) => new_run(out, &around),
            (None, None) => bail!("--out is missing: give the folder of the results"),
        }
    }

    /// Flags over the file of `--config`.
    pub(crate) fn plan(&self, file: Option<FoldPlan>) -> FoldPlan {
        let FoldPlan { folds, epochs } = file.unwrap_or_default();
        let epochs = if self.fixed_epochs { FoldEpochs::AsConfigured } else { epochs };
        FoldPlan { folds: self.folds.unwrap_or(folds), epochs }
    }

    pub(crate) fn existing(&self) -> Existing {
        if self.overwrite { Existing::Overwrite } else { Existing::Keep }
    }
}
