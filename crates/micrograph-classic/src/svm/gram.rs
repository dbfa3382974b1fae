//! Rows of the kernel matrix, computed when they are asked for and kept while there is room.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::kernel::Function;
use super::panels::{Panels, TOGETHER};
use crate::{Error, Result};

/// Columns that one thread fills at a time, a multiple of the lanes of a panel.
const CHUNK: usize = 512;

/// The largest `gamma |a|^2` up to which `f32` products lose less than 1e-5 in the exponent.
const SHORT: f64 = 16.0;

/// The least kernel value, of the greatest in a matrix, that `f32` holds with all its digits.
const LEAST: f64 = f32::MIN_POSITIVE as f64 / f32::EPSILON as f64;

/// In which numbers inner products are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    Single,
    Double,
}

impl Precision {
    /// That of all matrices over samples among `x`, so that no bit depends on which of them a
    /// matrix holds.
    ///
    /// # Errors
    /// [`Error::KernelRange`] when rows of `f32` cannot hold the kernel of these samples.
    pub(super) fn choose(x: ArrayView2<'_, f64>, function: Function) -> Result<Self> {
        let longest = x.outer_iter().map(|row| row.dot(&row)).fold(0.0, |longest: f64, square| {
            if square.is_finite() { longest.max(square) } else { f64::INFINITY }
        });
        let greatest = match function {
            Function::Linear => longest,
            Function::Rbf => f64::from(u8::from(longest.is_finite())),
            Function::Polynomial { coef0, degree } => (longest + coef0.abs()).powi(degree),
        };
        let out_of_range = !(greatest <= f64::from(f32::MAX) && longest.is_finite());
        if out_of_range || (longest > 0.0 && greatest < LEAST) {
            return Err(Error::KernelRange { value: greatest.max(longest) });
        }
        let single = function == Function::Rbf && longest <= SHORT;
        Ok(if single { Self::Single } else { Self::Double })
    }
}

/// The kernel matrix of samples among themselves, by rows.
pub(super) struct Gram {
    function: Function,
    squares: Vec<f64>,
    packed: Packed,
    rows: Vec<Option<Box<[f32]>>>,
    last_use: Vec<u64>,
    clock: u64,
    kept: usize,
    capacity: usize,
}

/// Samples packed for products.
enum Packed {
    Single(Panels<f32, 8>),
    Double(Panels<f64, 4>),
}

impl Gram {
    /// Over the rows of `x`, in the units of a space, keeping rows in `cache_mb` megabytes, and no
    /// fewer than 32.
    pub(super) fn new(
        x: ArrayView2<'_, f64>,
        function: Function,
        precision: Precision,
        cache_mb: usize,
    ) -> Self {
        let n = x.nrows();
        let squares: Vec<f64> = x.outer_iter().map(|row| row.dot(&row)).collect();
        let packed = match precision {
            Precision::Single => Packed::Single(Panels::new(x, |value| value as f32)),
            Precision::Double => Packed::Double(Panels::new(x, |value| value)),
        };
        let capacity = (cache_mb.saturating_mul(1 << 20) / (n * size_of::<f32>())).max(32);
        let (rows, last_use) = ((0..n).map(|_| None).collect(), vec![0; n]);
        Self { function, squares, packed, rows, last_use, clock: 0, kept: 0, capacity }
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
            match &self.packed {
                Packed::Single(panels) => {
                    let gathered = panels.gather(samples);
                    parts.into_par_iter().enumerate().for_each(|(part, mut rows)| {
                        for (place, start) in (0..rows[0].len()).step_by(8).enumerate() {
                            let dots = panels.products(part * (CHUNK / 8) + place, &gathered);
                            self.finish_single(samples, part * CHUNK + start, &dots, &mut rows);
                        }
                    });
                }
                Packed::Double(panels) => {
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

    /// Writes the kernels, radial basis functions, of `samples` with those from `column` on.
    fn finish_single(
        &self,
        samples: &[usize],
        column: usize,
        dots: &[[f32; 8]; TOGETHER],
        rows: &mut [&mut [f32]],
    ) {
        let (start, squares) = (column % CHUNK, &self.squares[column..]);
        for ((&sample, row), dots) in samples.iter().zip(rows).zip(dots) {
            let own = self.squares[sample];
            for ((entry, &dot), &square) in row[start..].iter_mut().zip(dots).zip(squares) {
                let distance = ((own + square) as f32 - 2.0 * dot).max(0.0);
                *entry = (-distance).exp();
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
