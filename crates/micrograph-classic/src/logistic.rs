//! Logistic regression.

use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

use crate::covariance::product;
use crate::linear::{LinearModel, Parts};
use crate::minimize::{Slope, minimize};
use crate::svm::above_0;
use crate::{ClassWeights, Fit, Result, Samples};

/// Logistic regression: classes whose log odds are linear in the features, multinomial for more
/// than two.
///
/// It minimizes `c * sum over samples of weight(class) * cross-entropy + |w|^2 / 2`; intercepts are
/// not punished. Two classes have one vector of weights, more have one each, as in scikit-learn.
/// Scale the features first.
///
/// # Errors
/// Besides those of [`Fit`]: [`Error::OneClass`](crate::Error::OneClass),
/// [`Error::TooLarge`](crate::Error::TooLarge), and
/// [`Error::NotConverged`](crate::Error::NotConverged) when `max_iterations` are used up.
///
/// # Source
/// scikit-learn's `LogisticRegression(solver="lbfgs")`; Liu and Nocedal 1989 for L-BFGS.
///
/// # Example
/// ```
/// use micrograph_classic::{Classifier, Fit, Logistic, Samples};
/// use ndarray::array;
///
/// let x = array![[-2.0], [-1.0], [1.0], [2.0]];
/// let model = Logistic::default().fit(&Samples::new(x.view(), &[0, 0, 1, 1], 2)?, 0)?;
/// let p = model.probabilities(array![[0.0], [3.0]].view())?;
/// assert!((p[[0, 0]] - 0.5).abs() < 1e-3 && p[[1, 1]] > 0.9);
/// # Ok::<(), micrograph_classic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Logistic {
    /// The price of an error, above 0; 1 by default. Less means smaller weights.
    pub c: f64,
    /// Factors of `c` for the samples of a class.
    pub class_weights: ClassWeights,
    /// The largest entry of the gradient, of the mean loss, at which fitting stops; 1e-4 by
    /// default, as in scikit-learn.
    pub tolerance: f64,
    /// Steps after which fitting fails; 1000 by default.
    pub max_iterations: usize,
}

impl Default for Logistic {
    fn default() -> Self {
        Self {
            c: 1.0,
            class_weights: ClassWeights::default(),
            tolerance: 1e-4,
            max_iterations: 1000,
        }
    }
}

impl Fit for Logistic {
    type Model = LinearModel;

    fn fit(&self, samples: &Samples<'_>, _seed: u64) -> Result<LinearModel> {
        above_0("c", self.c)?;
        above_0("tolerance", self.tolerance)?;
        let classes = samples.at_least_two_classes()?;
        let class_weights = self.class_weights.of(samples)?;
        let (center, x) = samples.around_mean()?;
        let place = |label: &u32| classes.partition_point(|class| class < label);
        let weights: Array1<f64> =
            samples.labels().iter().map(|&label| class_weights[label as usize]).collect();
        let total = weights.sum();
        let loss = Loss {
            x: &x,
            places: samples.labels().iter().map(place).collect(),
            weights: weights / total,
            vectors: if classes.len() == 2 { 1 } else { classes.len() },
            ridge: 1.0 / (self.c * total),
        };
        let start = Array1::zeros((x.ncols() + 1) * loss.vectors);
        let least = minimize(start, |at| loss.at(at), self.tolerance, self.max_iterations)?;
        let least = loss.matrix(&least);
        let (weights, _) = least.view().split_at(Axis(0), x.ncols());
        let offsets = least.row(x.ncols());
        let (weights, offsets) = if loss.vectors == 1 {
            let zeros = Array2::zeros((x.ncols(), 1));
            let weights = ndarray::concatenate![Axis(1), zeros, weights];
            (weights, Array1::from(vec![0.0, offsets[0]]))
        } else {
            (weights.to_owned(), offsets.to_owned())
        };
        let n_classes = samples.n_classes();
        Ok(LinearModel::new(Parts { center, weights, offsets, classes, n_classes }))
    }
}

/// The mean loss of weights, whose matrix has an intercept below the features.
struct Loss<'a> {
    x: &'a Array2<f64>,
    /// The place of each sample's class.
    places: Vec<usize>,
    /// Of samples; they sum to 1.
    weights: Array1<f64>,
    vectors: usize,
    ridge: f64,
}

impl Loss<'_> {
    fn matrix(&self, at: &Array1<f64>) -> Array2<f64> {
        let shape = (self.x.ncols() + 1, self.vectors);
        Array2::from_shape_fn(shape, |(row, column)| at[row * self.vectors + column])
    }

    fn at(&self, at: &Array1<f64>) -> Slope {
        let d = self.x.ncols();
        let all = self.matrix(at);
        let ((weights, _), offsets) = (all.view().split_at(Axis(0), d), all.row(d));
        let mut scores = product(self.x.view(), weights) + offsets;
        let mut value = 0.0;
        for ((mut scores, &place), &weight) in
            scores.outer_iter_mut().zip(&self.places).zip(&self.weights)
        {
            value += weight * entropy(scores.as_slice_mut().unwrap_or_default(), place);
            scores *= weight;
        }
        let mut gradient = product(self.x.t(), scores.view()) + &weights * self.ridge;
        gradient.push_row(scores.sum_axis(Axis(0)).view()).unwrap_or_default();
        value += self.ridge / 2.0 * weights.iter().map(|w| w * w).sum::<f64>();
        Slope { value, gradient: gradient.iter().copied().collect() }
    }
}

/// The cross-entropy of scores, which become its gradient; of one score, that of the second of two
/// classes against the first.
fn entropy(scores: &mut [f64], place: usize) -> f64 {
    if let [score] = scores {
        let sign = if place == 1 { 1.0 } else { -1.0 };
        let margin = sign * *score;
        let e = (-margin.abs()).exp();
        // The probability of the other class.
        let wrong = if margin > 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) };
        *score = -sign * wrong;
        return e.ln_1p() + (-margin).max(0.0);
    }
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let own = scores[place] - highest;
    let sum: f64 = scores.iter().map(|score| (score - highest).exp()).sum();
    scores.iter_mut().for_each(|score| *score = (*score - highest).exp() / sum);
    scores[place] -= 1.0;
    sum.ln() - own
}
