//! Squares of 8 x 8 numbers, transposed on their way from one buffer to another.

use pulp::Simd;

/// Rows and columns of a square.
pub(super) const SIDE: usize = 8;

/// Rows of numbers: the first, and the distance from one row to the next.
#[derive(Clone, Copy)]
pub(super) struct Rows<P> {
    pub(super) first: P,
    pub(super) stride: usize,
}

/// Copies a square transposed: `to[j][i] = from[i][j]`, or zero where `gate[i][j] <= 0`.
///
/// # Safety
/// All squares are valid, and `to` is nowhere else in use.
#[inline(always)]
pub(super) unsafe fn transpose<S: Simd>(
    from: Rows<*const f32>,
    gate: Option<Rows<*const f32>>,
    to: Rows<*mut f32>,
) {
    #[cfg(target_arch = "x86_64")]
    if S::F32_LANES >= SIDE {
        // SAFETY: vectors of eight and more are of AVX2 or AVX-512 here; the rest as the caller's.
        return unsafe { avx::transpose(from, gate, to) };
    }
    for i in 0..SIDE {
        for j in 0..SIDE {
            // SAFETY: inside of the squares.
            unsafe {
                let closed = gate.is_some_and(|gate| *gate.first.add(i * gate.stride + j) <= 0.0);
                let x = *from.first.add(i * from.stride + j);
                *to.first.add(j * to.stride + i) = if closed { 0.0 } else { x };
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx {
    use super::{Rows, SIDE};
    use std::arch::x86_64::*;

    /// See [`super::transpose`].
    ///
    /// # Safety
    /// As there, on a machine with AVX.
    #[inline(always)]
    pub(super) unsafe fn transpose(
        from: Rows<*const f32>,
        gate: Option<Rows<*const f32>>,
        to: Rows<*mut f32>,
    ) {
        // SAFETY: the caller's promises.
        unsafe {
            let mut rows = [_mm256_setzero_ps(); SIDE];
            for i in 0..SIDE {
                rows[i] = _mm256_loadu_ps(from.first.add(i * from.stride));
                if let Some(gate) = gate {
                    let gate = _mm256_loadu_ps(gate.first.add(i * gate.stride));
                    let closed = _mm256_cmp_ps::<_CMP_LE_OQ>(gate, _mm256_setzero_ps());
                    rows[i] = _mm256_andnot_ps(closed, rows[i]);
                }
            }
            // Pairs of rows interleave by ones, then by twos, then halves change places.
            let mut pairs = rows;
            for i in (0..SIDE).step_by(2) {
                pairs[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
                pairs[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
            }
            let mut fours = pairs;
            for i in (0..SIDE).step_by(4) {
                fours[i] = _mm256_shuffle_ps::<0b01_00_01_00>(pairs[i], pairs[i + 2]);
                fours[i + 1] = _mm256_shuffle_ps::<0b11_10_11_10>(pairs[i], pairs[i + 2]);
                fours[i + 2] = _mm256_shuffle_ps::<0b01_00_01_00>(pairs[i + 1], pairs[i + 3]);
                fours[i + 3] = _mm256_shuffle_ps::<0b11_10_11_10>(pairs[i + 1], pairs[i + 3]);
            }
            for j in 0..SIDE / 2 {
                let (upper, lower) = (fours[j], fours[j + 4]);
                let left = _mm256_permute2f128_ps::<0x20>(upper, lower);
                let right = _mm256_permute2f128_ps::<0x31>(upper, lower);
                _mm256_storeu_ps(to.first.add(j * to.stride), left);
                _mm256_storeu_ps(to.first.add((j + 4) * to.stride), right);
            }
        }
    }
}
