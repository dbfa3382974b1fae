//! Runs a [`Program`] on a CUDA device.

use super::memory::{Memory, allocated, uploaded};
use super::program::{Arg, Launch, MOST_INTS, OnDevice, Operand, Program, element_name};
use candle::backend::BackendStorage;
use candle::cuda_backend::cudarc::driver::{DeviceRepr, LaunchConfig, PushKernelArg, sys};
use candle::cuda_backend::{CudaDevice, WrapErr};
use candle::op::BackpropOp;
use candle::{CudaStorage, DType, Error, Layout, Result, Shape, Storage, Tensor, WithDType};

mod modules {
    //! `ptx(module)`: the kernels as `build.rs` has compiled them.
    include!(concat!(env!("OUT_DIR"), "/kernels.rs"));
}

/// The elements of a tensor on the device.
pub(crate) type Stored<'a> = (&'a CudaStorage, &'a Layout);

/// The forward pass of an operation that makes one tensor. Where it may refuse numbers, the host
/// waits for what the kernels have found.
pub(crate) fn forward(op: &impl OnDevice, operands: &[Stored<'_>]) -> Result<(CudaStorage, Shape)> {
    with_stored(&op.held(), |held| {
        let operands = [operands, held].concat();
        let described = described(&operands);
        let program = op.program(&described)?;
        let mut outputs = run(&program, operands[0].0.device(), &operands)?;
        if let Some(left) = outputs.get(1) {
            op.refuse(&described, &numbers(left)?)?;
        }
        Ok((outputs.swap_remove(0), program.outputs[0].1.clone()))
    })
}

/// Numbers that a kernel has left for the host, which waits for them.
pub(crate) fn numbers<T: WithDType>(storage: &CudaStorage) -> Result<Vec<T>> {
    Ok(storage.to_cpu_storage()?.as_slice::<T>()?.to_vec())
}

/// Runs a program that changes its first operand, a whole storage.
pub(crate) fn change(
    program: &Program,
    changed: &mut CudaStorage,
    operands: &[Stored<'_>],
) -> Result<()> {
    let device = changed.device().clone();
    let stream = device.cuda_stream();
    let mut memory = Memory::new(program.op, &stream);
    let mut places = vec![memory.written(changed)?];
    for &operand in operands {
        places.push(memory.operand(&device, operand)?);
    }
    launch(program, &device, places).map(|_| ())
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
        Storage::Cpu(_) | Storage::Metal(_) => Err(elsewhere("an operation")),
    });
    body(&stored.collect::<Result<Vec<_>>>()?)
}

fn described<'a>(operands: &[Stored<'a>]) -> Vec<Operand<'a>> {
    let describe = |&(storage, layout): &Stored<'a>| Operand { dtype: storage.dtype(), layout };
    operands.iter().map(describe).collect()
}

pub(super) fn elsewhere(op: &str) -> Error {
    Error::Msg(format!("{op}: all tensors must be on one device; move them")).bt()
}

/// Launches the kernels of a program that changes no operand, and returns the outputs.
fn run(
    program: &Program,
    device: &CudaDevice,
    operands: &[Stored<'_>],
) -> Result<Vec<CudaStorage>> {
    let stream = device.cuda_stream();
    let mut memory = Memory::new(program.op, &stream);
    let places = operands.iter().map(|&operand| memory.operand(device, operand));
    let places = places.collect::<Result<Vec<_>>>()?;
    launch(program, device, places)
}

/// Launches the kernels over operands that are lent until this has returned.
pub(super) fn launch(
    program: &Program,
    device: &CudaDevice,
    operands: Vec<sys::CUdeviceptr>,
) -> Result<Vec<CudaStorage>> {
    let sizes = program.outputs.iter().map(|(dtype, shape)| (*dtype, shape.elem_count()));
    let mut outputs = allocated(device, sizes)?;
    let mut scratch = allocated(device, program.scratch.iter().copied())?;
    let constants = program.constants.iter().map(|table| uploaded(device, table));
    let constants = constants.collect::<Result<Vec<_>>>()?;

    let stream = device.cuda_stream();
    let mut memory = Memory::new(program.op, &stream);
    let mut places = Places { operands, ..Places::default() };
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

/// Where the arguments of launches lie on the device.
#[derive(Default)]
struct Places {
    operands: Vec<sys::CUdeviceptr>,
    outputs: Vec<sys::CUdeviceptr>,
    scratch: Vec<sys::CUdeviceptr>,
    constants: Vec<sys::CUdeviceptr>,
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
    let ptx = ptx.map_err(|why| Error::Msg(format!("{op} in {element}: {why}")).bt())?;
    // Candle keeps the modules of all libraries under their names.
    let name = format!("micrograph_ops::{module}");
    let function = device.get_or_load_custom_func(launch.kernel, &name, ptx)?;
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
    let config = LaunchConfig { grid_dim: (x, y, z), block_dim: (bx, by, bz), shared_mem_bytes: 0 };
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
            Arg::In(i) | Arg::Changed(i) => Self::Wide(places.operands[*i]),
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
