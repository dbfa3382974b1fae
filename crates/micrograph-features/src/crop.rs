//! The object's box as an image of its own, for descriptors that need a rectangle.

use micrograph_image::{ResizeMode, resize};
use ndarray::{Array2, ArrayView2, Axis, Slice};

use crate::error::{Error, Result};
use crate::object::bounds;

/// The rows from `top` to below `bottom`, the columns from `left` to below `right`.
pub(crate) fn cut<T>(
    mut view: ArrayView2<'_, T>,
    [top, bottom, left, right]: [usize; 4],
) -> ArrayView2<'_, T> {
    view.slice_axis_inplace(Axis(0), Slice::from(top..bottom));
    view.slice_axis_inplace(Axis(1), Slice::from(left..right));
    view
}

/// The pixels of the object's box; `None` without an object.
pub(crate) fn boxed<'a>(
    values: ArrayView2<'a, f32>,
    mask: ArrayView2<'a, bool>,
) -> Option<(ArrayView2<'a, f32>, ArrayView2<'a, bool>)> {
    let part = bounds(mask);
    (part[0] < part[1]).then(|| (cut(values, part), cut(mask, part)))
}

/// The object's box with the mean of the object where the object is not, so that nothing beyond it
/// matters; 0 by 0 pixels without an object.
pub(crate) fn filled(values: ArrayView2<'_, f32>, mask: ArrayView2<'_, bool>) -> Array2<f64> {
    let Some((values, mask)) = boxed(values, mask) else {
        return Array2::zeros((0, 0));
    };
    let object = || values.iter().zip(&mask).filter(|&(_, &object)| object);
    let sum: f64 = object().map(|(&value, _)| f64::from(value)).sum();
    let mean = sum / object().count().max(1) as f64;
    let mut filled = values.mapv(f64::from);
    filled.zip_mut_with(&mask, |value, &object| {
        if !object {
            *value = mean;
        }
    });
    filled
}

/// The image at another size, anti-aliased bilinear.
pub(crate) fn resized(values: ArrayView2<'_, f32>, size: (usize, usize)) -> Result<Array2<f32>> {
    let (height, width) = values.dim();
    let resized = resize(values.insert_axis(Axis(0)), ResizeMode::Stretch, size, &[]);
    let resized = resized.map_err(|_| Error::Setting {
        what: "the sides of the object's box",
        expected: "from 1 to 4294967295 pixels",
        got: height.max(width) as f64,
    })?;
    // Sums of weights may pass the largest number by rounding.
    Ok(resized.index_axis_move(Axis(0), 0).mapv(|value| value.clamp(f32::MIN, f32::MAX)))
}
