//! Implementations of one work, side by side: each in a process of its own, in alternating rounds.

mod worker;

pub(crate) use worker::serve;
#[allow(unused_imports, reason = "each benchmark uses one of the two")]
pub(crate) use worker::{ON_CPU, ON_CUDA};

use std::fs;
use std::path::PathBuf;
use worker::{Peer, Worker};

/// Rounds; each lets every implementation run for about [`TURN_MS`].
const ROUNDS: usize = 7;
const TURN_MS: f64 = 400.0;

/// One work of one implementation: does it once.
pub(crate) type Run = Box<dyn FnMut()>;

/// What one implementation needed.
struct Measured {
    implementation: &'static str,
    /// Medians of the rounds, in milliseconds, in the order in which they ran.
    rounds: Vec<f64>,
    peak_mb: Option<f64>,
}

impl Measured {
    /// Ours over theirs, round by round: what else ran on the machine slowed both.
    fn ratio_to(&self, theirs: &Self) -> Spread {
        Spread::of(self.rounds.iter().zip(&theirs.rounds).map(|(ours, theirs)| ours / theirs))
    }

    /// Ours that computes as this one does: in bf16 beside bf16, else the first.
    fn ours<'a>(&self, results: &'a [Self]) -> &'a Self {
        let in_bf16 = |measured: &&Self| measured.implementation == "ours_bf16";
        let paired = (self.implementation == "pytorch_bf16").then(|| results.iter().find(in_bf16));
        paired.flatten().unwrap_or(&results[0])
    }
}

/// What lies in the middle of some numbers, and at their ends.
struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(numbers: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = numbers.collect();
        sorted.sort_by(f64::total_cmp);
        let (least, most) = (sorted[0], sorted[sorted.len() - 1]);
        Self { median: sorted[sorted.len() / 2], least, most }
    }
}

/// Measures each work by its implementations in Rust, ours first, and the peers; prints a table and writes `benchmarks/NAME.json` in the target folder.
pub(crate) fn compare(name: &str, works: &[(&str, &[&'static str])], peers: &[Peer]) {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let mut lines = Vec::new();
    for (work, rust) in works {
        if !chosen.is_empty() && !chosen.iter().any(|part| work.contains(part.as_str())) {
            continue;
        }
        let results = measure(work, rust, peers);
        print(work, &results);
        lines.extend(results.iter().map(|result| line(work, result, &results)));
    }
    let folder = target().join("benchmarks");
    fs::create_dir_all(&folder).expect("the folder of results");
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, format!("[\n{}\n]\n", lines.join(",\n"))).expect("the results");
    println!("\nwritten: {}", file.display());
}

/// A line of the results: `ours_over_this` is the median, the least and the most of the rounds.
fn line(work: &str, result: &Measured, results: &[Measured]) -> String {
    let Measured { implementation, rounds, peak_mb } = result;
    let Spread { median, least, most } = Spread::of(rounds.iter().copied());
    let ours = result.ours(results);
    let ratio = ours.ratio_to(result);
    let peak = peak_mb.map_or("null".to_owned(), |mb| format!("{mb:.1}"));
    format!(
        "  {{\"work\": \"{work}\", \"implementation\": \"{implementation}\", \
         \"median_ms\": {median:.4}, \"least_ms\": {least:.4}, \"most_ms\": {most:.4}, \
         \"ours\": \"{}\", \"ours_over_this\": [{:.4}, {:.4}, {:.4}], \"peak_mb\": {peak}}}",
        ours.implementation, ratio.median, ratio.least, ratio.most,
    )
}

/// The target folder: the benchmark lies in its `release/deps`.
fn target() -> PathBuf {
    let program = std::env::current_exe().expect("a program has a path");
    program.ancestors().nth(3).expect("three folders above").to_path_buf()
}

fn measure(work: &str, rust: &[&'static str], peers: &[Peer]) -> Vec<Measured> {
    let mut workers = Worker::all(rust, peers);
    let mut counts = Vec::new();
    for worker in &mut workers {
        worker.run(work, 2);
        let once = worker.run(work, 2);
        counts.push((TURN_MS / once).clamp(1.0, 200.0) as usize);
    }
    let mut rounds = vec![Vec::new(); workers.len()];
    for _ in 0..ROUNDS {
        for ((worker, rounds), &count) in workers.iter_mut().zip(&mut rounds).zip(&counts) {
            rounds.push(worker.run(work, count));
        }
    }
    let measured = workers.iter().zip(rounds).map(|(worker, rounds)| {
        let (implementation, peak_mb) = (worker.implementation(), worker.peak_mb());
        Measured { implementation, rounds, peak_mb }
    });
    measured.collect()
}

fn print(work: &str, results: &[Measured]) {
    println!("\n{work}");
    for result in results {
        let Spread { median, least, most } = Spread::of(result.rounds.iter().copied());
        let ours = result.ours(results);
        let ratio = ours.ratio_to(result);
        let peak = result.peak_mb.map_or(String::new(), |mb| format!("{mb:.0} MB"));
        println!(
            "  {:<14} {median:>9.3} ms ({least:.3} to {most:.3})  {} is {:.2} x ({:.2} to {:.2})  \
             {peak}",
            result.implementation, ours.implementation, ratio.median, ratio.least, ratio.most,
        );
    }
}
