//! `micrograph crossval`: k folds, every sample predicted once by a network that did not see it.

use anyhow::Result;
use micrograph::train::{
    Existing, FoldEpochs, FoldPlan, Readable, RunFolder, check_folds, cross_validate,
    finish_cross_validation,
};

use crate::arguments::CrossvalArguments;
use crate::commands::evaluate::measures;
use crate::data::{open, refuse_out_in_data, unreadable};
use crate::print::say;
use crate::settings::{RunConfig, RunKind};

pub(crate) fn run(arguments: &CrossvalArguments) -> Result<()> {
    let progress = arguments.work.progress();
    let around = arguments.work.surroundings(&progress)?;
    let config = RunConfig::from_arguments(&arguments.data, &arguments.settings)?;
    let existing = if arguments.overwrite { Existing::Overwrite } else { Existing::Keep };
    refuse_out_in_data(&config.data, &arguments.out)?;
    RunFolder::check(&arguments.out, existing)?;
    let dataset = open(&config.data)?;
    let readable = Readable::open(dataset, &config.train, unreadable(&config.data), &around)?;
    let epochs =
        if arguments.fixed_epochs { FoldEpochs::AsConfigured } else { FoldEpochs::EarlyStopping };
    let plan = FoldPlan { folds: arguments.folds, epochs };
    check_folds(&readable, &config.train, plan)?;
    let folder = RunFolder::create(&arguments.out, existing)?;
    folder.write_config(&RunConfig { kind: RunKind::CrossValidation, ..config.clone() })?;
    let result = cross_validate(&readable, &config.train, plan, &around)?;
    finish_cross_validation(&readable, &config.train, &result, Vec::new(), &folder)?;
    let name = format!("{} folds of {} epochs, out of fold", arguments.folds, result.epochs);
    let macro_f1 = result.evaluation.macro_f1;
    say(&format!(
        "{}macro F1 {macro_f1:.4} (a class that is never predicted counts 0)",
        measures(&name, &result.evaluation)
    ))
}
