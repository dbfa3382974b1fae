//! Windows of 2x2 side by side take another way than all others: it must lead to the same place.

use candle::{Device, Result, Tensor, Var};
use micrograph_ops::{Pool2dConfig, max_pool2d, max_pool2d_with_indices};
use proptest::prelude::*;

/// The bits of the maxima, and those of the gradient of their sum weighted by place.
fn pooled(xs: &[f32], shape: [usize; 4], f: impl Fn(&Tensor) -> Result<Tensor>) -> [Vec<u32>; 2] {
    let xs = Var::from_slice(xs, &shape, &Device::Cpu).unwrap();
    let ys = f(&xs).unwrap();
    let weights = Tensor::arange(1f32, ys.elem_count() as f32 + 1.0, &Device::Cpu).unwrap();
    let sum = (&ys * weights.reshape(ys.shape()).unwrap()).unwrap().sum_all().unwrap();
    let gradient = sum.backward().unwrap().remove(&xs).unwrap();
    [&ys, &gradient].map(|tensor| {
        let numbers = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        // NaN has many bits; one stands for all.
        numbers.into_iter().map(|x| if x.is_nan() { u32::MAX } else { x.to_bits() }).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ties_nan_and_odd_sizes_are_treated_alike(
        shape in [1..=2_usize, 1..=3, 2..=7, 2..=7],
        pattern in prop::collection::vec(0..5_u8, 2 * 3 * 7 * 7),
    ) {
        let values = [-1.0, 0.0, 2.0, f32::NEG_INFINITY, f32::NAN];
        let xs: Vec<f32> = pattern.iter().map(|&i| values[usize::from(i)]).collect();
        let xs = &xs[..shape.iter().product()];
        let config = Pool2dConfig::square(2);
        let plain = pooled(xs, shape, |xs| max_pool2d(xs, &config));
        let general = pooled(xs, shape, |xs| Ok(max_pool2d_with_indices(xs, &config)?.0));
        prop_assert_eq!(plain, general);
    }
}
