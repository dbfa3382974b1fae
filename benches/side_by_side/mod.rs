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
    /// Medians of the rounds, in milliseconds, sorted.
    rounds: Vec<f64>,
    peak_mb: Option<f64>,
}

impl Measured {
    fn median(&self) -> f64 {
        self.rounds[self.rounds.len() / 2]
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
        for result in &results {
            let peak = result.peak_mb.map_or("null".to_owned(), |mb| format!("{mb:.1}"));
            lines.push(format!(
                "  {{\"work\": \"{work}\", \"implementation\": \"{}\", \"median_ms\": {:.4}, \"peak_mb\": {peak}}}",
                result.implementation,
                result.median(),
            ));
        }
    }
    let folder = target().join("benchmarks");
    fs::create_dir_all(&folder).expect("the folder of results");
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, format!("[\n{}\n]\n", lines.join(",\n"))).expect("the results");
    println!("\nwritten: {}", file.display());
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
    let measured = workers.iter().zip(rounds).map(|(worker, mut rounds)| {
        rounds.sort_by(f64::total_cmp);
        Measured { implementation: worker.implementation(), rounds, peak_mb: worker.peak_mb() }
    });
    measured.collect()
}

fn print(work: &str, results: &[Measured]) {
    println!("\n{work}");
    let ours = results[0].median();
    for result in results {
        let (first, last) = (result.rounds[0], result.rounds[result.rounds.len() - 1]);
        let peak = result.peak_mb.map_or(String::new(), |mb| format!("{mb:.0} MB"));
        println!(
            "  {:<14} {:>9.3} ms  ({first:.3} to {last:.3})  ours is {:.2} x  {peak}",
            result.implementation,
            result.median(),
            ours / result.median(),
        );
    }
}
