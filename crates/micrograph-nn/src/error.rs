//! What can be wrong with a configuration, an input, weights, or a step of an optimizer.

use crate::{InputShape, InputSize};

/// What this crate refuses, with the numbers and the repair.
///
/// Functions that also run tensor operations return [`candle::Result`], as Candle's own traits do;
/// there these errors arrive wrapped, with the message unchanged.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No architecture has this name.
    #[error("expected an architecture ({known}), got `{name}`")]
    UnknownArchitecture {
        /// The name given.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// A field lies outside its range.
    #[error("{field} = {value}: expected {expected}")]
    Config {
        /// The field.
        field: &'static str,
        /// Its value.
        value: String,
        /// The values that are allowed.
        expected: String,
    },
    /// A batch is not of the shape that a network takes.
    #[error("{network} takes images of {expected}, got a batch ({got}){repair}")]
    Input {
        /// The network.
        network: String,
        /// What it takes.
        expected: InputShape,
        /// The dimensions that came.
        got: String,
        /// What to do, where it can be said; begins with `; `.
        repair: String,
    },
    /// The configuration is valid in each field but asks for too large a network.
    #[error(
        "{architecture} with input_size {input_size}, maps {maps} and dense {dense} would have \
         {parameters} parameters, expected at most {limit}; \
         make one of the three smaller, or take lipnet4c, whose size does not grow with the input"
    )]
    TooLarge {
        /// The architecture.
        architecture: String,
        /// Height and width of the input.
        input_size: InputSize,
        /// Maps of each convolution.
        maps: usize,
        /// Units of the hidden fully connected layer.
        dense: usize,
        /// The parameters that it would have.
        parameters: usize,
        /// The parameters allowed, [`MAX_PARAMETERS`](crate::MAX_PARAMETERS).
        limit: usize,
    },
    /// The configuration of a segmentation network is valid in each field but asks for too much.
    #[error(
        "{network} would have {parameters} parameters, expected at most {limit}; \
         take fewer maps or levels"
    )]
    TooManyParameters {
        /// The network.
        network: &'static str,
        /// The parameters that it would have.
        parameters: usize,
        /// The parameters allowed, [`MAX_PARAMETERS`](crate::MAX_PARAMETERS).
        limit: usize,
    },
    /// A class that no pixel belongs to has no frequency, and so no weight.
    #[error(
        "class {class} (counted from 0) has no pixel in the training masks, so that no weight \
         follows from its frequency; leave the class out of the table, or give the weights"
    )]
    ClassWithoutPixels {
        /// The class.
        class: usize,
    },
    /// Two parameters were given one name.
    #[error("expected distinct parameter names, got `{name}` twice; rename one of the layers")]
    DuplicateParameter {
        /// The name.
        name: String,
    },
    /// Tensors do not fit what they are loaded into; nothing was loaded.
    #[error("the {what} does not fit: {problems}; load tensors saved from the same configuration")]
    Mismatch {
        /// What was to be loaded.
        what: &'static str,
        /// Every missing, unexpected or wrongly shaped tensor.
        problems: String,
    },
    /// The loss does not depend on a parameter that the optimizer is to change.
    #[error(
        "expected a gradient for `{name}`, got none; compute the loss from the network's output"
    )]
    MissingGradient {
        /// The parameter.
        name: String,
    },
    /// A gradient to be clipped is infinite or NaN.
    #[error("the gradient of `{name}` is not finite; lower the learning rate or check the inputs")]
    NotFinite {
        /// The first such parameter, by name.
        name: String,
    },
    /// Gradients of a loss that is not scaled up at all are not finite.
    #[error(
        "gradients are not finite in this precision, whatever the loss is scaled by: training has \
         diverged; lower the learning rate, or train in bf16 or f32"
    )]
    NoScale,
    /// An optimizer was made for one network and stepped with another.
    #[error("expected the parameters the optimizer was made for, got others ({difference})")]
    OtherParameters {
        /// One parameter that differs.
        difference: String,
    },
    /// An exclusion matches no parameter, so it is probably a slip of the pen.
    #[error("exclude pattern `{pattern}` matches no parameter; the parameters are {names}")]
    UnmatchedPattern {
        /// The pattern.
        pattern: String,
        /// All names, so that the right pattern can be seen.
        names: String,
    },
}

/// A result of this crate: mostly Candle's error, where nothing but an [`Error`] can occur that one.
pub type Result<T, E = candle::Error> = std::result::Result<T, E>;

impl From<Error> for candle::Error {
    /// Without a backtrace, so that the message stays one line whatever the environment asks for.
    fn from(error: Error) -> Self {
        Self::Wrapped(Box::new(error))
    }
}

/// [`Error::Config`] unless `holds`.
pub(crate) fn check(
    holds: bool,
    field: &'static str,
    value: impl std::fmt::Display,
    expected: impl std::fmt::Display,
) -> Result<(), Error> {
    if holds {
        return Ok(());
    }
    Err(Error::Config { field, value: value.to_string(), expected: expected.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_error_keeps_its_message() {
        let error = check(false, "maps", 0, "at least 1").unwrap_err();
        assert_eq!(candle::Error::from(error).to_string(), "maps = 0: expected at least 1");
    }
}
