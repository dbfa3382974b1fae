//! Fitting and prediction of classical models beside scikit-learn, in alternating rounds, with how
//! far the predictions agree.
//!
//! `cargo bench -p micrograph-classic [svm|forest|tree]`; `MICROGRAPH_PYTHON` names a Python with
//! scikit-learn, which also makes the data: 8,800 samples of 110 features, 2,200 to predict.
//! With `--features linfa-peers`, `linfa-svm` and `linfa-trees` too, once each: they and what they
//! stand on would be compiled with every test otherwise.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use micrograph_classic::{
    ClassWeights, Classifier, Fit, ForestConfig, Gamma, Kernel, Samples, SvmConfig, TreeConfig,
};
use ndarray::{Array2, Axis};

#[cfg(feature = "linfa-peers")]
#[path = "classic/linfa.rs"]
mod linfa;

const FITTED: usize = 8800;
const FEATURES: usize = 110;

/// Name of a work and its rounds, each with the round's number as seed.
const WORKS: [(&str, u64); 3] = [("svm", 5), ("forest", 10), ("tree", 5)];

fn main() {
    let folder = target().join("benchmarks");
    fs::create_dir_all(&folder).expect("the folder of results");
    let Some(mut peer) = Peer::start(&folder) else {
        println!(
            "skipped: classic (scikit-learn does not start; install benches/peers/requirements.txt and set MICROGRAPH_PYTHON)"
        );
        return;
    };
    let data = Data::read(&folder);
    let chosen: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let mut lines = Vec::new();
    for (work, rounds) in WORKS {
        if !chosen.is_empty() && !chosen.iter().any(|name| name == work) {
            continue;
        }
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for seed in 0..rounds {
            ours.push(data.run(work, seed));
            theirs.push(peer.run(work, seed));
        }
        let agreeing = ours.iter().zip(&theirs).map(|(a, b)| share_equal(&a.1, &b.1));
        let agreeing = agreeing.fold(1.0, f64::min);
        println!("\n{work}: predictions agree for at least {:.2} % of samples", agreeing * 100.0);
        let medians = [("ours", &ours), ("scikit-learn", &theirs)].map(|(name, results)| {
            let median = report(name, results, data.expected());
            lines.push(format!(
                "  {{\"work\": \"{work}\", \"implementation\": \"{name}\", \"median_ms\": {median:.1}, \"peak_mb\": null}}"
            ));
            median
        });
        println!("  ours takes {:.2} x scikit-learn's time", medians[0] / medians[1]);
        #[cfg(feature = "linfa-peers")]
        if let Some((time, predicted)) = linfa::run(work, &data.x, &data.labels, FITTED) {
            let accuracy = share_equal(&predicted, data.expected());
            println!("  linfa          {time:>8.0} ms  accuracy {accuracy:.4}");
        }
    }
    let file = folder.join("classic.json");
    fs::write(&file, format!("[\n{}\n]\n", lines.join(",\n"))).expect("the results");
    println!("\nwritten: {}", file.display());
}

/// Prints times and accuracies of one implementation; gives back the median time.
fn report(name: &str, results: &[(f64, Vec<u32>)], expected: &[u32]) -> f64 {
    let mut times: Vec<f64> = results.iter().map(|result| result.0).collect();
    times.sort_by(f64::total_cmp);
    let accuracies: Vec<f64> = results.iter().map(|r| share_equal(&r.1, expected)).collect();
    let n = accuracies.len() as f64;
    let mean = accuracies.iter().sum::<f64>() / n;
    let variance = accuracies.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let median = times[times.len() / 2];
    println!(
        "  {name:<14} {median:>8.0} ms ({:.0} to {:.0})  accuracy {mean:.4}, standard error {:.4}",
        times[0],
        times[times.len() - 1],
        (variance / n).sqrt()
    );
    median
}

fn share_equal(a: &[u32], b: &[u32]) -> f64 {
    a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / a.len() as f64
}

/// The target folder: the benchmark lies in its `PROFILE/deps`.
fn target() -> PathBuf {
    let program = std::env::current_exe().expect("a program has a path");
    program.ancestors().nth(3).expect("three folders above").to_path_buf()
}

/// The samples that scikit-learn made.
struct Data {
    x: Array2<f64>,
    labels: Vec<u32>,
}

impl Data {
    fn read(folder: &Path) -> Self {
        let bytes = fs::read(folder.join("x.f64")).expect("the features");
        let values =
            bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("eight")));
        let labels = fs::read(folder.join("y.u8")).expect("the labels");
        let x =
            Array2::from_shape_vec((labels.len(), FEATURES), values.collect()).expect("a matrix");
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

/// scikit-learn in a process of its own.
struct Peer {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    fn start(folder: &Path) -> Option<Self> {
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/peers/sklearn_worker.py");
        let python = std::env::var_os("MICROGRAPH_PYTHON").map_or("python3".into(), PathBuf::from);
        let mut command = Command::new(python);
        command.arg(script).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.stderr(Stdio::null()).spawn().ok()?;
        let mut answers = BufReader::new(process.stdout.take()?);
        let mut greeting = String::new();
        answers.read_line(&mut greeting).ok().filter(|_| greeting.trim() == "ready")?;
        Some(Self { process, answers })
    }

    fn run(&mut self, work: &str, seed: u64) -> (f64, Vec<u32>) {
        let input = self.process.stdin.as_mut().expect("it was piped");
        writeln!(input, "{work} {seed}").expect("the worker listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the worker answers");
        let mut words = answer.split_whitespace();
        let time = words.next().and_then(|word| word.parse().ok()).expect("a time");
        (time, words.map(|word| word.parse().expect("a class")).collect())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Its input ends, and with it the loop of the worker.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
