//! An image with a margin, so that every tap of an interpolation lies inside the buffer.

use std::iter::repeat_n;

use ndarray::{ArrayView2, ArrayView3, Axis};

use super::spline;
use super::{Border, Interpolation};

/// Enough for four taps around any point between the outermost pixels and one beyond them.
const MARGIN: usize = 3;

/// Beyond this many pixels the spline has come to rest at the border's value: its coefficients
/// approach it by the pole `sqrt(3) - 2` a pixel, and `0.268^12 = 1.4e-7`.
const SPLINE_MARGIN: usize = 12;

/// The planes of an image, each grown by a margin that continues it according to the border;
/// for a spline, its coefficients instead of its values.
pub(super) struct Support {
    values: Vec<f32>,
    channels: usize,
    rows: Span,
    columns: Span,
}

impl Support {
    /// The support of `pixels`, which are not empty.
    pub(super) fn new(
        pixels: ArrayView3<'_, f32>,
        interpolation: Interpolation,
        border: Border,
    ) -> Self {
        let (channels, height, width) = pixels.dim();
        let endless = matches!(border, Border::Constant(_) | Border::Nearest);
        let is_spline = interpolation == Interpolation::CubicSpline;
        let margin = if is_spline && endless { SPLINE_MARGIN } else { MARGIN };
        let rows = Span::new(height, margin, border);
        let columns = Span::new(width, margin, border);
        let mut values = Vec::with_capacity(channels * rows.padded() * columns.padded());
        for plane in pixels.axis_iter(Axis(0)) {
            if is_spline {
                spline::append_coefficients(&mut values, plane, margin, border);
            } else {
                append_padded(&mut values, plane, margin, border);
            }
        }
        Self { values, channels, rows, columns }
    }

    /// Number of planes.
    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    /// `TAPS` neighbors in a row.
    #[inline]
    pub(super) fn taps<const TAPS: usize>(
        &self,
        channel: usize,
        row: usize,
        left: usize,
    ) -> &[f32] {
        let start = (channel * self.rows.padded() + row) * self.columns.padded() + left;
        &self.values[start..start + TAPS]
    }

    /// The coordinate in the support that stands for the image coordinate `(y, x)`, so far inside
    /// that one tap before it and two after it exist.
    #[inline]
    pub(super) fn locate(&self, [y, x]: [f64; 2]) -> [f64; 2] {
        [self.rows.locate(y), self.columns.locate(x)]
    }
}

/// One axis of a support.
struct Span {
    length: usize,
    margin: usize,
    border: Border,
    /// Coordinates of the image in this range have all their taps in the support.
    low: f64,
    high: f64,
}

impl Span {
    fn new(length: usize, margin: usize, border: Border) -> Self {
        let (n, m) = (length as f64, margin as f64);
        let (low, high) = match border {
            Border::Constant(_) | Border::Nearest => (1.0 - m, n + m - 3.0),
            Border::Reflect => (-0.5, n - 0.5),
            Border::Wrap => (0.0, n),
        };
        Self { length, margin, border, low, high }
    }

    fn padded(&self) -> usize {
        self.length + 2 * self.margin
    }

    #[inline]
    fn locate(&self, at: f64) -> f64 {
        let inside = if at >= self.low && at <= self.high { at } else { self.fold(at) };
        inside + self.margin as f64
    }

    /// The coordinate within `low..=high` that has the same value; any for NaN and infinities.
    fn fold(&self, at: f64) -> f64 {
        let n = self.length as f64;
        // Nearly always one of the copies next to the image, and the remainder is slow.
        let near = match self.border {
            Border::Constant(_) | Border::Nearest => at.max(self.low).min(self.high),
            Border::Reflect if at < 0.0 => -1.0 - at,
            Border::Reflect => 2.0 * n - 1.0 - at,
            Border::Wrap if at < 0.0 => at + n,
            Border::Wrap => at - n,
        };
        if near >= self.low && near <= self.high {
            return near;
        }
        let far = if self.border == Border::Reflect {
            let phase = (at + 0.5).rem_euclid(2.0 * n);
            phase.min(2.0 * n - phase) - 0.5
        } else {
            at.rem_euclid(n)
        };
        far.max(self.low).min(self.high)
    }
}

/// The pixel that stands at `index`, which may lie outside of `0..length`; `None` for the constant.
pub(super) fn pixel_at(index: isize, length: usize, border: Border) -> Option<usize> {
    let n = length as isize;
    if (0..n).contains(&index) {
        return Some(index as usize);
    }
    let inside = match border {
        Border::Constant(_) => return None,
        Border::Nearest => index.clamp(0, n - 1),
        Border::Reflect => {
            let phase = index.rem_euclid(2 * n);
            phase.min(2 * n - 1 - phase)
        }
        Border::Wrap => index.rem_euclid(n),
    };
    Some(inside as usize)
}

/// Appends a plane of values, grown by `margin`.
fn append_padded(values: &mut Vec<f32>, plane: ArrayView2<'_, f32>, margin: usize, border: Border) {
    let (height, width) = plane.dim();
    let outside = if let Border::Constant(value) = border { value } else { 0.0 };
    let around = |length: usize| -(margin as isize)..(length + margin) as isize;
    for y in around(height) {
        let Some(y) = pixel_at(y, height, border) else {
            values.extend(repeat_n(outside, width + 2 * margin));
            continue;
        };
        let row = plane.row(y);
        let at = |x: isize| pixel_at(x, width, border).map_or(outside, |x| row[x]);
        values.extend((-(margin as isize)..0).map(at));
        values.extend(row.iter());
        values.extend((width..width + margin).map(|x| at(x as isize)));
    }
}
