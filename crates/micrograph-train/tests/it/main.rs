//! Behavior of training through its public face, one file a concern.

mod costs;
mod data_use;
mod folds;
mod large_frames;
mod segmentation_use;
mod settings_page;
