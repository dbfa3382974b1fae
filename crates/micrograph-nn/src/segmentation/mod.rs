//! Networks from images to scores of the classes of each pixel.

mod architecture;
mod blueprint;
mod config;
mod field;
mod ladder;
mod layer;
mod norm;
mod stemnet;
mod unet;
mod vgg;

pub use architecture::SegmentationArchitecture;
pub use config::SegmenterConfig;
pub use field::Field;
pub use ladder::Border;
pub use stemnet::StemNetConfig;
pub use unet::{RfiUNetConfig, UNetConfig};
pub use vgg::{DeconvNetConfig, FcnConfig, SegNetConfig};
