//! The crate's behavior through its public functions.

mod damaged;
mod errors;
mod forest;
mod goldens;
mod laws;
mod more;
mod pipeline;
mod rare;
mod same_bits;
mod search;
mod support;
mod tune;

use micrograph_classic::Samples;
use ndarray::Array2;
use rand::{RngExt as _, SeedableRng as _};

/// Everything public can be sent to and shared with other threads.
#[test]
fn types_are_send_and_sync() {
    fn check<T: Send + Sync>() {}
    check::<micrograph_classic::SvmModel>();
    check::<micrograph_classic::ForestModel>();
    check::<micrograph_classic::TreeModel>();
    check::<micrograph_classic::LinearModel>();
    check::<micrograph_classic::NearestNeighborsModel>();
    check::<micrograph_classic::WndModel>();
    check::<micrograph_classic::DummyModel>();
    check::<micrograph_classic::PipelineModel>();
    check::<micrograph_classic::Scaler>();
    check::<micrograph_classic::OneClassModel>();
    check::<micrograph_classic::Reduced>();
    check::<micrograph_classic::SearchResult>();
    check::<micrograph_classic::Error>();
}

/// `n` samples of three classes, of which the last is rare; the first `informative` of `d`
/// features differ between classes.
fn clouds(n: usize, d: usize, informative: usize, seed: u64) -> (Array2<f64>, Vec<u32>) {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let labels: Vec<u32> = (0..n).map(|i| [0, 1, 0, 1, 0, 1, 0, 1, 0, 2][i % 10]).collect();
    let x = Array2::from_shape_fn((n, d), |(sample, feature)| {
        let noise: f64 = (0..4).map(|_| rng.random_range(-1.0..1.0)).sum();
        let class = f64::from(labels[sample]);
        noise
            + if feature < informative {
                class * if feature % 2 == 0 { 1.5 } else { -1.0 }
            } else {
                0.0
            }
    });
    (x, labels)
}

fn samples<'a>(data: &'a (Array2<f64>, Vec<u32>)) -> Samples<'a> {
    Samples::new(data.0.view(), &data.1, 3).unwrap()
}
