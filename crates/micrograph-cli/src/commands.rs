//! One file a command.

pub(crate) mod completions;
pub(crate) mod crossval;
pub(crate) mod evaluate;
pub(crate) mod info;
mod info_run;
pub(crate) mod predict;
pub(crate) mod synth;
pub(crate) mod train;
