//! One object in its image.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use micrograph_image::{PixelSize, Shape};
use micrograph_segment::{Beyond, distance_transform};
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, Slice, aview2};

use crate::compound::Plane;
use crate::error::{Error, Result};
use crate::transform::Transform;

/// An object, and the image in which it lies.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    /// The image, `(channels, height, width)`, with the values that stand in the file.
    pub pixels: ArrayView3<'a, f32>,
    /// Where the object is, `(height, width)`.
    pub mask: ArrayView2<'a, bool>,
    /// The size of a pixel. Where it is known, lengths are measured in nanometers.
    pub pixel_size_nm: Option<PixelSize>,
}

/// The side of a square pixel in nanometers, if it is known.
///
/// # Errors
/// A size that is not positive, or sides that differ by more than a thousandth.
pub(crate) fn pixel_nm(size: Option<PixelSize>) -> Result<Option<f64>> {
    let Some(size) = size else {
        return Ok(None);
    };
    // Beyond these, squares of lengths are no longer numbers.
    let positive = |nm: f64| (1e-30..=1e30).contains(&nm);
    if !positive(size.y_nm) || !positive(size.x_nm) {
        return Err(Error::PixelSize { size });
    }
    if (size.y_nm - size.x_nm).abs() > 1e-3 * size.y_nm.min(size.x_nm) {
        return Err(Error::PixelsNotSquare { size });
    }
    Ok(Some((size.y_nm * size.x_nm).sqrt()))
}

/// An [`Object`] that owns its pixels, as a loader gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedObject {
    /// See [`Object::pixels`].
    pub pixels: Array3<f32>,
    /// See [`Object::mask`].
    pub mask: Array2<bool>,
    /// See [`Object::pixel_size_nm`].
    pub pixel_size_nm: Option<PixelSize>,
}

impl OwnedObject {
    /// The object as a view.
    pub fn view(&self) -> Object<'_> {
        let pixel_size_nm = self.pixel_size_nm;
        Object { pixels: self.pixels.view(), mask: self.mask.view(), pixel_size_nm }
    }
}

/// One channel of a [`Region`].
pub(crate) struct Channel<'a> {
    pub(crate) pixels: ArrayView2<'a, f32>,
    /// The values of the object's pixels in reading order.
    pub(crate) values: Vec<f64>,
    /// What transforms have made of it so far.
    pub(crate) planes: RefCell<Vec<(Vec<Transform>, Rc<Plane>)>>,
}

/// What the descriptors of one object share: the box around it, and distances to its membrane.
pub(crate) struct Region {
    /// The box and a margin around it, cut off at the border of the image; a copy, for rows that follow
    /// each other are quicker.
    pixels: Array3<f32>,
    mask: Array2<bool>,
    pub(crate) pixel_nm: Option<f64>,
    /// Where the cut-out lies in the image.
    offset: [usize; 2],
    membrane: OnceCell<Array2<f64>>,
}

impl Region {
    /// Cuts out the object with `margin` pixels around it.
    ///
    /// # Errors
    /// A mask of another size than the image; a pixel size that is not usable; a pixel in the
    /// cut-out that is not finite.
    pub(crate) fn new(object: &Object<'_>, margin: usize) -> Result<Self> {
        let (channels, height, width) = object.pixels.dim();
        let (rows, columns) = object.mask.dim();
        if (rows, columns) != (height, width) {
            let image = Shape { channels, height, width };
            return Err(Error::MaskShape { image, mask: [rows, columns] });
        }
        let pixel_nm = pixel_nm(object.pixel_size_nm)?;
        let [top, bottom, left, right] = bounds(object.mask);
        // Around no object there is nothing to look at.
        let margin = if top < bottom { margin } else { 0 };
        let (top, left) = (top.saturating_sub(margin), left.saturating_sub(margin));
        let bottom = bottom.saturating_add(margin).min(height);
        let right = right.saturating_add(margin).min(width);
        let (rows, columns) = (Slice::from(top..bottom), Slice::from(left..right));
        let (mut pixels, mut mask) = (object.pixels, object.mask);
        pixels.slice_axis_inplace(Axis(1), rows);
        pixels.slice_axis_inplace(Axis(2), columns);
        mask.slice_axis_inplace(Axis(0), rows);
        mask.slice_axis_inplace(Axis(1), columns);
        let (pixels, mask) = (pixels.as_standard_layout(), mask.as_standard_layout());
        let (pixels, mask) = (pixels.into_owned(), mask.into_owned());
        let region =
            Self { pixels, mask, pixel_nm, offset: [top, left], membrane: OnceCell::new() };
        region.check_pixels()?;
        Ok(region)
    }

