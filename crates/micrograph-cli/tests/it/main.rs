//! The program as a user runs it, one file a concern.

mod background;
mod bad_input;
mod classical;
mod comparing;
mod crossval_resume;
mod headed;
mod native;
mod notices;
mod overwriting;
mod reproducible;
mod resuming;
mod segmenting;
mod support;
mod tuning;
mod using_a_model;
mod workflow;
