//! The algorithms of f32 against the plain sums of f64, and the fused ReLU.

use crate::gradient::{check, outputs_and_gradients};
use crate::numbers::{numbers, spread};
use candle::{DType, Result, Tensor};
use micrograph_ops::{
    Activation, Algorithm, Conv2dConfig, ConvTranspose2dConfig, Padding, conv_transpose2d, conv2d,
    relu,
};
use proptest::prelude::*;

/// Root mean square of the differences over that of the expected numbers.
fn relative_error(got: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(got.len(), expected.len());
    let squares: f64 = got.iter().zip(expected).map(|(a, b)| (a - b).powi(2)).sum();
    (squares / expected.iter().map(|x| x * x).sum::<f64>()).sqrt()
}

type Layer<'a> = &'a dyn Fn(&[Tensor]) -> Result<Tensor>;

/// Relative errors of outputs, input gradient and weight gradient in f32. The gradient of the bias,
/// a sum that may cancel, must be within 1e-6 of the sum of magnitudes.
fn errors(tensors: &[Tensor; 3], convolution: Layer<'_>) -> Result<[f64; 3]> {
    let single = tensors.each_ref().map(|tensor| tensor.to_dtype(DType::F32).unwrap());
    // The same rounded numbers in both, so that only the computation differs.
    let double = single.each_ref().map(|tensor| tensor.to_dtype(DType::F64).unwrap());
    let got = outputs_and_gradients(&single, convolution)?;
    let expected = outputs_and_gradients(&double, convolution)?;
    let gradient = numbers(&spread(&[got[0].len()], 4));
    let total: f64 = gradient.iter().map(|x| x.abs()).sum();
    for (got, expected) in got[3].iter().zip(&expected[3]) {
        assert!((got - expected).abs() < 1e-6 * total, "bias: {got} for {expected}");
    }
    Ok([0, 1, 2].map(|i| relative_error(&got[i], &expected[i])))
}

/// Images of `[n, c, h, w]`, a weight of this shape, and a bias for so many maps.
fn drawn(images: [usize; 4], weight: [usize; 4], maps: usize) -> [Tensor; 3] {
    [spread(&images, 1), spread(&weight, 2), spread(&[maps], 3)]
}

