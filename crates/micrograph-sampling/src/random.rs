//! Named random streams: every draw follows from the seeds that the caller passes in.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What a stream is for; one purpose never shifts the numbers of another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Folds = 1,
    HoldOut,
    Oversample,
    Undersample,
    Shuffle,
    Geometry,
    Neighbors,
    Optics,
    Background,
    Detector,
    Resample,
    Clusters,
    Cells,
}

/// The stream of `purpose` under three numbers, such as seed, epoch and class.
pub(crate) fn stream(purpose: Purpose, seed: u64, first: u64, second: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    let words = [seed, first, second, purpose as u64];
    for (bytes, word) in key.chunks_exact_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}
