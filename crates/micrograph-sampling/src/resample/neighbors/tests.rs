//! Against distances sorted one by one.

use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

fn by_sorting(x: Rows<'_>, queries: &[usize], points: &[usize], k: usize) -> Vec<Vec<usize>> {
    let of = |&query: &usize| {
        let others = points.iter().filter(|&&point| point != query);
        let mut others: Vec<_> = others.map(|&point| (x.square(query, point), point)).collect();
        others.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        others.into_iter().take(k).map(|(_, point)| point).collect()
    };
    queries.iter().map(of).collect()
}

#[track_caller]
fn check(x: &Array2<f64>, queries: &[usize], points: &[usize], k: usize) {
    let rows = Rows::new(x.view());
    let found = nearest(rows, queries, points, k);
    let expected = by_sorting(rows, queries, points, k);
    for (place, expected) in expected.iter().enumerate() {
        assert_eq!(found.rows(place), expected, "query {}", queries[place]);
        for (&row, &square) in expected.iter().zip(found.squares(place)) {
            assert_eq!(square, rows.square(queries[place], row));
        }
    }
    // As on a machine with other instructions.
    let mut frame = Frame::new(rows, queries, points, found.k);
    frame.short = None;
    assert_eq!(search(&frame, queries, points), found);
}

/// Every third row, and the others.
fn thirds(n: usize) -> (Vec<usize>, Vec<usize>) {
    (0..n).partition(|row| row % 3 == 0)
}

#[track_caller]
fn check_all(x: &Array2<f64>, k: usize) {
    let all: Vec<usize> = (0..x.nrows()).collect();
    let (some, others) = thirds(x.nrows());
    check(x, &all, &all, k);
    check(x, &some, &some, k);
    check(x, &some, &all, k);
    check(x, &some, &others, k);
}

fn random(seed: u64, shape: (usize, usize), value: impl Fn(&mut ChaCha8Rng) -> f64) -> Array2<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    Array2::from_shape_fn(shape, |_| value(&mut random))
}

#[test]
fn they_are_those_of_sorted_distances() {
    check_all(&random(1, (700, 9), |random| random.random::<f64>()), 5);
    check_all(&random(2, (90, 3), |random| random.random::<f64>() * 1e-9), 12);
    check_all(&random(3, (7, 1), |random| random.random::<f64>()), 20);
}

#[test]
fn far_from_zero_and_close_together() {
    // Products in f32 tell none of these apart, those in f64 few.
    let offset = |scale: f64| {
        random(4, (600, 6), move |random| {
            scale * (random.random_range(0..2) as f64) + random.random::<f64>()
        })
    };
    check_all(&offset(1e4), 5);
    check_all(&offset(1e8), 5);
    check_all(&offset(1e12), 5);
    check_all(&(offset(1e4) * 1e140), 5);
    check_all(&(offset(1e4) * 1e-120), 5);
}

#[test]
fn ties_go_to_the_first_row() {
    check_all(&random(5, (600, 4), |random| f64::from(random.random_range(0..3))), 5);
    check_all(&Array2::from_elem((400, 3), 0.1), 5);
    // Half of the rows are copies of one.
    let mut x = random(6, (500, 3), |random| random.random::<f64>());
    x.outer_iter_mut().step_by(2).for_each(|mut row| row.fill(0.5));
    check_all(&x, 5);
}

/// Whole numbers, two features at a time: an odd number of them, and none but one.
#[test]
fn features_in_pairs() {
    for d in [1, 2, 3, 17, 50] {
        check_all(&random(8, (300, d), |random| random.random::<f64>() - 0.5), 5);
    }
    // The rows of a part are not the first.
    let x = random(9, (400, 5), |random| random.random::<f64>());
    let part: Vec<usize> = (150..390).step_by(2).collect();
    check(&x, &part, &part, 5);
}

/// One row so far out that whole numbers tell none of the others apart.
#[test]
fn all_but_one_close_together() {
    for far in [1e3, 1e6, 1e12] {
        let mut x = random(10, (600, 4), |random| random.random::<f64>());
        x.row_mut(77).fill(far);
        check_all(&x, 5);
    }
}

#[test]
fn a_few_rows_far_out() {
    let heavy = |random: &mut ChaCha8Rng| (1.0 / random.random::<f64>()).powi(4);
    check_all(&random(7, (600, 5), heavy), 5);
}
