//! The drawn geometry as one affine map.

use micrograph_image::{
    Affine, Border, Interpolation, warp, warp_field, warp_labels, warp_mask_with_border,
};
use ndarray::{Array2, Array3, ArrayView2, ArrayView3};

use crate::{Drawn, Key, Recipe};

impl Recipe {
    /// The map from an output pixel of an image of `(height, width)` to the input coordinate.
    ///
    /// `rotation * shift * shear * zoom * flips`, where the flips act on the output pixel first: the
    /// content is turned, moved, sheared, enlarged and at last mirrored, all about the center of the
    /// image, `((height - 1) / 2, (width - 1) / 2)`. For rows and columns in this order the linear
    /// parts are
    ///
    /// ```text
    /// rotation [[cos r, sin r], [-sin r, cos r]]
    /// shear    [[1, -sin s], [0, cos s]]
    /// zoom     [[z, 0], [0, z]]
    /// flips    [[-1, 0], [0, 1]] for top and bottom, [[1, 0], [0, -1]] for left and right
    /// ```
    ///
    /// # Edge cases
    /// Turns by multiples of 90 degrees are exact, so that nothing is interpolated where they send
    /// pixels onto pixels.
    ///
    /// # Source
    /// Keras 2.0, `ImageDataGenerator.random_transform`, with which the LipNet thesis was made, up to
    /// the sense of turns and shifts, which are symmetric: here counterclockwise, down and right are
    /// positive.
    ///
    /// # Example
    /// ```
    /// use micrograph_augment::{Drawn, Key, Recipe};
    /// let key = Key { seed: 1, epoch: 0, sample: 7, copy: 0 };
    /// let drawn = Drawn { rotation_degrees: 90.0, ..Recipe::none().draw(key) };
    /// let transform = Recipe::none().transform(&drawn, (3, 3));
    /// // A quarter turn counterclockwise: what was at the top right comes to the top left.
    /// assert_eq!(transform.apply([0.0, 0.0]), [0.0, 2.0]);
    /// ```
    #[must_use]
    pub fn transform(&self, drawn: &Drawn, (height, width): (usize, usize)) -> Affine {
        let center = [(height as f64 - 1.0) / 2.0, (width as f64 - 1.0) / 2.0];
        let quarters = 90.0 * f64::from(drawn.quarter_turns);
        let (sin, cos) = sin_cos_of_degrees(drawn.rotation_degrees + quarters);
        let (shear_sin, shear_cos) = drawn.shear_radians.sin_cos();
        let [down, right] = self.shift_px(drawn, (height, width));
        let vertical = if drawn.flip_vertical { -1.0 } else { 1.0 };
        let horizontal = if drawn.flip_horizontal { -1.0 } else { 1.0 };

        let rotation = linear([[cos, sin], [-sin, cos]]);
        let shift = Affine { offset: [-down, -right], ..Affine::IDENTITY };
        let shear = linear([[1.0, -shear_sin], [0.0, shear_cos]]);
        let zoom = linear([[drawn.zoom, 0.0], [0.0, drawn.zoom]]);
        let flips = linear([[vertical, 0.0], [0.0, horizontal]]);
        rotation.compose(&shift).compose(&shear).compose(&zoom).compose(&flips).about(center)
    }
}

/// Where each output pixel comes from: a field of displacements, if there is one, then an affine map.
pub(crate) struct Placement {
    pub(crate) size: (usize, usize),
    affine: Affine,
    field: Option<Array3<f32>>,
}

impl Placement {
    /// What `recipe` does to an output of `size` whose corner lies at `corner` of the image.
    pub(crate) fn new(
        recipe: &Recipe,
        drawn: &Drawn,
        key: Key,
        size: (usize, usize),
        corner: [f64; 2],
    ) -> Self {
        let moved = Affine { offset: corner, ..Affine::IDENTITY };
        let affine = moved.compose(&recipe.transform(drawn, size));
        Self { size, affine, field: recipe.elastic.field(key, size) }
    }

    /// Whether the output is an image of `size` as it is.
    pub(crate) fn changes_nothing(&self, size: (usize, usize)) -> bool {
        self.size == size && self.affine == Affine::IDENTITY && self.field.is_none()
    }

    fn source<'a>(&'a self, field: &'a Array3<f32>) -> impl Fn([f64; 2]) -> [f64; 2] + 'a {
        move |[y, x]| {
            // Output pixels are whole.
            let by = |axis: usize| f64::from(field[[axis, y as usize, x as usize]]);
            self.affine.apply([y + by(0), x + by(1)])
        }
    }

    pub(crate) fn warp(
        &self,
        pixels: ArrayView3<'_, f32>,
        interpolation: Interpolation,
        border: Border,
    ) -> Array3<f32> {
        match &self.field {
            None => warp(pixels, self.size, &self.affine, interpolation, border),
            Some(field) => {
                warp_field(pixels, self.size, &self.source(field), interpolation, border)
            }
        }
    }

    pub(crate) fn warp_mask(&self, mask: ArrayView2<'_, bool>, border: Border) -> Array2<bool> {
        match &self.field {
            None => warp_mask_with_border(mask, self.size, &self.affine, border),
            Some(_) => self.warp_labels(mask, border, false),
        }
    }

    pub(crate) fn warp_labels<L: Copy>(
        &self,
        labels: ArrayView2<'_, L>,
        border: Border,
        outside: L,
    ) -> Array2<L> {
        let affine = |at| self.affine.apply(at);
        match &self.field {
            None => warp_labels(labels, self.size, &affine, border, outside),
            Some(field) => warp_labels(labels, self.size, &self.source(field), border, outside),
        }
    }
}

fn linear(matrix: [[f64; 2]; 2]) -> Affine {
    Affine { matrix, offset: [0.0, 0.0] }
}

/// Sine and cosine, exact at multiples of 90 degrees.
fn sin_cos_of_degrees(degrees: f64) -> (f64, f64) {
    match degrees.rem_euclid(360.0) {
        0.0 => (0.0, 1.0),
        90.0 => (1.0, 0.0),
        180.0 => (0.0, -1.0),
        270.0 => (-1.0, 0.0),
        other => other.to_radians().sin_cos(),
    }
}
