//! Which cells are near a place, and how they push each other apart.

use std::collections::HashMap;

use super::population::{Moment, distance};

/// How far apart the centers of two cells are pushed, as a multiple of their radii.
const APART: f32 = 1.15;

/// Places of cells in squares, so that a neighborhood is looked at and not all cells.
#[derive(Debug)]
pub(super) struct Crowd {
    /// The side of a square.
    side: f32,
    squares: HashMap<[i32; 2], Vec<usize>>,
}

impl Crowd {
    /// Nobody yet; neighborhoods reach `side` pixels at most.
    pub(super) fn new(side: f32) -> Self {
        Self { side: side.max(1.0), squares: HashMap::new() }
    }

    pub(super) fn add(&mut self, cell: usize, at: [f32; 2]) {
        self.squares.entry(self.square(at)).or_default().push(cell);
    }

    /// The cell that was at `from` is at `to`.
    pub(super) fn move_on(&mut self, cell: usize, from: [f32; 2], to: [f32; 2]) {
        let before = self.square(from);
        if before == self.square(to) {
            return;
        }
        if let Some(cells) = self.squares.get_mut(&before) {
            cells.retain(|&other| other != cell);
        }
        self.add(cell, to);
    }

    /// The cells in the squares around a place, in no order: all within `side`, and some beyond.
    pub(super) fn around(&self, at: [f32; 2]) -> impl Iterator<Item = usize> {
        let [row, column] = self.square(at);
        let near = |n: i32| [n.saturating_sub(1), n, n.saturating_add(1)];
        let squares = near(row).into_iter().flat_map(move |y| near(column).map(|x| [y, x]));
        squares.filter_map(|square| self.squares.get(&square)).flatten().copied()
    }

    fn square(&self, at: [f32; 2]) -> [i32; 2] {
        at.map(|place| (place / self.side).floor() as i32)
    }
}

/// Pushes cells apart that lie on each other: each from those before it, one after the other.
pub(super) fn part(cells: &mut [&mut Moment]) {
    let largest = cells.iter().fold(0.0_f32, |largest, cell| largest.max(cell.radius));
    let mut crowd = Crowd::new(2.0 * APART * largest);
    for i in 0..cells.len() {
        let (before, rest) = cells.split_at_mut(i);
        let b = &mut *rest[0];
        // Where it is pushed, it may meet others; those that it has passed are not looked at again.
        let mut passed = None;
        loop {
            let meets = |&other: &usize| {
                let a = &before[other];
                let gap = distance(a.center, b.center);
                passed.is_none_or(|passed| other > passed)
                    && gap < APART * (a.radius + b.radius)
                    && gap > 0.01
            };
            let Some(next) = crowd.around(b.center).filter(meets).min() else { break };
            let a = &mut *before[next];
            let from = a.center;
            let gap = distance(a.center, b.center);
            let push = 0.25 * (APART * (a.radius + b.radius) - gap) / gap;
            for axis in 0..2 {
                let d = push * (b.center[axis] - a.center[axis]);
                a.center[axis] -= d;
                b.center[axis] += d;
            }
            crowd.move_on(next, from, a.center);
            passed = Some(next);
        }
        crowd.add(i, b.center);
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::random::{Purpose, stream};

    fn cells(count: usize) -> Vec<Moment> {
        let mut rng = stream(Purpose::Cells, 3, 0, 0);
        let cell = |_| {
            let center = [rng.random_range(0.0..90.0), rng.random_range(-20.0..70.0)];
            Moment { center, radius: rng.random_range(2.0..9.0), axis: 0.0, round: 0.0 }
        };
        (0..count).map(cell).collect()
    }

    /// Each cell against each before it, whatever lies between them.
    #[test]
    fn neighborhoods_push_as_all_pairs_do() {
        let (mut near, mut all) = (cells(60), cells(60));
        let centers = |cells: &[Moment]| cells.iter().map(|cell| cell.center).collect::<Vec<_>>();
        for _ in 0..3 {
            let before = centers(&near);
            part(&mut near.iter_mut().collect::<Vec<_>>());
            assert_ne!(centers(&near), before);
            for i in 1..all.len() {
                for j in 0..i {
                    let (a, b) = (all[j], all[i]);
                    let (gap, room) = (distance(a.center, b.center), APART * (a.radius + b.radius));
                    if gap < room && gap > 0.01 {
                        let push = 0.25 * (room - gap) / gap;
                        for axis in 0..2 {
                            let d = push * (b.center[axis] - a.center[axis]);
                            all[j].center[axis] -= d;
                            all[i].center[axis] += d;
                        }
                    }
                }
            }
            assert_eq!(centers(&near), centers(&all));
        }
    }
}
