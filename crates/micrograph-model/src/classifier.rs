//! From an image to class probabilities.

use std::path::Path;

use candle::Device;
use micrograph_image::{Image, Limits, read};
use ndarray::{Array2, ArrayView2};

use crate::bundle::{self, Bundle};
use crate::{Error, Input, Manifest, Predictor, Result, SeenSamples, TestTime};

/// A trained network or classical model with everything around it that a prediction needs.
///
/// ```no_run
/// use micrograph_image::{Limits, read};
/// use micrograph_model::Classifier;
///
/// let classifier = Classifier::load("runs/liposomes".as_ref())?;
/// let image = read("liposome.tif".as_ref(), &Limits::default())?;
/// let prediction = classifier.predict(&image)?;
/// println!("{} {:.3}", prediction.class, prediction.probability);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Classifier {
    manifest: Manifest,
    predictor: Predictor,
    device: Device,
    test_time: TestTime,
    seen: SeenSamples,
}

/// What a classifier says of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The name of the most probable class; the first of equals.
    pub class: String,
    /// Its index.
    pub index: usize,
    /// Its probability, in `[0, 1]`.
    pub probability: f64,
    /// The probability of each class, in class order; the sum is 1.
    pub probabilities: Vec<f64>,
}

impl std::fmt::Debug for Classifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Classifier").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

impl Classifier {
    /// Loads the bundle at `path` (a run folder, or either file of the bundle) onto the CPU.
    ///
    /// # Errors
    /// See [`bundle::load`].
    pub fn load(path: &Path) -> Result<Self> {
        Self::load_on(path, &Device::Cpu)
    }

    /// [`Classifier::load`] onto `device`, such as [`DeviceName::open`](crate::DeviceName::open)
    /// gives.
    ///
    /// # Errors
    /// See [`bundle::load`].
    pub fn load_on(path: &Path, device: &Device) -> Result<Self> {
        let Bundle { manifest, predictor, seen } = bundle::load(path, device)?;
        Ok(Self { seen, ..Self::new(manifest, predictor, device.clone()) })
    }

    /// Puts a manifest and a model together, as a trainer does, who knows what they have seen.
    #[must_use]
    pub fn new(manifest: Manifest, predictor: Predictor, device: Device) -> Self {
        let (test_time, seen) = (TestTime::None, SeenSamples::default());
        Self { manifest, predictor, device, test_time, seen }
    }

    /// Averages each prediction over transformed copies of the image.
    ///
    /// # Errors
    /// [`Error::TestTime`] where the model takes no pixels.
    pub fn with_test_time(self, test_time: TestTime) -> Result<Self> {
        if test_time != TestTime::None && !self.manifest.model.takes_pixels() {
            return Err(Error::TestTime { model: self.manifest.model.name().into_owned() });
        }
        Ok(Self { test_time, ..self })
    }

    /// What the weights are.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The samples that the weights were trained on and chosen by; empty where that is not known.
    #[must_use]
    pub fn seen(&self) -> &SeenSamples {
        &self.seen
    }

    /// Class names in the order of the probabilities.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.manifest.classes
    }

    /// The network with its weights, the fitted classical model, or both.
    #[must_use]
    pub fn predictor(&self) -> &Predictor {
        &self.predictor
    }

    /// Predicts one image without a mask.
    ///
    /// # Errors
    /// When the image cannot be brought to the model's input.
    pub fn predict(&self, image: &Image) -> Result<Prediction> {
        self.predict_masked(image, None)
    }

    /// Predicts one object: `mask` is true on it and has the image's height and width.
    ///
    /// # Errors
    /// When image and mask do not fit, or the mask is empty.
    pub fn predict_masked(
        &self,
        image: &Image,
        mask: Option<ArrayView2<'_, bool>>,
    ) -> Result<Prediction> {
        let input = self.manifest.prepare(image, mask)?.input;
        let probabilities = self.probabilities(&[input])?;
        Ok(self.prediction(&probabilities.row(0).to_vec()))
    }

    /// Reads and predicts one file.
    ///
    /// # Errors
    /// When the file cannot be read as an image; the message names it.
    pub fn predict_file(&self, path: &Path, limits: &Limits) -> Result<Prediction> {
        self.predict(&read(path, limits)?)
    }

    /// Probabilities `(n, classes)` of prepared inputs (see [`Manifest::prepare`]).
    ///
    /// # Errors
    /// When an input has another shape than the model takes, or the output is not finite.
    pub fn probabilities(&self, inputs: &[Input]) -> Result<Array2<f64>> {
        let views = self.test_time.views();
        let mut sum = Array2::<f64>::zeros((inputs.len(), self.classes().len()));
        for &view in views {
            // Of features each copy has those of the original.
            let seen = |input: &Input| input.map_pixels(|xs| view.apply(xs));
            let transformed: Vec<Input> = inputs.iter().map(seen).collect();
            sum += &self.predictor.probabilities(&transformed, &self.device)?;
        }
        sum /= views.len() as f64;
        Ok(sum)
    }

    /// Names the most probable class of one row of probabilities.
    #[must_use]
    pub fn prediction(&self, probabilities: &[f64]) -> Prediction {
        let mut index = 0;
        for (candidate, p) in probabilities.iter().enumerate() {
            if *p > probabilities[index] {
                index = candidate;
            }
        }
        Prediction {
            class: self.manifest.classes[index].clone(),
            index,
            probability: probabilities[index],
            probabilities: probabilities.to_vec(),
        }
    }
}
