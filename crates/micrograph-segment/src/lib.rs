//! Classical segmentation of biomedical images, and what masks and labels are made of.
//!
//! - From gray to black and white: [`threshold`] (Otsu, Li, triangle, Yen) of values or of a
//!   [`Histogram`], [`local_threshold`], [`gaussian`].
//! - Masks: [`erode`], [`dilate`], [`open`] and [`close`] with an [`Element`], of gray images, too;
//!   [`reconstruct`], [`fill_holes`], [`remove_small`], [`thin`], [`distance_transform`].
//! - Objects: [`label_components`], [`watershed`] from markers, [`propagate`] from seeds, and
//!   [`instances`], which takes an image to numbered objects in one go.
//! - For training: [`border_weights`], U-Net's map.
//! - Outlines: [`border_pixels`], [`contours`], [`outer_outline`].
//! - Sequences: [`link_frames`] and [`Tracker`], by overlap.
//! - Measures that need geometry, for `micrograph-metrics`: [`surface_distances`],
//!   [`warping_error`], [`isbi2012`].
//!
//! ```
//! use micrograph_segment::{InstancesConfig, Connectivity, border_pixels, instances, label_areas};
//! use ndarray::Array2;
//!
//! // Two bright squares, 6 x 6 and 5 x 5, on a dark background.
//! let within = |y: usize, x: usize, from: usize, side: usize| {
//!     (from..from + side).contains(&y) && (from..from + side).contains(&x)
//! };
//! let image = Array2::from_shape_fn((16, 16), |(y, x)| {
//!     if within(y, x, 1, 6) || within(y, x, 9, 5) { 0.8_f32 } else { 0.1 }
//! });
//! let labels = instances(image.view(), &InstancesConfig::default())?;
//! assert_eq!(label_areas(labels.view()), [195, 36, 25]);
//! assert_eq!(border_pixels(labels.view(), Connectivity::Eight).len(), 20 + 16);
//! # Ok::<(), micrograph_segment::Error>(())
//! ```
//!
//! # Decisions
//! - Images are `(height, width)` arrays of `f32`, masks of `bool`, labels of `u32` with 0 for the
//!   background. Foreground is what is above a threshold.
//! - Results are those of scikit-image, SciPy and centrosome, which the tests hold them to, but for
//!   rules that a function states. Ties are settled by reading order, so that the same input has the
//!   same result.
//! - No input makes a function panic: empty images, one pixel, one value, NaN have rules.
//!
//! # Limits
//! Two dimensions, square pixels, one channel, in memory.
#![forbid(unsafe_code)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "array views are small and `Copy`; clippy does not see it through ndarray's types"
)]

mod border;
mod border_weights;
mod clean;
mod components;
mod contour;
mod distance;
mod element;
mod error;
mod histogram;
mod instances;
mod isbi2012;
mod local_threshold;
mod morphology;
mod neighbors;
mod outline;
mod propagate;
mod reconstruct;
mod smooth;
mod surface;
mod thin;
mod thin_borders;
mod threshold;
mod track;
mod warping;
mod watershed;

pub use border::border_pixels;
pub use border_weights::border_weights;
pub use clean::{fill_holes, label_areas, relabel, remove_small, remove_small_labels};
pub use components::label_components;
pub use contour::contours;
pub use distance::{Beyond, distance_transform};
pub use element::Element;
pub use error::{Error, Result};
pub use histogram::Histogram;
pub use instances::{Foreground, Holes, InstancesConfig, Split, instances, split_mask};
pub use isbi2012::{Best, Isbi2012, Slice, isbi2012};
pub use local_threshold::{LocalMethod, local_threshold};
pub use morphology::{Level, close, dilate, dilate_mask, erode, erode_mask, open};
pub use neighbors::Connectivity;
pub use outline::outer_outline;
pub use propagate::propagate;
pub use reconstruct::reconstruct;
pub use smooth::gaussian;
pub use surface::surface_distances;
pub use thin::thin;
pub use thin_borders::thin_borders;
pub use threshold::{ThresholdMethod, li, otsu, threshold, triangle, yen};
pub use track::{Link, Track, Tracker, link_frames};
pub use warping::{Warping, warping_error};
pub use watershed::watershed;

/// Holds the README's example to be true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
