//! Programs that change tensors.

use super::device::{elsewhere, launch};
use super::memory::{Memory, offset};
use super::program::Program;
use candle::backend::{BackendDevice, BackendStorage};
use candle::cuda_backend::CudaDevice;
use candle::cuda_backend::cudarc::driver::sys;
use candle::{CpuStorage, CudaStorage, Device, InplaceOp1, Layout, Result, Storage, Tensor};

/// Runs a program that changes some of the tensors, of which none shares its memory with another.
///
/// Those are locked and lent for writing, the others for reading, until all kernels are launched:
/// the streams of other threads wait for the one, and it for them.
pub(crate) fn in_place(program: &Program, tensors: &[&Tensor]) -> Result<()> {
    let Device::Cuda(device) = tensors[0].device() else { return Err(elsewhere(program.op)) };
    Lent { program, device, tensors, places: Vec::new() }.lend_next()
}

/// Tensors of a program of which the first are lent to it already, at their places.
struct Lent<'a> {
    program: &'a Program,
    device: &'a CudaDevice,
    tensors: &'a [&'a Tensor],
    places: Vec<sys::CUdeviceptr>,
}

impl Lent<'_> {
    /// Lends the tensors that are left, one inside the other, and launches the kernels.
    fn lend_next(self) -> Result<()> {
        let next = self.places.len();
        let Some(tensor) = self.tensors.get(next) else {
            return launch(self.program, self.device, self.places).map(|_| ());
        };
        if self.program.changes(next) {
            return tensor.inplace_op1(&self);
        }
        let (storage, layout) = tensor.storage_and_layout();
        let Storage::Cuda(storage) = &*storage else { return Err(elsewhere(self.program.op)) };
        let stream = self.device.cuda_stream();
        let mut memory = Memory::new(self.program.op, &stream);
        let place = memory.operand(self.device, (storage, layout))?;
        self.with(place).lend_next()
    }

    fn with(&self, place: sys::CUdeviceptr) -> Self {
        let places = self.places.iter().copied().chain([place]).collect();
        Self { places, ..*self }
    }
}

/// What is changed comes as Candle lends it for writing.
impl InplaceOp1 for Lent<'_> {
    fn name(&self) -> &'static str {
        self.program.op
    }

    fn cpu_fwd(&self, _: &mut CpuStorage, _: &Layout) -> Result<()> {
        Err(elsewhere(self.program.op))
    }

    fn cuda_fwd(&self, storage: &mut CudaStorage, layout: &Layout) -> Result<()> {
        if !storage.device().same_device(self.device) {
            return Err(elsewhere(self.program.op));
        }
        let offset = offset(self.program.op, storage.dtype(), layout)?;
        let stream = self.device.cuda_stream();
        let mut memory = Memory::new(self.program.op, &stream);
        let place = memory.written(storage)? + offset;
        self.with(place).lend_next()
    }
}
