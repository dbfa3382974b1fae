//! From an image to class probabilities.

use std::path::Path;

use candle::{Device, Tensor};
use micrograph_image::{Image, Limits, read};
use micrograph_nn::{Mode, Network};
use ndarray::{Array2, Array3, ArrayView2};

use crate::bundle::{self, Bundle};
use crate::{Error, Manifest, Result, SeenSamples, TestTime};

/// A trained network with everything around it that a prediction needs.
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
    network: Box<dyn Network>,
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
        let Bundle { manifest, network, seen } = bundle::load(path, device)?;
        Ok(Self { seen, ..Self::new(manifest, network, device.clone()) })
    }

    /// Puts a manifest and a network together, as a trainer does, who knows what they have seen.
    #[must_use]
    pub fn new(manifest: Manifest, network: Box<dyn Network>, device: Device) -> Self {
        Self { manifest, network, device, test_time: TestTime::None, seen: SeenSamples::default() }
    }

    /// Averages each prediction over transformed copies of the image.
    #[must_use]
    pub fn with_test_time(self, test_time: TestTime) -> Self {
        Self { test_time, ..self }
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

    /// How many numbers the network has learned.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        self.network.parameters().count()
    }

    /// Predicts one image without a mask.
    ///
    /// # Errors
    /// When the image cannot be brought to the network's input.
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
        let input = self.manifest.preprocessing.apply(image, mask)?;
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

    /// Probabilities `(n, classes)` of prepared inputs `(c, h, w)` (see
    /// [`Preprocessing::apply`](micrograph_image::Preprocessing::apply)).
    ///
    /// # Errors
    /// When an input has another shape than the network takes, or the output is not finite.
    pub fn probabilities(&self, inputs: &[Array3<f32>]) -> Result<Array2<f64>> {
        let views = self.test_time.views();
        let mut sum = Array2::<f64>::zeros((inputs.len(), self.classes().len()));
        for &view in views {
            let transformed: Vec<Array3<f32>> = inputs.iter().map(|xs| view.apply(xs)).collect();
            sum += &probabilities(self.network.as_ref(), &transformed, &self.device)?;
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

/// Class probabilities `(n, classes)` of prepared inputs `(c, h, w)`, the network in evaluation
/// mode.
///
/// # Errors
/// [`Error::Input`] when an input has another shape than the network takes,
/// [`Error::NotFinite`] when the output is not a number.
pub fn probabilities(
    network: &dyn Network,
    inputs: &[Array3<f32>],
    device: &Device,
) -> Result<Array2<f64>> {
    let k = network.n_classes();
    if inputs.is_empty() {
        return Ok(Array2::zeros((0, k)));
    }
    let logits = network.forward(&batch(network, inputs, device)?, Mode::Evaluate)?;
    let logits = logits.to_vec2::<f32>()?;
    let logits = Array2::from_shape_fn((inputs.len(), k), |(i, j)| f64::from(logits[i][j]));
    if logits.iter().all(|z| z.is_finite()) {
        Ok(softmax_rows(logits))
    } else {
        Err(Error::NotFinite)
    }
}

/// Prepared inputs `(c, h, w)` as one tensor `(n, c, h, w)`.
///
/// # Errors
/// [`Error::Input`] when an input has another shape than the network takes.
pub fn batch(network: &dyn Network, inputs: &[Array3<f32>], device: &Device) -> Result<Tensor> {
    let shape = network.input();
    let expected = (shape.channels, shape.height, shape.width);
    let mut values = Vec::<f32>::with_capacity(inputs.len() * expected.0 * expected.1 * expected.2);
    for (index, input) in inputs.iter().enumerate() {
        if input.dim() != expected {
            return Err(Error::Input { index, found: input.dim(), expected });
        }
        values.extend(input.iter());
    }
    Ok(Tensor::from_vec(values, (inputs.len(), expected.0, expected.1, expected.2), device)?)
}

/// Softmax of each row in f64, the largest logit subtracted first.
fn softmax_rows(mut logits: Array2<f64>) -> Array2<f64> {
    for mut row in logits.rows_mut() {
        let largest = row.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        row.mapv_inplace(|z| (z - largest).exp());
        let sum = row.sum();
        row /= sum;
    }
    logits
}
