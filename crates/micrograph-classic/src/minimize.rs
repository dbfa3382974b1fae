//! The least point of a smooth convex function by L-BFGS.

use std::collections::VecDeque;

use ndarray::Array1;

use crate::{Error, Result};

/// Steps that are remembered.
const MEMORY: usize = 10;

/// A function's value and gradient at a point.
pub(crate) struct Slope {
    pub(crate) value: f64,
    pub(crate) gradient: Array1<f64>,
}

/// A step, how the gradient changed over it, and the inverse of their product.
struct Step {
    moved: Array1<f64>,
    change: Array1<f64>,
    inverse: f64,
}

/// The point near `start` where no entry of the gradient exceeds `tolerance`.
///
/// Source: Nocedal and Wright, "Numerical optimization", algorithms 7.4 and 7.5, with halving steps.
pub(crate) fn minimize(
    start: Array1<f64>,
    function: impl Fn(&Array1<f64>) -> Slope,
    tolerance: f64,
    max_iterations: usize,
) -> Result<Array1<f64>> {
    let (mut at, mut here) = (start.clone(), function(&start));
    let mut steps: VecDeque<Step> = VecDeque::with_capacity(MEMORY);
    for iterations in 0.. {
        // NaN stays, and no tolerance is met by it.
        let steepest = here.gradient.iter().fold(0.0, |most: f64, entry| {
            if entry.is_nan() || entry.abs() > most { entry.abs() } else { most }
        });
        if steepest <= tolerance {
            return Ok(at);
        }
        let direction = direction(&here.gradient, &steps);
        let next = (iterations < max_iterations)
            .then(|| descend(&at, &here, &direction, &function))
            .flatten();
        let Some((next_at, next)) = next else {
            // Once more along the gradient, in case that rounding has spoiled the memory.
            if iterations < max_iterations && !steps.is_empty() {
                steps.clear();
                continue;
            }
            let (quantity, value) = ("the gradient", steepest);
            return Err(Error::NotConverged { iterations, quantity, value, tolerance });
        };
        let (moved, change) = (&next_at - &at, &next.gradient - &here.gradient);
        let product = moved.dot(&change);
        if product > 0.0 {
            if steps.len() == MEMORY {
                steps.pop_front();
            }
            steps.push_back(Step { moved, change, inverse: 1.0 / product });
        }
        (at, here) = (next_at, next);
    }
    Ok(at)
}

/// Downhill, by what the steps tell of the curvature.
fn direction(gradient: &Array1<f64>, steps: &VecDeque<Step>) -> Array1<f64> {
    let mut direction = -gradient;
    let mut shares = Vec::with_capacity(steps.len());
    for step in steps.iter().rev() {
        let share = step.inverse * step.moved.dot(&direction);
        direction.scaled_add(-share, &step.change);
        shares.push(share);
    }
    match steps.back() {
        Some(last) => direction *= 1.0 / (last.inverse * last.change.dot(&last.change)),
        None => direction *= 1.0 / gradient.dot(gradient).sqrt().max(1.0),
    }
    for (step, share) in steps.iter().zip(shares.into_iter().rev()) {
        let back = step.inverse * step.change.dot(&direction);
        direction.scaled_add(share - back, &step.moved);
    }
    direction
}

/// The first point of enough less value when the step is halved.
fn descend(
    at: &Array1<f64>,
    here: &Slope,
    direction: &Array1<f64>,
    function: &impl Fn(&Array1<f64>) -> Slope,
) -> Option<(Array1<f64>, Slope)> {
    const ENOUGH: f64 = 1e-4;
    const HALVINGS: usize = 60;
    let descent = here.gradient.dot(direction);
    // Near the end, values differ by their rounding alone.
    let rounding = 4.0 * f64::EPSILON * here.value.abs();
    let mut share = 1.0;
    for _ in 0..HALVINGS {
        let next_at = at + &(direction * share);
        let next = function(&next_at);
        if next.value <= here.value + ENOUGH * share * descent + rounding {
            return Some((next_at, next));
        }
        share /= 2.0;
    }
    None
}
