//! How far two outlines lie apart.

use serde::{Deserialize, Serialize};

use crate::counts::ratio;
use crate::{Error, Result};

/// The distance of each border pixel of one object to the border of the other, in both directions.
///
/// `surface_distances` of `micrograph-segment` makes one of two masks.
///
/// ```
/// use micrograph_metrics::segmentation::SurfaceDistances;
/// let distances = SurfaceDistances::new(vec![0.0, 0.0, 1.0, 4.0], vec![0.0, 2.0])?;
/// assert_eq!(distances.hausdorff(), Some(4.0));
/// assert_eq!(distances.mean(), Some(7.0 / 6.0));
/// // Recall 3/4, precision 1/2.
/// assert_eq!(distances.boundary_f(1.0)?, Some(0.6));
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Sides")]
pub struct SurfaceDistances {
    /// From each border pixel of the truth, in rising order.
    truth: Vec<f64>,
    /// From each border pixel of the prediction, in rising order.
    predicted: Vec<f64>,
}

/// What was written of distances, unchecked; infinite ones are `null` in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sides {
    truth: Vec<Option<f64>>,
    predicted: Vec<Option<f64>>,
}

impl TryFrom<Sides> for SurfaceDistances {
    type Error = Error;

    fn try_from(Sides { truth, predicted }: Sides) -> Result<Self> {
        let side = |side: Vec<Option<f64>>| {
            side.into_iter().map(|distance| distance.unwrap_or(f64::INFINITY)).collect()
        };
        Self::new(side(truth), side(predicted))
    }
}

impl SurfaceDistances {
    /// Distances from the truth's border to the prediction's, and back, in any order.
    ///
    /// Where one has no border, the other's distances are infinite; they may be left as they are.
    ///
    /// # Errors
    /// [`Error::Distance`] for one that is negative or NaN.
    pub fn new(mut truth: Vec<f64>, mut predicted: Vec<f64>) -> Result<Self> {
        for side in [&mut truth, &mut predicted] {
            if let Some(index) =
                side.iter().position(|&distance| distance.is_nan() || distance < 0.0)
            {
                return Err(Error::Distance { index, value: side[index] });
            }
            side.sort_unstable_by(f64::total_cmp);
        }
        Ok(Self { truth, predicted })
    }

    /// Whether one or both have no border.
    fn lacks_one(&self) -> bool {
        self.truth.is_empty() || self.predicted.is_empty()
    }

    /// The Hausdorff distance: the greatest of all distances, in both directions.
    ///
    /// `None` where one has no border.
    pub fn hausdorff(&self) -> Option<f64> {
        if self.lacks_one() { None } else { Some(self.truth.last()?.max(*self.predicted.last()?)) }
    }

    /// The Hausdorff distance without the farthest: the greater of the percentiles of both
    /// directions, by linear interpolation; 95 is usual.
    ///
    /// `None` where one has no border. MONAI and DeepMind's `surface-distance` take the greater of the
    /// two, too; MedPy's `hd95` takes the percentile of both lists in one.
    ///
    /// # Errors
    /// [`Error::Percentile`] outside of 0 to 100.
    pub fn hausdorff_percentile(&self, percentile: f64) -> Result<Option<f64>> {
        if !(0.0..=100.0).contains(&percentile) {
            return Err(Error::Percentile { value: percentile });
        }
        let of = |sorted: &[f64]| {
            let at = percentile / 100.0 * (sorted.len() - 1) as f64;
            let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
            if low == high { low } else { low + at.fract() * (high - low) }
        };
        let one = || of(&self.truth).max(of(&self.predicted));
        Ok((!self.lacks_one()).then(one))
    }

    /// The mean of all distances, of both directions together.
    ///
    /// `None` where one has no border.
    pub fn mean(&self) -> Option<f64> {
        let n = self.truth.len() + self.predicted.len();
        let sum: f64 = self.truth.iter().chain(&self.predicted).sum();
        if self.lacks_one() { None } else { ratio(sum, n as f64) }
    }

    /// Boundary F: the harmonic mean of the shares of both borders that lie within `tolerance_px` of
    /// the other.
    ///
    /// 0 where one alone has no border; `None` where neither has one.
    ///
    /// # Source
    /// Csurka, Larlus, Perronnin, What is a good evaluation measure for semantic segmentation?, BMVC
    /// 2013.
    ///
    /// # Errors
    /// [`Error::Distance`] for a tolerance that is negative or NaN.
    pub fn boundary_f(&self, tolerance_px: f64) -> Result<Option<f64>> {
        if tolerance_px.is_nan() || tolerance_px < 0.0 {
            return Err(Error::Distance { index: 0, value: tolerance_px });
        }
        if self.truth.is_empty() && self.predicted.is_empty() {
            return Ok(None);
        }
        let near = |side: &[f64]| side.partition_point(|&d| d <= tolerance_px) as f64;
        let share = |side: &[f64]| ratio(near(side), side.len() as f64).unwrap_or(0.0);
        let (recall, precision) = (share(&self.truth), share(&self.predicted));
        let sum = recall + precision;
        Ok(Some(ratio(2.0 * recall * precision, sum).unwrap_or(0.0)))
    }
}
