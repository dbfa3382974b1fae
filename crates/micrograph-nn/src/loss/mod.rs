//! The losses of segmentation: what a pixel costs, and what it weighs.

mod class_weights;
mod config;
mod cost;

pub use class_weights::ClassWeights;
pub use config::{BorderWeights, PixelLoss, SegmentationLoss};
pub use cost::PixelCost;
