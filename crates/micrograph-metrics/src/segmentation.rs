//! Measures of segmentation: pixels, outlines, partitions and objects.
//!
//! Counts first, scores second: frames give [`PixelScores`], two label images give [`Overlaps`], and
//! two outlines give [`SurfaceDistances`]; all scores are computed from these three.
//!
//! | question | from | measures |
//! |---|---|---|
//! | how many pixels are right? | [`Frames`] | error rate, F1, IoU, Dice, false white, white pixel accuracy; pooled and per frame |
//! | how far off are outlines? | [`SurfaceDistances`] | Hausdorff distance and its 95th percentile, boundary F |
//! | are regions parted as in the truth? | [`Overlaps`] | [`RandSums`], [`Information`]: V^Rand, V^Info |
//! | are objects found? | [`Overlaps`] | [`instance_curve`], [`panoptic_quality`], [`aggregated_jaccard`], [`seg_score`], [`det_score`] |
//!
//! This crate knows no geometry: distances, components and thinned borders are made by
//! `micrograph-segment`, which knows this one (`surface_distances`, `isbi2012`, `warping_error`), so
//! that measures of labels alone need neither.
//!
//! ```
//! use micrograph_metrics::segmentation::{Overlaps, aggregated_jaccard, panoptic_quality};
//! use ndarray::array;
//!
//! let truth = array![[1, 1, 1, 0, 2, 2]];
//! let predicted = array![[1, 1, 0, 0, 3, 3]];
//! let overlaps = [Overlaps::new(truth.view(), predicted.view())?];
//! assert_eq!(panoptic_quality(&overlaps).recognition, Some(1.0)); // both are found
//! assert_eq!(panoptic_quality(&overlaps).segmentation, Some((2.0 / 3.0 + 1.0) / 2.0));
//! assert_eq!(aggregated_jaccard(&overlaps), Some(4.0 / 5.0));
//! # Ok::<(), micrograph_metrics::Error>(())
//! ```

mod frames;
mod information;
mod instances;
mod jaccard;
mod overlaps;
mod panoptic;
mod rand_sums;
mod surface;
mod tracking;

pub use frames::{EmptyFrames, Frames, PixelScores, pixel_counts};
pub use information::Information;
pub use instances::{IOU_THRESHOLDS, InstancePoint, instance_curve, matched_objects};
pub use jaccard::aggregated_jaccard;
pub use overlaps::{Overlaps, PredictedBackground};
pub use panoptic::{PanopticQuality, panoptic_quality};
pub use rand_sums::RandSums;
pub use surface::SurfaceDistances;
pub use tracking::{Detection, det_score, seg_score};
