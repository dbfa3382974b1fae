//! How often which intensity occurs.

use ndarray::ArrayView2;

use crate::error::{Result, setting};

/// Counts of intensities in bins of equal width, from the least to the greatest that occurs.
///
/// Of images of whole gray levels each level is a bin ([`Histogram::of_levels`]); others are divided
/// ([`Histogram::of_values`]). Both are `skimage.exposure.histogram`.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    counts: Vec<u64>,
    lowest: f64,
    width: f64,
}

impl Histogram {
    /// The histogram of an image of 8 or 16 bits: one bin a gray level.
    ///
    /// # Edge cases
    /// An image without pixels has a histogram without bins.
    ///
    /// # Example
    /// ```
    /// use micrograph_segment::Histogram;
    /// use ndarray::array;
    /// let histogram = Histogram::of_levels(array![[7_u16, 9], [9, 10]].view());
    /// assert_eq!(histogram.counts(), [1, 0, 2, 1]);
    /// assert_eq!(histogram.center(1), 8.0);
    /// ```
    #[must_use]
    pub fn of_levels(image: ArrayView2<'_, u16>) -> Self {
        let lowest = image.iter().copied().min().unwrap_or(0);
        let n_bins = image.iter().max().map_or(0, |&highest| usize::from(highest - lowest) + 1);
        let mut counts = vec![0; n_bins];
        for &level in image {
            counts[usize::from(level - lowest)] += 1;
        }
        Self { counts, lowest: f64::from(lowest), width: 1.0 }
    }

    /// The histogram of the finite values of an image, in `n_bins` (256 are usual).
    ///
    /// # Edge cases
    /// NaN and infinite pixels are left out. Without finite pixels there are no bins; where all are
    /// of one value, it is the center of the one bin.
    ///
    /// # Errors
    /// No bins, or more than 2^24.
    ///
    /// # Example
    /// ```
    /// use micrograph_segment::Histogram;
    /// use ndarray::array;
    /// let histogram = Histogram::of_values(array![[0.0, 0.1, 1.0, f32::NAN]].view(), 4)?;
    /// assert_eq!(histogram.counts(), [2, 0, 0, 1]);
    /// assert_eq!(histogram.center(3), 0.875);
    /// # Ok::<(), micrograph_segment::Error>(())
    /// ```
    pub fn of_values(image: ArrayView2<'_, f32>, n_bins: usize) -> Result<Self> {
        let fits = (1..=1 << 24).contains(&n_bins);
        setting("a number of bins", "from 1 to 16777216", n_bins as f64, fits)?;
        let finite = || image.iter().filter(|value| value.is_finite()).map(|&v| f64::from(v));
        let (lowest, highest) =
            finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if lowest >= highest {
            let n = finite().count() as u64;
            let counts = if n > 0 { vec![n] } else { Vec::new() };
            return Ok(Self { counts, lowest, width: 0.0 }.with_centers());
        }
        let width = (highest - lowest) / n_bins as f64;
        let edge = |bin: usize| lowest + width * bin as f64;
        let mut counts = vec![0; n_bins];
        for value in finite() {
            let mut bin = (((value - lowest) / width) as usize).min(n_bins - 1);
            // Rounding of the quotient must not move a value over an edge.
            if value < edge(bin) {
                bin -= 1;
            } else if bin + 1 < n_bins && value >= edge(bin + 1) {
                bin += 1;
            }
            counts[bin] += 1;
        }
        Ok(Self { counts, lowest, width }.with_centers())
    }

    /// Moves the position of the first bin from its lower edge to its center.
    fn with_centers(mut self) -> Self {
        self.lowest += self.width / 2.0;
        self
    }

    /// The number of pixels in each bin.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The intensity in the middle of a bin.
    #[must_use]
    pub fn center(&self, bin: usize) -> f64 {
        self.lowest + self.width * bin as f64
    }
}
