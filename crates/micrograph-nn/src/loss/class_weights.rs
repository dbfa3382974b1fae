//! What the pixels of a class weigh, from how many there are.

use serde::{Deserialize, Serialize};

use crate::error::check;
use crate::{Error, Result};

/// The weights of classes in a loss.
///
/// In a file of settings a name, `"ratio"`, or a table, `{ given = [1.0, 2.0] }`.
///
/// ```
/// use micrograph_nn::ClassWeights;
///
/// // Pixels of background and cells in three frames, the last without cells.
/// let counts = [vec![90, 10], vec![80, 20], vec![100, 0]];
/// let weights = |rule: ClassWeights| Ok::<_, micrograph_nn::Error>(rule.fit(2, &counts)?.unwrap());
/// assert_eq!(weights(ClassWeights::Ratio)?, [1.0, 9.0]); // 270 / 30
/// // Of background 270 / 300, of cells 30 / 200, where there are any; the median is 0.525.
/// assert_eq!(weights(ClassWeights::MedianFrequency)?, [0.583_333_3, 3.5]);
/// assert_eq!(weights(ClassWeights::StemNet { weight: 2.0 })?, [1.0, 2.0]);
/// assert_eq!(weights(ClassWeights::StemNetAppendix { weight: 2.0 })?, [1.0, 3.0]);
/// # Ok::<(), micrograph_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum ClassWeights {
    /// 1 for each.
    #[default]
    None,
    /// These, one for each class, finite and not negative.
    Given(Vec<f32>),
    /// Pixels of the most frequent class over those of the class, in all training images together
    /// (StemNet thesis, section 11.1).
    Ratio,
    /// `median of f / f`, where the frequency `f` of a class is the share that it has in the images
    /// in which it occurs (Badrinarayanan et al., "SegNet", 2017; Eigen and Fergus, 2015).
    MedianFrequency,
    /// The median of the numbers of pixels of every class in every image over the pixels of the class
    /// in all: what the appendix of the StemNet thesis takes for median frequencies. It is smaller
    /// the more images there are.
    AppendixMedianFrequency,
    /// 1 for class 0 and `weight` for the others: equation 60 and table 1 of the StemNet thesis.
    #[serde(rename = "stemnet")]
    StemNet {
        /// 2 in the thesis.
        weight: f32,
    },
    /// 1 for class 0 and `1 + weight` for the others, as in the code of its appendix: with 2, cells
    /// weigh thrice the background.
    #[serde(rename = "stemnet_appendix")]
    StemNetAppendix {
        /// 2 in the thesis.
        weight: f32,
    },
}

impl ClassWeights {
    /// Checks what can be known without images.
    pub(super) fn validate(&self) -> Result<(), Error> {
        let range = "finite and 0 or more";
        let check = |weight: f32| {
            check(weight.is_finite() && weight >= 0.0, "class_weights", weight, range)
        };
        match self {
            Self::Given(weights) => weights.iter().copied().try_for_each(check),
            Self::StemNet { weight } | Self::StemNetAppendix { weight } => check(*weight),
            _ => Ok(()),
        }
    }

