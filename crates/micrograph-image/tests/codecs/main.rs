//! Reading and writing images: goldens, bad files, round trips.

mod bad_files;
mod bad_paths;
mod encoding;
mod goldens;
mod mutations;
mod replacing;
