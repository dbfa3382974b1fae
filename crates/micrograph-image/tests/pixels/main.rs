//! Pixels in, pixels out: resampling, resizing, channels, boxes and ranges.

mod field;
mod input_mode;
mod normalize;
mod preprocess;
mod resample;
mod resize;
mod sequence;

use ndarray::{Array2, Array3};

/// A single-channel image from the rows of a golden.
fn image(values: &[f32], [height, width]: [usize; 2]) -> Array3<f32> {
    Array3::from_shape_vec((1, height, width), values.to_vec()).unwrap()
}

/// A mask from rows of text, where `#` is object.
fn mask(rows: &[&str]) -> Array2<bool> {
    let objects: Vec<bool> = rows.iter().flat_map(|row| row.bytes().map(|b| b == b'#')).collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), objects).unwrap()
}

/// The values as doubles, for a comparison.
fn doubles<'a>(values: impl IntoIterator<Item = &'a f32>) -> Vec<f64> {
    values.into_iter().copied().map(f64::from).collect()
}
