//! linfa's side of the benchmark.

use std::time::Instant;

use linfa::Dataset;
use linfa::composing::MultiClassModel;
use linfa::dataset::AsSingleTargets as _;
use linfa::prelude::Pr;
use linfa::traits::{Fit as _, Predict as _};
use linfa_svm::Svm;
use linfa_trees::DecisionTree;
use ndarray16::{Array1, Array2, ArrayView2};

/// Milliseconds of fitting to the first samples and predicting the others, and the classes;
/// `None` for a work that linfa does not have.
pub(crate) fn run(
    work: &str,
    x: &ndarray::Array2<f64>,
    labels: &[u32],
    fitted: usize,
) -> Option<(f64, Vec<u32>)> {
    let all = ArrayView2::from_shape(x.dim(), x.as_slice()?).ok()?;
    let (train, new) = all.split_at(ndarray16::Axis(0), fitted);
    let targets: Array1<usize> = labels[..fitted].iter().map(|&label| label as usize).collect();
    let (train, new) = (Dataset::new(train.to_owned(), targets), new.to_owned());
    let start = Instant::now();
    let predicted = match work {
        "svm" => machine(&train, &new),
        "tree" => DecisionTree::params().fit(&train).expect("a tree").predict(&new),
        _ => return None,
    };
    let time = start.elapsed().as_secs_f64() * 1000.0;
    Some((time, predicted.into_iter().map(|class| class as u32).collect()))
}

/// One class against the others, with balanced weights, as linfa has no pairs.
fn machine(train: &Dataset<f64, usize, ndarray16::Ix1>, new: &Array2<f64>) -> Array1<usize> {
    let models = train.one_vs_all().expect("a data set for each class").into_iter();
    let model: MultiClassModel<_, _> = models
        .map(|(class, data)| {
            let targets = data.as_single_targets();
            let own = targets.iter().filter(|&&own| own).count() as f64;
            let n = targets.len() as f64;
            let params = Svm::<f64, Pr>::params()
                .pos_neg_weights(n / (2.0 * own), n / (2.0 * (n - own)))
                .gaussian_kernel(train.records().ncols() as f64);
            (class, params.fit(&data).expect("a machine"))
        })
        .collect();
    model.predict(new)
}
