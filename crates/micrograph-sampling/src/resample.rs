//! Resampling of feature matrices: SMOTE and its kin, cleaning, undersampling.

mod check;
mod cleaning;
mod clustered;
mod config;
mod draw;
mod k_means;
mod labeled;
mod neighbors;
mod oversampling;
mod resampled;
mod target;
mod written;

use ndarray::{ArrayView2, Axis, CowArray};
use serde::{Deserialize, Serialize};

use cleaning::NearMiss;
pub use config::{
    AdasynConfig, Agreement, BorderlineConfig, EnnConfig, KMeansSmoteConfig, NearMissConfig,
    RandomConfig, SmoteConfig, SmoteEnnConfig, SmoteTomekConfig, SvmSmoteConfig, TomekConfig,
};
use labeled::Table;
pub use labeled::{Labeled, SupportVectors};
use oversampling::Borderline;
use resampled::Draft;
pub use resampled::{Origin, ResampleWarning, Resampled};
pub use target::{Cleaned, Target};

use crate::Result;

/// A method that evens out classes in a feature matrix.
///
/// Resample training samples alone: a test part that was resampled, or whose samples took part in
/// making training samples, tells nothing about new ones. [`Labeled::training_part`] sees to it.
/// Resampled training also shifts a classifier's probabilities towards the rare classes.
/// Distances count all features alike, so scale them first.
///
/// In a file of settings a method is written by its name, or as a table of what differs from the
/// defaults: `"smote"`, `{ smote = { k = 3 } }`.
///
/// # Edge cases
/// - A class with fewer samples than neighbors asked for takes those that there are; a class of one
///   sample is copied; an empty class stays empty. Each is told in [`Resampled::warnings`].
/// - Where the method finds no sample to start from (none in danger, no hard ones, no cluster),
///   the class is filled by plain SMOTE, with a warning; imbalanced-learn fails, or leaves the
///   class as it is.
/// - Classes that are even already, and one class alone: nothing is added. All samples equal: the
///   new ones equal them too.
/// - Of equally near neighbors the first row is taken. A copy of a sample is a neighbor like any
///   other; the sample itself never is.
///
/// # Source
/// Each method's settings name its paper; where papers leave a choice, imbalanced-learn 0.14.
///
/// # Example
/// ```
/// use micrograph_sampling::{Origin, Resampler, SmoteConfig};
/// use ndarray::array;
///
/// let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [5.0, 5.0], [6.0, 7.0]];
/// let labels = [0, 0, 0, 0, 1, 1];
/// let smote = Resampler::Smote(SmoteConfig { k: 1, ..SmoteConfig::default() });
/// let balanced = smote.resample(x.view(), &labels, 2, 42)?;
/// assert_eq!(balanced.labels, [0, 0, 0, 0, 1, 1, 1, 1]);
/// assert_eq!(balanced.origin[3], Origin::Sample(3));
/// // The last ones lie on the line from (5, 5) to (6, 7).
/// let new = balanced.x.row(7);
/// assert!((new[1] - (5.0 + 2.0 * (new[0] - 5.0))).abs() < 1e-12);
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Resampler {
    /// Copies, drawn with replacement.
    RandomOver(RandomConfig),
    /// A part of each larger class, drawn without replacement.
    RandomUnder(RandomConfig),
    /// Between neighbors of a class.
    Smote(SmoteConfig),
    /// From samples in danger to neighbors of their class.
    Borderline1(BorderlineConfig),
    /// From samples in danger to neighbors of any class.
    Borderline2(BorderlineConfig),
    /// At support vectors.
    SvmSmote(SvmSmoteConfig),
    /// Within clusters.
    #[serde(rename = "kmeans_smote")]
    KMeansSmote(KMeansSmoteConfig),
    /// More where the class is harder to learn.
    Adasyn(AdasynConfig),
    /// Without samples in Tomek links.
    Tomek(TomekConfig),
    /// Without samples that their neighbors disagree with.
    Enn(EnnConfig),
    /// The samples nearest to the smallest class.
    #[serde(rename = "near_miss1")]
    NearMiss1(NearMissConfig),
    /// The samples whose distances to the farthest of the smallest class are least.
    #[serde(rename = "near_miss2")]
    NearMiss2(NearMissConfig),
    /// Of the neighbors of the smallest class the farthest.
    #[serde(rename = "near_miss3")]
    NearMiss3(NearMissConfig),
    /// SMOTE, then without Tomek links.
    SmoteTomek(SmoteTomekConfig),
    /// SMOTE, then without samples that their neighbors disagree with.
    SmoteEnn(SmoteEnnConfig),
}

