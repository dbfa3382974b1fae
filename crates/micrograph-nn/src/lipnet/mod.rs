//! The networks of the LipNet thesis.

mod architecture;
mod config;
mod layer;
mod net;

pub use architecture::Architecture;
pub use config::{LipNetConfig, MAX_PARAMETERS};
pub use net::{LipNet, build};
