//! Which features a classical model rests on.

use micrograph_classic::{AnyModel, PipelineModel, Samples, permutation_importances};
use micrograph_model::Predictor;
use micrograph_report::Table;

use crate::{Fitted, Prepared, Result, Surroundings, TrainConfig};

/// Features in the table.
const SHOWN: usize = 20;
/// Shuffles of a feature.
const REPEATS: usize = 5;
/// Predictions of single samples that permuting may cost.
const MOST_PREDICTIONS: usize = 100_000;

/// The most important features: by impurity where the model has trees, else by what shuffling them
/// costs on the validation part, where that is no long work. `None` of pixels.
pub(crate) fn importances(
    prepared: &Prepared,
    config: &TrainConfig,
    fitted: &Fitted,
    around: &Surroundings<'_>,
) -> Result<Option<Table>> {
    let (Some(features), Predictor::Classical(model)) =
        (prepared.model.features(), fitted.classifier.predictor())
    else {
        return Ok(None);
    };
    // Of features that were reduced first, the model knows no names.
    let by_impurity = model.reduced().is_none();
    let (values, caption) = match model.model() {
        AnyModel::Forest(forest) if by_impurity => (forest.importances().to_vec(), of_trees()),
        AnyModel::Tree(tree) if by_impurity => (tree.importances().to_vec(), of_trees()),
        AnyModel::Dummy(_) => return Ok(None),
        _ => match by_permutation(prepared, config, model, around)? {
            Some(values) => (values, of_permutation()),
            None => return Ok(None),
        },
    };
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    order.retain(|&feature| values[feature] > 0.0);
    let row = |&feature: &usize| {
        let name = features.columns.get(feature).cloned().unwrap_or_default();
        vec![name, format!("{:.4}", values[feature])]
    };
    Ok(Some(Table {
        title: "Features".into(),
        caption,
        header: vec!["feature".into(), "importance".into()],
        rows: order.iter().take(SHOWN).map(row).collect(),
    }))
}

fn of_trees() -> String {
    format!(
        "The {SHOWN} most important features at most: by how much their splits make the nodes \
         purer, as shares of 1. Of features that tell the same, each gets a part."
    )
}

fn of_permutation() -> String {
    format!(
        "The {SHOWN} most important features at most: by how much accuracy on the validation part \
         falls when their values are dealt anew, mean of {REPEATS} times. Features that tell the \
         same stand in for each other."
    )
}

fn by_permutation(
    prepared: &Prepared,
    config: &TrainConfig,
    model: &PipelineModel,
    around: &Surroundings<'_>,
) -> Result<Option<Vec<f64>>> {
    let validation = &prepared.validation;
    let width = prepared.model.features().map_or(0, |features| features.columns.len());
    let cost = validation.len().saturating_mul(width).saturating_mul(REPEATS);
    if validation.is_empty() || cost > MOST_PREDICTIONS {
        return Ok(None);
    }
    let x = prepared.rows(validation, around)?;
    let labels: Vec<u32> = validation.iter().map(|&index| prepared.labels[index]).collect();
    let samples = Samples::new(x.view(), &labels, prepared.dataset.classes.len())?;
    let importances = permutation_importances(model, &samples, REPEATS, config.seed)?;
    Ok(Some(importances.into_iter().map(|importance| importance.mean).collect()))
}
