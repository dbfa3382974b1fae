//! A classifier over samples of a data set: predictions, and what they are worth.

use std::collections::{BTreeMap, BTreeSet};

use micrograph_image::Dataset;
use micrograph_metrics::{Evaluation, Scored, evaluate, predicted};
use micrograph_model::Classifier;
use micrograph_sampling::CostMatrix;
use ndarray::Array2;

use crate::answers::{Answers, answers};
use crate::{Error, Event, Result, Surroundings, Unreadable};

/// Probabilities for samples with known classes.
#[derive(Debug, Clone)]
pub struct Predictions {
    /// The model's class names: the columns of `probabilities`.
    pub classes: Vec<String>,
    /// Index of each sample in its data set.
    pub samples: Vec<usize>,
    /// The samples' names.
    pub ids: Vec<String>,
    /// The true class of each, as an index into `classes`.
    pub truth: Vec<u32>,
    /// `(samples, classes)`.
    pub probabilities: Array2<f64>,
    /// Number of the group of each, when the data knows groups.
    pub groups: Option<Vec<usize>>,
    /// Height and width of each object as the input mode cuts it out, in pixels; empty where that is
    /// not known.
    pub objects: Vec<[usize; 2]>,
    /// What a reader of the measures should know.
    pub notices: Vec<String>,
}

impl Predictions {
    /// As the metrics take them.
    #[must_use]
    pub fn scored(&self) -> Scored<'_> {
        Scored {
            classes: &self.classes,
            truth: &self.truth,
            probabilities: self.probabilities.view(),
            weights: None,
            groups: self.groups.as_deref(),
        }
    }

    /// All measures.
    ///
    /// # Errors
    /// When there is no sample.
    pub fn evaluate(&self) -> Result<Evaluation> {
        Ok(evaluate(&self.scored())?)
    }

    /// What the most probable classes cost per sample; `None` without samples, or for costs of other
    /// classes.
    #[must_use]
    pub fn mean_cost(&self, costs: &CostMatrix) -> Option<f64> {
        let predicted = predicted(self.probabilities.view());
        let each = self.truth.iter().zip(predicted);
        let sum: f64 =
            each.map(|(&t, p)| costs.cost(t as usize, p as usize)).sum::<Option<f64>>()?;
        (!self.truth.is_empty()).then(|| sum / self.truth.len() as f64)
    }

    /// Refuses parts of different lengths, and classes that do not exist.
    pub(crate) fn check(&self) -> Result<()> {
        let (rows, columns) = self.probabilities.dim();
        let (samples, names, truth) = (self.samples.len(), self.ids.len(), self.truth.len());
        let known = self.truth.iter().all(|&class| (class as usize) < columns);
        if [samples, names, truth] == [rows; 3] && self.classes.len() == columns && known {
            return Ok(());
        }
        let value = format!(
            "{rows} x {columns} probabilities of {samples} samples, {names} names, {truth} true \
             classes, of {}",
            self.classes.join(", ")
        );
        let expected = "a row, a name and a true class for each sample, a column for each class";
        Err(Error::Config { field: "predictions", value, expected })
    }

    /// Puts the predictions of folds of one data set together; `None` without a fold.
    pub(crate) fn pool(folds: Vec<Self>) -> Option<Self> {
        let mut folds = folds.into_iter();
        let mut all = folds.next()?;
        for fold in folds {
            for row in fold.probabilities.rows() {
                // Folds share their classes, so rows have one length.
                all.probabilities.push_row(row).ok()?;
            }
            all.samples.extend(fold.samples);
            all.ids.extend(fold.ids);
            all.notices.extend(fold.notices);
            all.objects.extend(fold.objects);
            all.truth.extend(fold.truth);
            all.groups = all.groups.zip(fold.groups).map(|(mut groups, more)| {
                groups.extend(more);
                groups
            });
        }
        Some(all)
    }
}

/// Predicts the given samples of a labeled data set, whose classes are mapped to the model's by
/// name. Says how many of them the classifier was trained on, where it knows.
///
/// # Errors
/// When a class is unknown to the model, a sample has no label or does not exist; as
/// [`probabilities_of`](crate::probabilities_of).
pub fn predict_samples(
    classifier: &Classifier,
    dataset: &Dataset,
    indices: &[usize],
    unreadable: Unreadable,
    around: &Surroundings<'_>,
) -> Result<Predictions> {
    refuse_foreign(dataset, indices)?;
    let columns = columns(classifier, dataset, indices)?;
    let class_of = |&index: &usize| {
        let sample = &dataset.samples[index];
        let column = sample.label.and_then(|label| columns.get(&label));
        column.copied().ok_or_else(|| Error::Data {
            path: dataset.source.clone(),
            problem: format!("{} has no label; predict it instead", sample.id),
        })
    };
    indices.iter().try_for_each(|index| class_of(index).map(drop))?;
    let (Answers { samples, probabilities, objects }, seen) =
        answers(classifier, classifier.seen(), (dataset, indices), unreadable, around)?;
    let notices: Vec<String> = seen.warning(samples.len()).into_iter().collect();
    notices.iter().for_each(|notice| around.tell(Event::Notice(notice)));
    Ok(Predictions {
        classes: classifier.classes().to_vec(),
        ids: samples.iter().map(|&index| dataset.samples[index].id.clone()).collect(),
        truth: samples.iter().map(class_of).collect::<Result<_>>()?,
        probabilities,
        groups: group_numbers(dataset, &samples),
        objects,
        notices,
        samples,
    })
}

/// Refuses indices of samples that the data set does not have.
pub(crate) fn refuse_foreign(dataset: &Dataset, indices: &[usize]) -> Result<()> {
    let samples = dataset.samples.len();
    match indices.iter().find(|&&index| index >= samples) {
        None => Ok(()),
        Some(index) => Err(Error::Data {
            path: dataset.source.clone(),
            problem: format!("has no sample {index}: expected indices below {samples}"),
        }),
    }
}

/// The output for each class that occurs among the samples at `indices`; the model need not know
/// those of other parts.
fn columns(
    classifier: &Classifier,
    dataset: &Dataset,
    indices: &[usize],
) -> Result<BTreeMap<u32, u32>> {
    let labels = indices.iter().filter_map(|&index| dataset.samples[index].label);
    let labels: BTreeSet<u32> = labels.collect();
    let names: Vec<String> =
        labels.iter().filter_map(|&label| dataset.classes.get(label as usize).cloned()).collect();
    Ok(labels.into_iter().zip(classifier.manifest().map_classes(&names)?).collect())
}

/// Groups as numbers, the same for any `indices` of a data set; a sample without a group is one of
/// its own. `None` when the data knows no groups.
pub(crate) fn group_numbers(dataset: &Dataset, indices: &[usize]) -> Option<Vec<usize>> {
    let samples = &dataset.samples;
    samples.iter().any(|sample| sample.group.is_some()).then(|| {
        let mut numbers = BTreeMap::new();
        for (index, sample) in samples.iter().enumerate() {
            if let Some(group) = sample.group.as_deref() {
                numbers.entry(group).or_insert(index);
            }
        }
        // The first sample of a group lends it its number.
        let number = |&index: &usize| {
            let group = samples[index].group.as_deref();
            group.and_then(|group| numbers.get(group).copied()).unwrap_or(index)
        };
        indices.iter().map(number).collect()
    })
}
