//! Distances between the borders of two masks.

use micrograph_metrics::segmentation::SurfaceDistances;
use ndarray::{Array2, ArrayView2};

use crate::distance::{Beyond, distance_transform};
use crate::error::{Result, same_shape};

/// The distance of each border pixel of a mask to the border of another, in both directions.
///
/// The border are the object's pixels that have background, or the image's end, on a side.
/// Hausdorff distance, its percentiles and boundary F come from the result.
///
/// # Errors
/// A prediction of another shape.
///
/// # Source
/// The definition of the border is that of MONAI and of DeepMind's `surface-distance`. The oracle is
/// `skimage.metrics.hausdorff_distance` of the borders.
///
/// # Example
/// ```
/// use micrograph_segment::surface_distances;
/// use ndarray::Array2;
/// let square = |from: usize| {
///     let inside = move |i: usize| (from..from + 4).contains(&i);
///     Array2::from_shape_fn((12, 12), move |(y, x)| inside(y) && inside(x))
/// };
/// let distances = surface_distances(square(1).view(), square(2).view())?;
/// assert_eq!(distances.hausdorff(), Some(2.0_f64.sqrt()));
/// assert_eq!(distances.boundary_f(2.0), Ok(Some(1.0)));
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn surface_distances(
    truth: ArrayView2<'_, bool>,
    predicted: ArrayView2<'_, bool>,
) -> Result<SurfaceDistances> {
    same_shape("a prediction", truth.dim(), predicted.dim())?;
    let borders = [surface(truth), surface(predicted)];
    let [to_truth, to_predicted] = [0, 1].map(|side| {
        let elsewhere = borders[side].mapv(|border| !border);
        distance_transform(elsewhere.view(), Beyond::Nothing)
    });
    let along = |border: &Array2<bool>, distance: &Array2<f64>| {
        let on_border = border.iter().zip(distance).filter(|&(&border, _)| border);
        on_border.map(|(_, &distance)| distance).collect()
    };
    Ok(SurfaceDistances::new(along(&borders[0], &to_predicted), along(&borders[1], &to_truth))?)
}

/// The object's pixels that have background or the image's end on a side.
fn surface(mask: ArrayView2<'_, bool>) -> Array2<bool> {
    let inside = distance_transform(mask, Beyond::Background);
    inside.mapv(|distance| distance == 1.0)
}
