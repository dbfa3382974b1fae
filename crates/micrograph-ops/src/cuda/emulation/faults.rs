//! What the emulation must see: kernels with faults.

use super::Emulator;
use crate::cuda::{Arg, Launch, Program};
use candle::{DType, Shape};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The kernel of `faults.cu` over 64 numbers, by so many blocks of so many threads.
fn program(kernel: &'static str, [blocks, threads]: [u64; 2]) -> Program {
    let launch = Launch::blocks("faults", kernel, DType::F32, [blocks, threads], vec![Arg::Out(0)]);
    Program::single("faults", (DType::F32, Shape::from(64)), launch)
}

#[test]
fn faults_of_kernels_are_seen() {
    const NAME: &str = "faults_of_kernels_are_seen";
    let Some(device) = Emulator::or_skip(NAME) else { return };
    if !device.is_watched {
        return micrograph_testkit::skip(NAME, "the C++ compiler has no checks by calls");
    }
    let ran = device.run_program(&program("right", [1, 64]), &[]).expect("a program");
    assert_eq!(ran.outputs[0].to_vec1::<f32>().expect("numbers")[1], 32.0);
    for (kernel, grid, complaint) in [
        ("without_barrier", [1, 64], "a race of two threads"),
        ("lost_update", [1, 64], "a race of two threads"),
        ("across_blocks", [2, 32], "a race of two threads"),
        ("unwritten_shared", [1, 64], "memory is read before it is written"),
        ("unwritten", [1, 64], "memory is read before it is written"),
        ("beyond", [1, 64], "an access"),
        ("beyond_shared", [1, 64], "insufficient space"),
    ] {
        let device = Emulator::or_skip(NAME).expect("it was there before");
        let run = || device.run_program(&program(kernel, grid), &[]).map(|_| ());
        let panic = catch_unwind(AssertUnwindSafe(run)).expect_err(kernel);
        let said = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        assert!(said.contains(complaint), "{kernel}: {said}");
    }
}
