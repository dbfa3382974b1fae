//! Products in `f64`, for rows close together and far from their mean.

use ndarray::Array2;

use super::block::Frame;
use super::meeting::Meeting;

/// Gives back how many pairs were measured for nothing.
pub(super) fn screen(mut meeting: Meeting<'_, '_, f64>) -> usize {
    let left = matrix(meeting.frame, meeting.a.rows, |factors| factors.0);
    let right = matrix(meeting.frame, meeting.b.rows, |factors| factors.1);
    for ((i, j), &value) in left.dot(&right.t()).indexed_iter() {
        meeting.consider(i, j, value);
    }
    meeting.in_vain
}

fn matrix(frame: &Frame<'_>, rows: &[usize], side: impl Fn((f64, f64)) -> f64) -> Array2<f64> {
    let mut matrix = Array2::zeros((rows.len(), frame.width()));
    for (mut line, &row) in matrix.outer_iter_mut().zip(rows) {
        line.iter_mut().zip(frame.factors(row)).for_each(|(place, factors)| *place = side(factors));
    }
    matrix
}
