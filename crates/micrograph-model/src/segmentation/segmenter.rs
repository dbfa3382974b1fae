//! From images to the probabilities of their pixels.

use std::path::Path;

use candle::{DType, Device};
use micrograph_image::Image;
use micrograph_nn::SegmentationNetwork;
use ndarray::{Array2, Array3, ArrayView3, Axis};

use super::{PixelSource, SegmenterManifest, Tiles, Tiling, most_probable, pixel_probabilities};
use crate::bundle::{self, sha256_hex};
use crate::{Result, SeenSamples, TestTime};

/// A trained network that segments, with everything around it that a prediction needs.
///
/// ```no_run
/// use micrograph_image::{Limits, read, write_mask_png};
/// use micrograph_model::Segmenter;
///
/// let segmenter = Segmenter::load("runs/membranes".as_ref())?;
/// let image = read("slice.tif".as_ref(), &Limits::default())?;
/// let pixels = segmenter.predict(&image)?;
/// write_mask_png("mask.png".as_ref(), pixels.foreground().mapv(|p| p > 0.5).view())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Segmenter {
    manifest: SegmenterManifest,
    network: Box<dyn SegmentationNetwork>,
    device: Device,
    test_time: TestTime,
    tiling: Tiling,
    seen: SeenSamples,
}

impl std::fmt::Debug for Segmenter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Segmenter").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

/// What a segmenter says of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Pixels {
    /// The probability of each class, `(k, h, w)`; each pixel's sum is 1.
    pub probabilities: Array3<f32>,
}

impl Pixels {
    /// The most probable class of each pixel; the first of equals.
    #[must_use]
    pub fn classes(&self) -> Array2<u8> {
        most_probable(self.probabilities.view())
    }

    /// The probability of anything but the background: 1 less that of the first class.
    #[must_use]
    pub fn foreground(&self) -> Array2<f32> {
        match self.probabilities.axis_iter(Axis(0)).next() {
            Some(background) => background.mapv(|p| 1.0 - p),
            None => Array2::zeros((0, 0)),
        }
    }
}

impl Segmenter {
    /// Loads the bundle at `path` (a run folder, or either file of the bundle) onto the CPU.
    ///
    /// # Errors
    /// As [`bundle::load`]; [`Error::Kind`](crate::Error::Kind) for a classifier.
    pub fn load(path: &Path) -> Result<Self> {
        Self::load_on(path, &Device::Cpu)
    }

    /// [`Segmenter::load`] onto `device`.
    ///
    /// # Errors
    /// As [`Segmenter::load`].
    pub fn load_on(path: &Path, device: &Device) -> Result<Self> {
        let (manifest, bytes, weights) = bundle::read_segmenter(path)?;
        let network = manifest.network.build(0, DType::F32, device)?;
        let tensors = bundle::tensors_from_bytes(&bytes, &weights, device)?;
        let unfit = |reason: String| crate::Error::Weights { path: weights.clone(), reason };
        network.parameters().load(&tensors).map_err(|error| unfit(bundle::one_line(&error)))?;
        let seen = SeenSamples::of_file(&bytes).map_err(|reason| unfit(reason.to_owned()))?;
        Ok(Self { seen, ..Self::new(manifest, network, device.clone()) })
    }

    /// Puts a manifest and a network together, as a trainer does, who knows what they have seen.
    #[must_use]
    pub fn new(
        manifest: SegmenterManifest,
        network: Box<dyn SegmentationNetwork>,
        device: Device,
    ) -> Self {
        let (test_time, tiling) = (manifest.test_time, Tiling::default());
        Self { manifest, network, device, test_time, tiling, seen: SeenSamples::default() }
    }

    /// Writes the bundle into `folder`, with what the weights have seen; the manifest then has the
    /// digest of the weights.
    ///
    /// # Errors
    /// When a file cannot be written; older files then stay as they were.
    pub fn save(&mut self, folder: &Path, seen: SeenSamples) -> Result<()> {
        let bytes = self.to_bytes(&seen)?;
        self.manifest.weights_sha256 = sha256_hex(&bytes);
        bundle::write(folder, &bytes, &self.manifest)?;
        self.seen = seen;
        Ok(())
    }

    /// The weights as the bytes of a safetensors file.
    ///
    /// # Errors
    /// When a tensor cannot be serialized.
    pub fn to_bytes(&self, seen: &SeenSamples) -> Result<Vec<u8>> {
        let tensors = self.network.parameters().to_tensors();
        Ok(safetensors::serialize(tensors, seen.to_metadata()).map_err(candle::Error::from)?)
    }

    /// Averages each prediction over these copies of an image, in place of those of the manifest.
    #[must_use]
    pub fn with_test_time(self, test_time: TestTime) -> Self {
        Self { test_time, ..self }
    }

    /// Takes large images in these tiles.
    #[must_use]
    pub fn with_tiling(self, tiling: Tiling) -> Self {
        Self { tiling, ..self }
    }

    /// What the weights are.
    #[must_use]
    pub fn manifest(&self) -> &SegmenterManifest {
        &self.manifest
    }

    /// The frames that the weights were trained on and chosen by; empty where that is not known.
    #[must_use]
    pub fn seen(&self) -> &SeenSamples {
        &self.seen
    }

    /// Class names in the order of the probabilities; the first is the background.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.manifest.classes
    }

    /// The network with its weights.
    #[must_use]
    pub fn network(&self) -> &dyn SegmentationNetwork {
        self.network.as_ref()
    }

    /// The tiles of a prepared image, which need not lie in memory.
    ///
    /// # Errors
    /// As [`Tiles::new`].
    pub fn tiles<'a>(&'a self, source: &'a mut dyn PixelSource) -> Result<Tiles<'a>> {
        let settings = (self.test_time, self.tiling);
        Tiles::new(self.network.as_ref(), source, settings, &self.device)
    }

    /// How many tiles an image of this height and width has.
    #[must_use]
    pub fn n_tiles(&self, size: [usize; 2]) -> usize {
        self.tiling.count(self.network.as_ref(), size)
    }

    /// Predicts one image of any size, by a network that sees one frame at a time.
    ///
    /// # Errors
    /// When the image has other channels, or the network sees several frames.
    pub fn predict(&self, image: &Image) -> Result<Pixels> {
        self.predict_window(&[image])
    }

    /// Predicts the middle one of the frames of a window, the earliest first.
    ///
    /// # Errors
    /// As [`SegmenterInput::prepare`](super::SegmenterInput::prepare).
    pub fn predict_window(&self, frames: &[&Image]) -> Result<Pixels> {
        let prepared = self.manifest.input.prepare(frames)?;
        self.predict_prepared(prepared.view())
    }

    /// Predicts a prepared input `(in_channels, h, w)`.
    ///
    /// # Errors
    /// As [`pixel_probabilities`].
    pub fn predict_prepared(&self, xs: ArrayView3<'_, f32>) -> Result<Pixels> {
        let settings = (self.test_time, self.tiling);
        let probabilities = pixel_probabilities(self.network.as_ref(), xs, settings, &self.device)?;
        Ok(Pixels { probabilities })
    }
}
