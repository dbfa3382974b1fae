//! New samples on the lines between samples and their neighbors.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::labeled::{Class, Table};
use super::neighbors::{Neighbors, nearest};
use super::resampled::{Draft, Origin, ResampleWarning, check_room};
use super::target::Target;
use crate::Result;
use crate::random::{Purpose, stream};

/// Where the new samples of a class go.
pub(super) struct Maker<'a, 't> {
    pub(super) table: &'a Table<'t>,
    pub(super) class: &'a Class,
    pub(super) draft: &'a mut Draft,
    pub(super) random: ChaCha8Rng,
}

impl<'a, 't> Maker<'a, 't> {
    pub(super) fn new(
        table: &'a Table<'t>,
        class: &'a Class,
        draft: &'a mut Draft,
        seed: u64,
    ) -> Self {
        let random = stream(Purpose::Resample, seed, 0, u64::from(class.label));
        Self { table, class, draft, random }
    }

    /// The `k` nearest of `points` to each of `queries`; a warning where there are fewer.
    pub(super) fn nearest(&mut self, queries: &[usize], points: &[usize], k: usize) -> Neighbors {
        let neighbors = nearest(self.table.rows(), queries, points, k);
        let few =
            ResampleWarning::FewNeighbors { label: self.class.label, asked: k, taken: neighbors.k };
        if neighbors.k < k && !self.draft.warnings.contains(&few) {
            self.draft.warnings.push(few);
        }
        neighbors
    }

    /// Plain SMOTE: `count` samples between those of the class and their `k` nearest.
    pub(super) fn smote(&mut self, k: usize, count: usize) {
        let rows = &self.class.rows;
        let neighbors = self.nearest(rows, rows, k);
        self.between(rows, &neighbors, count, |_, _, drawn| drawn);
    }

    /// The same, because the method found nothing to start from.
    pub(super) fn plain_smote(&mut self, k: usize, count: usize) {
        self.draft.warnings.push(ResampleWarning::PlainSmote { label: self.class.label });
        self.smote(k, count);
    }

    /// `count` samples, each from one of `rows` drawn uniformly towards one of its neighbors.
    ///
    /// `step` makes the step from the neighbor and a number in `[0, 1)`.
    pub(super) fn between(
        &mut self,
        rows: &[usize],
        neighbors: &Neighbors,
        count: usize,
        mut step: impl FnMut(&mut ChaCha8Rng, usize, f64) -> f64,
    ) {
        for _ in 0..count {
            let place = self.random.random_range(0..rows.len());
            self.one(rows[place], neighbors.rows(place), &mut step);
        }
    }

    /// One sample from `row` towards one of `neighbors` drawn uniformly.
    pub(super) fn one(
        &mut self,
        row: usize,
        neighbors: &[usize],
        mut step: impl FnMut(&mut ChaCha8Rng, usize, f64) -> f64,
    ) {
        let to = neighbors[self.random.random_range(0..neighbors.len())];
        let drawn = unit(&mut self.random);
        let step = step(&mut self.random, to, drawn);
        self.push(Origin::Between { from: row, to, step });
    }

    /// `count` copies of samples of the class, drawn with replacement.
    pub(super) fn copies(&mut self, count: usize) {
        for _ in 0..count {
            let place = self.random.random_range(0..self.class.rows.len());
            self.push(Origin::Sample(self.class.rows[place]));
        }
    }

    fn push(&mut self, origin: Origin) {
        self.draft.origin.push(origin);
        self.draft.labels.push(self.class.label);
    }
}

/// Uniform in `[0, 1)`.
pub(super) fn unit(random: &mut ChaCha8Rng) -> f64 {
    random.random()
}

/// Each class that lacks samples, with their number, its maker and its rows.
///
/// The only sample of a class is copied.
pub(super) fn fill(
    table: &Table<'_>,
    target: &Target,
    seed: u64,
    mut make: impl FnMut(&mut Maker<'_, '_>, usize) -> Result<()>,
) -> Result<Draft> {
    let lacking = target.lacking(&table.classes, table.n_classes)?;
    let made = lacking.iter().try_fold(table.labels.len(), |sum, &n| sum.checked_add(n));
    check_room(made.unwrap_or(usize::MAX), table.x.ncols())?;
    let mut draft = Draft::of(table.labels, |_| true);
    let new = lacking.iter().sum();
    draft.origin.reserve_exact(new);
    draft.labels.reserve_exact(new);
    for (class, lacking) in table.classes.iter().zip(lacking).filter(|(_, lacking)| *lacking > 0) {
        let mut maker = Maker::new(table, class, &mut draft, seed);
        if class.rows.len() > 1 {
            make(&mut maker, lacking)?;
        } else {
            maker.copies(lacking);
            draft.warnings.push(ResampleWarning::SingleSample { label: class.label });
        }
    }
    Ok(draft)
}
