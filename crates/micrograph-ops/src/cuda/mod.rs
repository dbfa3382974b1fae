//! The operations on NVIDIA GPUs.
//!
//! An operation says as plain data what runs: a [`Program`] of kernels of `kernels/*.cu` over its
//! operands, outputs and scratch memory. `device` runs it on a GPU, behind the feature `cuda`; the
//! tests run the same program with the kernels compiled for the host (`emulation`), and compare
//! with the operation on the CPU.

#[cfg(any(feature = "cuda", test))]
mod program;
#[cfg(any(feature = "cuda", test))]
pub(crate) use program::{
    Arg, Launch, OnDevice, Operand, Program, Table, blocks_of, ints, real_type, sum_blocks, table,
    threads_for,
};

#[cfg(feature = "cuda")]
mod device;
#[cfg(feature = "cuda")]
pub(crate) use device::{Stored, change, forward, numbers, tensor_of};
#[cfg(feature = "cuda")]
mod in_place;
#[cfg(feature = "cuda")]
pub(crate) use in_place::in_place;
#[cfg(feature = "cuda")]
mod memory;

#[cfg(test)]
pub(crate) mod emulation;

/// The method `cuda_fwd` of a `CustomOp` that is [`OnDevice`].
macro_rules! cuda_fwd {
    ($($storage:ident $layout:ident),+) => {
        #[cfg(feature = "cuda")]
        fn cuda_fwd(
            &self,
            $($storage: &candle::CudaStorage, $layout: &candle::Layout),+
        ) -> candle::Result<(candle::CudaStorage, candle::Shape)> {
            crate::cuda::forward(self, &[$(($storage, $layout)),+])
        }
    };
}
pub(crate) use cuda_fwd;
