//! Runs and zones of one gray level, and the sixteen statistics of each.

use std::collections::BTreeMap;

use ndarray::ArrayView2;

use crate::column::{Descriptor, Measure, Named, Unit, names};
use crate::cooccurrence::{entropy, mean_and_range};
use crate::error::Result;
use crate::levels::{DIRECTIONS, Levels, gray_levels, level_at};

/// Pixels of one gray level that belong together: the level, and how many they are.
pub type Run = (u8, usize);

/// The runs of one gray level along a direction `step = [dy, dx]`, in reading order of their ends.
///
/// `levels` is 0 outside the object; a run ends there. Without a direction, `[0, 0]`, there is no run.
///
/// # Source
/// Galloway, Texture analysis using gray level run lengths, Comput. Graph. Image Process. 4, 1975.
///
/// # Example
/// ```
/// use micrograph_features::gray_level_runs;
/// use ndarray::array;
/// let levels = array![[1, 1, 2, 0, 2], [1, 2, 2, 2, 0]];
/// assert_eq!(gray_level_runs(levels.view(), [0, 1]), [(1, 2), (2, 1), (2, 1), (1, 1), (2, 3)]);
/// ```
#[must_use]
pub fn gray_level_runs(levels: ArrayView2<'_, u8>, step: [isize; 2]) -> Vec<Run> {
    let mut runs = Vec::new();
    if step == [0, 0] {
        return runs;
    }
    for ((y, x), &level) in levels.indexed_iter() {
        let (mut y, mut x) = (y as isize, x as isize);
        // Each run is counted from its first pixel.
        let before = (y.saturating_sub(step[0]), x.saturating_sub(step[1]));
        if level == 0 || level_at(levels, before.0, before.1) == level {
            continue;
        }
        let mut length = 0;
        while level_at(levels, y, x) == level {
            length += 1;
            (y, x) = (y.saturating_add(step[0]), x.saturating_add(step[1]));
        }
        runs.push((level, length));
    }
    runs
}

/// The zones of one gray level: pixels connected through sides or corners.
///
/// `levels` is 0 outside the object.
///
/// # Source
/// Thibault et al., Texture indexes and gray level size zone matrix, PRIP 2009.
///
/// # Example
/// ```
/// use micrograph_features::gray_level_zones;
/// use ndarray::array;
/// let levels = array![[1, 2, 0], [2, 1, 0], [0, 0, 2]];
/// assert_eq!(gray_level_zones(levels.view()), [(1, 2), (2, 2), (2, 1)]);
/// ```
#[must_use]
pub fn gray_level_zones(levels: ArrayView2<'_, u8>) -> Vec<Run> {
    let mut rest = levels.to_owned();
    let mut zones = Vec::new();
    let mut front = Vec::new();
    for ((y, x), &level) in levels.indexed_iter() {
        if rest[[y, x]] == 0 {
            continue;
        }
        rest[[y, x]] = 0;
        front.push([y as isize, x as isize]);
        let mut size = 0;
        while let Some([y, x]) = front.pop() {
            size += 1;
            for [dy, dx] in DIRECTIONS.into_iter().flat_map(|[dy, dx]| [[dy, dx], [-dy, -dx]]) {
                let (y, x) = (y + dy, x + dx);
                if level_at(rest.view(), y, x) == level {
                    rest[[y as usize, x as usize]] = 0;
                    front.push([y, x]);
                }
            }
        }
        zones.push((level, size));
    }
    zones
}

