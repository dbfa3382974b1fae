//! Erosion, dilation, opening and closing of masks and of gray images.

use std::collections::VecDeque;

use ndarray::{Array2, ArrayView2, Axis};

use crate::distance::{Beyond, distance_transform};
use crate::element::Element;
use crate::error::Result;

/// What a pixel of a morphological operation may hold: `bool`, `u8`, `u16`, `f32`, `f64`.
pub trait Level: Copy + PartialOrd + private::Sealed + 'static {
    /// Nothing is below it.
    const LOWEST: Self;
    /// Nothing is above it.
    const HIGHEST: Self;
}

mod private {
    pub trait Sealed {}
}

macro_rules! levels {
    ($($type:ty: $lowest:expr, $highest:expr;)*) => {$(
        impl private::Sealed for $type {}
        impl Level for $type {
            const LOWEST: Self = $lowest;
            const HIGHEST: Self = $highest;
        }
    )*};
}

levels! {
    bool: false, true;
    u8: u8::MIN, u8::MAX;
    u16: u16::MIN, u16::MAX;
    f32: f32::NEG_INFINITY, f32::INFINITY;
    f64: f64::NEG_INFINITY, f64::INFINITY;
}

/// The least value that the element covers when it stands on a pixel; of a mask, whether it lies in
/// the object.
///
/// The time for a pixel does not depend on the radius of a square or cross, and grows with it for a
/// disk ([`erode_mask`] knows better for masks).
///
/// # Edge cases
/// Beyond the image there is nothing: an object that touches the border is not eroded from there.
/// NaN is as if beyond the image, too; where the element covers nothing else, the result is infinite.
///
/// # Errors
/// A radius above 4096.
///
/// # Source
/// Van Droogenbroeck, Buckley, Morphological erosions and openings: fast algorithms based on anchors,
/// 2005, describe the rows; a queue of rising values keeps the least of each window. The oracle is
/// `skimage.morphology.erosion`.
///
/// # Example
/// ```
/// use micrograph_segment::{Element, erode};
/// let image = ndarray::array![[5_u8, 3, 9, 9, 9]];
/// assert_eq!(erode(image.view(), Element::Square(1))?, ndarray::array![[3, 3, 3, 9, 9]]);
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn erode<T: Level>(image: ArrayView2<'_, T>, element: Element) -> Result<Array2<T>> {
    probe(image, element, T::HIGHEST, |a, b| a < b)
}

/// The greatest value that the element covers; of a mask, whether it meets the object.
///
/// # Edge cases and errors
/// As [`erode`].
///
/// # Example
/// ```
/// use micrograph_segment::{Element, dilate};
/// let mask = ndarray::array![[false, false, false, true]];
/// assert_eq!(dilate(mask.view(), Element::Disk(2))?, ndarray::array![[false, true, true, true]]);
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn dilate<T: Level>(image: ArrayView2<'_, T>, element: Element) -> Result<Array2<T>> {
    probe(image, element, T::LOWEST, |a, b| a > b)
}

/// Erosion, then dilation: what is bright and narrower than the element vanishes.
///
/// # Errors
/// As [`erode`].
///
/// # Example
/// ```
/// use micrograph_segment::{Element, open};
/// let image = ndarray::array![[0_u8, 9, 0, 5, 6, 7, 0]];
/// assert_eq!(open(image.view(), Element::Square(1))?, ndarray::array![[0, 0, 0, 5, 5, 5, 0]]);
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn open<T: Level>(image: ArrayView2<'_, T>, element: Element) -> Result<Array2<T>> {
    dilate(erode(image, element)?.view(), element)
}

