//! Whole vectors between memory and registers.

use pulp::Simd;

/// Reads one vector.
///
/// # Safety
/// A vector's length of elements is valid from `from` on.
#[inline(always)]
pub(super) unsafe fn load<S: Simd>(from: *const f32) -> S::f32s {
    // SAFETY: the caller's promise; any bits are a vector of `f32`.
    unsafe { from.cast::<S::f32s>().read_unaligned() }
}

/// Writes one vector.
///
/// # Safety
/// A vector's length of elements may be written from `to` on.
#[inline(always)]
pub(super) unsafe fn store<S: Simd>(to: *mut f32, vector: S::f32s) {
    // SAFETY: the caller's promise.
    unsafe { to.cast::<S::f32s>().write_unaligned(vector) }
}

/// `max(x, 0)`; NaN stays NaN.
#[inline(always)]
pub(super) fn rectified<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let zero = simd.splat_f32s(0.0);
    simd.select_f32s(simd.less_than_or_equal_f32s(x, zero), zero, x)
}

/// The larger of two numbers, where NaN is larger than all; the first of equals.
#[inline(always)]
pub(super) fn larger<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> S::f32s {
    let larger = simd.select_f32s(simd.less_than_or_equal_f32s(b, a), a, b);
    simd.select_f32s(simd.equal_f32s(a, a), larger, a)
}
