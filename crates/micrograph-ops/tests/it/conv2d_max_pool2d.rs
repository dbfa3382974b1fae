//! The fused convolution and pooling: the bits of the two, and gradients of its own.

use crate::gradient::{check, outputs_and_gradients};
use crate::numbers::{numbers, spread};
use candle::{DType, Result, Tensor, Var};
use micrograph_ops::{
    Activation, Conv2dConfig, Padding, Pool2dConfig, conv2d, conv2d_max_pool2d, max_pool2d,
};
use proptest::prelude::*;

fn config(activation: Activation) -> Conv2dConfig {
    Conv2dConfig { padding: Padding::same([3, 3]), activation, ..Conv2dConfig::DEFAULT }
}

fn apart(v: &[Tensor], config: &Conv2dConfig) -> Result<Tensor> {
    max_pool2d(&conv2d(&v[0], &v[1], Some(&v[2]), config)?, &Pool2dConfig::square(2))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn it_has_the_bits_of_convolution_and_pooling(
        batch in 1..=3_usize,
        channels in prop::array::uniform2(1..=12_usize),
        size in prop::array::uniform2(2..=40_usize),
        relu in any::<bool>(),
        dtype in prop_oneof![Just(DType::F32), Just(DType::F64)],
    ) {
        let config = config(if relu { Activation::Relu } else { Activation::None });
        let [inputs, outputs] = channels;
        let tensors = [
            spread(&[batch, inputs, size[0], size[1]], 1),
            spread(&[outputs, inputs, 3, 3], 2),
            spread(&[outputs], 3),
        ].map(|tensor| tensor.to_dtype(dtype).unwrap());
        let fused = |v: &[Tensor]| conv2d_max_pool2d(&v[0], &v[1], Some(&v[2]), &config);
        let fused = outputs_and_gradients(&tensors, fused).unwrap();
        let apart = outputs_and_gradients(&tensors, |v| apart(v, &config)).unwrap();
        prop_assert_eq!(fused, apart);
    }
}

/// Outside of a graph pooling happens within Winograd's tiles; NaN wins there as elsewhere.
#[test]
fn outside_of_a_graph_it_has_the_same_bits() -> Result<()> {
    for (kernel, size, channels) in [(3, [28, 28], 32), (3, [9, 14], 12), (5, [13, 10], 9)] {
        let padding = Padding::same([kernel, kernel]);
        let config = Conv2dConfig { padding, ..config(Activation::Relu) };
        let xs = spread(&[2, channels, size[0], size[1]], 1).to_dtype(DType::F32)?;
        let weight = spread(&[channels, channels, kernel, kernel], 2).to_dtype(DType::F32)?;
        let mut bias = spread(&[channels], 3).to_dtype(DType::F32)?.to_vec1::<f32>()?;
        bias[1] = f32::NAN;
        let tensors = [xs, weight, Tensor::new(bias, &candle::Device::Cpu)?];
        let bits = |ys: Tensor| -> Result<Vec<u32>> {
            Ok(ys.flatten_all()?.to_vec1::<f32>()?.into_iter().map(f32::to_bits).collect())
        };
        let [xs, weight, bias] = &tensors;
        let fused = bits(conv2d_max_pool2d(xs, weight, Some(bias), &config)?)?;
        assert!(fused.iter().any(|&bits| f32::from_bits(bits).is_nan()));
        assert_eq!(fused, bits(apart(&tensors, &config)?)?, "{kernel} {size:?}");
    }
    Ok(())
}

#[test]
fn gradients_are_those_of_differences() {
    for size in [[4, 5], [5, 2], [3, 6]] {
        let tensors =
            [spread(&[2, 2, size[0], size[1]], 1), spread(&[3, 2, 3, 3], 2), spread(&[3], 3)];
        check(&tensors, |v| {
            conv2d_max_pool2d(&v[0], &v[1], Some(&v[2]), &config(Activation::Relu))
        });
        check(&tensors[..2], |v| conv2d_max_pool2d(&v[0], &v[1], None, &config(Activation::None)));
    }
}

#[test]
fn a_window_without_a_pixel_above_zero_gives_nothing_back() -> Result<()> {
    let xs = Var::from_tensor(&spread(&[1, 1, 4, 4], 1).abs()?)?;
    let weight = Var::from_tensor(&Tensor::full(-1f64, (1, 1, 1, 1), xs.device())?)?;
    let config = Conv2dConfig { activation: Activation::Relu, ..Conv2dConfig::DEFAULT };
    let gradients = conv2d_max_pool2d(&xs, &weight, None, &config)?.backward()?;
    assert_eq!(numbers(gradients.get(&xs).unwrap()), vec![0.0; 16]);
    assert_eq!(numbers(gradients.get(&weight).unwrap()), [0.0]);
    Ok(())
}
