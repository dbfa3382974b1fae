//! Networks and classical models on the same folds: the question of the LipNet thesis, section 9.
//!
//! Each model is a cross-validation of its own below `models/`, with the ledger by which an
//! interrupted one goes on. Folds depend on the samples and the seed alone, so that they are the
//! same for all; what decides of a normalizer, weights of classes or number of epochs is fitted to
//! the training part of each fold, as ever.

mod contender;
mod finish;
mod observer;
mod report;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use candle::Device;
use micrograph_metrics::{BootstrapConfig, Comparison, Contest, compare};
use serde::{Deserialize, Serialize};

pub use self::contender::Contender;
pub use self::finish::finish_comparison;
use self::observer::OfModel;
pub use self::report::comparison_report;
use crate::observer::WithoutNotices;
use crate::run_folder::MODELS;
use crate::{
    CrossValidation, Error, Event, FoldPlan, Readable, Result, RunConfig, RunFolder, Start,
    Surroundings, TrainConfig, begin_folds, check_folds, cross_validate,
};

/// Which models are compared, and on which folds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonPlan {
    /// The models, no two alike.
    pub models: Vec<Contender>,
    /// The folds, and how networks find their number of epochs.
    #[serde(default)]
    pub folds: FoldPlan,
}

impl ComparisonPlan {
    /// Whether there is something to compare.
    ///
    /// # Errors
    /// [`Error::Config`] for no model, and for one that is named twice.
    pub fn validate(&self) -> Result<()> {
        let refused = |value: String, expected| Error::Config { field: "models", value, expected };
        if self.models.is_empty() {
            return Err(refused("none".to_owned(), "at least one, such as svm,forest,dummy"));
        }
        let mut names = BTreeSet::new();
        match self.models.iter().find(|model| !names.insert(model.to_string())) {
            Some(model) => Err(refused(model.to_string(), "each model once")),
            None => Ok(()),
        }
    }
}

/// Models and the data as each of them reads it.
#[derive(Debug)]
pub struct Comparing {
    plan: ComparisonPlan,
    base: RunConfig,
    /// One for each input, over which the sums of pixels were taken.
    readable: Vec<Readable>,
}

/// A model, and what it said of each sample when that was kept out.
#[derive(Debug, Clone)]
pub struct Compared {
    /// Its name.
    pub contender: Contender,
    /// Its settings.
    pub config: TrainConfig,
    /// Its cross-validation.
    pub result: CrossValidation,
}

/// All models on the same folds.
#[derive(Debug, Clone)]
pub struct ComparisonResult {
    /// In the order of the plan.
    pub models: Vec<Compared>,
    /// The fold, counted from 1, in which each sample of `out_of_fold` was kept out.
    pub fold_of: Vec<usize>,
    /// Scores, intervals and tests.
    pub comparison: Comparison,
}

impl Comparing {
    /// Reads the data and checks every fold of every model, before anything is written.
    ///
    /// # Errors
    /// As [`ComparisonPlan::validate`], [`RunConfig::read`] and [`check_folds`]; a `config` without
    /// a plan.
    pub fn open(config: &RunConfig, around: &Surroundings<'_>) -> Result<Self> {
        let Some(plan) = config.compare.clone() else {
            let (field, value) = ("compare", "none".to_owned());
            return Err(Error::Config { field, value, expected: "the models to compare" });
        };
        plan.validate()?;
        let mut comparing = Self { plan, base: config.clone(), readable: Vec::new() };
        for contender in comparing.plan.models.clone() {
            let train = contender.settings(&config.train);
            if !comparing.readable.iter().any(|readable| readable.is_read_for(&train)) {
                // What there is to say of the data is said once.
                let quiet = &WithoutNotices(around.observer);
                let first = comparing.readable.is_empty();
                let observer = if first { around.observer } else { quiet };
                let around = &Surroundings { observer, ..around.clone() };
                let readable = RunConfig { train: train.clone(), ..config.clone() }.read(around)?;
                comparing.readable.push(readable);
            }
            let readable = comparing.readable_for(&train)?;
            check_folds(readable, &train, comparing.plan.folds, &around.device)?;
        }
        for notice in comparing.left_out() {
            around.tell(Event::Notice(&notice));
        }
        Ok(comparing)
    }

    /// Which common settings which models cannot take.
    fn left_out(&self) -> Vec<String> {
        let base = &self.base.train;
        let without = |lacks: &dyn Fn(&TrainConfig) -> bool| {
            let models = self.plan.models.iter().filter(|model| !model.is_floor());
            let lacking = models.filter(|model| lacks(&model.settings(base)));
            lacking.map(Contender::to_string).collect::<Vec<_>>().join(", ")
        };
        let costs = match &base.costs {
            Some(_) => without(&|config| config.costs.is_none()),
            None => String::new(),
        };
        let balance = without(&|config| config.balance != base.balance);
        let mut told = Vec::new();
        if !costs.is_empty() {
            told.push(format!("classes have no weights in {costs}: costs do not reach them"));
        }
        if !balance.is_empty() {
            told.push(format!("{balance} cannot take the balance of the others, and has its own"));
        }
        told
    }

