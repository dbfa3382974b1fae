//! SMOTE on 100,000 samples of 50 features beside imbalanced-learn, in alternating rounds.
//!
//! `cargo bench -p micrograph-sampling [NAME...]`; `MICROGRAPH_PYTHON` names a Python with
//! imbalanced-learn, which also makes the data.

mod python_peer;

use std::fs;
use std::path::Path;
use std::time::Instant;

use micrograph_sampling::Resampler;
use ndarray::Array2;
use python_peer::{PythonPeer, is_chosen, numbers, results_folder, spread, write_medians};

// As in the program `micrograph`: of few rare samples the time goes into memory for the new rows.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FEATURES: usize = 50;

/// Name, method, rare samples of 100,000, and rounds. The time goes into neighbors among the rare
/// class where it is not rare, and into the new samples where it is.
const WORKS: [(&str, &str, usize, usize); 3] = [
    ("smote_2", "smote", 2_000, 9),
    ("smote_10", "smote", 10_000, 9),
    ("smote_30", "smote", 30_000, 5),
];

fn main() {
    let folder = results_folder();
    let Some(mut peer) = PythonPeer::start("imblearn_worker.py", &folder, &[]) else { return };
    let mut medians = Vec::new();
    for (work, method, rare, rounds) in WORKS.into_iter().filter(|work| is_chosen(work.0)) {
        assert_eq!(peer.ask(&format!("make {rare}")).trim(), "made");
        let data = Data::read(&folder);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for seed in 0..rounds {
            ours.push(data.run(method, seed));
            theirs.push(ask(&mut peer, method, seed));
        }
        assert_eq!(ours[0].1, theirs[0].1, "as many samples come out");
        println!(
            "\n{work}: {} samples, {rare} of them rare; {} after",
            data.labels.len(),
            ours[0].1
        );
        for (name, results) in [("ours", &ours), ("imbalanced-learn", &theirs)] {
            let [median, least, most] = spread(results.iter().map(|result| result.0));
            println!("  {name:<17} {median:>8.0} ms ({least:.0} to {most:.0})");
            medians.push((work, name, median));
        }
        let [ratio, least, most] =
            spread(ours.iter().zip(&theirs).map(|(ours, theirs)| ours.0 / theirs.0));
        println!(
            "  ours takes {ratio:.3} x imbalanced-learn's time, median of rounds ({least:.3} to {most:.3})"
        );
    }
    write_medians(&folder, "resample", &medians);
}

/// The samples that the peer made.
struct Data {
    x: Array2<f64>,
    labels: Vec<u32>,
}

impl Data {
    fn read(folder: &Path) -> Self {
        let values = numbers(&folder.join("resample_x.f64"));
        let labels = fs::read(folder.join("resample_y.u8")).expect("the labels");
        let x = Array2::from_shape_vec((labels.len(), FEATURES), values).expect("a matrix");
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

/// Milliseconds of imbalanced-learn, and how many samples there are then.
fn ask(peer: &mut PythonPeer, method: &str, seed: usize) -> (f64, usize) {
    let answer = peer.ask(&format!("{method} {seed}"));
    let (time, samples) = answer.trim().split_once(' ').expect("a time and a number");
    (time.parse().expect("a time"), samples.parse().expect("a number"))
}
