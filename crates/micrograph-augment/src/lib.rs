//! Seeded, replayable augmentation of images and masks in one resampling.
//!
//! A [`Recipe`] says what may happen to an image: turns, shifts, shear, zoom, flips and elastic
//! deformation, then brightness, contrast, gamma and noise. It is a value with a preset for the seven transforms of
//! the LipNet thesis ([`Recipe::thesis`]), read from and written to files with serde. A [`Key`] names
//! one appearance of one sample: seed, epoch, sample and copy. From the two follows all that
//! happens, so [`augment`] gives the same bits on any thread, in any order, and years later;
//! [`Recipe::draw`] tells what it was as a [`Drawn`].
//!
//! ```
//! use micrograph_augment::{Key, Recipe, augment};
//! use ndarray::Array3;
//!
//! let recipe = Recipe::thesis();
//! let key = Key { seed: 42, epoch: 3, sample: 1017, copy: 0 };
//! let liposome = Array3::from_shape_fn((1, 28, 28), |(_, y, x)| (y * x / 3) as f32);
//! let (first, _) = augment(&recipe, key, liposome.view(), None, 255.0)?;
//! let (again, _) = augment(&recipe, key, liposome.view(), None, 255.0)?;
//! let (copy, _) = augment(&recipe, Key { copy: 1, ..key }, liposome.view(), None, 255.0)?;
//! assert_eq!(first, again);
//! assert_ne!(first, copy);
//!
//! // What happened, for a log: whole degrees, and a zoom between 0.8 and 1.
//! let drawn = recipe.draw(key);
//! assert_eq!(drawn.rotation_degrees.fract(), 0.0);
//! assert!((0.8..=1.0).contains(&drawn.zoom));
//! # Ok::<(), micrograph_augment::Error>(())
//! ```
//!
//! # Decisions
//! - The geometric operations are composed into one map, so an image is interpolated once,
//!   however much happens to it. Flips, quarter turns and whole shifts interpolate nothing.
//! - Each operation draws from a stream of its own (ChaCha8; the key is the seed, the operation the
//!   stream), so adding an operation to a recipe leaves the draws of all others: an ablation
//!   changes one thing.
//! - A mask goes through the same map as its image, at the nearest pixel, and over the same border.
//! - Label maps keep their exact classes; a crop is part of the one resampling, so that what a turn brings
//!   into it comes from the frame, not from a border ([`augment_labels`]).
//! - An object that was cut out by its mask lies on its background everywhere, whatever the border
//!   ([`augment_object`]).
//!
//! # Limits
//! Images are `(channels, height, width)`; all channels move alike. Color shifts and mixing of samples
//! are not here.
#![forbid(unsafe_code)]

mod ablation;
mod apply;
mod crop;
mod display;
mod draw;
mod elastic;
mod error;
mod geometry;
mod intensity;
mod paste;
mod preset;
mod recipe;
mod stream;

pub use crate::apply::{augment, augment_object};
pub use crate::crop::{Cropping, Label, augment_labels};
pub use crate::draw::Drawn;
pub use crate::elastic::Elastic;
pub use crate::error::{Error, Result};
pub use crate::paste::{Cutout, Pasting, cutouts, paste};
pub use crate::recipe::{Recipe, Steps};
pub use crate::stream::Key;
