//! Segmenters: from an image of any size to the probabilities of its pixels.

mod classes;
mod input;
mod manifest;
mod pixels;
mod region;
mod segmenter;
mod statistics;

pub use classes::most_probable;
pub use input::SegmenterInput;
pub use manifest::SegmenterManifest;
pub use pixels::{PixelSource, Tiles, Tiling, pixel_probabilities};
pub use segmenter::{Pixels, Segmenter};
pub use statistics::FrameStatistics;
