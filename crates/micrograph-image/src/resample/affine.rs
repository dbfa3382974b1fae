//! Affine maps of the plane, from output pixels to input coordinates.

use serde::{Deserialize, Serialize};

/// An affine map `(y, x) -> matrix * (y, x) + offset` from an output pixel to the input coordinate
/// whose value it takes.
///
/// Coordinates are (row, column) in pixels, pixel centers lie at integers, rows run downwards.
/// This is the convention of `scipy.ndimage.affine_transform`: the map tells where to look, so the
/// content moves the other way. `matrix = [[0.5, 0], [0, 0.5]]` doubles the size of the content.
///
/// ```
/// use micrograph_image::Affine;
/// let half_step_down = Affine { matrix: [[1.0, 0.0], [0.0, 1.0]], offset: [0.5, 0.0] };
/// assert_eq!(half_step_down.apply([2.0, 3.0]), [2.5, 3.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Affine {
    /// The linear part; rows and columns in the order (y, x).
    pub matrix: [[f64; 2]; 2],
    /// The input coordinate (y, x) of the output pixel (0, 0), in pixels.
    pub offset: [f64; 2],
}

impl Affine {
    /// The map that changes nothing.
    pub const IDENTITY: Self = Self { matrix: [[1.0, 0.0], [0.0, 1.0]], offset: [0.0, 0.0] };

    /// The input coordinate of the output pixel `(y, x)`.
    #[inline]
    pub fn apply(&self, [y, x]: [f64; 2]) -> [f64; 2] {
        let [[yy, yx], [xy, xx]] = self.matrix;
        [yy * y + yx * x + self.offset[0], xy * y + xx * x + self.offset[1]]
    }

    /// `inner` first, then `self`: `(self * inner)(p) = self(inner(p))`.
    ///
    /// ```
    /// use micrograph_image::Affine;
    /// let double = Affine { matrix: [[2.0, 0.0], [0.0, 2.0]], offset: [0.0, 0.0] };
    /// let down = Affine { matrix: [[1.0, 0.0], [0.0, 1.0]], offset: [1.0, 0.0] };
    /// assert_eq!(double.compose(&down).apply([3.0, 5.0]), [8.0, 10.0]);
    /// assert_eq!(down.compose(&double).apply([3.0, 5.0]), [7.0, 10.0]);
    /// ```
    #[must_use]
    pub fn compose(&self, inner: &Self) -> Self {
        let [[ayy, ayx], [axy, axx]] = self.matrix;
        let [[byy, byx], [bxy, bxx]] = inner.matrix;
        Self {
            matrix: [
                [ayy * byy + ayx * bxy, ayy * byx + ayx * bxx],
                [axy * byy + axx * bxy, axy * byx + axx * bxx],
            ],
            offset: self.apply(inner.offset),
        }
    }

    /// The same linear part about another fixed point: `center` is mapped to what `self` makes of
    /// the origin, seen from `center`.
    ///
    /// A map without offset keeps `center` in place; an offset stays a shift.
    /// The center of an image of `h` rows and `w` columns is `((h - 1) / 2, (w - 1) / 2)`.
    ///
    /// ```
    /// use micrograph_image::Affine;
    /// let zoom = Affine { matrix: [[0.5, 0.0], [0.0, 0.5]], offset: [0.0, 0.0] };
    /// assert_eq!(zoom.about([2.0, 4.0]).apply([2.0, 4.0]), [2.0, 4.0]);
    /// assert_eq!(zoom.about([2.0, 4.0]).apply([0.0, 0.0]), [1.0, 2.0]);
    /// ```
    #[must_use]
    pub fn about(&self, [cy, cx]: [f64; 2]) -> Self {
        let [y, x] = self.apply([-cy, -cx]);
        Self { matrix: self.matrix, offset: [y + cy, x + cx] }
    }

    /// Whether every output pixel falls on an input pixel's center: flips, quarter turns, shifts by
    /// whole pixels, and their compositions.
    pub(crate) fn is_on_grid(&self) -> bool {
        let whole = |value: f64| value % 1.0 == 0.0;
        self.matrix.as_flattened().iter().all(|&entry| whole(entry))
            && self.offset.iter().all(|&entry| whole(entry))
    }

    /// Whether a row of the output lies in a row of the input, and a column in a column.
    pub(crate) fn keeps_axes(&self) -> bool {
        self.matrix[0][1] == 0.0 && self.matrix[1][0] == 0.0
    }
}
