//! The kernels on the host: the proof without a GPU.
//!
//! `kernels/*.cu` are compiled by the host's C++ compiler beside an imitation of CUDA
//! (`kernels/emulation`), which watches each access where the compiler can tell it of them, and run
//! what operations launch.
//! Kinds and number of arguments are checked against the kernels' signatures, and each program runs
//! in two orders of threads and over two fillings of fresh memory, which must give the same bits.

mod build;
mod faults;
mod process;
mod twins;

pub(crate) use twins::{Agreement, Emulator, assert_agree, drawn, first_line, with_nan};
