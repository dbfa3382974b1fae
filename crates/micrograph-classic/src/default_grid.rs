//! What is tried where nobody says what.

use std::collections::BTreeMap;

use crate::{Kernel, Method, Pipeline, Setting};

impl Pipeline {
    /// What is tried for `n_features` by default; nothing for `lda`, `centroid` and `dummy`.
    ///
    /// | method | settings |
    /// |---|---|
    /// | `svm` | `c` 0.1, 1, 10, 100; `gamma` 1/16, 1/4, 1, 4, each over the number of features that the machine sees, where the kernel has one |
    /// | `nu_svm` | `nu` 0.1, 0.25, 0.5, 0.75; `gamma` as above |
    /// | `logistic` | `c` from 0.001 to 1000 by tens |
    /// | `forest` | least samples of a leaf: 1, 2, 5, 10 |
    /// | `tree` | depth 3, 5, 8, 12; least samples of a leaf: 1, 5, 20 |
    /// | `neighbors` | 1, 3, 5, 9, 15, 25 |
    /// | `wnd` | share of features 0.05, 0.15, 0.4, 1 |
    ///
    /// # Source
    /// Hsu, Chang and Lin 2003, "A practical guide to support vector classification", for orders of
    /// magnitude of `c` and `gamma`; four of each, so that a search takes seconds.
    pub fn default_grid(&self, n_features: usize) -> BTreeMap<Setting, Vec<f64>> {
        let kept = match self.reduction.clone() {
            Some(mut reduction) => reduction.count().map_or(n_features, |&mut kept| kept),
            None => n_features,
        };
        let width = kept.clamp(1, n_features.max(1)) as f64;
        let gamma = |kernel: &Kernel| {
            let values = [0.0625, 0.25, 1.0, 4.0].map(|value| value / width);
            (*kernel != Kernel::Linear).then(|| (Setting::Gamma, values.to_vec()))
        };
        let mut grid = BTreeMap::new();
        match &self.method {
            Method::Svm(config) => {
                grid.insert(Setting::C, vec![0.1, 1.0, 10.0, 100.0]);
                grid.extend(gamma(&config.kernel));
            }
            Method::NuSvm(config) => {
                grid.insert(Setting::Nu, vec![0.1, 0.25, 0.5, 0.75]);
                grid.extend(gamma(&config.kernel));
            }
            Method::Logistic(_) => {
                grid.insert(Setting::C, vec![1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1e3]);
            }
            Method::Forest(_) => {
                grid.insert(Setting::MinLeaf, vec![1.0, 2.0, 5.0, 10.0]);
            }
            Method::Tree(_) => {
                grid.insert(Setting::MaxDepth, vec![3.0, 5.0, 8.0, 12.0]);
                grid.insert(Setting::MinLeaf, vec![1.0, 5.0, 20.0]);
            }
            Method::Neighbors(_) => {
                grid.insert(Setting::Neighbors, vec![1.0, 3.0, 5.0, 9.0, 15.0, 25.0]);
            }
            Method::Wnd(_) => {
                grid.insert(Setting::Fraction, vec![0.05, 0.15, 0.4, 1.0]);
            }
            Method::Lda(_) | Method::Centroid(_) | Method::Dummy(_) => {}
        }
        grid
    }
}