impl Resampler {
    /// The names that [`by_name`](Self::by_name) knows.
    pub const NAMES: [&str; 15] = [
        "random_over",
        "random_under",
        "smote",
        "borderline1",
        "borderline2",
        "svm_smote",
        "kmeans_smote",
        "adasyn",
        "tomek",
        "enn",
        "near_miss1",
        "near_miss2",
        "near_miss3",
        "smote_tomek",
        "smote_enn",
    ];

    /// A method with its defaults; `None` for other names.
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "random_over" => Self::RandomOver(RandomConfig::default()),
            "random_under" => Self::RandomUnder(RandomConfig::default()),
            "smote" => Self::Smote(SmoteConfig::default()),
            "borderline1" => Self::Borderline1(BorderlineConfig::default()),
            "borderline2" => Self::Borderline2(BorderlineConfig::default()),
            "svm_smote" => Self::SvmSmote(SvmSmoteConfig::default()),
            "kmeans_smote" => Self::KMeansSmote(KMeansSmoteConfig::default()),
            "adasyn" => Self::Adasyn(AdasynConfig::default()),
            "tomek" => Self::Tomek(TomekConfig::default()),
            "enn" => Self::Enn(EnnConfig::default()),
            "near_miss1" => Self::NearMiss1(NearMissConfig::default()),
            "near_miss2" => Self::NearMiss2(NearMissConfig::default()),
            "near_miss3" => Self::NearMiss3(NearMissConfig::default()),
            "smote_tomek" => Self::SmoteTomek(SmoteTomekConfig::default()),
            "smote_enn" => Self::SmoteEnn(SmoteEnnConfig::default()),
            _ => return None,
        })
    }

    /// Its name, whatever its settings.
    ///
    /// ```
    /// use micrograph_sampling::Resampler;
    ///
    /// assert_eq!(Resampler::by_name("smote").unwrap().name(), "smote");
    /// ```
    pub fn name(&self) -> &'static str {
        let kind = |resampler: &Self| std::mem::discriminant(resampler);
        let is_this =
            |name: &&&str| Self::by_name(name).is_some_and(|own| kind(&own) == kind(self));
        Self::NAMES.iter().find(is_this).copied().unwrap_or_default()
    }

    /// Resamples `x`, `(n, d)`, a sample a row, whose classes are `labels` below `n_classes`.
    ///
    /// The same seed gives the same bits on any number of threads.
    ///
    /// # Errors
    /// Those of [`Labeled::new`]; [`Error::Setting`](crate::Error::Setting),
    /// [`Error::Fraction`](crate::Error::Fraction) and [`Error::Target`](crate::Error::Target) for
    /// settings out of range; [`Error::NoMachine`](crate::Error::NoMachine) for SVM-SMOTE, which
    /// [`resample_labeled`](Self::resample_labeled) can do;
    /// [`Error::TooLarge`](crate::Error::TooLarge).
    pub fn resample(
        &self,
        x: ArrayView2<'_, f64>,
        labels: &[u32],
        n_classes: usize,
        seed: u64,
    ) -> Result<Resampled> {
        self.resample_labeled(&Labeled::new(x, labels, n_classes)?, seed)
    }

    /// The same for samples that are checked, limited to a training part, or have a machine that
    /// finds support vectors.
    ///
    /// # Errors
    /// Those of [`resample`](Self::resample), without those of [`Labeled::new`].
    pub fn resample_labeled(&self, samples: &Labeled<'_>, seed: u64) -> Result<Resampled> {
        let Some(rows) = samples.training else {
            return self.run(samples.x.as_standard_layout(), samples.labels, samples, seed);
        };
        let labels: Vec<u32> = rows.iter().map(|&row| samples.labels[row]).collect();
        let x = samples.x.select(Axis(0), rows);
        let mut resampled = self.run(x.as_standard_layout(), &labels, samples, seed)?;
        resampled.origin.iter_mut().for_each(|origin| *origin = origin.in_rows(rows));
        Ok(resampled)
    }

    fn run(
        &self,
        x: CowArray<'_, f64, ndarray::Ix2>,
        labels: &[u32],
        samples: &Labeled<'_>,
        seed: u64,
    ) -> Result<Resampled> {
        let table = Table::new(x.view(), labels, samples.n_classes);
        self.check(labels, samples.n_classes)?;
        let mut draft = self.draft(&table, samples, seed)?;
        let absent = (0..).zip(table.classes.iter()).find(|(at, class)| class.label != *at);
        let first = absent.map_or(table.classes.len() as u32, |(at, _)| at);
        let count = samples.n_classes - table.classes.len();
        if count > 0 {
            draft.warnings.insert(0, ResampleWarning::EmptyClasses { count, first });
        }
        let x = draft.rows(table.x)?;
        let Draft { origin, labels, warnings } = draft;
        Ok(Resampled { x, labels, origin, warnings })
    }

    fn draft(&self, table: &Table<'_>, samples: &Labeled<'_>, seed: u64) -> Result<Draft> {
        match self {
            Self::RandomOver(config) => oversampling::random_over(config, table, seed),
            Self::RandomUnder(config) => cleaning::random_under(config, table, seed),
            Self::Smote(config) => oversampling::smote(config, table, seed),
            Self::Borderline1(config) => {
                oversampling::borderline(config, Borderline::OwnClass, table, seed)
            }
            Self::Borderline2(config) => {
                oversampling::borderline(config, Borderline::AnyClass, table, seed)
            }
            Self::SvmSmote(config) => oversampling::svm_smote(config, table, samples, seed),
            Self::KMeansSmote(config) => clustered::kmeans_smote(config, table, seed),
            Self::Adasyn(config) => oversampling::adasyn(config, table, seed),
            Self::Tomek(config) => Ok(cleaning::tomek(config, table)),
            Self::Enn(config) => cleaning::edited(config, table),
            Self::NearMiss1(config) => cleaning::near_miss(config, NearMiss::ByNearest, table),
            Self::NearMiss2(config) => cleaning::near_miss(config, NearMiss::ByFarthest, table),
            Self::NearMiss3(config) => cleaning::near_miss(config, NearMiss::FarthestOfNear, table),
            Self::SmoteTomek(config) => {
                let first = oversampling::smote(&config.smote, table, seed)?;
                then(first, table, |table| Ok(cleaning::tomek(&config.tomek, table)))
            }
            Self::SmoteEnn(config) => {
                let first = oversampling::smote(&config.smote, table, seed)?;
                then(first, table, |table| cleaning::edited(&config.enn, table))
            }
        }
    }
}

/// Cleans what `first` makes of a table.
fn then(
    first: Draft,
    table: &Table<'_>,
    clean: impl FnOnce(&Table<'_>) -> Result<Draft>,
) -> Result<Draft> {
    let x = first.rows(table.x)?;
    let second = clean(&Table::new(x.view(), &first.labels, table.n_classes))?;
    let origin = second.origin.iter().map(|origin| match *origin {
        Origin::Sample(row) => first.origin[row],
        between @ Origin::Between { .. } => between,
    });
    let warnings = first.warnings.into_iter().chain(second.warnings).collect();
    Ok(Draft { origin: origin.collect(), labels: second.labels, warnings })
}
