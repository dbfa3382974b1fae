//! What is known of a network before it is built.

use candle::{DType, Device};

use crate::{Error, Field, InputShape, Result, SegmentationNetwork};

/// A network with its sizes.
pub(super) trait Blueprint {
    /// Checks every range.
    fn validate(&self) -> Result<(), Error>;

    /// The number of trainable numbers; saturates where a `usize` does not hold it.
    fn parameter_count(&self) -> usize;

    fn input(&self) -> InputShape;

    fn field(&self) -> Field;

    /// The network, of a blueprint that is valid.
    fn build(
        &self,
        seed: u64,
        dtype: DType,
        device: &Device,
    ) -> Result<Box<dyn SegmentationNetwork>>;
}
