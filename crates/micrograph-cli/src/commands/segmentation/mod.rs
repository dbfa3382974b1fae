//! What the commands do where pixels are classified.

pub(crate) mod evaluate;
pub(crate) mod info;
pub(crate) mod predict;
pub(crate) mod train;
