//! Rare classes and costs, in a classical model: weights of classes, or other rows.

use micrograph_classic::{ClassWeights, Pipeline, Scaling, SvmConfig};
use micrograph_sampling::{
    ClassWeighting, Labeled, Origin, class_weights, oversample, undersample,
};
use ndarray::{Array2, Axis};

use crate::{Balance, Error, Event, Prepared, Result, Surroundings, TrainConfig};

/// `pipeline` with the weights of classes that the settings ask for.
pub(super) fn weigh(
    mut pipeline: Pipeline,
    config: &TrainConfig,
    labels: &[u32],
    n_classes: usize,
) -> Result<Pipeline> {
    let what = match (config.balance, &config.costs) {
        (Balance::Weights, _) => Some("balance = \"weights\""),
        (_, Some(_)) => Some("costs"),
        _ => None,
    };
    let Some(slot) = pipeline.method.class_weights_mut() else {
        return match what {
            None => Ok(pipeline),
            Some(what) => Err(Error::NoClassWeights {
                what,
                model: config.model_name(),
                remedies: "--balance over, under or smote",
            }),
        };
    };
    match config.balance {
        Balance::Auto => {}
        Balance::Weights => {
            let weights = class_weights(labels, n_classes, config.class_weighting)?;
            *slot = ClassWeights::Of(above_zero(weights));
        }
        _ => *slot = ClassWeights::None,
    }
    if let Some(costs) = &config.costs {
        let mut weights = numbers(slot, labels, n_classes)?;
        weights.iter_mut().zip(costs.class_weights()).for_each(|(weight, cost)| *weight *= cost);
        *slot = ClassWeights::Of(weights);
    }
    Ok(pipeline)
}

/// What a sample of each class weighs.
fn numbers(weights: &ClassWeights, labels: &[u32], n_classes: usize) -> Result<Vec<f64>> {
    Ok(match weights {
        ClassWeights::Of(weights) => weights.clone(),
        ClassWeights::Balanced => {
            above_zero(class_weights(labels, n_classes, ClassWeighting::Balanced)?)
        }
        _ => vec![1.0; n_classes],
    })
}

/// A class without samples may weigh anything but nothing.
fn above_zero(weights: Vec<f64>) -> Vec<f64> {
    weights.into_iter().map(|weight| if weight > 0.0 { weight } else { 1.0 }).collect()
}

/// What a sample of each class weighed in the fit of the classical model, alone or as a head, where
/// not all weighed the same.
pub(crate) fn weights_in_fitting(prepared: &Prepared) -> Result<Option<Vec<f32>>> {
    let Some(mut pipeline) = prepared.model.pipeline().cloned() else { return Ok(None) };
    let weights = match pipeline.method.class_weights_mut() {
        None | Some(ClassWeights::None) => return Ok(None),
        Some(weights) => {
            numbers(weights, &prepared.training_labels(), prepared.dataset.classes.len())?
        }
    };
    Ok(Some(weights.into_iter().map(|weight| weight as f32).collect()))
}

/// What is fitted to: a sample a row.
pub(super) struct Rows {
    pub(super) x: Array2<f64>,
    pub(super) labels: Vec<u32>,
    /// Equal for the samples of a group, and for a sample and what was made of it; `None` where
    /// each is on its own.
    pub(super) groups: Option<Vec<u64>>,
}

/// The rows of training samples that are fitted to, with repetitions, omissions and new ones.
pub(super) fn balanced(
    rows: Rows,
    classes: &[String],
    config: &TrainConfig,
    around: &Surroundings<'_>,
) -> Result<Rows> {
    let Rows { x, labels, groups } = rows;
    let group = |row: usize| groups.as_ref().map_or(row as u64, |groups| groups[row]);
    let all: Vec<usize> = (0..labels.len()).collect();
    let drawn = match config.balance {
        Balance::Auto | Balance::None | Balance::Weights => {
            return Ok(Rows { x, labels, groups });
        }
        Balance::Over => oversample(&labels, &all, config.seed, 0),
        Balance::Under => undersample(&labels, &all, config.undersample_fraction, config.seed, 0)?,
        Balance::Resample => {
            // Distances count all features alike.
            let scaled = Scaling::Standard.fit(x.view())?.transform(x.view())?;
            // SVM-SMOTE alone asks for support vectors.
            let machine = SvmConfig::default();
            let samples = Labeled::new(scaled.view(), &labels, classes.len())?;
            let samples = samples.with_support_vectors(&machine);
            let resampled = config.classical.resampler.resample_labeled(&samples, config.seed)?;
            for warning in &resampled.warnings {
                let warning = warning.with_names(classes);
                around.tell(Event::Notice(&format!("resampling: {warning}")));
            }
            // A mixture stays with the sample that it starts from.
            let start = |origin: &Origin| match *origin {
                Origin::Sample(row) | Origin::Between { from: row, .. } => group(row),
            };
            let groups = Some(resampled.origin.iter().map(start).collect());
            return Ok(Rows { x: resampled.apply(x.view())?, labels: resampled.labels, groups });
        }
    };
    Ok(Rows {
        x: x.select(Axis(0), &drawn),
        labels: drawn.iter().map(|&row| labels[row]).collect(),
        groups: Some(drawn.iter().map(|&row| group(row)).collect()),
    })
}
