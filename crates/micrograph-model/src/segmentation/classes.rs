//! From numbers of classes to the class of each pixel.

use ndarray::{Array2, ArrayView3, Axis, Zip};

/// The class with the greatest number at each pixel, the first of equals: of probabilities or logits
/// `(k, h, w)` the most probable class `(h, w)`.
///
/// ```
/// use micrograph_model::most_probable;
/// let logits = ndarray::array![[[0.2, 0.5, 0.1]], [[0.8, 0.5, 0.3]], [[0.1, 0.4, 0.3]]];
/// assert_eq!(most_probable(logits.view()), ndarray::array![[1, 0, 1]]);
/// ```
///
/// # Edge cases
/// NaN is never the greatest; where there is nothing else, and without a class, the class is 0.
/// Classes from the 256th on are not looked at.
#[must_use]
pub fn most_probable(numbers: ArrayView3<'_, f32>) -> Array2<u8> {
    let (_, height, width) = numbers.dim();
    let mut classes = Array2::zeros((height, width));
    let mut greatest = Array2::from_elem((height, width), f32::NEG_INFINITY);
    for (class, plane) in (0..=u8::MAX).zip(numbers.axis_iter(Axis(0))) {
        Zip::from(&mut classes).and(&mut greatest).and(plane).for_each(|own, greatest, &number| {
            if number > *greatest {
                (*own, *greatest) = (class, number);
            }
        });
    }
    classes
}
