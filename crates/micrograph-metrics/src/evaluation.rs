//! Everything that is reported of a classifier, in one value.

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::average::average;
use crate::ranking::{Areas, Ranking};
use crate::{
    ConfusionMatrix, Counts, EmptyClass, Error, Result, Scored, brier, check, log_loss,
    macro_average, predicted,
};

/// The version of the JSON form of an [`Evaluation`].
pub const SCHEMA: u32 = 1;

/// The scores of a classifier on a set of samples.
///
/// As JSON it is what `micrograph evaluate --json` writes; `null` stands for undefined (0/0), and
/// counts are whole numbers unless samples are weighted. Reading refuses another `schema`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The version of this form, [`SCHEMA`].
    #[serde(deserialize_with = "this_schema")]
    pub schema: u32,
    /// Truth by prediction, the most probable class being the prediction; as JSON the two keys
    /// `classes` and `confusion`, a list of rows.
    #[serde(flatten)]
    pub confusion: ConfusionMatrix,
    /// The share of samples whose class was predicted.
    pub accuracy: f64,
    /// The mean TPR over the classes that occur.
    pub balanced_accuracy: f64,
    /// The area under the ROC curve: of class 1 for two classes, otherwise the mean of the classes'
    /// own, each against all others. Classes whose own is undefined are left out of the mean; they
    /// are the `null`s of `per_class`.
    pub auroc: Option<f64>,
    /// Average precision: of class 1 for two classes, otherwise the mean of the classes' own, each
    /// against all others. Classes that do not occur are left out of the mean.
    pub auprc: Option<f64>,
    /// See [`log_loss`].
    pub log_loss: f64,
    /// See [`brier`].
    pub brier: f64,
    /// Matthews's correlation coefficient, see [`ConfusionMatrix::mcc`].
    pub mcc: Option<f64>,
    /// Cohen's unweighted kappa, see [`ConfusionMatrix::kappa`].
    pub kappa: Option<f64>,
    /// The mean F1 (of PPV and TPR) over the classes that occur or were predicted, 0 for one that
    /// occurs and was never predicted; as scikit-learn's `f1_score(average="macro")`.
    pub macro_f1: f64,
    /// The scores of each class against all others, in the order of the labels.
    pub per_class: Vec<ClassEvaluation>,
}

/// The scores of one class against all others; see [`Counts`] for their definitions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassEvaluation {
    /// The name of the class.
    pub name: String,
    /// The weight of its samples: their number, unless they are weighted.
    #[serde(serialize_with = "crate::count::serialize")]
    pub support: f64,
    /// Sensitivity, recall.
    pub tpr: Option<f64>,
    /// Specificity.
    pub tnr: Option<f64>,
    /// Precision.
    pub ppv: Option<f64>,
    /// Negative predictive value.
    pub npv: Option<f64>,
    /// The harmonic mean of PPV and TPR.
    pub f1: Option<f64>,
    /// The harmonic mean of TPR and TNR, the LipNet thesis's F1.
    pub f1_tpr_tnr: Option<f64>,
    /// The area under the ROC curve of the class's probability; undefined unless samples of the
    /// class and others occur.
    pub auroc: Option<f64>,
}

/// Scores the probabilities that a classifier gave to samples of known class.
///
/// The prediction is the most probable class, the first of equals. The crate's front page has an
/// example.
///
/// # Errors
/// As [`Scored::validate`]. Nothing else fails: a score that the samples do not define is `None`.
pub fn evaluate(scored: &Scored<'_>) -> Result<Evaluation> {
    scored.validate()?;
    let Scored { classes, truth, probabilities, weights, .. } = *scored;
    let labels = predicted(probabilities);
    let confusion = ConfusionMatrix::from_labels(classes.to_vec(), truth, &labels, weights)?;
    let per_class: Vec<Areas> = rankings(scored, 0)
        .map(|ranking| ranking.areas(|sample| check::weight_of(weights, sample)))
        .collect();
    let areas = mean_areas(&per_class[first_ranked(classes.len())..]);
    // The weights have a positive sum, so that these are defined.
    let defined = |score: Option<f64>| score.ok_or(Error::NoSamples);
    Ok(Evaluation {
        schema: SCHEMA,
        accuracy: defined(confusion.accuracy())?,
        balanced_accuracy: defined(confusion.balanced_accuracy())?,
        auroc: areas.auroc,
        auprc: areas.average_precision,
        log_loss: log_loss(truth, probabilities, weights)?,
        brier: brier(truth, probabilities, weights)?,
        mcc: confusion.mcc(),
        kappa: confusion.kappa(),
        macro_f1: defined(macro_average(&confusion, Counts::f1, EmptyClass::Undefined).mean)?,
        per_class: confusion
            .per_class()
            .zip(per_class)
            .map(|((name, counts), areas)| ClassEvaluation::new(name, &counts, areas.auroc))
            .collect(),
        confusion,
    })
}

impl ClassEvaluation {
    fn new(name: &str, counts: &Counts, auroc: Option<f64>) -> Self {
        Self {
            name: name.to_owned(),
            support: counts.support(),
            tpr: counts.tpr(),
            tnr: counts.tnr(),
            ppv: counts.ppv(),
            npv: counts.npv(),
            f1: counts.f1(),
            f1_tpr_tnr: counts.f1_tpr_tnr(),
            auroc,
        }
    }
}

/// The rankings by the probabilities of the classes from `first` on, each against all others.
pub(crate) fn rankings(scored: &Scored<'_>, first: usize) -> impl Iterator<Item = Ranking> {
    let Scored { truth, probabilities, .. } = *scored;
    (first..probabilities.ncols()).map(move |class| {
        let scores = probabilities.column(class).to_vec();
        Ranking::new(scores.into_iter(), |sample| truth[sample] as usize == class)
    })
}

/// The first of the classes whose areas make those of the whole problem: all, but class 1 alone
/// of two.
pub(crate) fn first_ranked(n_classes: usize) -> usize {
    usize::from(n_classes == 2)
}

/// The mean areas over the classes where they are defined.
pub(crate) fn mean_areas(per_class: &[Areas]) -> Areas {
    let mean = |area: fn(&Areas) -> Option<f64>| {
        average(per_class.iter().map(area), EmptyClass::Undefined).mean
    };
    Areas {
        auroc: mean(|areas| areas.auroc),
        average_precision: mean(|areas| areas.average_precision),
    }
}

fn this_schema<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        SCHEMA => Ok(SCHEMA),
        other => Err(de::Error::custom(format_args!(
            "expected an evaluation of schema {SCHEMA}, got schema {other}; evaluate again"
        ))),
    }
}
