//! Fourier transforms of any length.

use std::f64::consts::PI;

use ndarray::{Array2, Axis};

pub(crate) type Complex = [f64; 2];

fn times([a, b]: Complex, [c, d]: Complex) -> Complex {
    [a * c - b * d, a * d + b * c]
}

/// `exp(-pi i k / n)`, where `k` counts modulo `2 n`.
fn root(k: usize, n: usize) -> Complex {
    let (sin, cos) = (PI * (k % (2 * n)) as f64 / n as f64).sin_cos();
    [cos, -sin]
}

/// What transforms of one length share.
enum Plan {
    /// A power of two: the roots of unity to half a turn (Cooley, Tukey 1965).
    Radix2(Vec<Complex>),
    /// Any other length, as a convolution of twice the length (Bluestein 1970): the chirp, and the
    /// transform of its conjugate.
    Chirp { chirp: Vec<Complex>, transform: Vec<Complex>, inner: Vec<Complex> },
}

fn roots(n: usize) -> Vec<Complex> {
    (0..n / 2).map(|k| root(2 * k, n)).collect()
}

impl Plan {
    fn new(n: usize) -> Self {
        if n.is_power_of_two() {
            return Self::Radix2(roots(n));
        }
        let length = (2 * n - 1).next_power_of_two();
        let inner = roots(length);
        let chirp: Vec<Complex> = (0..n).map(|k| root(k * k, n)).collect();
        let mut transform = vec![[0.0; 2]; length];
        for (k, [re, im]) in chirp.iter().enumerate() {
            transform[k] = [*re, -im];
            transform[(length - k) % length] = [*re, -im];
        }
        radix2(&mut transform, &inner);
        Self::Chirp { chirp, transform, inner }
    }

    fn apply(&self, values: &mut [Complex]) {
        let Self::Chirp { chirp, transform, inner } = self else {
            if let Self::Radix2(roots) = self {
                radix2(values, roots);
            }
            return;
        };
        let length = transform.len();
        let mut work = vec![[0.0; 2]; length];
        for ((work, &value), &chirp) in work.iter_mut().zip(&*values).zip(chirp) {
            *work = times(value, chirp);
        }
        radix2(&mut work, inner);
        // Back through the conjugate.
        for (work, &transform) in work.iter_mut().zip(transform) {
            let [re, im] = times(*work, transform);
            *work = [re, -im];
        }
        radix2(&mut work, inner);
        for ((value, [re, im]), &chirp) in values.iter_mut().zip(work).zip(chirp) {
            *value = times([re / length as f64, -im / length as f64], chirp);
        }
    }
}

fn radix2(values: &mut [Complex], roots: &[Complex]) {
    let n = values.len();
    let bits = n.trailing_zeros();
    for k in 0..n {
        let reversed = if bits == 0 { 0 } else { k.reverse_bits() >> (usize::BITS - bits) };
        if k < reversed {
            values.swap(k, reversed);
        }
    }
    let mut half = 1;
    while half < n {
        for start in (0..n).step_by(2 * half) {
            for k in 0..half {
                let odd = times(values[start + k + half], roots[k * (n / (2 * half))]);
                let even = values[start + k];
                values[start + k] = [even[0] + odd[0], even[1] + odd[1]];
                values[start + k + half] = [even[0] - odd[0], even[1] - odd[1]];
            }
        }
        half *= 2;
    }
}

/// `F(u, v) = sum f(y, x) exp(-2 pi i (u y / height + v x / width))`.
pub(crate) fn fft2(values: &Array2<f64>) -> Array2<Complex> {
    let mut transform = values.mapv(|value| [value, 0.0]);
    for axis in [1, 0] {
        let plan = Plan::new(transform.len_of(Axis(axis)).max(1));
        for mut lane in transform.lanes_mut(Axis(axis)) {
            let mut line: Vec<Complex> = lane.iter().copied().collect();
            plan.apply(&mut line);
            lane.iter_mut().zip(line).for_each(|(target, value)| *target = value);
        }
    }
    transform
}
