//! Features brought to one scale.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::samples::{check_features, check_matrix};

/// How features are brought to one scale; fit it to training samples alone.
///
/// # Source
/// scikit-learn's `StandardScaler` and `RobustScaler` with their defaults.
///
/// # Example
/// ```
/// use micrograph_classic::Scaling;
/// use ndarray::array;
///
/// let x = array![[1.0, 7.0], [3.0, 7.0]];
/// let scaler = Scaling::Standard.fit(x.view())?;
/// assert_eq!(scaler.transform(x.view())?, array![[-1.0, 0.0], [1.0, 0.0]]);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scaling {
    /// `(x - mean) / standard deviation`, of the population.
    #[default]
    Standard,
    /// `(x - median) / (third quartile - first quartile)`, quantiles interpolated linearly.
    Robust,
}

impl Scaling {
    /// Fits center and scale of each column of `x`, `(n, d)`.
    ///
    /// # Edge cases
    /// A feature without spread (within rounding, as in scikit-learn) is centered, and divided by 1.
    ///
    /// # Errors
    /// [`Error::Empty`](crate::Error::Empty) and [`Error::NotFinite`](crate::Error::NotFinite).
    pub fn fit(self, x: ArrayView2<'_, f64>) -> Result<Scaler> {
        check_matrix(x)?;
        let of_column = |column: ArrayView1<'_, f64>| match self {
            Self::Standard => mean_and_deviation(column),
            Self::Robust => median_and_range(column),
        };
        let (center, scale) = x.axis_iter(Axis(1)).map(of_column).unzip::<_, _, Vec<_>, Vec<_>>();
        Ok(Scaler { center: center.into(), scale: scale.into() })
    }
}

/// A fitted [`Scaling`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    center: Array1<f64>,
    scale: Array1<f64>,
}

impl Scaler {
    /// What is subtracted from each feature.
    pub fn center(&self) -> ArrayView1<'_, f64> {
        self.center.view()
    }

    /// What each feature is divided by, never 0.
    pub fn scale(&self) -> ArrayView1<'_, f64> {
        self.scale.view()
    }

    /// `(x - center) / scale`.
    ///
    /// # Errors
    /// [`Error::Features`](crate::Error::Features) and
    /// [`Error::NotFinite`](crate::Error::NotFinite).
    pub fn transform(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        check_features(x, self.center.len())?;
        Ok((&x - &self.center) / &self.scale)
    }
}

fn mean_and_deviation(column: ArrayView1<'_, f64>) -> (f64, f64) {
    let n = column.len() as f64;
    let mean = column.sum() / n;
    // The second sum removes what rounding left in the mean (Chan, Golub and LeVeque 1983).
    let rest = column.iter().map(|value| value - mean).sum::<f64>();
    let squares = column.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    let variance = (squares - rest * rest / n) / n;
    let noise = n * f64::EPSILON * variance + (n * mean * f64::EPSILON).powi(2);
    (mean, if variance <= noise { 1.0 } else { variance.sqrt() })
}

fn median_and_range(column: ArrayView1<'_, f64>) -> (f64, f64) {
    let mut sorted = column.to_vec();
    sorted.sort_by(f64::total_cmp);
    let range = quantile(&sorted, 0.75) - quantile(&sorted, 0.25);
    let noise = 10.0 * f64::EPSILON;
    (quantile(&sorted, 0.5), if range < noise { 1.0 } else { range })
}

/// The quantile of ascending values, interpolated linearly between neighbors.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}
