//! What a segmentation network is made from.

use candle::{DType, Device};
use serde::{Deserialize, Serialize};

use super::SegmentationArchitecture;
use super::blueprint::Blueprint;
use super::vgg::{Fcn, Switches};
use crate::error::check;
use crate::{Error, Field, InputShape, MAX_PARAMETERS, Result, SegmentationNetwork};

/// A network with its settings, and what it sees and says.
///
/// A temporal window enters as channels: `window * channels` of them, frames in the order of time.
///
/// ```
/// use candle::{DType, Device, Tensor};
/// use micrograph_nn::{Mode, SegmenterConfig, UNetConfig};
///
/// let unet = UNetConfig { levels: 2, maps: 4, ..UNetConfig::default() };
/// let config = SegmenterConfig::new(unet.into(), 1, 3);
/// let network = config.build(7, DType::F32, &Device::Cpu)?;
/// let images = Tensor::zeros((2, 1, 12, 20), DType::F32, &Device::Cpu)?;
/// let logits = network.forward(&images, Mode::Evaluate)?;
/// assert_eq!(logits.dims(), [2, 3, 12, 20]);
///
/// let odd = Tensor::zeros((2, 1, 10, 20), DType::F32, &Device::Cpu)?;
/// let message = network.forward(&odd, Mode::Evaluate).unwrap_err().to_string();
/// assert_eq!(
///     message,
///     "unet takes images of 1 channel and multiples of 4 from 4x4 pixels, \
///      got a batch (2, 1, 10, 20); pad images to 12x20"
/// );
/// # Ok::<(), candle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmenterConfig {
    /// The network.
    pub architecture: SegmentationArchitecture,
    /// Channels of the input, at least 1.
    pub in_channels: usize,
    /// Classes, at least 2; of cells on a background 2.
    pub n_classes: usize,
}

impl SegmenterConfig {
    /// The network for images of so many channels, whose pixels have so many classes.
    #[must_use]
    pub const fn new(
        architecture: SegmentationArchitecture,
        in_channels: usize,
        n_classes: usize,
    ) -> Self {
        Self { architecture, in_channels, n_classes }
    }

    /// Checks every range.
    ///
    /// # Errors
    /// [`Error::Config`] for the first field outside its range, [`Error::TooManyParameters`] above
    /// [`MAX_PARAMETERS`].
    pub fn validate(&self) -> Result<(), Error> {
        check(self.in_channels > 0, "in_channels", self.in_channels, "at least 1")?;
        check(self.n_classes > 1, "n_classes", self.n_classes, "at least 2")?;
        let plan = self.blueprint()?;
        plan.validate()?;
        let (parameters, limit) = (plan.parameter_count(), MAX_PARAMETERS);
        if parameters > limit {
            let network = self.architecture.name();
            return Err(Error::TooManyParameters { network, parameters, limit });
        }
        Ok(())
    }

    /// The number of trainable numbers, without building the network; 0 where the settings are
    /// invalid. Saturates where a `usize` does not hold it.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.blueprint().map_or(0, |plan| plan.parameter_count())
    }

    /// A new network whose weights are a function of the configuration and `seed`.
    ///
    /// In training mode, parameters have gradients; in evaluation they are constants, and only an
    /// input that is tracked has one.
    ///
    /// # Errors
    /// As [`validate`](Self::validate); when `dtype` is neither f32 nor f64; when the device has no
    /// memory left.
    pub fn build(
        &self,
        seed: u64,
        dtype: DType,
        device: &Device,
    ) -> Result<Box<dyn SegmentationNetwork>> {
        self.validate()?;
        self.blueprint()?.build(seed, dtype, device)
    }

    /// The images that the network takes.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    pub fn input(&self) -> Result<InputShape, Error> {
        self.validate()?;
        Ok(self.blueprint()?.input())
    }

    /// Which pixels decide about one of the logits.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    pub fn field(&self) -> Result<Field, Error> {
        self.validate()?;
        Ok(self.blueprint()?.field())
    }

    fn blueprint(&self) -> Result<Box<dyn Blueprint>, Error> {
        let (in_channels, n_classes) = (self.in_channels, self.n_classes);
        Ok(match &self.architecture {
            SegmentationArchitecture::UNet(config) => {
                Box::new(config.plan(in_channels, n_classes)?)
            }
            SegmentationArchitecture::RfiUNet(config) => {
                Box::new(config.plan(in_channels, n_classes)?)
            }
            SegmentationArchitecture::StemNet(config) => {
                Box::new(config.plan(in_channels, n_classes)?)
            }
            SegmentationArchitecture::SegNet(config) => {
                Box::new(Switches { in_channels, n_classes, maps: config.maps, hidden: None })
            }
            SegmentationArchitecture::DeconvNet(config) => {
                let hidden = Some(config.hidden);
                Box::new(Switches { in_channels, n_classes, maps: config.maps, hidden })
            }
            SegmentationArchitecture::Fcn(config) => {
                Box::new(Fcn { config: config.clone(), in_channels, n_classes })
            }
        })
    }
}