    /// Refuses to go on in `folder` with other data or settings than it was begun with.
    ///
    /// # Errors
    /// As [`begin_folds`].
    pub fn check_resume(&self, folder: &RunFolder, device: &Device) -> Result<()> {
        for contender in &self.plan.models {
            if folder.path().join(MODELS).join(contender.folder()).is_dir() {
                let config = contender.settings(&self.base.train);
                let part = folder.part(MODELS)?.part(&contender.folder())?;
                let readable = self.readable_for(&config)?;
                begin_folds(readable, (&config, self.plan.folds), &part, device)?;
            }
        }
        Ok(())
    }

    /// Cross-validates each model below `folder`, then compares them. Classical models come first:
    /// a network leaves memory behind that the next would seem to hold.
    ///
    /// # Errors
    /// [`Error::StoppedInPhase`] after a stop from outside, with all state saved; as
    /// [`cross_validate`].
    pub fn run(
        &self,
        (folder, start): (&RunFolder, Start),
        around: &Surroundings<'_>,
    ) -> Result<ComparisonResult> {
        let models = folder.part(MODELS)?;
        let told = OfModel::memory();
        let mut order: Vec<usize> = (0..self.plan.models.len()).collect();
        order.sort_by_key(|&place| !self.plan.models[place].model.is_classical());
        let mut results: HashMap<usize, Compared> = HashMap::new();
        for place in order {
            let contender = &self.plan.models[place];
            let part = models.part(&contender.folder())?;
            let name = contender.to_string();
            let observer = &OfModel::new(around.observer, &name, &told);
            let around = &Surroundings { observer, ..around.clone() };
            let compared = self
                .one(contender, (&part, start), around)
                .map_err(|error| stopped(error, &name, folder.path()))?;
            results.insert(place, compared);
        }
        let models = (0..self.plan.models.len()).filter_map(|place| results.remove(&place));
        self.compared(models.collect())
    }

    fn one(
        &self,
        contender: &Contender,
        (part, start): (&RunFolder, Start),
        around: &Surroundings<'_>,
    ) -> Result<Compared> {
        let config = contender.settings(&self.base.train);
        let readable = self.readable_for(&config)?;
        // Each model pays for its own features.
        readable.measured.forget();
        let folds = self.plan.folds;
        let own = RunConfig {
            train: config.clone(),
            crossval: Some(folds),
            compare: None,
            ..self.base.clone()
        };
        part.write_config(&own)?;
        let result = cross_validate(readable, &config, folds, Some((part, start)), around)?;
        finish::finish_model(readable, &config, &result, part, around)?;
        readable.measured.forget();
        Ok(Compared { contender: contender.clone(), config, result })
    }

    fn compared(&self, models: Vec<Compared>) -> Result<ComparisonResult> {
        let Some(first) = models.first() else { return Err(Error::Interrupted) };
        let reference = &first.result.out_of_fold;
        let source = &self.base.data.path;
        if models.iter().any(|model| model.result.out_of_fold.samples != reference.samples) {
            let problem = "the folds of the models are not the same; start again with --overwrite";
            return Err(Error::Data { path: source.clone(), problem: problem.to_owned() });
        }
        let fold_of = self.fold_of(&first.config, &reference.samples)?;
        let names: Vec<String> = models.iter().map(|model| model.contender.to_string()).collect();
        let probabilities =
            models.iter().map(|model| model.result.out_of_fold.probabilities.view());
        let entries: Vec<_> = names.iter().map(String::as_str).zip(probabilities).collect();
        let contest = Contest {
            classes: &reference.classes,
            truth: &reference.truth,
            groups: reference.groups.as_deref(),
            folds: Some(&fold_of),
            entries: &entries,
        };
        let comparison = compare(&contest, BootstrapConfig::new(self.base.train.seed))?;
        Ok(ComparisonResult { models, fold_of, comparison })
    }

    /// The fold of each sample, counted from 1.
    fn fold_of(&self, config: &TrainConfig, samples: &[usize]) -> Result<Vec<usize>> {
        let readable = self.readable_for(config)?;
        let usable = readable.usable();
        let folds = readable.folds_of(&usable, self.plan.folds.folds, config.seed)?;
        let mut fold_of = HashMap::new();
        for (number, split) in (1..).zip(folds.iter()) {
            fold_of.extend(split.test.iter().map(|&position| (usable[position], number)));
        }
        Ok(samples.iter().map(|sample| fold_of.get(sample).copied().unwrap_or(0)).collect())
    }

    fn readable_for(&self, config: &TrainConfig) -> Result<&Readable> {
        let found = self.readable.iter().find(|readable| readable.is_read_for(config));
        found.ok_or_else(|| Error::Config {
            field: "input",
            value: config.input_size().to_string(),
            expected: "one of the inputs with which the data was read",
        })
    }
}

/// A stop in a model is one of the comparison, from which `compare` goes on.
fn stopped(error: Error, model: &str, path: &Path) -> Error {
    let phase = match &error {
        Error::StoppedInPhase { phase, .. } => format!("{model}, {phase}"),
        error if error.is_stop() => model.to_owned(),
        _ => return error,
    };
    Error::StoppedInPhase { path: path.to_path_buf(), command: "compare", phase }
}
