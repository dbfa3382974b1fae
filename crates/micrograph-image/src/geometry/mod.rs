//! Geometry of pixels: distances, connected components, outlines.

mod components;
mod distance;
mod outline;

pub use self::components::{Connectivity, label_components};
pub use self::distance::{Beyond, distance_transform};
pub use self::outline::outer_outline;
