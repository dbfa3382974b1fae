//! Augmentation through the public functions.

mod geometry;
mod intensity;
mod labels;
mod laws;
mod paste;
mod recipe;

use micrograph_augment::Key;
use ndarray::Array3;

/// The `n`-th sample of a run.
fn key(n: u64) -> Key {
    Key { seed: 17, epoch: 3, sample: n, copy: 0 }
}

/// An uneven image, in `0..=255`.
fn image(channels: usize, height: usize, width: usize) -> Array3<f32> {
    Array3::from_shape_fn((channels, height, width), |(c, y, x)| {
        ((c * 31 + y * y * 7 + x * 11 + x * y * 3) % 256) as f32
    })
}

/// The values as doubles, for a comparison.
fn doubles<'a>(values: impl IntoIterator<Item = &'a f32>) -> Vec<f64> {
    values.into_iter().copied().map(f64::from).collect()
}
