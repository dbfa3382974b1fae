//! The phantoms of the goldens, and others drawn here.

use micrograph_features::{Object, OwnedObject};
use ndarray::{Array2, Array3, ArrayView2, Axis};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// One phantom with what a reference says of it.
#[derive(Deserialize)]
pub(crate) struct Case<T> {
    pub(crate) name: String,
    shape: [usize; 2],
    image: Vec<f32>,
    mask: String,
    pub(crate) expected: T,
}

impl<T> Case<T> {
    pub(crate) fn object(&self) -> OwnedObject {
        let [height, width] = self.shape;
        let mask = self.mask.bytes().map(|byte| byte == b'#').collect();
        OwnedObject {
            pixels: Array3::from_shape_vec((1, height, width), self.image.clone()).unwrap(),
            mask: Array2::from_shape_vec((height, width), mask).unwrap(),
            pixel_size_nm: None,
        }
    }
}

pub(crate) fn cases<T: DeserializeOwned>(golden: &str) -> Vec<Case<T>> {
    micrograph_testkit::golden(env!("CARGO_MANIFEST_DIR"), golden)
}

/// The first channel.
pub(crate) fn gray(object: &OwnedObject) -> ArrayView2<'_, f32> {
    object.pixels.index_axis(Axis(0), 0)
}

/// The values of the object's pixels.
pub(crate) fn object_values(object: &OwnedObject) -> Vec<f64> {
    let pixels = gray(object).into_iter().zip(&object.mask).filter(|&(_, &object)| object);
    pixels.map(|(&value, _)| f64::from(value)).collect()
}

/// An object of one channel from rows of text, where `#` is object, with the pixel at row `y` and
/// column `x` as bright as `value(y, x)` says.
pub(crate) fn drawn(rows: &[&str], value: impl Fn(usize, usize) -> f32) -> OwnedObject {
    let shape = (rows.len(), rows[0].len());
    OwnedObject {
        pixels: Array3::from_shape_fn((1, shape.0, shape.1), |(_, y, x)| value(y, x)),
        mask: Array2::from_shape_fn(shape, |(y, x)| rows[y].as_bytes()[x] == b'#'),
        pixel_size_nm: None,
    }
}

/// The object moved by whole pixels into a larger image.
pub(crate) fn moved(object: &OwnedObject, by: [usize; 2], pad: usize) -> OwnedObject {
    let (channels, height, width) = object.pixels.dim();
    let at = |y: usize, x: usize| {
        let (y, x) = (y.checked_sub(by[0])?, x.checked_sub(by[1])?);
        (y < height && x < width).then_some((y, x))
    };
    let shape = (height + by[0] + pad, width + by[1] + pad);
    OwnedObject {
        pixels: Array3::from_shape_fn((channels, shape.0, shape.1), |(c, y, x)| {
            at(y, x).map_or(0.0, |(y, x)| object.pixels[[c, y, x]])
        }),
        mask: Array2::from_shape_fn(shape, |(y, x)| {
            at(y, x).is_some_and(|(y, x)| object.mask[[y, x]])
        }),
        pixel_size_nm: object.pixel_size_nm,
    }
}

/// The object turned by a quarter, clockwise on the screen.
pub(crate) fn turned(object: &OwnedObject) -> OwnedObject {
    let (channels, height, width) = object.pixels.dim();
    OwnedObject {
        pixels: Array3::from_shape_fn((channels, width, height), |(c, y, x)| {
            object.pixels[[c, height - 1 - x, y]]
        }),
        mask: Array2::from_shape_fn((width, height), |(y, x)| object.mask[[height - 1 - x, y]]),
        pixel_size_nm: object.pixel_size_nm,
    }
}

/// A view of each object.
pub(crate) fn views(objects: &[OwnedObject]) -> Vec<Object<'_>> {
    objects.iter().map(OwnedObject::view).collect()
}