/// Dilation, then erosion: what is dark and narrower than the element is filled.
///
/// # Errors
/// As [`erode`].
///
/// # Example
/// ```
/// use micrograph_segment::{Element, close};
/// let image = ndarray::array![[7_u8, 1, 7, 2, 2, 2, 7]];
/// assert_eq!(close(image.view(), Element::Square(1))?, ndarray::array![[7, 7, 7, 2, 2, 2, 7]]);
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn close<T: Level>(image: ArrayView2<'_, T>, element: Element) -> Result<Array2<T>> {
    erode(dilate(image, element)?.view(), element)
}

/// [`erode`] of a mask, in a time that does not depend on the element.
///
/// # Errors
/// As [`erode`].
pub fn erode_mask(mask: ArrayView2<'_, bool>, element: Element) -> Result<Array2<bool>> {
    let Element::Disk(radius) = element else {
        return erode(mask, element);
    };
    element.check()?;
    // Squares of distances are whole numbers, so that the comparison is exact.
    let distance = distance_transform(mask, Beyond::Nothing);
    Ok(distance.mapv(|distance| distance > radius as f64))
}

/// [`dilate`] of a mask, in a time that does not depend on the element.
///
/// # Errors
/// As [`erode`].
pub fn dilate_mask(mask: ArrayView2<'_, bool>, element: Element) -> Result<Array2<bool>> {
    let background = mask.mapv(|object| !object);
    Ok(erode_mask(background.view(), element)?.mapv(|outside| !outside))
}

/// The value that is `before` all others under the element; `last` is before none.
fn probe<T: Level>(
    image: ArrayView2<'_, T>,
    element: Element,
    last: T,
    before: impl Fn(T, T) -> bool + Copy,
) -> Result<Array2<T>> {
    element.check()?;
    // A value that does not equal itself is NaN.
    let image = image.mapv(|value| if value.partial_cmp(&value).is_some() { value } else { last });
    let first = |a: &mut T, b: T| {
        if before(b, *a) {
            *a = b;
        }
    };
    let radius = element.radius();
    Ok(match element {
        Element::Square(_) => {
            along(&along(&image, Axis(1), radius, before), Axis(0), radius, before)
        }
        Element::Cross(_) => {
            let mut result = along(&image, Axis(1), radius, before);
            result.zip_mut_with(&along(&image, Axis(0), radius, before), |a, &b| first(a, b));
            result
        }
        Element::Disk(_) => {
            let height = image.nrows();
            let mut result = Array2::from_elem(image.dim(), last);
            for dy in 0..=radius.min(height.saturating_sub(1)) {
                let reach = (radius * radius - dy * dy).isqrt();
                let rows = along(&image, Axis(1), reach, before);
                for (y, row) in rows.outer_iter().enumerate() {
                    let above = y.checked_sub(dy);
                    let below = Some(y + dy).filter(|&below| below < height && dy > 0);
                    for target in [above, below].into_iter().flatten() {
                        result.row_mut(target).zip_mut_with(&row, |a, &b| first(a, b));
                    }
                }
            }
            result
        }
    })
}

/// The first of the values no farther than `reach` along an axis.
fn along<T: Level>(
    image: &Array2<T>,
    axis: Axis,
    reach: usize,
    before: impl Fn(T, T) -> bool + Copy,
) -> Array2<T> {
    let mut result = image.clone();
    let mut values = Vec::new();
    // Places of values, each before the next one in the queue.
    let mut queue: VecDeque<usize> = VecDeque::new();
    for mut lane in result.lanes_mut(axis) {
        values.clear();
        values.extend(lane.iter().copied());
        queue.clear();
        let n = values.len();
        for at in 0..n + reach.min(n) {
            if at < n {
                while queue.back().is_some_and(|&back| !before(values[back], values[at])) {
                    queue.pop_back();
                }
                queue.push_back(at);
            }
            if let Some(center) = at.checked_sub(reach.min(n)).filter(|&center| center < n) {
                while queue.front().is_some_and(|&front| front + reach < center) {
                    queue.pop_front();
                }
                if let Some(&front) = queue.front() {
                    lane[center] = values[front];
                }
            }
        }
    }
    result
}
