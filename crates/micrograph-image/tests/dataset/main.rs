//! Data sets: layouts, tables, archives, and what is said about bad ones.

mod archive;
mod autotraits;
mod contradictions;
mod fingerprint;
mod folders;
mod hostile_archive;
#[cfg(unix)]
mod links;
mod manifest;
mod masks;
mod natural_order;
mod reading;
mod real;
mod segmentation;
mod tree;
mod unlabelled;
