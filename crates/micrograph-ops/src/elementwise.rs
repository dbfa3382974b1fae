//! Maps over slices on all threads; no element depends on how they are shared out.

use crate::parallel::*;
use crate::storage::Element;

/// Elements that one task takes: 64 KiB of `f32`, small beside a core's cache.
pub(crate) const CHUNK: usize = 1 << 14;

/// `f(x)` of each element.
pub(crate) fn map<T: Element>(xs: &[T], f: impl Fn(T) -> T + Sync) -> Vec<T> {
    let mut out = Vec::with_capacity(xs.len());
    let slots = &mut out.spare_capacity_mut()[..xs.len()];
    slots.par_chunks_mut(CHUNK).zip(xs.par_chunks(CHUNK)).for_each(|(slots, xs)| {
        for (slot, &x) in slots.iter_mut().zip(xs) {
            slot.write(f(x));
        }
    });
    // SAFETY: the loop has written each of the first `xs.len()` slots: both slices have that
    // length and are cut into the same chunks.
    unsafe { out.set_len(xs.len()) };
    out
}

/// `f(x, y)` of each pair of two slices of one length.
pub(crate) fn zip_map<T: Element>(xs: &[T], ys: &[T], f: impl Fn(T, T) -> T + Sync) -> Vec<T> {
    assert_eq!(xs.len(), ys.len(), "lengths of two slices");
    let mut out = Vec::with_capacity(xs.len());
    let slots = &mut out.spare_capacity_mut()[..xs.len()];
    let inputs = xs.par_chunks(CHUNK).zip(ys.par_chunks(CHUNK));
    slots.par_chunks_mut(CHUNK).zip(inputs).for_each(|(slots, (xs, ys))| {
        for (slot, (&x, &y)) in slots.iter_mut().zip(xs.iter().zip(ys)) {
            slot.write(f(x, y));
        }
    });
    // SAFETY: as in `map`; the three slices have one length.
    unsafe { out.set_len(xs.len()) };
    out
}
