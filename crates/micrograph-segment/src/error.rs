//! Everything that can be wrong with the input.

/// What cannot be segmented.
///
/// An image that is empty, of one value, or all background is no error: each function says what comes
/// of it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two arrays do not lie on each other.
    #[error(
        "expected {what} of {} x {} pixels, as the image has, got {} x {}; crop or resize both together",
        expected[0], expected[1], got[0], got[1]
    )]
    Shape {
        /// What was given beside the image.
        what: &'static str,
        /// Height and width of the image.
        expected: [usize; 2],
        /// Height and width of the other.
        got: [usize; 2],
    },
    /// A setting is outside its range.
    #[error("expected {what} {expected}, got {got}")]
    Setting {
        /// The setting.
        what: &'static str,
        /// Its range.
        expected: &'static str,
        /// Its value.
        got: f64,
    },
    /// There are more tracks than numbers.
    #[error("expected at most {limit} tracks, got more; divide the sequence")]
    Tracks {
        /// The largest number.
        limit: u32,
    },
    /// Something is wrong with what a measure is computed from.
    #[error(transparent)]
    Metric(#[from] micrograph_metrics::Error),
}

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// `what` has the shape of the image.
pub(crate) fn same_shape(
    what: &'static str,
    image: (usize, usize),
    other: (usize, usize),
) -> Result<()> {
    if image == other {
        return Ok(());
    }
    Err(Error::Shape { what, expected: [image.0, image.1], got: [other.0, other.1] })
}

/// `got` satisfies what is `expected` of it.
pub(crate) fn setting(
    what: &'static str,
    expected: &'static str,
    got: f64,
    holds: bool,
) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::Setting { what, expected, got }) }
}
