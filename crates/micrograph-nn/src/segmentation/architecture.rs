//! The networks that segment, by name.

use serde::{Deserialize, Serialize};

use super::{RfiUNetConfig, StemNetConfig, UNetConfig};
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
}

impl Default for SegmentationArchitecture {
    fn default() -> Self {
        Self::UNet(UNetConfig::default())
    }
}

impl SegmentationArchitecture {
    /// The names that parse, of networks with settings that somebody published or that are the
    /// defaults here.
    pub const NAMES: [&'static str; 5] =
        ["unet", "unet2015", "rfi_unet", "stemnet", "stemnet_appendix"];

    /// The name in configurations, whatever the settings.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UNet(_) => "unet",
            Self::RfiUNet(_) => "rfi_unet",
            Self::StemNet(_) => "stemnet",
        }
    }

    /// The name as it is usually written.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::UNet(_) => "U-Net",
            Self::RfiUNet(_) => "RFI U-Net",
            Self::StemNet(_) => "StemNet",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "unet" => UNetConfig::default().into(),
            "unet2015" => UNetConfig::published().into(),
            "rfi_unet" => RfiUNetConfig::default().into(),
            "stemnet" => StemNetConfig::thesis().into(),
            "stemnet_appendix" => StemNetConfig::appendix().into(),
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

from_config!(UNet(UNetConfig), RfiUNet(RfiUNetConfig), StemNet(StemNetConfig));

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
            "expected an architecture (unet, unet2015, rfi_unet, stemnet, stemnet_appendix), \
             got `vnet`"
        );
    }
}
