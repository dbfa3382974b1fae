//! The image while it is drawn, before the camera.

use ndarray::Array2;

use super::curve::ClosedCurve;

/// Contrast and transmission at each pixel, in a frame of nm around the object's centre.
pub(super) struct Canvas {
    /// The size in pixels.
    pub(super) height: usize,
    /// The size in pixels.
    pub(super) width: usize,
    pixel_size: f32,
    /// The position (y, x) of pixel (0, 0) in nm.
    origin: [f32; 2],
    /// Phase contrast: contributions of weak objects add up.
    pub(super) contrast: Vec<f32>,
    /// The share of electrons that pass: contributions of thick objects multiply.
    pub(super) transmission: Vec<f32>,
}

/// One pixel of a canvas.
pub(super) struct Pixel<'a> {
    pub(super) y: f32,
    pub(super) x: f32,
    pub(super) contrast: &'a mut f32,
    pub(super) transmission: &'a mut f32,
}

impl Canvas {
    /// A canvas that shows what `outline`, grown by `margin` nm, encloses and `surround_px` on
    /// each side, and that object's mask.
    pub(super) fn around(
        outline: &ClosedCurve,
        margin: f32,
        pixel_size: f32,
        surround_px: usize,
    ) -> (Self, Array2<bool>) {
        let n = ((outline.max_radius() + margin) / pixel_size).ceil() as i32 + 1;
        let start = [0, 1].map(|axis| (outline.center[axis] / pixel_size).round() as i32 - n);
        let side = 2 * n as usize + 1;
        let position = |axis: usize, i: usize| (start[axis] + i as i32) as f32 * pixel_size;
        let inside = Array2::from_shape_fn((side, side), |(i, j)| {
            outline.locate(position(0, i), position(1, j)).depth_nm > -margin
        });
        let rows = extent(inside.outer_iter().map(|row| row.iter().any(|&is_in| is_in)));
        let columns = extent(inside.columns().into_iter().map(|c| c.iter().any(|&is_in| is_in)));
        let (height, width) = (rows.1 + 2 * surround_px, columns.1 + 2 * surround_px);
        let mask = Array2::from_shape_fn((height, width), |(i, j)| {
            let (i, j) = (i + rows.0, j + columns.0);
            i >= surround_px
                && j >= surround_px
                && inside.get((i - surround_px, j - surround_px)) == Some(&true)
        });
        let shift = surround_px as f32 * pixel_size;
        let canvas = Self {
            height,
            width,
            pixel_size,
            origin: [position(0, rows.0) - shift, position(1, columns.0) - shift],
            contrast: vec![0.0; height * width],
            transmission: vec![1.0; height * width],
        };
        (canvas, mask)
    }

    /// Whether any pixel is within the square of half-side `reach` nm around `center`.
    pub(super) fn shows(&self, center: [f32; 2], reach: f32) -> bool {
        let near = |axis: usize, n: usize| {
            let from = center[axis] - self.origin[axis];
            from > -reach && from < n as f32 * self.pixel_size + reach
        };
        near(0, self.height) && near(1, self.width)
    }

    /// Calls `draw` for the pixels within `reach` nm of `center`.
    pub(super) fn draw(&mut self, center: [f32; 2], reach: f32, mut draw: impl FnMut(Pixel<'_>)) {
        let range = |axis: usize, reach: f32, n: usize| {
            let at = |side: f32| (center[axis] + side - self.origin[axis]) / self.pixel_size;
            let bound = |position: f32| (position.max(0.0) as usize).min(n);
            bound(at(-reach).ceil())..bound(at(reach).floor() + 1.0)
        };
        for i in range(0, reach, self.height) {
            let y = self.origin[0] + i as f32 * self.pixel_size;
            let line = i * self.width;
            let half_row = (reach * reach - (y - center[0]).powi(2)).max(0.0).sqrt();
            for j in range(1, half_row, self.width) {
                let x = self.origin[1] + j as f32 * self.pixel_size;
                let contrast = &mut self.contrast[line + j];
                draw(Pixel { y, x, contrast, transmission: &mut self.transmission[line + j] });
            }
        }
    }

    /// A reach in nm that covers the canvas from the origin of the frame, which lies in it.
    pub(super) fn reach(&self) -> f32 {
        (self.height as f32).hypot(self.width as f32) * self.pixel_size
    }
}

/// The first `true` and how many places there are from it to the last.
fn extent(places: impl Iterator<Item = bool>) -> (usize, usize) {
    let mut extent = None;
    for (i, _) in places.enumerate().filter(|&(_, holds)| holds) {
        let (first, _) = extent.unwrap_or((i, 0));
        extent = Some((first, i - first + 1));
    }
    extent.unwrap_or((0, 1))
}
