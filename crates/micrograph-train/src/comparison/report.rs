//! From the results of several models to the value that `micrograph-report` renders.

use micrograph_classic::ClassWeights;
use micrograph_model::{ClassicalInput, FeatureInput, HeadConfig, HeadedConfig, ModelConfig};
use micrograph_report::{ClassBalance, ComparisonReport, Fact, ModelFacts, Role, lipnet_thesis};

use super::{Compared, Comparing, ComparisonResult};
use crate::{Balance, Prepared, Result, Surroundings, TrainConfig, classical, facts};

/// What the costs are of.
const COSTS: &str = "Training: wall-clock time of all folds together, with the measuring of features \
                     (each sample once, however many folds) and, of a network, the run that picks \
                     the number of epochs. Prediction: every sample once, out of fold. Peak memory: \
                     the most that the whole program held while a fold of the model was trained \
                     and predicted; the data and what models before it freed, but the program keeps, \
                     are in it. Undefined where the system does not tell (all but Linux).";

/// The report of a comparison, to which a program may add before
/// [`finish_comparison`](crate::finish_comparison) writes it.
///
/// # Errors
/// As [`Readable::prepare_with`](crate::Readable::prepare_with).
pub fn comparison_report(
    comparing: &Comparing,
    result: &ComparisonResult,
    around: &Surroundings<'_>,
) -> Result<ComparisonReport> {
    let mut models = Vec::new();
    let mut data = None;
    for model in &result.models {
        let readable = comparing.readable_for(&model.config)?;
        let prepared = readable.prepare_with(readable.usable(), Vec::new(), &model.config)?;
        models.push(of_model(model, &prepared)?);
        data.get_or_insert(prepared);
    }
    let mut notes = comparing.left_out();
    for notice in result.models.iter().flat_map(|model| &model.result.notices) {
        if !notes.contains(notice) {
            notes.push(notice.clone());
        }
    }
    let Some(prepared) = data else {
        return Ok(ComparisonReport::new("Comparison", result.comparison.clone()));
    };
    let names: Vec<String> = result.models.iter().map(|m| m.contender.to_string()).collect();
    let folds = comparing.plan.folds.folds;
    let groups = if result.comparison.n_groups.is_some() { ", by group" } else { "" };
    let mut run = vec![
        Fact::new("Models", names.join(", ")),
        Fact::new("Protocol", format!("{folds} stratified folds{groups}, the same for all")),
    ];
    let machine = facts::seed_and_machine(&comparing.base.train, around);
    run.extend(machine.into_iter().filter(|fact| fact.label != "Precision"));
    let classes = &prepared.dataset.classes;
    Ok(ComparisonReport {
        subtitle: format!("{folds}-fold cross-validation, seed {}", comparing.base.train.seed),
        models,
        cost_remark: COSTS.to_owned(),
        published: lipnet_thesis(classes),
        facts: vec![facts::data(&prepared), facts::group("Run", run)],
        class_balance: balance(&prepared),
        notes,
        ..ComparisonReport::new(&title(&prepared, names.len()), result.comparison.clone())
    })
}

fn title(prepared: &Prepared, models: usize) -> String {
    let name = prepared.dataset.root.file_name().map(|name| name.to_string_lossy().into_owned());
    let models = if models == 1 { "One model".into() } else { format!("{models} models") };
    format!("{models} on {}", name.unwrap_or_default())
}

fn balance(prepared: &Prepared) -> Vec<ClassBalance> {
    let counts = prepared.dataset.class_counts(&prepared.train);
    let class = |(name, count): (&String, usize)| ClassBalance {
        name: name.clone(),
        counts: vec![("all".to_owned(), count)],
    };
    prepared.dataset.classes.iter().zip(counts).map(class).collect()
}

fn of_model(model: &Compared, prepared: &Prepared) -> Result<ModelFacts> {
    let costs = &model.result.costs;
    Ok(ModelFacts {
        description: description(model, prepared)?,
        role: if model.contender.is_floor() { Role::Floor } else { Role::Model },
        train_seconds: Some(costs.train_seconds),
        predict_seconds: Some(costs.predict_seconds),
        peak_bytes: costs.peak_bytes,
    })
}

/// Such as `110 features (lipnet), class weights`.
fn description(model: &Compared, prepared: &Prepared) -> Result<String> {
    let pixels = || format!("{} pixels", facts::pixels(&prepared.preprocessing));
    let mut parts = vec![match &prepared.model {
        _ if model.contender.is_floor() => "always the commonest class".to_owned(),
        ModelConfig::Classical(classical) => match &classical.input {
            ClassicalInput::Features(features) => count(features),
            ClassicalInput::Pixels => pixels(),
        },
        ModelConfig::Headed(HeadedConfig { head, .. }) => {
            format!("{}, {}", pixels(), last_layer(head, &model.config))
        }
        _ => pixels(),
    }];
    let remedy = match model.config.remedy() {
        Balance::Over => Some("oversampled"),
        Balance::Under => Some("undersampled"),
        Balance::Weights => Some("class weights"),
        Balance::Resample => Some(model.config.classical.resampler.name()),
        _ => classical::weights_in_fitting(prepared)?.map(|_| "class weights"),
    };
    parts.extend(remedy.map(str::to_owned));
    if model.config.tuning.is_some() && model.config.model.is_classical() {
        parts.push("settings chosen in each fold".to_owned());
    }
    if model.result.epochs > 0 {
        parts.push(format!("{} epochs", model.result.epochs));
    }
    Ok(parts.join(", "))
}

/// Such as `last layer logistic with 110 features (lipnet), after smote`.
fn last_layer(head: &HeadConfig, config: &TrainConfig) -> String {
    let mut text = format!("last layer {}", head.name);
    if let Some(features) = &head.features {
        text += &format!(" with {}", count(features));
    }
    if config.balance == Balance::Resample {
        text += &format!(" after {}", config.classical.resampler.name());
    }
    let weights = head.pipeline.clone().method.class_weights_mut().cloned();
    if weights.is_some_and(|weights| weights != ClassWeights::None) {
        text += " with weights of classes";
    }
    if config.tuning.is_some() {
        text += ", settings chosen in each fold";
    }
    text
}

fn count(features: &FeatureInput) -> String {
    format!("{} features ({})", features.columns.len(), features.name)
}
