//! What every network of this crate can do.

use candle::Tensor;
use micrograph_ops::{Algorithm, RandomKey};

use crate::init::name_hash;
use crate::{Field, InputShape, Parameters, Result};

/// Whether a forward pass evaluates or trains, and where all its randomness comes from.
///
/// Two training passes with the same mode, input and parameters give the same bits: what is drawn
/// is a function of (seed, step, name of the layer, element), never of time, thread or call order.
/// A resumed run therefore needs no generator state, only the number of its next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// No dropout, no noise, nothing random. Parameters are constants: a gradient may flow to the
    /// input alone, and where the input needs none, what a layer made is freed when the next has
    /// used it.
    Evaluate,
    /// Dropout and noise on weights as configured.
    Train {
        /// The seed of the run.
        seed: u64,
        /// Epochs already finished, from 0; decides how far dropout has decayed.
        epoch: u64,
        /// Steps already taken in the run (not in the epoch), from 0.
        step: u64,
    },
}

impl Mode {
    /// The key of what the place `name` draws in this pass; `None` in evaluation.
    pub(crate) fn key(self, name: &str) -> Option<RandomKey> {
        match self {
            Self::Evaluate => None,
            Self::Train { seed, step, .. } => {
                Some(RandomKey { seed: seed ^ name_hash(name), stream: step })
            }
        }
    }
}

/// A trainable function from images to scores of classes: of an image, or of each of its pixels.
pub trait Network: Send + Sync {
    /// The logits of a batch: raw scores, of which the softmax is the class probabilities.
    ///
    /// # Shapes
    /// - `xs`: `(n, channels, height, width)` as [`input`](Self::input) says, `n >= 1`, of the
    ///   type of the parameters; or bf16 or f16 where these are f32, on a device that has them:
    ///   layers then compute with copies of the parameters in the type of `xs`
    /// - returns: of the type of `xs`, `(n, n_classes)` where images are classified,
    ///   `(n, n_classes, height, width)` where they are segmented
    ///
    /// # Errors
    /// When `xs` has another shape or type.
    fn forward(&self, xs: &Tensor, mode: Mode) -> Result<Tensor>;

    /// The trainable numbers.
    fn parameters(&self) -> &Parameters;

    /// The shape of one input: one size, or any of many.
    fn input(&self) -> InputShape;

    /// The number of classes, which is the number of logits of an image or pixel.
    fn n_classes(&self) -> usize;
}

/// A network that says one thing about an image.
pub trait ClassificationNetwork: Network {
    /// What the last layer takes of a batch, in evaluation: what the network has made of each image
    /// before it weighs its classes. Another classifier can be fitted to it, alone or beside other
    /// features.
    ///
    /// # Shapes
    /// - `xs`: as of [`forward`](Network::forward)
    /// - returns: `(n, embedding_length)`, of the type of `xs`
    ///
    /// # Errors
    /// As [`forward`](Network::forward).
    fn embedding(&self, xs: &Tensor) -> Result<Tensor>;

    /// How many numbers the last layer takes of an image.
    fn embedding_length(&self) -> usize;
}

/// A network that says something about each pixel: the logits have the size of the images.
pub trait SegmentationNetwork: Network {
    /// Which pixels decide about one of the logits.
    fn field(&self) -> Field;

    /// How convolutions are summed from now on: fast, as a network begins, or exact, so that a tile
    /// with enough around it has the same bits as the whole.
    fn set_algorithm(&mut self, algorithm: Algorithm);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_between_places_steps_and_seeds() {
        let key = |seed, step, name| Mode::Train { seed, epoch: 0, step }.key(name).unwrap();
        let keys = [key(1, 0, "a"), key(2, 0, "a"), key(1, 1, "a"), key(1, 0, "b")];
        for (index, one) in keys.iter().enumerate() {
            assert!(keys[..index].iter().all(|other| other != one));
        }
        assert_eq!(Mode::Evaluate.key("a"), None);
    }
}
