//! In which number type a training step computes.

use candle::{DType, Device};
use micrograph_nn::LossScale;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The number type of activations and gradients in training.
///
/// Weights, their updates, the loss and every measure are f32 in any case: in `bf16` and `f16` a
/// step computes with rounded copies of the weights (mixed precision). It takes half the memory and
/// the tensor cores of a GPU; the CPU has f32 alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 24 bits of precision.
    #[default]
    F32,
    /// 8 bits of precision, the range of f32.
    Bf16,
    /// 11 bits of precision, up to 65,504; the loss is scaled ([`LossScale`]).
    F16,
}

impl Precision {
    pub(crate) fn name(self) -> &'static str {
        self.dtype().as_str()
    }

    pub(crate) fn dtype(self) -> DType {
        match self {
            Self::F32 => DType::F32,
            Self::Bf16 => DType::BF16,
            Self::F16 => DType::F16,
        }
    }

    /// How a new run scales its loss.
    pub(crate) fn loss_scale(self) -> LossScale {
        match self {
            Self::F32 | Self::Bf16 => LossScale::NONE,
            Self::F16 => LossScale::dynamic(),
        }
    }

    /// Refuses what `device` cannot compute in.
    pub(crate) fn check(self, device: &Device) -> Result<()> {
        if self == Self::F32 || device.is_cuda() {
            return Ok(());
        }
        Err(Error::Config {
            field: "precision",
            value: self.name().to_owned(),
            expected: "f32 on the CPU (--precision f32), or a GPU (--device cuda:0)",
        })
    }
}
