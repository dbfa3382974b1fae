//! Arrays of images in the type in which they are stored.

use ndarray::{Array3, Array4, Axis};

use crate::{Depth, Shape};

/// Images of one size, `(n, h, w, c)`.
#[derive(Debug)]
pub(super) enum Images {
    U8(Array4<u8>),
    U16(Array4<u16>),
    F32(Array4<f32>),
}

impl Images {
    /// The four lengths `n, h, w, c`.
    pub(super) fn dim(&self) -> (usize, usize, usize, usize) {
        match self {
            Images::U8(images) => images.dim(),
            Images::U16(images) => images.dim(),
            Images::F32(images) => images.dim(),
        }
    }

    /// The number of images.
    pub(super) fn len(&self) -> usize {
        self.dim().0
    }

    /// The shape that all of the images have.
    pub(super) fn shape(&self) -> Shape {
        let (_, height, width, channels) = self.dim();
        Shape { channels, height, width }
    }

    /// One image as `(c, h, w)`, one channel after the other in memory.
    pub(super) fn pixels(&self, row: usize) -> (Array3<f32>, Depth) {
        match self {
            Images::U8(images) => (planes(images, row), Depth::U8),
            Images::U16(images) => (planes(images, row), Depth::U16),
            Images::F32(images) => (planes(images, row), Depth::F32),
        }
    }

    /// One image as its stored numbers, little-endian, in the order (h, w, c).
    pub(super) fn bytes(&self, row: usize) -> Vec<u8> {
        match self {
            Images::U8(images) => bytes(images, row, u8::to_le_bytes),
            Images::U16(images) => bytes(images, row, u16::to_le_bytes),
            Images::F32(images) => bytes(images, row, f32::to_le_bytes),
        }
    }
}

fn planes<A: Copy + Into<f32>>(images: &Array4<A>, row: usize) -> Array3<f32> {
    let image = images.index_axis(Axis(0), row);
    let planes = image.permuted_axes([2, 0, 1]);
    Array3::from_shape_fn(planes.dim(), |at| planes[at].into())
}

fn bytes<A: Copy, const N: usize>(
    images: &Array4<A>,
    row: usize,
    to_bytes: impl Fn(A) -> [u8; N],
) -> Vec<u8> {
    images.index_axis(Axis(0), row).iter().flat_map(|&value| to_bytes(value)).collect()
}