    fn check_pixels(&self) -> Result<()> {
        if self.pixels.iter().all(|value| value.is_finite()) {
            return Ok(());
        }
        match self.pixels.indexed_iter().find(|(_, value)| !value.is_finite()) {
            None => Ok(()),
            Some(((channel, y, x), &value)) => {
                let (row, column) = (y + self.offset[0], x + self.offset[1]);
                Err(Error::Pixel { channel, row, column, value })
            }
        }
    }

    /// One channel; `None` for what reads the mask alone.
    pub(crate) fn channel(&self, channel: Option<usize>) -> Channel<'_> {
        let Some(channel) = channel else {
            let (pixels, values) = (aview2::<f32, 0>(&[]), Vec::new());
            return Channel { pixels, values, planes: RefCell::default() };
        };
        let pixels = self.pixels.index_axis(Axis(0), channel);
        let object = pixels.iter().zip(&self.mask).filter(|&(_, &object)| object);
        let values = object.map(|(&value, _)| f64::from(value)).collect();
        Channel { pixels, values, planes: RefCell::default() }
    }

    /// The distance to the membrane, as [`membrane_distance`](crate::membrane_distance).
    pub(crate) fn membrane(&self) -> ArrayView2<'_, f64> {
        self.membrane.get_or_init(|| membrane_distance(self.mask())).view()
    }

    /// Where the object is in the cut-out.
    pub(crate) fn mask(&self) -> ArrayView2<'_, bool> {
        self.mask.view()
    }
}

/// The box of the object: first and last row (exclusive), first and last column (exclusive).
pub(crate) fn bounds(mask: ArrayView2<'_, bool>) -> [usize; 4] {
    let mut bounds = [usize::MAX, 0, usize::MAX, 0];
    for (y, row) in mask.outer_iter().enumerate() {
        let Some(first) = row.iter().position(|&object| object) else {
            continue;
        };
        let last = row.len() - row.iter().rev().position(|&object| object).unwrap_or(0);
        let [top, bottom, left, right] = bounds;
        bounds = [top.min(y), bottom.max(y + 1), left.min(first), right.max(last)];
    }
    if bounds[1] == 0 { [0; 4] } else { bounds }
}

/// The distance of each pixel to the membrane of the object: negative inside, positive outside.
///
/// `d = 1/2 - distance to the nearest background` inside, `distance to the nearest object - 1/2`
/// outside, between centers; 0 lies between an object pixel and a background pixel.
///
/// # Units and ranges
/// Pixels; at most -1/2 inside, at least 1/2 outside.
///
/// # Edge cases
/// The object ends at the border of the image. Without an object all distances are infinite.
///
/// # Example
/// ```
/// use micrograph_features::membrane_distance;
/// use ndarray::array;
/// let mask = array![[false, false, true, true, true, true]];
/// let expected = array![[1.5, 0.5, -0.5, -0.5, -0.5, -0.5]];
/// assert_eq!(membrane_distance(mask.view()), expected);
/// ```
#[must_use]
pub fn membrane_distance(mask: ArrayView2<'_, bool>) -> Array2<f64> {
    let inside = distance_transform(mask, Beyond::Background);
    let around = mask.mapv(|object| !object);
    let mut distance = distance_transform(around.view(), Beyond::Nothing);
    distance.zip_mut_with(&inside, |d, &i| *d = if i > 0.0 { 0.5 - i } else { *d - 0.5 });
    distance
}
