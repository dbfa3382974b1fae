//! Fitting and prediction of classical models beside scikit-learn, in alternating rounds, with how
//! far the predictions agree.
//!
//! `cargo bench -p micrograph-classic [svm|forest|tree]`; `MICROGRAPH_PYTHON` names a Python with
//! scikit-learn, which also makes the data: 8,800 samples of 110 features, 2,200 to predict.
//! With `--features linfa-peers`, `linfa-svm` and `linfa-trees` too, once each: they and what they
//! stand on would be compiled with every test otherwise.

mod python_peer;

use std::fs;
use std::path::Path;
use std::time::Instant;

use micrograph_classic::{
    ClassWeights, Classifier, Fit, ForestConfig, Gamma, Kernel, Samples, SvmConfig, TreeConfig,
};
use ndarray::{Array2, Axis};
use python_peer::{PythonPeer, is_chosen, numbers, results_folder, spread, write_medians};

#[cfg(feature = "linfa-peers")]
#[path = "classic/linfa.rs"]
mod linfa;

const FITTED: usize = 8800;
const FEATURES: usize = 110;

/// Name of a work and its rounds, each with the round's number as seed.
const WORKS: [(&str, u64); 3] = [("svm", 5), ("forest", 10), ("tree", 5)];

fn main() {
    let folder = results_folder();
    let Some(mut peer) = PythonPeer::start("sklearn_worker.py", &folder, &[]) else { return };
    let data = Data::read(&folder);
    let mut all_medians = Vec::new();
    for (work, rounds) in WORKS.into_iter().filter(|work| is_chosen(work.0)) {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for seed in 0..rounds {
            ours.push(data.run(work, seed));
            theirs.push(ask(&mut peer, work, seed));
        }
        let agreeing = ours.iter().zip(&theirs).map(|(a, b)| share_equal(&a.1, &b.1));
        let agreeing = agreeing.fold(1.0, f64::min);
        println!("\n{work}: predictions agree for at least {:.2} % of samples", agreeing * 100.0);
        let medians = [("ours", &ours), ("scikit-learn", &theirs)].map(|(name, results)| {
            let median = report(name, results, data.expected());
            all_medians.push((work, name, median));
            median
        });
        println!("  ours takes {:.2} x scikit-learn's time", medians[0] / medians[1]);
        #[cfg(feature = "linfa-peers")]
        if let Some((time, predicted)) = linfa::run(work, &data.x, &data.labels, FITTED) {
            let accuracy = share_equal(&predicted, data.expected());
            println!("  linfa          {time:>8.0} ms  accuracy {accuracy:.4}");
        }
    }
    write_medians(&folder, "classic", &all_medians);
}

/// Prints times and accuracies of one implementation; gives back the median time.
fn report(name: &str, results: &[(f64, Vec<u32>)], expected: &[u32]) -> f64 {
    let [median, least, most] = spread(results.iter().map(|result| result.0));
    let accuracies: Vec<f64> = results.iter().map(|r| share_equal(&r.1, expected)).collect();
    let n = accuracies.len() as f64;
    let mean = accuracies.iter().sum::<f64>() / n;
    let variance = accuracies.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / (n - 1.0);
    println!(
        "  {name:<14} {median:>8.0} ms ({least:.0} to {most:.0})  accuracy {mean:.4}, standard error {:.4}",
        (variance / n).sqrt()
    );
    median
}

fn share_equal(a: &[u32], b: &[u32]) -> f64 {
    a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / a.len() as f64
}

/// The samples that scikit-learn made.
struct Data {
    x: Array2<f64>,
    labels: Vec<u32>,
}

impl Data {
    fn read(folder: &Path) -> Self {
        let values = numbers(&folder.join("x.f64"));
        let labels = fs::read(folder.join("y.u8")).expect("the labels");
        let x = Array2::from_shape_vec((labels.len(), FEATURES), values).expect("a matrix");
        Self { x, labels: labels.into_iter().map(u32::from).collect() }
    }

    fn expected(&self) -> &[u32] {
        &self.labels[FITTED..]
    }

    fn run(&self, work: &str, seed: u64) -> (f64, Vec<u32>) {
        let (x, new) = self.x.view().split_at(Axis(0), FITTED);
        let start = Instant::now();
        let samples = Samples::new(x, &self.labels[..FITTED], 3).expect("samples");
        let predicted = if work == "svm" {
            let config = SvmConfig {
                kernel: Kernel::Rbf { gamma: Gamma::Auto },
                class_weights: ClassWeights::Balanced,
                ..SvmConfig::default()
            };
            config.fit(&samples, seed).and_then(|model| model.predict(new))
        } else if work == "tree" {
            TreeConfig::default().fit(&samples, seed).and_then(|model| model.predict(new))
        } else {
            ForestConfig::default().fit(&samples, seed).and_then(|model| model.predict(new))
        };
        (start.elapsed().as_secs_f64() * 1000.0, predicted.expect("predictions"))
    }
}

/// Milliseconds of scikit-learn, and the classes that it predicts.
fn ask(peer: &mut PythonPeer, work: &str, seed: u64) -> (f64, Vec<u32>) {
    let answer = peer.ask(&format!("{work} {seed}"));
    let mut words = answer.split_whitespace();
    let time = words.next().and_then(|word| word.parse().ok()).expect("a time");
    (time, words.map(|word| word.parse().expect("a class")).collect())
}
