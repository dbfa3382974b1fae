//! The confusion matrices of the classifiers, in the order of the published tables.

use super::standing::Standing;
use crate::format::{plural, quoted};
use crate::view::matrix::Matrix;

/// The matrices of one classifier.
pub(super) struct ModelMatrices {
    pub(super) name: String,
    pub(super) source: String,
    pub(super) matrices: Vec<Matrix>,
}

/// Of each classifier, and of what was published.
pub(super) fn matrices(standing: &Standing<'_>) -> Vec<ModelMatrices> {
    let ours = standing.order.iter().map(|&index| of_model(standing, index));
    let published = standing.report.published.iter().map(|published| ModelMatrices {
        name: published.name.clone(),
        source: published.source.clone(),
        matrices: vec![Matrix::of_shares(
            "Share of each true class",
            published.matrix.classes(),
            &published.matrix.normalized(),
        )],
    });
    ours.chain(published).collect()
}

fn of_model(standing: &Standing<'_>, index: usize) -> ModelMatrices {
    let model = standing.model(index);
    let order = &standing.classes;
    let classes = reordered(model.evaluation.confusion.classes(), order);
    let square = |rows: &[Vec<f64>]| -> Vec<Vec<f64>> {
        reordered(rows, order).iter().map(|row| reordered(row, order)).collect()
    };
    let shares = |rows: &[Option<Vec<f64>>]| -> Vec<Option<Vec<f64>>> {
        let row = |row: &Option<Vec<f64>>| row.as_ref().map(|row| reordered(row, order));
        reordered(rows, order).iter().map(row).collect()
    };
    let matrices = match &model.folds {
        Some(folds) => {
            let n = plural(folds.folds().len(), "fold", "folds");
            let means = folds.mean_normalized();
            let rows: Vec<_> = means.iter().map(|row| row.shares.clone()).collect();
            let title = format!("Mean share over {n}");
            let mut normalized = Matrix::of_shares(&title, &classes, &shares(&rows));
            let short: Vec<String> = (folds.classes().iter().zip(&means))
                .filter(|(_, row)| row.n_undefined > 0)
                .map(|(name, row)| {
                    format!("{} in {}", quoted(name), plural(row.n_undefined, "fold", "folds"))
                })
                .collect();
            if !short.is_empty() {
                normalized.note =
                    format!("Without a sample, and left out of the mean: {}.", short.join(", "));
            }
            let title = format!("Mean count over {n}");
            vec![normalized, Matrix::of_counts(&title, &classes, &square(&folds.mean_counts()))]
        }
        None => {
            let confusion = &model.evaluation.confusion;
            let cells = confusion.cells();
            let rows: Vec<Vec<f64>> = cells.rows().into_iter().map(|row| row.to_vec()).collect();
            let normalized = shares(&confusion.normalized());
            vec![
                Matrix::of_shares("Share of each true class", &classes, &normalized),
                Matrix::of_counts("Counts", &classes, &square(&rows)),
            ]
        }
    };
    ModelMatrices { name: model.name.clone(), source: String::new(), matrices }
}

/// The items at the positions of `order`.
fn reordered<T: Clone>(items: &[T], order: &[usize]) -> Vec<T> {
    order.iter().filter_map(|&position| items.get(position).cloned()).collect()
}
