//! Random numbers that depend on nothing but the key and the operation.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// What names the randomness of one appearance of one sample.
///
/// The same key gives the same bits, in whatever order and on whatever thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The seed of the run.
    pub seed: u64,
    /// The epoch, counted from 0.
    pub epoch: u64,
    /// The sample, by something that does not change with the order of files: a hash of its path.
    pub sample: u64,
    /// The how-manieth appearance of the sample in the epoch, counted from 0, so that the copies
    /// that oversampling makes differ.
    pub copy: u64,
}

/// An operation that draws; its number selects the stream, so a number once given stays.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Operation {
    Rotation = 0,
    ShiftVertical = 1,
    ShiftHorizontal = 2,
    Shear = 3,
    Zoom = 4,
    FlipHorizontal = 5,
    FlipVertical = 6,
    Brightness = 7,
    Contrast = 8,
    Gamma = 9,
    Noise = 10,
    QuarterTurns = 11,
    Elastic = 12,
    Crop = 13,
    Paste = 14,
}

impl Key {
    /// The stream of an operation: the key is the seed of ChaCha8, the operation its stream.
    pub(crate) fn stream(&self, operation: Operation) -> ChaCha8Rng {
        let mut seed = [0; 32];
        let words = [self.seed, self.epoch, self.sample, self.copy];
        for (bytes, word) in seed.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let mut stream = ChaCha8Rng::from_seed(seed);
        stream.set_stream(operation as u64);
        stream
    }

    /// The first number of an operation's stream, uniform in `[0, 1)`, a multiple of `2^-53`.
    pub(crate) fn uniform(&self, operation: Operation) -> f64 {
        (self.stream(operation).next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
}
