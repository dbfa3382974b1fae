//! What can be refused before anything is drawn.

use super::labeled::{Class, classes};
use super::{KMeansSmoteConfig, Resampler, SmoteConfig, Target};
use crate::{Error, Result};

impl Resampler {
    /// Refuses settings out of their range, and a [`Target`] that samples with these labels cannot
    /// have, as [`resample`](Self::resample) does first; whether there is memory for the result, it alone
    /// tells.
    ///
    /// # Errors
    /// [`Error::Setting`], [`Error::Fraction`], and those of a [`Target`].
    ///
    /// # Example
    /// ```
    /// use micrograph_sampling::{Resampler, SmoteConfig, Target};
    ///
    /// let counts = |counts: &[usize]| Target::Counts(counts.to_vec());
    /// let smote = |target| Resampler::Smote(SmoteConfig { target, ..Default::default() });
    /// assert!(smote(counts(&[3, 3])).check(&[0, 0, 0, 1], 2).is_ok());
    /// assert!(smote(counts(&[2, 3])).check(&[0, 0, 0, 1], 2).is_err()); // there are 3 already
    /// ```
    pub fn check(&self, labels: &[u32], n_classes: usize) -> Result<()> {
        let classes = classes(labels);
        let lacking = |target: &Target| target.lacking(&classes, n_classes).map(drop);
        let kept = |target: &Target| target.kept(&classes, n_classes).map(drop);
        match self {
            Self::RandomOver(config) => lacking(&config.target),
            Self::RandomUnder(config) => kept(&config.target),
            Self::Smote(config) => smote(config, &classes, n_classes),
            Self::Borderline1(config) | Self::Borderline2(config) => {
                neighbors(&[("k", config.k), ("m", config.m)])?;
                lacking(&config.target)
            }
            Self::SvmSmote(config) => {
                neighbors(&[("k", config.k), ("m", config.m)])?;
                range("out_step", config.out_step, 1.0, "from 0 to 1")?;
                lacking(&config.target)
            }
            Self::KMeansSmote(config) => {
                clustered(config)?;
                lacking(&config.target)
            }
            Self::Adasyn(config) => {
                neighbors(&[("k", config.k)])?;
                lacking(&config.target)
            }
            Self::Tomek(_) => Ok(()),
            Self::Enn(config) => neighbors(&[("k", config.k)]),
            Self::NearMiss1(config) | Self::NearMiss2(config) | Self::NearMiss3(config) => {
                neighbors(&[("k", config.k), ("k_first", config.k_first)])?;
                kept(&config.target)
            }
            Self::SmoteTomek(config) => smote(&config.smote, &classes, n_classes),
            Self::SmoteEnn(config) => {
                neighbors(&[("k", config.enn.k)])?;
                smote(&config.smote, &classes, n_classes)
            }
        }
    }
}

fn smote(config: &SmoteConfig, classes: &[Class], n_classes: usize) -> Result<()> {
    neighbors(&[("k", config.k)])?;
    config.target.lacking(classes, n_classes).map(drop)
}

fn clustered(config: &KMeansSmoteConfig) -> Result<()> {
    neighbors(&[("k", config.k), ("clusters", config.clusters)])?;
    if let Some(threshold) = config.balance_threshold {
        range("balance_threshold", threshold, 1.0, "from 0 to 1")?;
    }
    if let Some(exponent) = config.density_exponent {
        range("density_exponent", exponent, 100.0, "from 0 to 100")?;
    }
    Ok(())
}

/// Refuses numbers of neighbors, or clusters, that nobody means.
fn neighbors(settings: &[(&'static str, usize)]) -> Result<()> {
    match settings.iter().find(|(_, value)| !(1..=1000).contains(value)) {
        None => Ok(()),
        Some(&(field, value)) => {
            Err(Error::Setting { field, value: value.to_string(), expected: "from 1 to 1000" })
        }
    }
}

/// Refuses a number outside 0 to `most`.
fn range(field: &'static str, value: f64, most: f64, expected: &'static str) -> Result<()> {
    if value >= 0.0 && value <= most {
        return Ok(());
    }
    Err(Error::Setting { field, value: value.to_string(), expected })
}
