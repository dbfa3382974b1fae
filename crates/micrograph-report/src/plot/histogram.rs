//! A histogram small enough to stand in a row of a table.

/// The bars of a histogram.
const N_BINS: usize = 36;

/// Equal bins of the logarithm between two positive sizes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Histogram {
    low: f64,
    high: f64,
}

impl Histogram {
    /// The width and height of the drawing.
    pub(crate) const SIZE: (usize, usize) = (N_BINS * 5, 30);

    /// Bins between the smallest and the largest of `sizes`; `None` unless two positive, finite
    /// ones differ.
    pub(crate) fn over(sizes: impl Iterator<Item = f64>) -> Option<Self> {
        let mut bins = Self { low: f64::INFINITY, high: 0.0 };
        for size in sizes.filter(|size| size.is_finite() && *size > 0.0) {
            bins = Self { low: bins.low.min(size), high: bins.high.max(size) };
        }
        (bins.low < bins.high).then_some(bins)
    }

    /// The smallest, the middle (geometric mean) and the largest size of the axis.
    pub(crate) fn ticks(&self) -> [f64; 3] {
        [self.low, (self.low * self.high).sqrt(), self.high]
    }

    /// The bars as one SVG path in a box of [`Histogram::SIZE`]; the highest fills the box.
    pub(crate) fn path(&self, sizes: &[f64]) -> String {
        let (width, height) = (Self::SIZE.0 as f64 / N_BINS as f64, Self::SIZE.1 as f64);
        let counts = self.counts(sizes);
        let highest = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
        let mut path = String::new();
        for (bin, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            // A bin with anything in it is at least visible.
            let bar = (height * count as f64 / highest).max(1.0);
            let (x, y) = (bin as f64 * width, height - bar);
            path.push_str(&format!("M{x} {height}V{y:.1}h{}V{height}Z", width - 0.5));
        }
        path
    }

    fn counts(&self, sizes: &[f64]) -> [usize; N_BINS] {
        let mut counts = [0; N_BINS];
        let length = (self.high / self.low).ln();
        for &size in sizes.iter().filter(|size| **size >= self.low && **size <= self.high) {
            let position = (size / self.low).ln() / length * N_BINS as f64;
            counts[(position as usize).min(N_BINS - 1)] += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_counted_once_and_the_ends_belong_to_the_outer_bins() {
        let sizes = [10.0, 10.0, 100.0, 1000.0];
        let bins = Histogram::over(sizes.into_iter()).unwrap();
        let counts = bins.counts(&sizes);
        assert_eq!((counts[0], counts[N_BINS / 2], counts[N_BINS - 1]), (2, 1, 1));
        assert_eq!(counts.iter().sum::<usize>(), 4);
        assert_eq!(bins.ticks(), [10.0, 100.0, 1000.0]);
        assert_eq!(bins.path(&sizes).matches('Z').count(), 3);
    }

    #[test]
    fn sizes_that_do_not_differ_have_no_histogram() {
        assert_eq!(Histogram::over([28.0, 28.0, f64::NAN, 0.0].into_iter()), None);
        assert_eq!(Histogram::over([].into_iter()), None);
    }
}
