//! Which images a network takes.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

use crate::Error;

/// The shape of one input, without the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputShape {
    /// Channels, 1 for gray and 3 for RGB.
    pub channels: usize,
    /// Rows and columns of pixels.
    pub size: InputSize,
}

/// The heights and widths that a network takes, in pixels.
///
/// ```
/// use micrograph_nn::InputSize;
///
/// let of_four_levels = InputSize::MultipleOf { step: 16, at_least: 32 };
/// assert!(of_four_levels.takes([32, 48]) && !of_four_levels.takes([16, 48]));
/// assert_eq!(of_four_levels.enclosing([20, 45]), Some([32, 48]));
/// assert_eq!(of_four_levels.to_string(), "multiples of 16 from 32x32");
///
/// assert_eq!(InputSize::square(28).to_string(), "28x28");
/// assert_eq!(InputSize::square(28).enclosing([20, 45]), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum InputSize {
    /// One size alone.
    Fixed {
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
    /// Any height and any width that are multiples of a number, each on its own; all images of a
    /// batch have one size.
    MultipleOf {
        /// What both are multiples of: `2^levels` of a network that halves so often and doubles
        /// again, 1 where any size will do.
        step: usize,
        /// The least height and width.
        at_least: usize,
    },
}

impl InputSize {
    /// As high as wide.
    #[must_use]
    pub const fn square(side: usize) -> Self {
        Self::Fixed { height: side, width: side }
    }

    /// Whether an image of this height and width is taken; one without a pixel never is.
    #[must_use]
    pub fn takes(self, size: [usize; 2]) -> bool {
        !size.contains(&0) && self.enclosing(size) == Some(size)
    }

    /// The smallest height and width that are taken and hold those of `size`: what to pad to.
    ///
    /// `None` where the one size is smaller, or the next multiple is above `usize::MAX`.
    #[must_use]
    pub fn enclosing(self, size: [usize; 2]) -> Option<[usize; 2]> {
        match self {
            Self::Fixed { height, width } => {
                (size[0] <= height && size[1] <= width).then_some([height, width])
            }
            Self::MultipleOf { step, at_least } => {
                let next =
                    |side: usize| side.max(at_least).max(1).checked_next_multiple_of(step.max(1));
                Some([next(size[0])?, next(size[1])?])
            }
        }
    }

    /// The end of a message about an image of a size that is not taken: what to pad it to, where
    /// that helps.
    ///
    /// ```
    /// let size = micrograph_nn::InputSize::MultipleOf { step: 8, at_least: 8 };
    /// assert_eq!(size.repair([30, 45]), "; pad images to 32x48");
    /// assert_eq!(micrograph_nn::InputSize::square(28).repair([30, 45]), "");
    /// ```
    #[must_use]
    pub fn repair(self, size: [usize; 2]) -> String {
        match (self, self.enclosing(size)) {
            (Self::MultipleOf { .. }, Some([height, width])) if [height, width] != size => {
                format!("; pad images to {height}x{width}")
            }
            _ => String::new(),
        }
    }
}

impl Display for InputShape {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { channels, size } = self;
        let plural = if *channels == 1 { "" } else { "s" };
        write!(f, "{channels} channel{plural} and {size} pixels")
    }
}

impl InputShape {
    /// Refuses a batch that is not `(n, channels, height, width)` of a size that is taken, with at
    /// least one image; `network` is its name in the message, which says what to pad to.
    ///
    /// ```
    /// use micrograph_nn::{InputShape, InputSize};
    ///
    /// let shape = InputShape { channels: 1, size: InputSize::MultipleOf { step: 16, at_least: 16 } };
    /// assert!(shape.check("unet", &[2, 1, 32, 48]).is_ok());
    /// let message = shape.check("unet", &[2, 1, 30, 45]).unwrap_err().to_string();
    /// assert_eq!(
    ///     message,
    ///     "unet takes images of 1 channel and multiples of 16 from 16x16 pixels, \
    ///      got a batch (2, 1, 30, 45); pad images to 32x48"
    /// );
    /// ```
    ///
    /// # Errors
    /// [`Error::Input`].
    pub fn check(self, network: &str, dims: &[usize]) -> Result<(), Error> {
        let repair = match *dims {
            [n, channels, height, width] if n > 0 && channels == self.channels => {
                if self.size.takes([height, width]) {
                    return Ok(());
                }
                self.size.repair([height, width])
            }
            [0, ..] => "; give at least one image".to_owned(),
            _ => String::new(),
        };
        let got = dims.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        Err(Error::Input { network: network.to_owned(), expected: self, got, repair })
    }
}

impl Display for InputSize {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Fixed { height, width } => write!(f, "{height}x{width}"),
            Self::MultipleOf { step, at_least } => {
                let least = at_least.max(1);
                let least = least.checked_next_multiple_of(step.max(1)).unwrap_or(least);
                match step {
                    0 | 1 => write!(f, "at least {least}x{least}"),
                    step => write!(f, "multiples of {step} from {least}x{least}"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_that_cannot_be_is_refused_without_a_panic() {
        let any = InputSize::MultipleOf { step: 0, at_least: 0 };
        assert!(any.takes([1, 7]) && !any.takes([0, 7]));
        let halved = InputSize::MultipleOf { step: 16, at_least: 20 };
        assert_eq!(halved.enclosing([1, 33]), Some([32, 48]));
        assert_eq!(halved.enclosing([usize::MAX, 1]), None);
        assert_eq!(halved.repair([usize::MAX, 1]), "");
        assert!(!InputSize::square(0).takes([0, 0]));
    }

    #[test]
    fn a_message_names_what_is_wrong() {
        let shape =
            InputShape { channels: 3, size: InputSize::MultipleOf { step: 1, at_least: 4 } };
        let message = |dims: &[usize]| shape.check("lipnet", dims).unwrap_err().to_string();
        let takes = "lipnet takes images of 3 channels and at least 4x4 pixels, got a batch";
        assert_eq!(message(&[1, 3, 5, 3]), format!("{takes} (1, 3, 5, 3); pad images to 5x4"));
        assert_eq!(message(&[1, 1, 5, 5]), format!("{takes} (1, 1, 5, 5)"));
        assert_eq!(
            message(&[0, 3, 5, 5]),
            format!("{takes} (0, 3, 5, 5); give at least one image")
        );
        assert_eq!(message(&[]), format!("{takes} ()"));
        assert!(shape.check("lipnet", &[2, 3, 4, 9]).is_ok());
    }
}
