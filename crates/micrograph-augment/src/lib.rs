//! Seeded, replayable augmentation of images and masks in one resampling.
#![forbid(unsafe_code)]

mod apply;
mod draw;
mod error;
mod geometry;
mod intensity;
mod preset;
mod recipe;
mod stream;

pub use crate::apply::augment;
pub use crate::draw::Drawn;
pub use crate::error::{Error, Result};
pub use crate::recipe::{Recipe, Steps};
pub use crate::stream::Key;
