//! The networks, by name.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The networks of the LipNet thesis, section 7 and figure 13, and the one that its section 12
/// leaves to the future.
///
/// The number in a name counts the 3x3 convolutions that keep the size.
///
/// ```
/// use micrograph_nn::Architecture;
///
/// let architecture: Architecture = "lipnet4c".parse()?;
/// assert_eq!(architecture, Architecture::LipNet4c);
/// assert_eq!(architecture.to_string(), "lipnet4c");
/// # Ok::<(), micrograph_nn::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Architecture {
    /// One block of one convolution, two fully connected layers.
    LipNet1,
    /// Two blocks of one convolution, two fully connected layers.
    LipNet2,
    /// Two blocks of two convolutions, two fully connected layers.
    LipNet4,
    /// As LipNet-4, but without pooling and fully connected layers: strided convolutions halve,
    /// and a 1x1 convolution with a global average classifies.
    LipNet4c,
    /// The blocks of LipNet-4c, each map averaged over all its pixels, then the fully connected
    /// layers of LipNet-4: for images of any size.
    LipNet4v,
    /// Three blocks of two convolutions, two fully connected layers.
    LipNet6,
}

impl Architecture {
    /// Every architecture, by the number of its convolutions.
    pub const ALL: [Self; 6] = [
        Self::LipNet1,
        Self::LipNet2,
        Self::LipNet4,
        Self::LipNet4c,
        Self::LipNet4v,
        Self::LipNet6,
    ];

    /// The name in configurations and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LipNet1 => "lipnet1",
            Self::LipNet2 => "lipnet2",
            Self::LipNet4 => "lipnet4",
            Self::LipNet4c => "lipnet4c",
            Self::LipNet4v => "lipnet4v",
            Self::LipNet6 => "lipnet6",
        }
    }

    /// The name as the thesis writes it: `LipNet-4c`.
    ///
    /// ```
    /// assert_eq!(micrograph_nn::Architecture::LipNet4c.title(), "LipNet-4c");
    /// ```
    pub const fn title(self) -> &'static str {
        match self {
            Self::LipNet1 => "LipNet-1",
            Self::LipNet2 => "LipNet-2",
            Self::LipNet4 => "LipNet-4",
            Self::LipNet4c => "LipNet-4c",
            Self::LipNet4v => "LipNet-4v",
            Self::LipNet6 => "LipNet-6",
        }
    }

    /// Height and width of the input in the thesis, in pixels; for LipNet-4v the same where images
    /// are to have one size.
    pub const fn input_size(self) -> usize {
        match self {
            Self::LipNet6 => 32,
            _ => 28,
        }
    }

    /// Blocks, each of which halves height and width at its end.
    pub const fn blocks(self) -> usize {
        match self {
            Self::LipNet1 => 1,
            Self::LipNet2 | Self::LipNet4 | Self::LipNet4c | Self::LipNet4v => 2,
            Self::LipNet6 => 3,
        }
    }

    /// Convolutions of stride 1 in each block.
    pub const fn convolutions_per_block(self) -> usize {
        match self {
            Self::LipNet1 | Self::LipNet2 => 1,
            Self::LipNet4 | Self::LipNet4c | Self::LipNet4v | Self::LipNet6 => 2,
        }
    }

    /// Whether there are convolutions alone: no pooling, no fully connected layer.
    pub const fn is_fully_convolutional(self) -> bool {
        matches!(self, Self::LipNet4c)
    }

    /// Whether convolutions with stride 2 halve, not pooling.
    pub const fn is_strided(self) -> bool {
        matches!(self, Self::LipNet4c | Self::LipNet4v)
    }

    /// Whether one network takes images of any size.
    ///
    /// ```
    /// use micrograph_nn::Architecture;
    ///
    /// assert!(Architecture::LipNet4v.takes_any_size() && !Architecture::LipNet4c.takes_any_size());
    /// ```
    pub const fn takes_any_size(self) -> bool {
        matches!(self, Self::LipNet4v)
    }
}

impl std::fmt::Display for Architecture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for Architecture {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|one| one.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            Error::UnknownArchitecture { name: name.into(), known }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parsing_printing_and_serde_agree_on_the_name() {
        for architecture in Architecture::ALL {
            assert_eq!(architecture.to_string().parse(), Ok(architecture));
            let json = serde_json::to_string(&architecture).unwrap();
            assert_eq!(json, format!("\"{architecture}\""));
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known() {
        let message = "lipnet5".parse::<Architecture>().unwrap_err().to_string();
        assert_eq!(
            message,
            "expected an architecture (lipnet1, lipnet2, lipnet4, lipnet4c, lipnet4v, lipnet6), \
             got `lipnet5`"
        );
    }
}
