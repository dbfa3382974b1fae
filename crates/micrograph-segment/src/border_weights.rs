//! Weights for pixels between objects that lie close together.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayView2, Axis, Slice};

use crate::{Beyond, Error, Result, distance_transform};

/// U-Net's map of borders: what makes a network separate objects that touch.
///
/// `w(y, x) = 1 + weight * exp(-(d1 + d2)^2 / (2 sigma_px^2))` on background, where `d1` and `d2` are
/// the distances to the nearest and to the second nearest object, between centers of pixels;
/// `w = 1` on objects.
///
/// # Units and ranges
/// `instances` numbers objects from 1; 0 is background. `weight`, finite and not negative, is 10 and
/// `sigma_px`, in pixels, finite and above 0, is 5 in the paper. Weights are from 1 to `1 + weight`.
///
/// # Edge cases
/// With fewer than two objects every weight is 1.
///
/// # Errors
/// [`Error::Setting`] for a constant outside its range.
///
/// # Source
/// Ronneberger, Fischer, Brox, "U-Net", 2015, equation 2, without its weights of classes.
///
/// # Example
/// ```
/// use micrograph_segment::border_weights;
/// use ndarray::array;
///
/// let weights = border_weights(array![[1, 0, 2, 0]].view(), 10.0, 1.0)?;
/// let of = |d1: f64, d2: f64| (1.0 + 10.0 * (-(d1 + d2).powi(2) / 2.0).exp()) as f32;
/// assert_eq!(weights, array![[1.0, of(1.0, 1.0), 1.0, of(1.0, 3.0)]]);
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn border_weights(
    instances: ArrayView2<'_, u32>,
    weight: f64,
    sigma_px: f64,
) -> Result<Array2<f32>> {
    if !(weight.is_finite() && weight >= 0.0) {
        let (what, expected) = ("a border weight", "finite and not negative");
        return Err(Error::Setting { what, expected, got: weight });
    }
    if !(sigma_px.is_finite() && sigma_px > 0.0) {
        let (what, expected) = ("a border's sigma", "finite and above 0 pixels");
        return Err(Error::Setting { what, expected, got: sigma_px });
    }
    let nearest = two_nearest(instances, (SIGMAS * sigma_px).min(1e6).ceil() as usize);
    let scale = -1.0 / (2.0 * sigma_px * sigma_px);
    let weigh = |index: (usize, usize)| {
        let [first, second] = nearest[index];
        if instances[index] > 0 || !second.is_finite() {
            return 1.0;
        }
        (1.0 + weight * (scale * (first + second).powi(2)).exp()) as f32
    };
    Ok(Array2::from_shape_fn(instances.dim(), weigh))
}

/// Objects farther than so many sigmas add nothing: `exp(-SIGMAS^2 / 2)` is 4e-18.
const SIGMAS: f64 = 9.0;

/// The distances to the nearest and to the second nearest object, as far as they are at most
/// `reach`: one transform for each object, of the pixels that it reaches.
fn two_nearest(instances: ArrayView2<'_, u32>, reach: usize) -> Array2<[f64; 2]> {
    let (height, width) = instances.dim();
    let mut nearest = Array2::from_elem(instances.dim(), [f64::INFINITY; 2]);
    for (number, [top, bottom, left, right]) in boxes(instances) {
        let rows = Slice::from(top.saturating_sub(reach)..(bottom + reach + 1).min(height));
        let columns = Slice::from(left.saturating_sub(reach)..(right + reach + 1).min(width));
        let mut around = instances;
        around.slice_axis_inplace(Axis(0), rows);
        around.slice_axis_inplace(Axis(1), columns);
        let outside = around.mapv(|other| other != number);
        let distances = distance_transform(outside.view(), Beyond::Nothing);
        let mut around = nearest.view_mut();
        around.slice_axis_inplace(Axis(0), rows);
        around.slice_axis_inplace(Axis(1), columns);
        for (pair, &distance) in around.iter_mut().zip(&distances) {
            let [first, second] = *pair;
            *pair = [first.min(distance), second.min(first.max(distance))];
        }
    }
    nearest
}

/// The first and the last row and column of each object.
fn boxes(instances: ArrayView2<'_, u32>) -> BTreeMap<u32, [usize; 4]> {
    let mut boxes = BTreeMap::new();
    for ((y, x), &number) in instances.indexed_iter().filter(|(_, number)| **number > 0) {
        let found = boxes.entry(number).or_insert([y, y, x, x]);
        *found = [found[0].min(y), found[1].max(y), found[2].min(x), found[3].max(x)];
    }
    boxes
}
