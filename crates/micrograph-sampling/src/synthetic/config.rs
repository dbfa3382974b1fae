//! What to draw, and how many of each class.

use std::fmt;
use std::str::FromStr;

use crate::remainder::largest_remainder;
use crate::{Error, Result};

/// A question asked of liposomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// How many bilayers: multilamellar, uncertain, unilamellar.
    Lamellarity,
    /// Whether the drug is inside: empty, full, uncertain.
    Encapsulation,
}

impl Problem {
    /// The classes in alphabetical order; a class index counts from the first.
    ///
    /// ```
    /// use micrograph_sampling::synthetic::Problem;
    ///
    /// assert_eq!(Problem::Encapsulation.classes(), ["empty", "full", "uncertain"]);
    /// assert_eq!("lamellarity".parse(), Ok(Problem::Lamellarity));
    /// ```
    pub fn classes(self) -> &'static [&'static str] {
        match self {
            Self::Lamellarity => &["multilamellar", "uncertain", "unilamellar"],
            Self::Encapsulation => &["empty", "full", "uncertain"],
        }
    }

    /// How many images of each class the LipNet thesis has (Tables 1 and 2), in their order.
    fn thesis_counts(self) -> [f64; 3] {
        match self {
            Self::Lamellarity => [1_717.0, 84.0, 12_368.0],
            Self::Encapsulation => [161.0, 24_255.0, 502.0],
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lamellarity => "lamellarity",
            Self::Encapsulation => "encapsulation",
        })
    }
}

impl FromStr for Problem {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = [Self::Lamellarity, Self::Encapsulation];
        let found = known.into_iter().find(|problem| problem.to_string() == name);
        found.ok_or_else(|| Error::UnknownProblem { name: name.to_owned() })
    }
}

/// In what proportions the classes occur.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassRatio {
    /// As in the LipNet thesis: lamellarity 12.12 : 0.59 : 87.29, encapsulation 0.65 : 97.34 : 2.01.
    #[default]
    Thesis,
    /// As many of each.
    Balanced,
    /// One part a class, in the order of [`Problem::classes`]; a class with 0 is left out.
    Given(Vec<f64>),
}

/// How liposomes are drawn.
///
/// Build one with [`LiposomeConfig::new`] and struct-update syntax.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LiposomeConfig {
    /// The question; its classes differ. By default that for which the thesis drew images too.
    pub problem: Problem,
    /// The proportions of the classes.
    pub ratio: ClassRatio,
    /// What is shown around the object on each side, in pixels: 50, as in the thesis. 0 to 1000.
    pub surround_px: usize,
    /// The width of a pixel in the specimen: 1 nm. 0.25 to 4; leaflets part below about 1.5.
    pub pixel_size_nm: f64,
    /// The range of underfocus, log-uniform: 1500 to 5000 nm, usual in cryo-TEM. 100 to 20 000.
    pub defocus_nm: [f64; 2],
    /// The range of recorded electrons a pixel, log-uniform: 300 to 2500. 1 to 1 000 000.
    pub electrons_per_pixel: [f64; 2],
    /// The mean number of other liposomes placed nearby: 1.5. 0 to 20.
    pub neighbors: f64,
}

impl LiposomeConfig {
    /// The defaults for a problem.
    pub fn new(problem: Problem) -> Self {
        Self { problem, ..Self::default() }
    }

    /// Checks every field against its range.
    ///
    /// # Errors
    /// [`Error::Setting`] or [`Error::Ratio`] for the first field outside.
    pub fn validate(&self) -> Result<()> {
        let in_range = |value: f64, low: f64, high: f64| (low..=high).contains(&value);
        let [near, far] = self.defocus_nm;
        let [few, many] = self.electrons_per_pixel;
        let checks = [
            ("surround_px", self.surround_px <= 1000, "at most 1000"),
            ("pixel_size_nm", in_range(self.pixel_size_nm, 0.25, 4.0), "0.25 to 4"),
            (
                "defocus_nm",
                in_range(near, 100.0, far) && far <= 20_000.0,
                "two ascending numbers from 100 to 20000",
            ),
            (
                "electrons_per_pixel",
                in_range(few, 1.0, many) && many <= 1e6,
                "two ascending numbers from 1 to 1000000",
            ),
            ("neighbors", in_range(self.neighbors, 0.0, 20.0), "0 to 20"),
        ];
        for (field, holds, expected) in checks {
            if !holds {
                return Err(Error::Setting { field, value: self.value_of(field), expected });
            }
        }
        self.shares().map(|_| ())
    }

    /// The value of a checked field, as an error shows it.
    fn value_of(&self, field: &str) -> String {
        match field {
            "surround_px" => self.surround_px.to_string(),
            "pixel_size_nm" => self.pixel_size_nm.to_string(),
            "defocus_nm" => format!("{:?}", self.defocus_nm),
            "electrons_per_pixel" => format!("{:?}", self.electrons_per_pixel),
            _ => self.neighbors.to_string(),
        }
    }

    /// The parts of the classes, checked: they can be divided by.
    fn shares(&self) -> Result<Vec<f64>> {
        let n_classes = self.problem.classes().len();
        let shares = match &self.ratio {
            ClassRatio::Thesis => self.problem.thesis_counts().to_vec(),
            ClassRatio::Balanced => vec![1.0; n_classes],
            ClassRatio::Given(parts) => parts.clone(),
        };
        let is_part = |&part: &f64| part.is_finite() && part >= 0.0;
        let sum: f64 = shares.iter().sum();
        if shares.len() != n_classes
            || !shares.iter().all(is_part)
            || sum <= 0.0
            || sum.is_infinite()
        {
            return Err(Error::Ratio { ratio: shares, n_classes });
        }
        Ok(shares)
    }
}

impl Default for LiposomeConfig {
    fn default() -> Self {
        Self {
            problem: Problem::Lamellarity,
            ratio: ClassRatio::Thesis,
            surround_px: 50,
            pixel_size_nm: 1.0,
            defocus_nm: [1500.0, 5000.0],
            electrons_per_pixel: [300.0, 2500.0],
            neighbors: 1.5,
        }
    }
}

/// How many of `n` images belong to each class, in the order of [`Problem::classes`].
///
/// By largest remainder, so each count is within one of its exact share and they sum to `n`.
/// Then each class with a share gets at least one, from the largest, if `n` suffices for all.
///
/// # Errors
/// Those of [`LiposomeConfig::validate`].
///
/// # Example
/// ```
/// use micrograph_sampling::synthetic::{ClassRatio, LiposomeConfig, Problem, class_counts};
///
/// let mut config = LiposomeConfig::new(Problem::Encapsulation);
/// assert_eq!(class_counts(&config, 600)?, [4, 584, 12]);
/// assert_eq!(class_counts(&config, 10)?, [1, 8, 1]);
/// config.ratio = ClassRatio::Given(vec![1.0, 2.0, 0.0]);
/// assert_eq!(class_counts(&config, 600)?, [200, 400, 0]);
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
pub fn class_counts(config: &LiposomeConfig, n: usize) -> Result<Vec<usize>> {
    config.validate()?;
    let shares = config.shares()?;
    let mut counts = largest_remainder(&shares, n);
    let n_wanted = shares.iter().filter(|&&share| share > 0.0).count();
    if n >= n_wanted {
        for class in 0..counts.len() {
            if counts[class] == 0
                && shares[class] > 0.0
                && let Some(largest) = (0..counts.len()).max_by_key(|&other| counts[other])
            {
                counts[largest] -= 1;
                counts[class] = 1;
            }
        }
    }
    Ok(counts)
}
