//! Rows of the kernel matrix, computed when they are asked for and kept while there is room.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::kernel::Function;
use super::panels::{Panels, TOGETHER};

/// Columns that one thread fills at a time, a multiple of the lanes of a panel.
const CHUNK: usize = 512;

/// The largest `gamma |a|^2` up to which `f32` products lose less than 1e-5 in the exponent.
const SHORT: f64 = 16.0;

/// The kernel matrix of samples among themselves, by rows.
pub(super) struct Gram {
    function: Function,
    squares: Vec<f64>,
    precision: Precision,
    rows: Vec<Option<Box<[f32]>>>,
    last_use: Vec<u64>,
    clock: u64,
    kept: usize,
    capacity: usize,
}

/// Samples packed for products in the precision that they need.
enum Precision {
    Single(Panels<f32, 8>),
    Double(Panels<f64, 4>),
}

impl Gram {
    /// Over the rows of `x`, keeping rows in `cache_mb` megabytes, and no fewer than two batches.
    pub(super) fn new(x: ArrayView2<'_, f64>, function: Function, cache_mb: usize) -> Self {
        let n = x.nrows();
        let squares: Vec<f64> = x.outer_iter().map(|row| row.dot(&row)).collect();
        let longest = squares.iter().copied().fold(0.0, f64::max);
        let precision = match function {
            Function::Rbf { gamma } if gamma * longest <= SHORT => {
                Precision::Single(Panels::new(x, |value| value as f32))
            }
            _ => Precision::Double(Panels::new(x, |value| value)),
        };
        let capacity = (cache_mb.saturating_mul(1 << 20) / (n * size_of::<f32>())).max(32);
        let (rows, last_use) = ((0..n).map(|_| None).collect(), vec![0; n]);
        Self { function, squares, precision, rows, last_use, clock: 0, kept: 0, capacity }
    }

    /// The kernel of a sample with itself.
    pub(super) fn diagonal(&self, sample: usize) -> f64 {
        let square = self.squares[sample];
        self.function.value(square, square, square)
    }

    /// Whether the row of `sample` is at hand.
    pub(super) fn has(&self, sample: usize) -> bool {
        self.rows[sample].is_some()
    }

    /// The row of `sample`; empty unless it was [ensured](Self::ensure) just before.
    pub(super) fn row(&self, sample: usize) -> &[f32] {
        self.rows[sample].as_deref().unwrap_or_default()
    }

    /// Makes the rows of `samples` available, forgetting those that were not used for longest.
    ///
    /// At most as many as the smallest capacity, of 32 rows, may be asked for.
    pub(super) fn ensure(&mut self, samples: &[usize]) {
        self.clock += 1;
        samples.iter().for_each(|&sample| self.last_use[sample] = self.clock);
        let absent: Vec<usize> = samples.iter().copied().filter(|&s| !self.has(s)).collect();
        let mut buffers: Vec<Box<[f32]>> = absent.iter().map(|_| self.buffer()).collect();
        self.fill(&absent, &mut buffers);
        for (sample, buffer) in absent.into_iter().zip(buffers) {
            self.rows[sample] = Some(buffer);
        }
    }

    /// A place for a row: a new one, or that of the row not used for longest.
    fn buffer(&mut self) -> Box<[f32]> {
        if self.kept < self.capacity {
            self.kept += 1;
            return vec![0.0; self.squares.len()].into();
        }
        let oldest = (0..self.rows.len())
            .filter(|&sample| self.has(sample) && self.last_use[sample] < self.clock)
            .min_by_key(|&sample| self.last_use[sample]);
        let freed = oldest.and_then(|sample| self.rows[sample].take());
        freed.unwrap_or_else(|| vec![0.0; self.squares.len()].into())
    }

    /// Fills `buffers` with the rows of `samples`: parts of columns on all threads, each entry by
    /// the same operations whatever their number.
    fn fill(&self, samples: &[usize], buffers: &mut [Box<[f32]>]) {
        for (samples, buffers) in samples.chunks(TOGETHER).zip(buffers.chunks_mut(TOGETHER)) {
            let mut columns: Vec<_> = buffers.iter_mut().map(|row| row.chunks_mut(CHUNK)).collect();
            let parts: Vec<Vec<&mut [f32]>> = (0..self.squares.len().div_ceil(CHUNK))
                .map(|_| columns.iter_mut().filter_map(Iterator::next).collect())
                .collect();
            match &self.precision {
                Precision::Single(panels) => {
                    let gathered = panels.gather(samples);
                    parts.into_par_iter().enumerate().for_each(|(part, mut rows)| {
                        for (place, start) in (0..rows[0].len()).step_by(8).enumerate() {
                            let dots = panels.products(part * (CHUNK / 8) + place, &gathered);
                            self.finish_single(samples, part * CHUNK + start, &dots, &mut rows);
                        }
                    });
                }
                Precision::Double(panels) => {
                    let gathered = panels.gather(samples);
                    parts.into_par_iter().enumerate().for_each(|(part, mut rows)| {
                        for (place, start) in (0..rows[0].len()).step_by(4).enumerate() {
                            let dots = panels.products(part * (CHUNK / 4) + place, &gathered);
                            self.finish_double(samples, part * CHUNK + start, &dots, &mut rows);
                        }
                    });
                }
            }
        }
    }

    /// Writes the kernels of `samples` with those from `column` on.
    fn finish_single(
        &self,
        samples: &[usize],
        column: usize,
        dots: &[[f32; 8]; TOGETHER],
        rows: &mut [&mut [f32]],
    ) {
        let Function::Rbf { gamma } = self.function else { return };
        let (start, squares) = (column % CHUNK, &self.squares[column..]);
        for ((&sample, row), dots) in samples.iter().zip(rows).zip(dots) {
            let own = self.squares[sample];
            for ((entry, &dot), &square) in row[start..].iter_mut().zip(dots).zip(squares) {
                let distance = ((own + square) as f32 - 2.0 * dot).max(0.0);
                *entry = (-(gamma as f32) * distance).exp();
            }
        }
    }

    /// The same in `f64`, for any kernel.
    fn finish_double(
        &self,
        samples: &[usize],
        column: usize,
        dots: &[[f64; 4]; TOGETHER],
        rows: &mut [&mut [f32]],
    ) {
        let (start, squares) = (column % CHUNK, &self.squares[column..]);
        for ((&sample, row), dots) in samples.iter().zip(rows).zip(dots) {
            let own = self.squares[sample];
            for ((entry, &dot), &square) in row[start..].iter_mut().zip(dots).zip(squares) {
                *entry = self.function.value(dot, own, square) as f32;
            }
        }
    }
}
