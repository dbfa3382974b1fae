//! Memory of a device: what is fresh, what is kept, and where operands lie.

use super::device::elsewhere;
use super::program::Table;
use candle::backend::{BackendDevice, BackendStorage};
use candle::cuda_backend::cudarc::driver::{CudaStream, DevicePtr, DevicePtrMut, SyncOnDrop, sys};
use candle::cuda_backend::{CudaDevice, CudaStorageSlice, DeviceId};
use candle::{CudaStorage, DType, Error, Layout, Result, Shape};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Tables that are kept on devices, at most.
const MOST_TABLES: usize = 512;

/// A table of the host on the device. It is kept: operations of the same sizes and settings have the
/// same tables, and a network has few of them.
pub(super) fn uploaded(device: &CudaDevice, table: &Table) -> Result<Arc<CudaStorage>> {
    type Tables = HashMap<(DeviceId, DType, Vec<u64>), Arc<CudaStorage>>;
    static TABLES: LazyLock<Mutex<Tables>> = LazyLock::new(Mutex::default);
    let (dtype, numbers) = match table {
        Table::U32(numbers) => (DType::U32, numbers.iter().map(|&x| u64::from(x)).collect()),
        Table::F64(numbers) => (DType::F64, numbers.iter().map(|x| x.to_bits()).collect()),
    };
    let key = (device.id(), dtype, numbers);
    let mut tables = TABLES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = tables.get(&key) {
        return Ok(kept.clone());
    }
    let slice = match table {
        Table::U32(numbers) => CudaStorageSlice::U32(device.clone_htod(numbers)?),
        Table::F64(numbers) => CudaStorageSlice::F64(device.clone_htod(numbers)?),
    };
    let storage = Arc::new(CudaStorage { slice, device: device.clone() });
    if tables.len() >= MOST_TABLES {
        tables.clear();
    }
    tables.insert(key, storage.clone());
    Ok(storage)
}

/// Fresh memory in which nothing stands.
pub(super) fn allocated(
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
pub(super) fn offset(op: &'static str, dtype: DType, layout: &Layout) -> Result<u64> {
    let (start, _) =
        layout.contiguous_offsets().ok_or_else(|| Error::RequiresContiguous { op }.bt())?;
    Ok((start * dtype.size_in_bytes()) as u64)
}

/// Addresses for one stream. Where the device keeps events, it waits for what others still write,
/// and when the guards are dropped, after the last launch, others are told to wait for it.
pub(super) struct Memory<'a> {
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
    pub(super) fn new(op: &'static str, stream: &'a CudaStream) -> Self {
        Self { op, stream, guards: Vec::new() }
    }

    /// Where an operand begins that is read.
    pub(super) fn operand(
        &mut self,
        device: &CudaDevice,
        (storage, layout): (&'a CudaStorage, &Layout),
    ) -> Result<sys::CUdeviceptr> {
        if !storage.device().same_device(device) {
            return Err(elsewhere(self.op));
        }
        Ok(self.read(storage)? + offset(self.op, storage.dtype(), layout)?)
    }

    pub(super) fn read(&mut self, storage: &'a CudaStorage) -> Result<sys::CUdeviceptr> {
        let (address, guard) =
            with_slice!(&storage.slice, self.op, slice => slice.device_ptr(self.stream))?;
        self.guards.push(guard);
        Ok(address)
    }

    pub(super) fn written(&mut self, storage: &'a mut CudaStorage) -> Result<sys::CUdeviceptr> {
        let (address, guard) =
            with_slice!(&mut storage.slice, self.op, slice => slice.device_ptr_mut(self.stream))?;
        self.guards.push(guard);
        Ok(address)
    }
}
