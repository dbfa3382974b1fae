//! The behavior of micrograph-segment through its public interface.

mod border_weights;
mod edge_cases;
mod geometry;
mod laws;
mod measures;
mod peers;

use ndarray::{Array2, ArrayView2};

/// A mask from rows of text, where `#` is object.
fn mask(rows: &[&str]) -> Array2<bool> {
    let objects: Vec<bool> = rows.iter().flat_map(|row| row.bytes().map(|b| b == b'#')).collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), objects).unwrap()
}

/// The values as doubles, for a comparison.
fn doubles(values: ArrayView2<'_, f32>) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

#[test]
fn values_can_be_sent_between_threads() {
    fn check<T: Send + Sync + 'static>() {}
    check::<micrograph_segment::Histogram>();
    check::<micrograph_segment::InstancesConfig>();
    check::<micrograph_segment::Error>();
}
