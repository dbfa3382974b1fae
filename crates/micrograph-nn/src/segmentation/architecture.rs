//! The networks that segment, by name.

use serde::{Deserialize, Serialize};

use super::{DeconvNetConfig, FcnConfig, RfiUNetConfig, SegNetConfig, StemNetConfig, UNetConfig};
use crate::{Error, Result};

/// A network that segments, with its settings.
///
/// In a file of settings it is a name, `"unet"`, or a table, `{ unet = { maps = 32 } }`, in which
/// what is left out is the default.
///
/// ```
/// use micrograph_nn::{SegmentationArchitecture, StemNetConfig};
///
/// let architecture: SegmentationArchitecture = "stemnet_appendix".parse()?;
/// assert_eq!(architecture, SegmentationArchitecture::StemNet(StemNetConfig::appendix()));
/// assert_eq!((architecture.name(), architecture.title()), ("stemnet", "StemNet"));
/// # Ok::<(), micrograph_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum SegmentationArchitecture {
    /// U-Net, 2015.
    #[serde(rename = "unet")]
    UNet(UNetConfig),
    /// The U-Net against interference in radio data, 2017.
    #[serde(rename = "rfi_unet")]
    RfiUNet(RfiUNetConfig),
    /// StemNet, 2017.
    #[serde(rename = "stemnet")]
    StemNet(StemNetConfig),
    /// SegNet, 2017.
    #[serde(rename = "segnet")]
    SegNet(SegNetConfig),
    /// DeconvNet, 2015.
    #[serde(rename = "deconvnet")]
    DeconvNet(DeconvNetConfig),
    /// FCN-32s, -16s and -8s, 2015.
    Fcn(FcnConfig),
}

impl Default for SegmentationArchitecture {
    fn default() -> Self {
        Self::UNet(UNetConfig::default())
    }
}

impl SegmentationArchitecture {
    /// The names that parse, of networks with settings that somebody published or that are the
    /// defaults here.
    pub const NAMES: [&'static str; 10] = [
        "unet",
        "unet2015",
        "rfi_unet",
        "stemnet",
        "stemnet_appendix",
        "segnet",
        "deconvnet",
        "fcn32s",
        "fcn16s",
        "fcn8s",
    ];

    /// The name in configurations, whatever the settings.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UNet(_) => "unet",
            Self::RfiUNet(_) => "rfi_unet",
            Self::StemNet(_) => "stemnet",
            Self::SegNet(_) => "segnet",
            Self::DeconvNet(_) => "deconvnet",
            Self::Fcn(_) => "fcn",
        }
    }

    /// The name as it is usually written.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::UNet(_) => "U-Net",
            Self::RfiUNet(_) => "RFI U-Net",
            Self::StemNet(_) => "StemNet",
            Self::SegNet(_) => "SegNet",
            Self::DeconvNet(_) => "DeconvNet",
            Self::Fcn(FcnConfig { stride: 32, .. }) => "FCN-32s",
            Self::Fcn(FcnConfig { stride: 16, .. }) => "FCN-16s",
            Self::Fcn(_) => "FCN-8s",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let fcn = |stride| FcnConfig { stride, ..FcnConfig::default() };
        Some(match name {
            "unet" => UNetConfig::default().into(),
            "unet2015" => UNetConfig::published().into(),
            "rfi_unet" => RfiUNetConfig::default().into(),
            "stemnet" => StemNetConfig::thesis().into(),
            "stemnet_appendix" => StemNetConfig::appendix().into(),
            "segnet" => SegNetConfig::default().into(),
            "deconvnet" => DeconvNetConfig::default().into(),
            "fcn32s" => fcn(32).into(),
            "fcn16s" => fcn(16).into(),
            "fcn8s" => fcn(8).into(),
            _ => return None,
        })
    }
}

impl std::fmt::Display for SegmentationArchitecture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for SegmentationArchitecture {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let unknown =
            || Error::UnknownArchitecture { name: name.into(), known: Self::NAMES.join(", ") };
        Self::named(name).ok_or_else(unknown)
    }
}

/// `$config` as the settings of `$variant`.
macro_rules! from_config {
    ($($variant:ident($config:ty)),+) => {$(
        impl From<$config> for SegmentationArchitecture {
            fn from(config: $config) -> Self {
                Self::$variant(config)
            }
        }
    )+};
}

from_config!(
    UNet(UNetConfig),
    RfiUNet(RfiUNetConfig),
    StemNet(StemNetConfig),
    SegNet(SegNetConfig),
    DeconvNet(DeconvNetConfig),
    Fcn(FcnConfig)
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_parses_and_no_other() {
        for name in SegmentationArchitecture::NAMES {
            let architecture: SegmentationArchitecture = name.parse().unwrap();
            assert!(name.starts_with(architecture.name()), "{name}: {architecture}");
        }
        assert_eq!(
            "vnet".parse::<SegmentationArchitecture>().unwrap_err().to_string(),
            "expected an architecture (unet, unet2015, rfi_unet, stemnet, stemnet_appendix, segnet, \
             deconvnet, fcn32s, fcn16s, fcn8s), got `vnet`"
        );
    }
}
