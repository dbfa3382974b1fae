//! The numbers behind Candle's tensors: element types, slices, scratch memory.

use crate::error::invalid;
use candle::{CpuStorage, Error, Layout, Result, Tensor, WithDType};
use std::cell::RefCell;
use std::thread::LocalKey;

/// An element type of the operations: `f32` or `f64`.
pub(crate) trait Element: WithDType {
    fn sqrt(self) -> Self;
    fn is_nan(self) -> bool;
    /// All elements of a storage of this type, `None` of another.
    fn all_mut(storage: &mut CpuStorage) -> Option<&mut [Self]>;
    /// The scratch memory of the current thread.
    fn scratch() -> &'static LocalKey<RefCell<Vec<Self>>>;
}

macro_rules! element {
    ($type:ident, $variant:ident, $scratch:ident) => {
        thread_local! {
            static $scratch: RefCell<Vec<$type>> = const { RefCell::new(Vec::new()) };
        }

        impl Element for $type {
            fn sqrt(self) -> Self {
                $type::sqrt(self)
            }

            #[inline(always)]
            fn is_nan(self) -> bool {
                $type::is_nan(self)
            }

            fn all_mut(storage: &mut CpuStorage) -> Option<&mut [Self]> {
                match storage {
                    CpuStorage::$variant(data) => Some(data),
                    _ => None,
                }
            }

            fn scratch() -> &'static LocalKey<RefCell<Vec<Self>>> {
                &$scratch
            }
        }
    };
}
element!(f32, F32, SCRATCH_F32);
element!(f64, F64, SCRATCH_F64);

/// Evaluates the body with `$T` standing for the Rust type of a floating-point `DType`.
macro_rules! for_float {
    ($dtype:expr, $op:expr, $T:ident => $body:expr) => {
        match $dtype {
            candle::DType::F32 => {
                type $T = f32;
                $body
            }
            candle::DType::F64 => {
                type $T = f64;
                $body
            }
            other => Err(candle::Error::UnsupportedDTypeForOp(other, $op).bt()),
        }
    };
}
pub(crate) use for_float;

/// The elements of a contiguous tensor, wherever it begins in its storage.
pub(crate) fn slice<'a, T: WithDType>(
    op: &'static str,
    storage: &'a CpuStorage,
    layout: &Layout,
) -> Result<&'a [T]> {
    let (start, end) = contiguous(op, layout)?;
    Ok(&storage.as_slice::<T>()?[start..end])
}

/// The elements of a contiguous tensor, to be written in place.
pub(crate) fn slice_mut<'a, T: Element>(
    op: &'static str,
    storage: &'a mut CpuStorage,
    layout: &Layout,
) -> Result<&'a mut [T]> {
    let (start, end) = contiguous(op, layout)?;
    let all = T::all_mut(storage);
    let all = all.ok_or_else(|| Error::UnsupportedDTypeForOp(T::DTYPE, op).bt())?;
    Ok(&mut all[start..end])
}

fn contiguous(op: &'static str, layout: &Layout) -> Result<(usize, usize)> {
    layout.contiguous_offsets().ok_or_else(|| Error::RequiresContiguous { op }.bt())
}

/// Refuses tensors of which two share their memory: what is changed in place must not be read as
/// something else.
pub(crate) fn check_apart(op: &'static str, tensors: &[&Tensor]) -> Result<()> {
    let place = |tensor: &Tensor| std::ptr::from_ref(&*tensor.storage_and_layout().0).addr();
    let places: Vec<usize> = tensors.iter().map(|tensor| place(tensor)).collect();
    if (1..places.len()).any(|i| places[..i].contains(&places[i])) {
        let message = "tensors of a step in place must not share their memory; copy one of them";
        return Err(invalid(op, message));
    }
    Ok(())
}

/// Lends `len` elements of this thread's scratch memory, which is kept between calls; what stands
/// in it is left over from earlier ones.
///
/// The body must not wait for other threads: rayon would run another task of the same kind inside
/// the wait, and that task would find the memory lent out.
pub(crate) fn with_scratch<T: Element, R>(len: usize, body: impl FnOnce(&mut [T]) -> R) -> R {
    T::scratch().with_borrow_mut(|buffer| {
        if buffer.len() < len {
            buffer.resize(len, T::zero());
        }
        body(&mut buffer[..len])
    })
}
