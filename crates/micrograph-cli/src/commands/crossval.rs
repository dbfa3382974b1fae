//! `micrograph crossval`: k folds, every sample predicted once by a network that did not see it.

use anyhow::Result;
use micrograph::train::{
    Existing, FoldEpochs, FoldPlan, Readable, RunFolder, cross_validate, finish_cross_validation,
};

use crate::arguments::CrossvalArguments;
use crate::commands::evaluate::print_measures;
use crate::data::{open, unreadable};
use crate::settings::RunConfig;

pub(crate) fn run(arguments: &CrossvalArguments) -> Result<()> {
    let progress = arguments.work.progress();
    let around = arguments.work.surroundings(&progress)?;
    let config = RunConfig::from_arguments(&arguments.data, &arguments.settings)?;
    let existing = if arguments.overwrite { Existing::Overwrite } else { Existing::Keep };
    RunFolder::check(&arguments.out, existing)?;
    let dataset = open(&config.data)?;
    let readable = Readable::open(dataset, &config.train, unreadable(&config.data), &around)?;
    let folder = RunFolder::create(&arguments.out, existing)?;
    folder.write_config(&config)?;
    let epochs =
        if arguments.fixed_epochs { FoldEpochs::AsConfigured } else { FoldEpochs::EarlyStopping };
    let plan = FoldPlan { folds: arguments.folds, epochs };
    let result = cross_validate(&readable, &config.train, plan, &around)?;
    finish_cross_validation(&readable, &config.train, &result, Vec::new(), &folder)?;
    let name = format!("{} folds of {} epochs, out of fold", arguments.folds, result.epochs);
    print_measures(&name, &result.evaluation);
    println!(
        "macro F1 {:.4} (a class that is never predicted counts 0)",
        result.evaluation.macro_f1
    );
    Ok(())
}
