//! `micrograph compare`: networks and classical models on the same folds.

use std::path::Path;

use anyhow::{Result, bail};
use micrograph::report::{Table, conclusion};
use micrograph::train::{
    Comparing, ComparisonPlan, ComparisonResult, Contender, RunConfig, RunFolder, Start,
    Surroundings, comparison_report, finish_comparison,
};

use super::new_folder;
use crate::arguments::{CompareArguments, FoldArguments};
use crate::print::say;
use crate::settings::{comparison_config, resumed};

pub(crate) fn run(arguments: &CompareArguments) -> Result<()> {
    arguments.folds.begin(
        |out, around| new_run(arguments, out, around),
        |path, around| resume(&arguments.folds, path, around),
    )
}

fn new_run(arguments: &CompareArguments, out: &Path, around: &Surroundings<'_>) -> Result<()> {
    let models: Vec<Contender> =
        (arguments.models.iter()).map(|name| Ok(name.trim().parse()?)).collect::<Result<_>>()?;
    let flags = &arguments.folds;
    let config =
        comparison_config((&flags.place, &flags.data), (&flags.length, &flags.settings), &models)?;
    if flags.fixed_epochs && models.iter().all(|model| model.model.is_classical()) {
        bail!("--fixed-epochs: no network is compared; leave it out");
    }
    let plan = ComparisonPlan { models, folds: flags.plan(config.crossval) };
    let config = RunConfig { crossval: None, compare: Some(plan), ..config };
    let existing = flags.existing();
    config.data.check_out(out)?;
    RunFolder::check(out, existing)?;
    let comparing = Comparing::open(&config, around)?;
    let folder = new_folder(out, existing, &config, around)?;
    go_on(&comparing, (&folder, Start::New), around)
}

fn resume(arguments: &FoldArguments, path: &Path, around: &Surroundings<'_>) -> Result<()> {
    let folder = RunFolder::open(path)?;
    let old = folder.read_config()?;
    if old.compare.is_none() {
        let command = if old.crossval.is_some() { "crossval" } else { "train" };
        let path = path.display();
        bail!("{path}: is no comparison; continue it with `micrograph {command} --resume {path}`");
    }
    let config = resumed(old.clone(), &arguments.place, &arguments.length)?;
    let comparing = Comparing::open(&config, around)
        .map_err(|error| error.stopped_in("reading the data", path, "compare"))?;
    if config != old {
        comparing.check_resume(&folder, &around.device)?;
        folder.write_config(&config)?;
    }
    go_on(&comparing, (&folder, Start::Resume), around)
}

fn go_on(
    comparing: &Comparing,
    (folder, start): (&RunFolder, Start),
    around: &Surroundings<'_>,
) -> Result<()> {
    let result = comparing.run((folder, start), around)?;
    let report = comparison_report(comparing, &result, around)?;
    finish_comparison(&result, &report, folder)?;
    say(&format!("{}{}\n", table(&result), conclusion(&report).join(" ")))
}

/// The scores of the models, in the order in which they were named.
fn table(result: &ComparisonResult) -> Table {
    let header = ["model", "balanced accuracy", "macro F1", "AUROC", "accuracy", "training, s"];
    let folds = result.comparison.models.first().and_then(|model| model.folds.as_ref());
    let n = folds.map_or(0, |folds| folds.folds().len());
    let mut table = Table {
        title: format!("{n} folds, the same for all"),
        caption: "out of fold".to_owned(),
        header: header.map(str::to_owned).to_vec(),
        rows: Vec::new(),
    };
    for (model, scores) in result.models.iter().zip(&result.comparison.models) {
        let evaluation = &scores.evaluation;
        let measures = [
            Some(evaluation.balanced_accuracy),
            Some(evaluation.macro_f1),
            evaluation.auroc,
            Some(evaluation.accuracy),
        ];
        let seconds = format!("{:.1}", model.result.costs.train_seconds);
        table.push_scores(&scores.name, measures, &seconds);
    }
    table
}
