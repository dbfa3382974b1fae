//! SMOTE on 100,000 samples of 50 features beside imbalanced-learn, in alternating rounds.
//!
//! `cargo bench -p micrograph-sampling [NAME...]`; `MICROGRAPH_PYTHON` names a Python with
//! imbalanced-learn, which also makes the data.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use micrograph_sampling::Resampler;
use ndarray::Array2;

const FEATURES: usize = 50;

/// Name, method, rare samples of 100,000, and rounds. The time goes into neighbors among the rare
/// class where it is not rare, and into the new samples where it is.
const WORKS: [(&str, &str, usize, usize); 3] = [
    ("smote_2", "smote", 2_000, 9),
    ("smote_10", "smote", 10_000, 9),
    ("smote_30", "smote", 30_000, 5),
];

fn main() {
    let folder = target().join("benchmarks");
    fs::create_dir_all(&folder).expect("the folder of results");
    let Some(mut peer) = Peer::start(&folder) else {
        println!(
            "skipped: resample (imbalanced-learn does not start; install benches/peers/requirements.txt and set MICROGRAPH_PYTHON)"
        );
        return;
    };
    let chosen: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let mut lines = Vec::new();
    for (work, method, rare, rounds) in WORKS {
        if !chosen.is_empty() && !chosen.iter().any(|name| name == work) {
            continue;
        }
        peer.make(rare);
        let data = Data::read(&folder);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for seed in 0..rounds {
            ours.push(data.run(method, seed));
            theirs.push(peer.run(method, seed));
        }
        assert_eq!(ours[0].1, theirs[0].1, "as many samples come out");
        println!(
            "\n{work}: {} samples, {rare} of them rare; {} after",
            data.labels.len(),
            ours[0].1
        );
        for (name, results) in [("ours", &ours), ("imbalanced-learn", &theirs)] {
            let times = sorted(results.iter().map(|result| result.0));
            let median = times[times.len() / 2];
            let (least, most) = (times[0], times[times.len() - 1]);
            println!("  {name:<17} {median:>8.0} ms ({least:.0} to {most:.0})");
            lines.push(format!(
                "  {{\"work\": \"{work}\", \"implementation\": \"{name}\", \"median_ms\": {median:.1}, \"peak_mb\": null}}"
            ));
        }
        let ratios = sorted(ours.iter().zip(&theirs).map(|(ours, theirs)| ours.0 / theirs.0));
        println!(
            "  ours takes {:.3} x imbalanced-learn's time, median of rounds",
            ratios[ratios.len() / 2]
        );
    }
    let file = folder.join("resample.json");
    fs::write(&file, format!("[\n{}\n]\n", lines.join(",\n"))).expect("the results");
    println!("\nwritten: {}", file.display());
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The target folder: the benchmark lies in its `PROFILE/deps`.
fn target() -> PathBuf {
    let program = std::env::current_exe().expect("a program has a path");
    program.ancestors().nth(3).expect("three folders above").to_path_buf()
}

/// The samples that the peer made.
struct Data {
    x: Array2<f64>,
    labels: Vec<u32>,
}

impl Data {
    fn read(folder: &Path) -> Self {
        let bytes = fs::read(folder.join("resample_x.f64")).expect("the features");
        let values =
            bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("eight")));
        let labels = fs::read(folder.join("resample_y.u8")).expect("the labels");
        let x =
            Array2::from_shape_vec((labels.len(), FEATURES), values.collect()).expect("a matrix");
        Self { x, labels: labels.into_iter().map(u32::from).collect() }
    }

    /// Milliseconds, and how many samples there are then.
    fn run(&self, method: &str, seed: usize) -> (f64, usize) {
        let resampler = Resampler::by_name(method).expect("a method");
        let start = Instant::now();
        let resampled =
            resampler.resample(self.x.view(), &self.labels, 2, seed as u64).expect("new samples");
        (start.elapsed().as_secs_f64() * 1000.0, resampled.labels.len())
    }
}

/// imbalanced-learn in a process of its own.
struct Peer {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    fn start(folder: &Path) -> Option<Self> {
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/peers/imblearn_worker.py");
        let python = std::env::var_os("MICROGRAPH_PYTHON").map_or("python3".into(), PathBuf::from);
        let mut command = Command::new(python);
        command.arg(script).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.stderr(Stdio::null()).spawn().ok()?;
        let mut answers = BufReader::new(process.stdout.take()?);
        let mut greeting = String::new();
        answers.read_line(&mut greeting).ok().filter(|_| greeting.trim() == "ready")?;
        Some(Self { process, answers })
    }

    fn ask(&mut self, question: &str) -> String {
        let input = self.process.stdin.as_mut().expect("it was piped");
        writeln!(input, "{question}").expect("the worker listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the worker answers");
        answer
    }

    fn make(&mut self, rare: usize) {
        assert_eq!(self.ask(&format!("make {rare}")).trim(), "made");
    }

    fn run(&mut self, method: &str, seed: usize) -> (f64, usize) {
        let answer = self.ask(&format!("{method} {seed}"));
        let (time, samples) = answer.trim().split_once(' ').expect("a time and a number");
        (time.parse().expect("a time"), samples.parse().expect("a number"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Its input ends, and with it the loop of the worker.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
