//! Random forests, and the single tree.

mod config;
mod grow;
mod model;
mod out_of_bag;
mod ranks;
mod single;
mod split;
mod tree;

pub use config::{ForestConfig, MaxFeatures};
pub use model::ForestModel;
pub use out_of_bag::OutOfBag;
pub use single::{TreeConfig, TreeModel};