/// Whether the fused ReLU has the bits of the two operations one after the other, in f32.
fn fused_has_the_bits_of_both(tensors: &[Tensor; 3], config: Conv2dConfig) -> bool {
    let single = tensors.each_ref().map(|tensor| tensor.to_dtype(DType::F32).unwrap());
    let fused = Conv2dConfig { activation: Activation::Relu, ..config };
    let fused = outputs_and_gradients(&single, |v| conv2d(&v[0], &v[1], Some(&v[2]), &fused));
    let apart =
        outputs_and_gradients(&single, |v| relu(&conv2d(&v[0], &v[1], Some(&v[2]), &config)?));
    fused.unwrap() == apart.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn outputs_and_gradients_are_those_of_plain_sums(
        (kernel, padding) in prop_oneof![
            (Just(3_usize), prop::array::uniform4(0..=2_usize)),
            (Just(5_usize), prop::array::uniform4(0..=4_usize)),
        ],
        batch in 1..=3_usize,
        channels in prop::array::uniform2(8..=27_usize),
        size in prop::array::uniform2(5..=33_usize),
    ) {
        let [top, bottom, left, right] = padding;
        let padding = Padding { top, bottom, left, right };
        let config = Conv2dConfig { padding, ..Conv2dConfig::DEFAULT };
        let [inputs, outputs] = channels;
        let weight = [outputs, inputs, kernel, kernel];
        let tensors = drawn([batch, inputs, size[0], size[1]], weight, outputs);
        let layer = |v: &[Tensor]| conv2d(&v[0], &v[1], Some(&v[2]), &config);
        for error in errors(&tensors, &layer).unwrap() {
            prop_assert!(error < 4e-6, "{error}");
        }
        prop_assert!(fused_has_the_bits_of_both(&tensors, config));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn a_first_layer_has_the_outputs_and_gradients_of_plain_sums(
        kernel in prop::array::uniform2(1..=7_usize),
        [top, bottom, left, right] in prop::array::uniform4(0..=3_usize),
        batch in 1..=3_usize,
        channels in [1..=4_usize, 1..=9_usize],
        size in prop::array::uniform2(7..=40_usize),
    ) {
        let padding = Padding { top, bottom, left, right };
        let config = Conv2dConfig { padding, ..Conv2dConfig::DEFAULT };
        let [inputs, outputs] = channels;
        let weight = [outputs, inputs, kernel[0], kernel[1]];
        let tensors = drawn([batch, inputs, size[0], size[1]], weight, outputs);
        let plain = |v: &[Tensor]| conv2d(&v[0], &v[1], Some(&v[2]), &config);
        for error in errors(&tensors, &plain).unwrap() {
            prop_assert!(error < 2e-6, "{error}");
        }
        prop_assert!(fused_has_the_bits_of_both(&tensors, config));
    }

    #[test]
    fn a_transposed_convolution_has_the_outputs_and_gradients_of_plain_sums(
        (kernel, padding) in prop_oneof![
            (Just(3_usize), prop::array::uniform4(0..=2_usize)),
            (Just(5_usize), prop::array::uniform4(0..=4_usize)),
        ],
        batch in 1..=3_usize,
        channels in prop::array::uniform2(2..=19_usize),
        size in prop::array::uniform2(7..=25_usize),
    ) {
        let [top, bottom, left, right] = padding;
        let padding = Padding { top, bottom, left, right };
        let config = ConvTranspose2dConfig { padding, ..Default::default() };
        let [inputs, outputs] = channels;
        let weight = [inputs, outputs, kernel, kernel];
        let tensors = drawn([batch, inputs, size[0], size[1]], weight, outputs);
        let layer = |v: &[Tensor]| conv_transpose2d(&v[0], &v[1], Some(&v[2]), &config);
        for error in errors(&tensors, &layer).unwrap() {
            prop_assert!(error < 4e-6, "{error}");
        }
    }
}

#[test]
fn the_fast_algorithm_is_another_one_and_its_error_is_as_stated() -> Result<()> {
    let cases = [
        (3, 32, 32, [28, 28]),
        (3, 64, 64, [64, 64]),
        (5, 16, 32, [48, 48]),
        (3, 8, 8, [128, 1024]), // wide: blocks of part of a row; 1,024 tiles in each part of a sum
    ];
    for (kernel, inputs, outputs, [height, width]) in cases {
        let weight = [outputs, inputs, kernel, kernel];
        let tensors = drawn([2, inputs, height, width], weight, outputs);
        let padding = Padding::same([kernel; 2]);
        let fast = Conv2dConfig { padding, ..Conv2dConfig::DEFAULT };
        let exact = Conv2dConfig { algorithm: Algorithm::Exact, ..fast };
        let error_of = |config| errors(&tensors, &|v| conv2d(&v[0], &v[1], Some(&v[2]), &config));
        let (fast, exact) = (error_of(fast)?, error_of(exact)?);
        println!(
            "{kernel}x{kernel} {inputs} -> {outputs} {height}x{width}: fast {fast:?}, exact {exact:?}"
        );
        assert!(fast.iter().all(|&error| error < 2e-6), "{fast:?}");
        assert!(exact.iter().all(|&error| error < 1e-6), "{exact:?}");
        assert!((0..3).all(|i| fast[i] != exact[i]));
    }
    Ok(())
}

#[test]
fn the_fused_relu_has_the_gradients_of_differences() {
    let config = Conv2dConfig {
        padding: Padding::same([3, 3]),
        activation: Activation::Relu,
        ..Conv2dConfig::DEFAULT
    };
    check(&[spread(&[2, 2, 4, 5], 1), spread(&[3, 2, 3, 3], 2), spread(&[3], 3)], |v| {
        let ys = conv2d(&v[0], &v[1], Some(&v[2]), &config)?;
        assert!(numbers(&ys).contains(&0.0), "some are cut off");
        Ok(ys)
    });
}
