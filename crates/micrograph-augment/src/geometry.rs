//! The drawn geometry as one affine map.

use micrograph_image::Affine;

use crate::{Drawn, Recipe};

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
        let (sin, cos) = sin_cos_of_degrees(drawn.rotation_degrees);
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