    /// The weights for `n_classes`, from the pixels of each class in each training image; `None`
    /// where all are 1.
    ///
    /// # Errors
    /// [`Error::Config`] for weights that are not one a class, or out of range;
    /// [`Error::ClassWithoutPixels`] where a frequency is needed.
    pub fn fit(&self, n_classes: usize, per_image: &[Vec<u64>]) -> Result<Option<Vec<f32>>, Error> {
        self.validate()?;
        let others =
            |weight: f32| (0..n_classes).map(|k| if k == 0 { 1.0 } else { weight }).collect();
        Ok(Some(match self {
            Self::None => return Ok(None),
            Self::Given(weights) => {
                let expected = format!("{n_classes} weights, one for each class");
                let fits = weights.len() == n_classes;
                check(fits, "class_weights", format!("{weights:?}"), expected)?;
                weights.clone()
            }
            Self::StemNet { weight } => others(*weight),
            Self::StemNetAppendix { weight } => others(1.0 + weight),
            Self::Ratio => {
                let totals = totals(n_classes, per_image)?;
                let largest = totals.iter().copied().fold(0.0, f64::max);
                totals.iter().map(|total| (largest / total) as f32).collect()
            }
            Self::MedianFrequency => {
                let totals = totals(n_classes, per_image)?;
                let frequency = |(class, total): (usize, &f64)| {
                    let with = per_image.iter().filter(|counts| count(counts, class) > 0);
                    total / with.map(|counts| counts.iter().sum::<u64>() as f64).sum::<f64>()
                };
                let frequencies: Vec<f64> = totals.iter().enumerate().map(frequency).collect();
                let median = median(frequencies.clone());
                frequencies.iter().map(|frequency| (median / frequency) as f32).collect()
            }
            Self::AppendixMedianFrequency => {
                let totals = totals(n_classes, per_image)?;
                let of_image = |counts: &Vec<u64>| {
                    (0..n_classes).map(|class| count(counts, class) as f64).collect::<Vec<_>>()
                };
                let median = median(per_image.iter().flat_map(of_image).collect());
                totals.iter().map(|total| (median / total) as f32).collect()
            }
        }))
    }
}

fn count(counts: &[u64], class: usize) -> u64 {
    counts.get(class).copied().unwrap_or(0)
}

/// The pixels of each class in all images, each above 0.
fn totals(n_classes: usize, per_image: &[Vec<u64>]) -> Result<Vec<f64>, Error> {
    let total = |class: usize| {
        let total: u64 = per_image.iter().map(|counts| count(counts, class)).sum();
        if total > 0 { Ok(total as f64) } else { Err(Error::ClassWithoutPixels { class }) }
    };
    (0..n_classes).map(total).collect()
}

/// As NumPy's: the mean of the two in the middle of an even number.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let upper = values.get(values.len() / 2).copied().unwrap_or(0.0);
    if values.len() % 2 == 1 {
        return upper;
    }
    let lower = values.len().checked_sub(2).and_then(|n| values.get(n / 2)).copied().unwrap_or(0.0);
    f64::midpoint(lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_appendix_takes_the_median_of_counts() {
        // get_freq_median of the appendix with three masks: median of 10, 90, 20, 80, 0, 100 is 50.
        let counts = [vec![90, 10], vec![80, 20], vec![100, 0]];
        let weights = ClassWeights::AppendixMedianFrequency.fit(2, &counts);
        assert_eq!(weights, Ok(Some(vec![50.0 / 270.0, 50.0 / 30.0])));
    }

    #[test]
    fn a_class_without_pixels_has_no_frequency() {
        for rule in [
            ClassWeights::Ratio,
            ClassWeights::MedianFrequency,
            ClassWeights::AppendixMedianFrequency,
        ] {
            for counts in [vec![], vec![vec![5]], vec![vec![5, 0]]] {
                assert_eq!(
                    rule.fit(2, &counts),
                    Err(Error::ClassWithoutPixels { class: usize::from(!counts.is_empty()) })
                );
            }
        }
        let message = ClassWeights::Ratio.fit(2, &[vec![5]]).unwrap_err().to_string();
        assert!(message.contains("class 1 (counted from 0)"), "{message}");
    }

    #[test]
    fn given_weights_are_one_a_class() {
        let given = |weights: &[f32]| ClassWeights::Given(weights.to_vec()).fit(2, &[]);
        assert_eq!(given(&[1.0, 3.0]), Ok(Some(vec![1.0, 3.0])));
        assert!(given(&[1.0]).unwrap_err().to_string().contains("2 weights, one for each class"));
        assert!(given(&[1.0, f32::NAN]).is_err() && given(&[-1.0, 1.0]).is_err());
        assert_eq!(ClassWeights::None.fit(2, &[]), Ok(None));
    }
}
