//! The input of a convolution as a matrix: a row for each element of the kernel, a column for each
//! output pixel; and its adjoint.

use crate::conv2d::plan::Plan;
use crate::matrix::MatRef;
use crate::storage::{Element, with_scratch};
use crate::window::outputs_inside;
use std::ops::Range;

/// Calls `body` with the im2col matrix of some planes that one group sees: a row for each of their
/// taps, a column for each pixel of the band.
pub(super) fn with_columns<T: Element, R>(
    plan: &Plan,
    image: &[T],
    band: &Range<usize>,
    body: impl FnOnce(MatRef<'_, T>) -> R,
) -> R {
    let pixels = plan.pixels(band);
    let planes = image.len() / plan.plane();
    if plan.is_pointwise() {
        return body(MatRef::row_major(image, planes, plan.plane()).columns(pixels));
    }
    let rows = planes * plan.taps();
    with_scratch(rows * pixels.len(), |columns| {
        im2col(plan, image, band, columns);
        body(MatRef::row_major(columns, rows, pixels.len()))
    })
}

/// Writes all of `columns` from the planes of `image`.
fn im2col<T: Element>(plan: &Plan, image: &[T], band: &Range<usize>, columns: &mut [T]) {
    let taps = Tap::all(plan);
    let mut lines = columns.chunks_exact_mut(band.len() * plan.out_size[1]);
    for plane in image.chunks_exact(plan.plane()) {
        for (tap, line) in taps.iter().zip(&mut lines) {
            let rows = tap.rows_in(band);
            let inside = tap.pixels(&rows, band);
            line[..inside.start].fill(T::zero());
            line[inside.end..].fill(T::zero());
            tap.gather(plane, rows, &mut line[inside]);
        }
    }
}

/// Adds each element of `columns` to the pixel that it stands for. Those that stand for padding are
/// lost, and some of them set to zero on the way.
pub(super) fn col2im<T: Element>(
    plan: &Plan,
    columns: &mut [T],
    band: &Range<usize>,
    image: &mut [T],
) {
    let taps = Tap::all(plan);
    let mut lines = columns.chunks_exact_mut(band.len() * plan.out_size[1]);
    for plane in image.chunks_exact_mut(plan.plane()) {
        for (tap, line) in taps.iter().zip(&mut lines) {
            let rows = tap.rows_in(band);
            let inside = tap.pixels(&rows, band);
            tap.scatter(&mut line[inside], rows, plane);
        }
    }
}

/// One element of the kernel: the output pixels for which it lies inside of the image, and where.
struct Tap {
    /// Output rows and columns for which it lies inside; none of either when it never does.
    rows: Range<usize>,
    cols: Range<usize>,
    /// The input pixel of output pixel 0, as row and column; it may lie outside.
    offset: [isize; 2],
    stride: [usize; 2],
    width: usize,
    out_width: usize,
}

impl Tap {
    /// The taps of a kernel, row by row.
    fn all(plan: &Plan) -> Vec<Self> {
        (0..plan.taps()).map(|tap| Self::new(plan, tap)).collect()
    }

    fn new(plan: &Plan, tap: usize) -> Self {
        let position = [tap / plan.kernel[1], tap % plan.kernel[1]];
        let padding = plan.config.padding.axes();
        let offset = [0, 1].map(|axis| {
            (position[axis] * plan.config.dilation[axis]) as isize - padding[axis][0] as isize
        });
        let stride = plan.config.stride;
        let [rows, cols] = [0, 1].map(|axis| {
            outputs_inside(plan.out_size[axis], stride[axis], offset[axis], plan.size[axis])
        });
        let (rows, cols) = if cols.is_empty() { (0..0, 0..0) } else { (rows, cols) };
        Self { rows, cols, offset, stride, width: plan.size[1], out_width: plan.out_size[1] }
    }

    /// The rows of the band for which the tap lies inside.
    fn rows_in(&self, band: &Range<usize>) -> Range<usize> {
        let first = self.rows.start.clamp(band.start, band.end);
        first..self.rows.end.clamp(first, band.end)
    }

    /// The pixels of whole `rows`, counted from the first pixel of the band.
    fn pixels(&self, rows: &Range<usize>, band: &Range<usize>) -> Range<usize> {
        (rows.start - band.start) * self.out_width..(rows.end - band.start) * self.out_width
    }

    /// The index in the plane of the first pixel inside, of output row `y`.
    fn source(&self, y: usize) -> usize {
        let at = |output: usize, axis: usize| {
            ((output * self.stride[axis]) as isize + self.offset[axis]) as usize
        };
        at(y, 0) * self.width + at(self.cols.start, 1)
    }

    /// When input and output have the same width and stride, neighbors stay neighbors even over the
    /// ends of rows: one run of pixels, from the first inside to the last, serves all rows at once.
    /// Only the columns outside are wrong then.
    fn run(&self, rows: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
        if self.stride != [1, 1] || self.width != self.out_width || rows.is_empty() {
            return None;
        }
        let first = self.source(rows.start);
        let length = (rows.len() - 1) * self.width + self.cols.len();
        Some((first..first + length, self.cols.start..self.cols.start + length))
    }

    /// Sets the columns outside to zero.
    fn clear_outside<T: Element>(&self, line: &mut [T]) {
        for row in line.chunks_exact_mut(self.out_width) {
            row[..self.cols.start].fill(T::zero());
            row[self.cols.end..].fill(T::zero());
        }
    }

    /// Fills `line`, whole `rows` of outputs, from the plane.
    fn gather<T: Element>(&self, plane: &[T], rows: Range<usize>, line: &mut [T]) {
        if let Some((source, target)) = self.run(&rows) {
            line[target].copy_from_slice(&plane[source]);
            return self.clear_outside(line);
        }
        self.clear_outside(line);
        for (row, y) in line.chunks_exact_mut(self.out_width).zip(rows) {
            let (row, source) = (&mut row[self.cols.clone()], &plane[self.source(y)..]);
            if self.stride[1] == 1 {
                row.copy_from_slice(&source[..row.len()]);
            } else {
                let source = source.iter().step_by(self.stride[1]);
                row.iter_mut().zip(source).for_each(|(pixel, &x)| *pixel = x);
            }
        }
    }

    /// Adds `line`, whole `rows` of outputs, to the plane.
    fn scatter<T: Element>(&self, line: &mut [T], rows: Range<usize>, plane: &mut [T]) {
        if let Some((target, source)) = self.run(&rows) {
            self.clear_outside(line);
            plane[target].iter_mut().zip(&line[source]).for_each(|(pixel, &x)| *pixel += x);
            return;
        }
        for (row, y) in line.chunks_exact(self.out_width).zip(rows) {
            let (row, target) = (&row[self.cols.clone()], &mut plane[self.source(y)..]);
            if self.stride[1] == 1 {
                target.iter_mut().zip(row).for_each(|(pixel, &x)| *pixel += x);
            } else {
                let target = target.iter_mut().step_by(self.stride[1]);
                target.zip(row).for_each(|(pixel, &x)| *pixel += x);
            }
        }
    }
}