/// Sixteen statistics of runs or zones, in the order of [`RUN_NAMES`].
///
/// With the number `P(i, j)` of runs of level `i` and length `j`, their number `N`, the fractions
/// `p = P / N`, and the sums `P_i` and `P_j` over lengths and levels.
///
/// # Edge cases
/// Without runs all are 0. Runs of level or length 0 are none.
///
/// # Source
/// Galloway 1975, Chu et al. 1990, Dasarathy, Holder 1991; the oracle is pyradiomics 3.0.1, `glrlm`
/// and `glszm`.
///
/// # Example
/// ```
/// use micrograph_features::{RUN_NAMES, run_statistics};
/// let statistics = run_statistics(&[(1, 2), (2, 1), (2, 1), (1, 1), (2, 3)]);
/// assert_eq!(RUN_NAMES[1], "long_emphasis");
/// assert_eq!(statistics[1], (4.0 + 1.0 + 1.0 + 1.0 + 9.0) / 5.0);
/// ```
#[must_use]
pub fn run_statistics(runs: &[Run]) -> [f64; 16] {
    let runs: Vec<Run> = runs.iter().copied().filter(|&(i, j)| i > 0 && j > 0).collect();
    if runs.is_empty() {
        return [0.0; 16];
    }
    let n = runs.len() as f64;
    let (mut both, mut by_level, mut by_length) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for &(level, length) in &runs {
        *both.entry((level, length)).or_insert(0.0) += 1.0;
        *by_level.entry(level).or_insert(0.0) += 1.0;
        *by_length.entry(length).or_insert(0.0) += 1.0;
    }
    let mean = |of: &dyn Fn(f64, f64) -> f64| {
        let terms = both.iter().map(|(&(i, j), count)| of(f64::from(i), j as f64) * count);
        terms.sum::<f64>() / n
    };
    let squares = |counts: &mut dyn Iterator<Item = f64>| counts.map(|c| c * c).sum::<f64>();
    let level_squares = squares(&mut by_level.values().copied());
    let length_squares = squares(&mut by_length.values().copied());
    let (mean_level, mean_length) = (mean(&|i, _| i), mean(&|_, j| j));
    let fractions: Vec<f64> = both.values().map(|count| count / n).collect();
    [
        mean(&|_, j| 1.0 / (j * j)),
        mean(&|_, j| j * j),
        level_squares / n,
        level_squares / (n * n),
        length_squares / n,
        length_squares / (n * n),
        1.0 / mean_length,
        mean(&|i, _| (i - mean_level).powi(2)),
        mean(&|_, j| (j - mean_length).powi(2)),
        entropy(fractions.iter()),
        mean(&|i, _| 1.0 / (i * i)),
        mean(&|i, _| i * i),
        mean(&|i, j| 1.0 / (i * i * j * j)),
        mean(&|i, j| i * i / (j * j)),
        mean(&|i, j| j * j / (i * i)),
        mean(&|i, j| i * i * j * j),
    ]
}

/// Statistics of runs: the mean over four directions, then the range.
///
/// As in pyradiomics, directions in which no two object pixels are neighbors are left out; where
/// that is so in all of them, each pixel is a run in any.
pub(crate) fn object_runs(
    pixels: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    levels: &Levels,
) -> Result<Vec<f64>> {
    let levels = gray_levels(pixels, mask, levels)?;
    let has_neighbors = |[dy, dx]: &[isize; 2]| {
        levels.indexed_iter().any(|((y, x), &level)| {
            level > 0 && level_at(levels.view(), y as isize + dy, x as isize + dx) > 0
        })
    };
    let mut steps: Vec<_> = DIRECTIONS.into_iter().filter(has_neighbors).collect();
    if steps.is_empty() {
        steps.push(DIRECTIONS[0]);
    }
    let statistics = |step| run_statistics(&gray_level_runs(levels.view(), step));
    let rows: Vec<_> = steps.into_iter().map(statistics).collect();
    Ok(mean_and_range(&rows))
}

pub(crate) fn object_zones(
    pixels: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    levels: &Levels,
) -> Result<Vec<f64>> {
    let levels = gray_levels(pixels, mask, levels)?;
    Ok(run_statistics(&gray_level_zones(levels.view())).to_vec())
}

/// The names of the values of [`run_statistics`].
pub const RUN_NAMES: [&str; 16] = names(&RUNS);

const RUNS: [Named; 16] = [
    ("short_emphasis", Unit::One, "mean 1 / j^2"),
    ("long_emphasis", Unit::One, "mean j^2"),
    ("level_nonuniformity", Unit::One, "sum P_i^2 / N"),
    ("level_nonuniformity_normalized", Unit::One, "sum P_i^2 / N^2"),
    ("length_nonuniformity", Unit::One, "sum P_j^2 / N"),
    ("length_nonuniformity_normalized", Unit::One, "sum P_j^2 / N^2"),
    ("percentage", Unit::One, "N / number of pixels"),
    ("level_variance", Unit::One, "mean (i - mean i)^2"),
    ("length_variance", Unit::One, "mean (j - mean j)^2"),
    ("entropy", Unit::One, "-sum p log2 p"),
    ("low_level_emphasis", Unit::One, "mean 1 / i^2"),
    ("high_level_emphasis", Unit::One, "mean i^2"),
    ("short_low_level_emphasis", Unit::One, "mean 1 / (i j)^2"),
    ("short_high_level_emphasis", Unit::One, "mean (i / j)^2"),
    ("long_low_level_emphasis", Unit::One, "mean (j / i)^2"),
    ("long_high_level_emphasis", Unit::One, "mean (i j)^2"),
];

fn named(family: &str, kind: &str, source: &'static str) -> Vec<Descriptor> {
    let of = |(name, unit, formula): Named| Descriptor {
        name: format!("{family}_{name}{kind}").into(),
        measure: Measure::In(unit),
        formula,
        source,
    };
    RUNS.map(of).to_vec()
}

pub(crate) fn run_descriptors() -> Vec<Descriptor> {
    let source = "Galloway 1975; pyradiomics glrlm";
    [named("runs", "_mean", source), named("runs", "_range", source)].concat()
}

pub(crate) fn zone_descriptors() -> Vec<Descriptor> {
    named("zones", "", "Thibault et al. 2009; pyradiomics glszm")
}
