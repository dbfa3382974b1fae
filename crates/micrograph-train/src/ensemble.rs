//! Several models as one: the mean of their probabilities.

use std::collections::{BTreeSet, HashMap};

use ndarray::{Array2, Axis};

use crate::{Answers, Error, Predictions, Result};

/// The mean of what several models say of the same samples, their classes matched by name and in the
/// order of the first.
///
/// Samples that a model has left out are left out. Models count alike, whatever they are.
///
/// # Errors
/// [`Error::EnsembleClasses`] where they tell other classes apart; without a model.
pub fn mean_predictions(models: Vec<Predictions>) -> Result<Predictions> {
    models.iter().try_for_each(Predictions::check)?;
    let parts: Vec<Said<'_>> = models
        .iter()
        .map(|model| (&model.classes[..], &model.samples[..], &model.probabilities))
        .collect();
    let (kept, probabilities) = mean(&parts)?;
    let notices: BTreeSet<String> =
        models.iter().flat_map(|model| model.notices.iter().cloned()).collect();
    let Some(first) = models.into_iter().next() else { return Err(no_model()) };
    Ok(Predictions {
        samples: kept.iter().map(|&p| first.samples[p]).collect(),
        ids: kept.iter().map(|&p| first.ids[p].clone()).collect(),
        truth: kept.iter().map(|&p| first.truth[p]).collect(),
        groups: first
            .groups
            .map(|groups| kept.iter().filter_map(|&p| groups.get(p).copied()).collect()),
        objects: kept.iter().filter_map(|&p| first.objects.get(p).copied()).collect(),
        classes: first.classes,
        notices: notices.into_iter().collect(),
        probabilities,
    })
}

/// As [`mean_predictions`], of samples without labels; each model with its classes.
///
/// # Errors
/// As [`mean_predictions`].
pub fn mean_answers(models: Vec<(Vec<String>, Answers)>) -> Result<Answers> {
    let parts: Vec<Said<'_>> = models
        .iter()
        .map(|(classes, answers)| (&classes[..], &answers.samples[..], &answers.probabilities))
        .collect();
    let (kept, probabilities) = mean(&parts)?;
    let Some((_, first)) = models.first() else { return Err(no_model()) };
    Ok(Answers {
        samples: kept.iter().map(|&p| first.samples[p]).collect(),
        objects: kept.iter().filter_map(|&p| first.objects.get(p).copied()).collect(),
        probabilities,
    })
}

/// Classes, samples and probabilities of a model.
type Said<'a> = (&'a [String], &'a [usize], &'a Array2<f64>);

/// The rows of the first model whose samples all have, and the mean probabilities of these.
fn mean(models: &[Said<'_>]) -> Result<(Vec<usize>, Array2<f64>)> {
    let Some(&(classes, samples, _)) = models.first() else { return Err(no_model()) };
    for (classes, samples, probabilities) in models {
        let (rows, columns) = probabilities.dim();
        if (rows, columns) != (samples.len(), classes.len()) {
            let value = format!("{rows} x {columns} probabilities of {} samples", samples.len());
            let expected = "a row for each sample and a column for each class";
            return Err(Error::Config { field: "ensemble", value, expected });
        }
    }
    let rows: Vec<HashMap<usize, usize>> =
        models.iter().map(|(_, samples, _)| samples.iter().copied().zip(0..).collect()).collect();
    let in_all = |&row: &usize| rows.iter().all(|rows| rows.contains_key(&samples[row]));
    let kept: Vec<usize> = (0..samples.len()).filter(in_all).collect();
    let mut sum = Array2::<f64>::zeros((kept.len(), classes.len()));
    for ((theirs, _, probabilities), rows) in models.iter().zip(&rows) {
        let columns = columns(classes, theirs)?;
        let rows: Vec<usize> = kept.iter().map(|&row| rows[&samples[row]]).collect();
        sum += &probabilities.select(Axis(0), &rows).select(Axis(1), &columns);
    }
    sum /= models.len() as f64;
    Ok((kept, sum))
}

/// Where each of `classes` stands among those of another model, which must be the same.
fn columns(classes: &[String], theirs: &[String]) -> Result<Vec<usize>> {
    let place = |class: &String| theirs.iter().position(|other| other == class);
    let columns: Option<Vec<usize>> = classes.iter().map(place).collect();
    columns
        .filter(|columns| columns.len() == theirs.len())
        .ok_or_else(|| Error::EnsembleClasses { first: classes.to_vec(), other: theirs.to_vec() })
}

fn no_model() -> Error {
    Error::Config { field: "ensemble", value: "no model".into(), expected: "at least one run" }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn classes_are_matched_by_name_and_samples_by_number() {
        let names = |names: [&str; 2]| names.map(str::to_owned);
        let (ab, ba, ac) = (names(["a", "b"]), names(["b", "a"]), names(["a", "c"]));
        let (one, two) = (array![[0.5, 0.5], [0.25, 0.75]], array![[0.375, 0.625]]);
        let (kept, means) = mean(&[(&ab, &[3, 5], &one), (&ba, &[5], &two)]).unwrap();
        assert_eq!((kept, means), (vec![1], array![[0.4375, 0.5625]]));
        let message = mean(&[(&ab, &[5], &two), (&ac, &[5], &two)]).unwrap_err().to_string();
        assert!(message.contains("a, b") && message.contains("a, c"), "{message}");
    }
}
