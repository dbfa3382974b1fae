//! Coefficients of the cubic B-spline that passes through all pixels of a plane.
//!
//! The spline at pixel `i` is `(c[i-1] + 4 c[i] + c[i+1]) / 6`. Two first-order recursions solve that
//! for `c`, with the pole `z = sqrt(3) - 2` (Unser et al. 1993, box 2):
//!
//! ```text
//! causal      p[i] = 6 f[i] + z p[i-1]
//! anticausal  c[i] = z (c[i+1] - p[i])
//! ```
//!
//! They start from the border: from the closed form for an endless constant `k`, where `p` rests at
//! `6 k / (1 - z)` and `c` at `k`; from a sum over as many mirrored or wrapped pixels as an `f32` can tell.

use ndarray::ArrayView2;

use super::Border;
use super::support::pixel_at;

/// The pole of the filter, `sqrt(3) - 2`.
const POLE: f32 = -0.267_949_2;
/// The gain of the filter, `(1 - z) (1 - 1 / z)`.
const GAIN: f32 = 6.0;
/// Terms of a sum over powers of the pole: `0.268^16 = 7e-10`.
const HORIZON: isize = 16;

/// Appends the coefficients of `plane`, grown by `margin` in all directions, row by row.
pub(super) fn append_coefficients(
    coefficients: &mut Vec<f32>,
    plane: ArrayView2<'_, f32>,
    margin: usize,
    border: Border,
) {
    let (height, width) = plane.dim();
    let filter = Filter { margin, border };
    // Along x first, on the transposed plane: the recursion then runs over whole rows, many lanes at a time.
    let columns: Vec<f32> = plane.t().iter().copied().collect();
    let mut along_x = Vec::with_capacity((width + 2 * margin) * height);
    filter.append(&mut along_x, &columns, height);
    let width = width + 2 * margin;
    let mut rows = Vec::with_capacity(height * width);
    for y in 0..height {
        rows.extend(along_x.iter().skip(y).step_by(height));
    }
    filter.append(coefficients, &rows, width);
}

/// The filter along the first axis of a matrix.
struct Filter {
    margin: usize,
    border: Border,
}

impl Filter {
    /// Appends the coefficients of `values`, rows of `lanes` each, with the margins before and after.
    fn append(&self, output: &mut Vec<f32>, values: &[f32], lanes: usize) {
        let start = output.len();
        let margin = self.margin * lanes;
        output.resize(start + margin, 0.0);
        output.extend(values.iter().map(|value| GAIN * value));
        output.resize(output.len() + margin, 0.0);
        let (before, rest) = output[start..].split_at_mut(margin);
        let (rows, after) = rest.split_at_mut(values.len());

        let rest_before = self.rest(&values[..lanes]);
        let mut state = self.causal_start(rows, lanes, rest_before.as_deref());
        for row in rows.chunks_exact_mut(lanes) {
            for (value, previous) in row.iter_mut().zip(&mut state) {
                *value += POLE * *previous;
                *previous = *value;
            }
        }
        let rest_after = self.rest(&values[values.len() - lanes..]);
        let end = self.anticausal_start(rows, lanes, rest_after.as_deref());
        state.copy_from_slice(&end);
        for row in rows.chunks_exact_mut(lanes).rev() {
            for (value, next) in row.iter_mut().zip(&mut state) {
                *value = POLE * (*next - *value);
                *next = *value;
            }
        }
        if let (Some(rest_before), Some(rest_after)) = (rest_before, rest_after) {
            decay(after.chunks_exact_mut(lanes), end, &rest_after);
            approach(&mut state, &rest_before);
            decay(before.chunks_exact_mut(lanes).rev(), state, &rest_before);
        } else {
            self.continue_rows(before, rows, lanes, -(self.margin as isize));
            self.continue_rows(after, rows, lanes, (rows.len() / lanes) as isize);
        }
    }

    /// The constant `k` of each lane beyond an edge with these values, for an endless border.
    fn rest(&self, edge: &[f32]) -> Option<Vec<f32>> {
        match self.border {
            Border::Constant(value) => Some(vec![value; edge.len()]),
            Border::Nearest => Some(edge.to_vec()),
            Border::Reflect | Border::Wrap => None,
        }
    }

    /// `p[-1]`, from the rows `6 f`.
    fn causal_start(&self, rows: &[f32], lanes: usize, rest: Option<&[f32]>) -> Vec<f32> {
        if let Some(rest) = rest {
            return rest.iter().map(|k| GAIN * k / (1.0 - POLE)).collect();
        }
        self.sum_of_powers(rows, lanes, |term| -1 - term)
    }

    /// `c[n]`, from the rows `p`.
    fn anticausal_start(&self, rows: &[f32], lanes: usize, rest: Option<&[f32]>) -> Vec<f32> {
        let last = &rows[rows.len() - lanes..];
        if let Some(rest) = rest {
            let share = POLE * POLE / (1.0 - POLE * POLE);
            let start = |(p, k): (&f32, &f32)| k - share * (p - GAIN * k / (1.0 - POLE));
            return last.iter().zip(rest).map(start).collect();
        }
        if self.border == Border::Reflect {
            // From c[n] = c[n-1].
            return last.iter().map(|p| p * POLE / (POLE - 1.0)).collect();
        }
        let n = (rows.len() / lanes) as isize;
        let sum = self.sum_of_powers(rows, lanes, |term| n + term);
        sum.iter().map(|value| -POLE * value).collect()
    }

    /// `sum over j >= 0 of z^j rows[place(j)]`, where rows outside are those that the border puts there.
    fn sum_of_powers(
        &self,
        rows: &[f32],
        lanes: usize,
        place: impl Fn(isize) -> isize,
    ) -> Vec<f32> {
        let mut sum = vec![0.0; lanes];
        let mut power = 1.0;
        for term in 0..HORIZON {
            if let Some(row) = pixel_at(place(term), rows.len() / lanes, self.border) {
                for (total, value) in sum.iter_mut().zip(&rows[row * lanes..]) {
                    *total += power * value;
                }
            }
            power *= POLE;
        }
        sum
    }

    /// Fills the rows of a margin, the first of which has index `first`, with those of the inside.
    fn continue_rows(&self, margin: &mut [f32], rows: &[f32], lanes: usize, first: isize) {
        for (index, target) in (first..).zip(margin.chunks_exact_mut(lanes)) {
            if let Some(row) = pixel_at(index, rows.len() / lanes, self.border) {
                target.copy_from_slice(&rows[row * lanes..][..lanes]);
            }
        }
    }
}

/// Fills rows outward: `state` first, then ever closer to `rest`.
fn decay<'a>(rows: impl Iterator<Item = &'a mut [f32]>, mut state: Vec<f32>, rest: &[f32]) {
    for row in rows {
        row.copy_from_slice(&state);
        approach(&mut state, rest);
    }
}

/// One step outward on an endless border: `c <- k + z (c - k)`.
fn approach(state: &mut [f32], rest: &[f32]) {
    for (value, k) in state.iter_mut().zip(rest) {
        *value = k + POLE * (*value - k);
    }
}
