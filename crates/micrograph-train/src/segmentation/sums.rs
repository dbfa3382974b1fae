//! Counts of pixels over frames.

use micrograph_image::IGNORE;
use micrograph_metrics::Counts;
use micrograph_metrics::segmentation::Frames;
use micrograph_model::most_probable;
use ndarray::{Array2, ArrayView2, ArrayView3};

use super::PixelRecord;

/// Sums over frames.
#[derive(Debug)]
pub(crate) struct Sums {
    /// Foreground against background, frame by frame.
    pub(crate) frames: Frames,
    /// The share of wrong pixels of each frame.
    pub(crate) error_rates: Vec<f64>,
    /// Pixels whose class is known.
    pub(crate) pixels: u64,
    /// Pixels by truth and prediction.
    confusion: Array2<u64>,
    loss: f64,
}

impl Sums {
    /// Of so many classes.
    pub(crate) fn new(n_classes: usize) -> Self {
        Self {
            frames: Frames::default(),
            error_rates: Vec::new(),
            pixels: 0,
            confusion: Array2::zeros((n_classes, n_classes)),
            loss: 0.0,
        }
    }

    /// Adds a frame: probabilities `(k, h, w)`, classes `(h, w)`.
    pub(crate) fn add(&mut self, probabilities: ArrayView3<'_, f32>, labels: ArrayView2<'_, u8>) {
        let k = self.confusion.nrows();
        let mut own = Array2::<u64>::zeros((k, k));
        let said = most_probable(probabilities);
        for ((y, x), &label) in labels.indexed_iter().filter(|(_, label)| **label != IGNORE) {
            let truth = usize::from(label);
            own[[truth, usize::from(said[[y, x]])]] += 1;
            self.loss -= f64::from(probabilities[[truth, y, x]].max(f32::MIN_POSITIVE)).ln();
        }
        let (pixels, right) = (own.sum(), own.diag().sum());
        self.error_rates.push((pixels - right) as f64 / pixels.max(1) as f64);
        self.pixels += pixels;
        let white = |truth: bool, predicted: bool| -> f64 {
            let cells =
                own.indexed_iter().filter(|((t, p), _)| (*t > 0, *p > 0) == (truth, predicted));
            cells.map(|(_, &count)| count).sum::<u64>() as f64
        };
        self.frames.push(Counts {
            tp: white(true, true),
            fp: white(false, true),
            fn_: white(true, false),
            tn: white(false, false),
        });
        self.confusion += &own;
    }

    /// The share of pixels of another class than said.
    pub(crate) fn error_rate(&self) -> f64 {
        (self.pixels - self.confusion.diag().sum()) as f64 / self.pixels.max(1) as f64
    }

    /// The mean cross-entropy of a pixel.
    pub(crate) fn mean_loss(&self) -> f64 {
        self.loss / self.pixels.max(1) as f64
    }

    /// One class against all others.
    pub(crate) fn of_class(&self, class: usize) -> Counts {
        let tp = self.confusion[[class, class]];
        let (truth, predicted) =
            (self.confusion.row(class).sum(), self.confusion.column(class).sum());
        Counts {
            tp: tp as f64,
            fp: (predicted - tp) as f64,
            fn_: (truth - tp) as f64,
            tn: (self.pixels + tp - truth - predicted) as f64,
        }
    }

    /// The measures so far.
    pub(crate) fn record(&self) -> PixelRecord {
        PixelRecord::new(&self.frames, self.error_rate(), self.mean_loss())
    }
}
