//! Reading and writing images: goldens, bad files, round trips.

mod bad_files;
mod encoding;
mod goldens;
mod mutations;
mod replacing;
