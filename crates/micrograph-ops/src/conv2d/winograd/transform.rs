//! One-dimensional transforms of Winograd's minimal filtering with six points, in vectors of
//! channels: 0, +-3/4, +-3/2 and infinity.
//!
//! With `M` outputs and `R` taps (`M + R = 7`), `p` the finite points and `v` the product over the
//! other finite points of their distances:
//! - input: the coefficients of `x (x^2 - a^2) (x^2 - b^2)` divided by each of its roots,
//! - outputs: the powers `0..M` of the points,
//! - taps: the powers `0..R` of the points, divided by `v`.
//!
//! These points halve the rounding error of the textbook's 0, +-1, +-2.

use pulp::Simd;

/// Points of a transform along one axis.
pub(super) const POINTS: usize = 6;

const A: f32 = 0.75;
const B: f32 = 1.5;
const AA: f32 = A * A;
const BB: f32 = B * B;

/// `d` from six neighboring pixels to the six points.
#[inline(always)]
pub(super) fn input<S: Simd>(simd: S, d: [S::f32s; POINTS]) -> [S::f32s; POINTS] {
    let c = |x: f32| simd.splat_f32s(x);
    let [d0, d1, d2, d3, d4, d5] = d;
    let first = simd.mul_add_f32s(c(AA * BB), d0, simd.mul_add_f32s(c(-AA - BB), d2, d4));
    let last = simd.mul_add_f32s(c(AA * BB), d1, simd.mul_add_f32s(c(-AA - BB), d3, d5));
    let even_a = simd.mul_add_f32s(c(-BB), d2, d4);
    let odd_a = simd.mul_f32s(c(A), simd.mul_add_f32s(c(-BB), d1, d3));
    let even_b = simd.mul_add_f32s(c(-AA), d2, d4);
    let odd_b = simd.mul_f32s(c(B), simd.mul_add_f32s(c(-AA), d1, d3));
    [
        first,
        simd.add_f32s(even_a, odd_a),
        simd.sub_f32s(even_a, odd_a),
        simd.add_f32s(even_b, odd_b),
        simd.sub_f32s(even_b, odd_b),
        last,
    ]
}

/// From the six points to `M` (4 or 2) output pixels.
#[inline(always)]
pub(super) fn outputs<S: Simd, const M: usize>(simd: S, m: [S::f32s; POINTS]) -> [S::f32s; M] {
    let c = |x: f32| simd.splat_f32s(x);
    let (sum_a, difference_a) = (simd.add_f32s(m[1], m[2]), simd.sub_f32s(m[1], m[2]));
    let (sum_b, difference_b) = (simd.add_f32s(m[3], m[4]), simd.sub_f32s(m[3], m[4]));
    let mut y = [simd.splat_f32s(0.0); M];
    y[0] = simd.add_f32s(m[0], simd.add_f32s(sum_a, sum_b));
    y[1] = simd.mul_add_f32s(c(A), difference_a, simd.mul_f32s(c(B), difference_b));
    if M == 4 {
        y[2] = simd.mul_add_f32s(c(AA), sum_a, simd.mul_f32s(c(BB), sum_b));
        let cubes = simd.mul_f32s(c(B * BB), difference_b);
        y[3] = simd.mul_add_f32s(c(A * AA), difference_a, cubes);
    }
    y[M - 1] = simd.add_f32s(y[M - 1], m[5]);
    y
}

/// The adjoint of [`outputs`]: gradients of `M` output pixels at the six points.
#[inline(always)]
pub(super) fn gradients<S: Simd, const M: usize>(simd: S, g: [S::f32s; M]) -> [S::f32s; POINTS] {
    let c = |x: f32| simd.splat_f32s(x);
    let (mut even_a, mut even_b) = (g[0], g[0]);
    let (mut odd_a, mut odd_b) = (simd.mul_f32s(c(A), g[1]), simd.mul_f32s(c(B), g[1]));
    if M == 4 {
        even_a = simd.mul_add_f32s(c(AA), g[2], even_a);
        even_b = simd.mul_add_f32s(c(BB), g[2], even_b);
        odd_a = simd.mul_add_f32s(c(A * AA), g[3], odd_a);
        odd_b = simd.mul_add_f32s(c(B * BB), g[3], odd_b);
    }
    [
        g[0],
        simd.add_f32s(even_a, odd_a),
        simd.sub_f32s(even_a, odd_a),
        simd.add_f32s(even_b, odd_b),
        simd.sub_f32s(even_b, odd_b),
        g[M - 1],
    ]
}

/// The matrix `POINTS x R` that takes the taps of a kernel to the six points.
pub(super) const fn taps<const R: usize>() -> [[f32; R]; POINTS] {
    let at_a = 1.0 / (2.0 * AA * (AA - BB));
    let at_b = 1.0 / (2.0 * BB * (BB - AA));
    let points = [(0.0, 1.0 / (AA * BB)), (A, at_a), (-A, at_a), (B, at_b), (-B, at_b)];
    let mut matrix = [[0.0; R]; POINTS];
    let mut row = 0;
    while row < points.len() {
        let (point, mut power) = points[row];
        let mut tap = 0;
        while tap < R {
            matrix[row][tap] = power;
            power *= point;
            tap += 1;
        }
        row += 1;
    }
    matrix[POINTS - 1][R - 1] = 1.0;
    matrix
}
