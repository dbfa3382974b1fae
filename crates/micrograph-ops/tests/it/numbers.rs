//! Tensors of numbers that tests can rely on, and the numbers of tensors.

use candle::{DType, Device, Tensor};
use micrograph_ops::philox4x32;

/// `n` evenly spaced numbers of (-1, 1) in an order that the seed decides: no two are equal and
/// none is near zero, so that maxima and kinks are far from each step.
pub(crate) fn spread(shape: &[usize], seed: u32) -> Tensor {
    let n: usize = shape.iter().product();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by_cached_key(|&i| philox4x32([i as u32, 0, 0, 0], [seed, 0]));
    let values = order.into_iter().map(|i| 2.0 * (i as f64 + 0.3) / n as f64 - 1.0).collect();
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

/// All numbers of a tensor in reading order.
pub(crate) fn numbers(tensor: &Tensor) -> Vec<f64> {
    tensor.flatten_all().unwrap().to_dtype(DType::F64).unwrap().to_vec1().unwrap()
}
