//! On what networks run.

use std::fmt;
use std::str::FromStr;

use candle::Device;
use candle::utils::cuda_is_available;

use crate::{Error, Result};

/// A device by name: `auto`, `cpu` or `cuda:N`.
///
/// ```
/// use micrograph_model::DeviceName;
///
/// assert_eq!("cuda:1".parse(), Ok(DeviceName::Cuda(1)));
/// assert_eq!("cuda".parse(), Ok(DeviceName::Cuda(0)));
/// assert!("gpu".parse::<DeviceName>().is_err());
/// assert!(DeviceName::Cpu.open()?.is_cpu());
/// # Ok::<(), micrograph_model::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DeviceName {
    /// The first GPU where this build has CUDA and the machine a GPU, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The GPU of this number, from 0.
    Cuda(usize),
}

impl DeviceName {
    /// Makes the device ready.
    ///
    /// # Errors
    /// [`Error::NoDevice`] when this build has no CUDA, or the machine no such GPU.
    pub fn open(self) -> Result<Device> {
        let cuda = |number| match Device::new_cuda_with_stream(number) {
            _ if !cuda_is_available() => {
                Err("this build has no CUDA; use cpu, or build micrograph with its feature `cuda`"
                    .to_owned())
            }
            Ok(device) => Ok(device),
            Err(error) => Err(format!("{error}; `nvidia-smi` lists the GPUs of this machine")),
        };
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Auto => Ok(cuda(0).unwrap_or(Device::Cpu)),
            Self::Cuda(number) => {
                cuda(number).map_err(|reason| Error::NoDevice { device: self.to_string(), reason })
            }
        }
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

impl FromStr for DeviceName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let number = match name {
            "auto" => return Ok(Self::Auto),
            "cpu" => return Ok(Self::Cpu),
            "cuda" => Some(0),
            name => name.strip_prefix("cuda:").and_then(|number| number.parse().ok()),
        };
        number.map(Self::Cuda).ok_or_else(|| "expected auto, cpu or cuda:N".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back() {
        for name in [DeviceName::Auto, DeviceName::Cpu, DeviceName::Cuda(0), DeviceName::Cuda(12)] {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        for name in ["", "cuda:", "cuda:-1", "CPU", "cuda 0"] {
            assert!(name.parse::<DeviceName>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_build_without_cuda_says_so() {
        if cuda_is_available() {
            return micrograph_testkit::skip("a_build_without_cuda_says_so", "this build has CUDA");
        }
        assert!(DeviceName::Auto.open().unwrap().is_cpu());
        let message = DeviceName::Cuda(0).open().unwrap_err().to_string();
        assert!(message.starts_with("cuda:0: this build has no CUDA"), "{message}");
    }
}
