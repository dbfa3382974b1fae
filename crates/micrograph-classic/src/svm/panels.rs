//! Inner products of a few samples with all, from samples that are packed once.

use ndarray::ArrayView2;
use std::ops::{AddAssign, Mul};

/// Samples that are multiplied with all others in one pass.
pub(super) const TOGETHER: usize = 4;

/// Samples in groups of `L`, feature by feature, so that a product keeps its sums in registers.
///
/// The loops over arrays of fixed length become vector instructions without `unsafe`; a general
/// product of matrices would pack all samples again for each few rows that are asked for.
#[derive(Debug)]
pub(super) struct Panels<T, const L: usize> {
    data: Vec<[T; L]>,
    features: usize,
}

impl<T, const L: usize> Panels<T, L>
where
    T: Copy + Default + AddAssign + Mul<Output = T>,
{
    /// Packs `x`, `(n, d)`, whose entries `convert` rounds; the last panel is filled with zeros.
    pub(super) fn new(x: ArrayView2<'_, f64>, convert: impl Fn(f64) -> T) -> Self {
        let features = x.ncols();
        let mut data = vec![[T::default(); L]; x.nrows().div_ceil(L) * features];
        for (sample, row) in x.outer_iter().enumerate() {
            let panel = &mut data[sample / L * features..][..features];
            for (lanes, &value) in panel.iter_mut().zip(row) {
                lanes[sample % L] = convert(value);
            }
        }
        Self { data, features }
    }

    /// The features of up to [`TOGETHER`] samples side by side; absent ones are zeros.
    pub(super) fn gather(&self, samples: &[usize]) -> Vec<[T; TOGETHER]> {
        let mut gathered = vec![[T::default(); TOGETHER]; self.features];
        for (place, &sample) in samples.iter().enumerate() {
            let panel = &self.data[sample / L * self.features..][..self.features];
            for (lanes, values) in gathered.iter_mut().zip(panel) {
                lanes[place] = values[sample % L];
            }
        }
        gathered
    }

    /// The inner products of `gathered` samples with the `L` of `panel`.
    #[inline]
    pub(super) fn products(&self, panel: usize, gathered: &[[T; TOGETHER]]) -> [[T; L]; TOGETHER] {
        let panel = &self.data[panel * self.features..][..self.features];
        let mut sums = [[T::default(); L]; TOGETHER];
        for (lanes, values) in panel.iter().zip(gathered) {
            for (sums, &value) in sums.iter_mut().zip(values) {
                for (sum, &lane) in sums.iter_mut().zip(lanes) {
                    *sum += value * lane;
                }
            }
        }
        sums
    }
}
