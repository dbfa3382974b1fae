//! Runs a [`Program`] on a CUDA device.

use super::program::{Arg, Launch, MOST_INTS, OnDevice, Operand, Program, Table, element_name};
use candle::backend::{BackendDevice, BackendStorage};
use candle::cuda_backend::cudarc::driver::{
    CudaStream, DevicePtr, DevicePtrMut, DeviceRepr, LaunchConfig, PushKernelArg, SyncOnDrop, sys,
};
use candle::cuda_backend::{CudaDevice, CudaStorageSlice, WrapErr};
use candle::op::BackpropOp;
use candle::{CudaStorage, DType, Error, Layout, Result, Shape, Storage, Tensor, WithDType};

mod modules {
    //! `ptx(module)`: the kernels as `build.rs` has compiled them.
    include!(concat!(env!("OUT_DIR"), "/kernels.rs"));
}

/// Shared memory of a block, in bytes, that a kernel gets without asking.
const SHARED_WITHOUT_ASKING: u32 = 48 << 10;

/// The elements of a tensor on the device.
pub(crate) type Stored<'a> = (&'a CudaStorage, &'a Layout);

/// The forward pass of an operation that makes one tensor.
pub(crate) fn forward(op: &impl OnDevice, operands: &[Stored<'_>]) -> Result<(CudaStorage, Shape)> {
    let program = op.program(&described(operands))?;
    let storage = run(&program, operands[0].0.device(), operands)?.swap_remove(0);
    Ok((storage, program.outputs[0].1.clone()))
}

/// The forward pass of an operation that holds further operands itself.
pub(crate) fn forward_with(
    op: &impl OnDevice,
    operands: &[Stored<'_>],
    held: &[&Tensor],
) -> Result<(CudaStorage, Shape)> {
    with_stored(held, |held| forward(op, &[operands, held].concat()))
}

/// All outputs of an operation.
pub(crate) fn outputs(op: &impl OnDevice, operands: &[Stored<'_>]) -> Result<Vec<CudaStorage>> {
    run(&op.program(&described(operands))?, operands[0].0.device(), operands)
}

/// Numbers that a kernel has left for the host, which waits for them.
pub(crate) fn numbers<T: WithDType>(storage: &CudaStorage) -> Result<Vec<T>> {
    Ok(storage.to_cpu_storage()?.as_slice::<T>()?.to_vec())
}

/// Runs a program that writes its operands, of which none shares its memory with another.
pub(crate) fn in_place(program: &Program, tensors: &[&Tensor]) -> Result<()> {
    with_stored(tensors, |operands| run(program, operands[0].0.device(), operands).map(|_| ()))
}

/// A tensor of the shape, without gradient, from the storage that the body makes of the tensors'.
pub(crate) fn tensor_of(
    tensors: &[&Tensor],
    shape: impl Into<Shape>,
    body: impl FnOnce(&[Stored<'_>]) -> Result<CudaStorage>,
) -> Result<Tensor> {
    let storage = Storage::Cuda(with_stored(tensors, body)?);
    Ok(Tensor::from_storage(storage, shape, BackpropOp::none(), false))
}

/// Lends the storages of tensors, which must be on a CUDA device.
fn with_stored<R>(tensors: &[&Tensor], body: impl FnOnce(&[Stored<'_>]) -> Result<R>) -> Result<R> {
    let locked: Vec<_> = tensors.iter().map(|tensor| tensor.storage_and_layout()).collect();
    let stored = locked.iter().map(|(storage, layout)| match &**storage {
        Storage::Cuda(storage) => Ok((storage, *layout)),
        _ => Err(Error::Msg("all tensors of an operation must be on one device".into()).bt()),
    });
    body(&stored.collect::<Result<Vec<_>>>()?)
}

fn described<'a>(operands: &[Stored<'a>]) -> Vec<Operand<'a>> {
    let describe = |&(storage, layout): &Stored<'a>| Operand { dtype: storage.dtype(), layout };
    operands.iter().map(describe).collect()
}

/// Launches the kernels and returns the outputs.
///
/// Kernels may write operands: what reads them later does so after where all work goes through one
/// stream, as on a device of `Device::new_cuda_with_stream`, or of `new_cuda` on one host thread.
pub(crate) fn run(
    program: &Program,
    device: &CudaDevice,
    operands: &[Stored<'_>],
) -> Result<Vec<CudaStorage>> {
    let sizes = program.outputs.iter().map(|(dtype, shape)| (*dtype, shape.elem_count()));
    let mut outputs = allocated(device, sizes)?;
    let mut scratch = allocated(device, program.scratch.iter().copied())?;
    let constants = program.constants.iter().map(|table| uploaded(device, table));
    let constants = constants.collect::<Result<Vec<_>>>()?;

    let stream = device.cuda_stream();
    let mut memory = Memory { op: program.op, stream: &stream, guards: Vec::new() };
    let mut places = Places::default();
    for &(storage, layout) in operands {
        if !storage.device().same_device(device) {
            let message = format!("{}: all tensors must be on one device; move them", program.op);
            return Err(Error::Msg(message).bt());
        }
        let offset = offset(program.op, storage.dtype(), layout)?;
        places.inputs.push(memory.read(storage)? + offset);
    }
    for storage in &mut outputs {
        places.outputs.push(memory.written(storage)?);
    }
    for storage in &mut scratch {
        places.scratch.push(memory.written(storage)?);
    }
    for table in &constants {
        places.constants.push(memory.read(table)?);
    }
    for launch in &program.launches {
        start(program.op, device, launch, &places)?;
    }
    drop(memory);
    Ok(outputs)
}

/// A table of the host on the device.
fn uploaded(device: &CudaDevice, table: &Table) -> Result<CudaStorage> {
    let slice = match table {
        Table::U32(numbers) => CudaStorageSlice::U32(device.clone_htod(numbers)?),
        Table::F64(numbers) => CudaStorageSlice::F64(device.clone_htod(numbers)?),
    };
    Ok(CudaStorage { slice, device: device.clone() })
}

/// Fresh memory in which nothing stands.
fn allocated(
    device: &CudaDevice,
    sizes: impl Iterator<Item = (DType, usize)>,
) -> Result<Vec<CudaStorage>> {
    // SAFETY: kernels write whole outputs, and read scratch memory only where they have written;
    // the emulation runs each program over two fillings of this memory.
    sizes
        .map(|(dtype, len)| unsafe { device.alloc_uninit(&Shape::from(len.max(1)), dtype) })
        .collect()
}

/// The byte at which a contiguous tensor begins in its storage.
fn offset(op: &'static str, dtype: DType, layout: &Layout) -> Result<u64> {
    let (start, _) =
        layout.contiguous_offsets().ok_or_else(|| Error::RequiresContiguous { op }.bt())?;
    Ok((start * dtype.size_in_bytes()) as u64)
}

/// Where the arguments of launches lie on the device.
#[derive(Default)]
struct Places {
    inputs: Vec<sys::CUdeviceptr>,
    outputs: Vec<sys::CUdeviceptr>,
    scratch: Vec<sys::CUdeviceptr>,
    constants: Vec<sys::CUdeviceptr>,
}

/// Addresses for one stream. Where the device keeps events, it waits for what others still write,
/// and when the guards are dropped, after the last launch, others are told to wait for it.
struct Memory<'a> {
    op: &'static str,
    stream: &'a CudaStream,
    guards: Vec<SyncOnDrop<'a>>,
}

/// Evaluates the body with the slice of a storage, of a type that kernels know.
macro_rules! with_slice {
    ($storage:expr, $op:expr, $slice:ident => $body:expr) => {
        match $storage {
            CudaStorageSlice::U32($slice) => Ok($body),
            CudaStorageSlice::I64($slice) => Ok($body),
            CudaStorageSlice::BF16($slice) => Ok($body),
            CudaStorageSlice::F16($slice) => Ok($body),
            CudaStorageSlice::F32($slice) => Ok($body),
            CudaStorageSlice::F64($slice) => Ok($body),
            _ => Err(Error::Msg(format!("{}: no kernel reads this number type", $op)).bt()),
        }
    };
}

impl<'a> Memory<'a> {
    fn read(&mut self, storage: &'a CudaStorage) -> Result<sys::CUdeviceptr> {
        let (address, guard) =
            with_slice!(&storage.slice, self.op, slice => slice.device_ptr(self.stream))?;
        self.guards.push(guard);
        Ok(address)
    }

    fn written(&mut self, storage: &'a mut CudaStorage) -> Result<sys::CUdeviceptr> {
        let (address, guard) =
            with_slice!(&mut storage.slice, self.op, slice => slice.device_ptr_mut(self.stream))?;
        self.guards.push(guard);
        Ok(address)
    }
}

/// A structure of `int`s; the driver copies as many bytes as the kernel's parameter has.
#[repr(C)]
struct Ints([i32; MOST_INTS]);

// SAFETY: plain numbers.
unsafe impl DeviceRepr for Ints {}

fn start(op: &'static str, device: &CudaDevice, launch: &Launch, places: &Places) -> Result<()> {
    let unsupported = || {
        let error = Error::UnsupportedDTypeForOp(launch.element, op).bt();
        error.context("no kernel of this operation has this number type; cast to f32")
    };
    let element = element_name(launch.element).ok_or_else(unsupported)?;
    let module = format!("{}_{element}", launch.topic);
    let ptx = modules::ptx(&module).ok_or_else(unsupported)?;
    // Candle keeps the modules of all libraries under their names.
    let name = format!("micrograph_ops::{module}");
    let function = device.get_or_load_custom_func(launch.kernel, &name, ptx)?;
    if launch.shared > SHARED_WITHOUT_ASKING {
        let most = sys::CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
        function.set_attribute(most, launch.shared as i32).w()?;
    }
    let args: Vec<Value> =
        launch.args.iter().map(|arg| Value::of(arg, launch.element, places)).collect();
    let mut builder = function.builder();
    for arg in &args {
        match arg {
            Value::Wide(value) => builder.arg(value),
            Value::Word(value) => builder.arg(value),
            Value::Single(value) => builder.arg(value),
            Value::Double(value) => builder.arg(value),
            Value::Ints(value) => builder.arg(value.as_ref()),
        };
    }
    let ([x, y, z], [bx, by, bz]) = (launch.grid, launch.block);
    let shared_mem_bytes = launch.shared;
    let config = LaunchConfig { grid_dim: (x, y, z), block_dim: (bx, by, bz), shared_mem_bytes };
    // SAFETY: kinds and number of the arguments are those of the kernel, and it stays inside of its
    // buffers: the emulation checks both for each program.
    unsafe { builder.launch(config) }.w()?;
    Ok(())
}

/// An argument as the kernel takes it.
enum Value {
    Wide(u64),
    Word(u32),
    Single(f32),
    Double(f64),
    Ints(Box<Ints>),
}

impl Value {
    fn of(arg: &Arg, element: DType, places: &Places) -> Self {
        match arg {
            Arg::In(i) => Self::Wide(places.inputs[*i]),
            Arg::Out(i) => Self::Wide(places.outputs[*i]),
            Arg::Scratch(i) => Self::Wide(places.scratch[*i]),
            Arg::Constant(i) => Self::Wide(places.constants[*i]),
            Arg::U32(value) => Self::Word(*value),
            Arg::U64(value) => Self::Wide(*value),
            Arg::Real(value) if element == DType::F64 => Self::Double(*value),
            Arg::Real(value) => Self::Single(*value as f32),
            Arg::F64(value) => Self::Double(*value),
            Arg::Ints(values) => {
                let mut ints = [0; MOST_INTS];
                ints[..values.len()].copy_from_slice(values);
                Self::Ints(Box::new(Ints(ints)))
            }
        }
    }
}
