//! The algorithms of f32 against the plain sums of f64, and the fused ReLU.

mod gradient;

use candle::{DType, Result, Tensor, Var};
use gradient::{check, numbers, spread};
use micrograph_ops::{Activation, Algorithm, Conv2dConfig, Padding, conv2d, relu};
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;

/// The outputs of `f` and the gradients of its three arguments.
fn forward_and_backward(
    tensors: &[Tensor; 3],
    f: impl Fn(&[Tensor; 3]) -> Result<Tensor>,
) -> Result<[Vec<f64>; 4]> {
    let vars = tensors.each_ref().map(|tensor| Var::from_tensor(tensor).unwrap());
    let ys = f(&vars.each_ref().map(|var| var.as_tensor().clone()))?;
    let grad = spread(ys.dims(), 4).to_dtype(ys.dtype())?;
    let gradients = (&ys * grad)?.sum_all()?.backward()?;
    let [xs, weight, bias] = vars.map(|var| numbers(gradients.get(&var).unwrap()));
    Ok([numbers(&ys), xs, weight, bias])
}

/// Root mean square of the differences over that of the expected numbers.
fn relative_error(got: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(got.len(), expected.len());
    let squares: f64 = got.iter().zip(expected).map(|(a, b)| (a - b).powi(2)).sum();
    (squares / expected.iter().map(|x| x * x).sum::<f64>()).sqrt()
}

/// Relative errors of outputs, input gradient and weight gradient in f32. (The gradient of the bias
/// is a plain sum in any algorithm.)
fn errors(tensors: &[Tensor; 3], config: &Conv2dConfig) -> Result<[f64; 3]> {
    let single: Vec<Tensor> =
        tensors.iter().map(|tensor| tensor.to_dtype(DType::F32)).collect::<Result<_>>()?;
    let single: [Tensor; 3] = single.try_into().unwrap();
    // The same rounded numbers in both, so that only the computation differs.
    let double = single.each_ref().map(|tensor| tensor.to_dtype(DType::F64).unwrap());
    let convolution = |v: &[Tensor; 3]| conv2d(&v[0], &v[1], Some(&v[2]), config);
    let got = forward_and_backward(&single, convolution)?;
    let expected = forward_and_backward(&double, convolution)?;
    Ok([0, 1, 2].map(|i| relative_error(&got[i], &expected[i])))
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
        size in prop::array::uniform2(8..=33_usize),
    ) {
        let [top, bottom, left, right] = padding;
        let padding = Padding { top, bottom, left, right };
        let config = Conv2dConfig { padding, ..Conv2dConfig::DEFAULT };
        let [inputs, outputs] = channels;
        let tensors = [
            spread(&[batch, inputs, size[0], size[1]], 1),
            spread(&[outputs, inputs, kernel, kernel], 2),
            spread(&[outputs], 3),
        ];
        for error in errors(&tensors, &config).unwrap() {
            prop_assert!(error < 4e-6, "{error}");
        }
        let single = tensors.map(|tensor| tensor.to_dtype(DType::F32).unwrap());
        let fused = Conv2dConfig { activation: Activation::Relu, ..config };
        let fused = forward_and_backward(&single, |v| conv2d(&v[0], &v[1], Some(&v[2]), &fused));
        let apart = forward_and_backward(&single, |v| relu(&conv2d(&v[0], &v[1], Some(&v[2]), &config)?));
        prop_assert_eq!(fused.unwrap(), apart.unwrap());
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
        let fused = Conv2dConfig { activation: Activation::Relu, ..config };
        let [inputs, outputs] = channels;
        let images = spread(&[batch, inputs, size[0], size[1]], 1).to_dtype(DType::F32).unwrap();
        let weight = spread(&[outputs, inputs, kernel[0], kernel[1]], 2).to_dtype(DType::F32).unwrap();
        let bias = spread(&[outputs], 3).to_dtype(DType::F32).unwrap();
        let layer = |dtype: DType, f: &dyn Fn(&[Tensor; 3]) -> Result<Tensor>| {
            let vars = [&weight, &bias].map(|t| Var::from_tensor(&t.to_dtype(dtype).unwrap()).unwrap());
            let xs = images.to_dtype(dtype).unwrap(); // not tracked: no gradient of the input
            let ys = f(&[xs, vars[0].as_tensor().clone(), vars[1].as_tensor().clone()]).unwrap();
            let grad = spread(ys.dims(), 4).to_dtype(DType::F32).unwrap().to_dtype(dtype).unwrap();
            let gradients = (&ys * grad).unwrap().sum_all().unwrap().backward().unwrap();
            let [weight, bias] = vars.map(|var| numbers(gradients.get(&var).unwrap()));
            [numbers(&ys), weight, bias]
        };
        let plain = |v: &[Tensor; 3]| conv2d(&v[0], &v[1], Some(&v[2]), &config);
        let (single, double) = (layer(DType::F32, &plain), layer(DType::F64, &plain));
        prop_assert!(relative_error(&single[0], &double[0]) < 1e-6);
        prop_assert!(relative_error(&single[1], &double[1]) < 2e-6);
        let total: f64 = numbers(&spread(&[double[0].len()], 4)).iter().map(|x| x.abs()).sum();
        for (got, expected) in single[2].iter().zip(&double[2]) {
            prop_assert!((got - expected).abs() < 1e-6 * total, "{got} for {expected}");
        }
        let fused = layer(DType::F32, &|v| conv2d(&v[0], &v[1], Some(&v[2]), &fused));
        let apart = layer(DType::F32, &|v| relu(&plain(v)?));
        prop_assert_eq!(fused, apart);
    }
}

#[test]
fn the_fast_algorithm_is_another_one_and_its_error_is_as_stated() -> Result<()> {
    for (kernel, inputs, outputs, size) in [(3, 32, 32, 28), (3, 64, 64, 64), (5, 16, 32, 48)] {
        let tensors = [
            spread(&[2, inputs, size, size], 1),
            spread(&[outputs, inputs, kernel, kernel], 2),
            spread(&[outputs], 3),
        ];
        let padding = Padding::same([kernel; 2]);
        let fast = Conv2dConfig { padding, ..Conv2dConfig::DEFAULT };
        let exact = Conv2dConfig { algorithm: Algorithm::Exact, ..fast };
        let (fast, exact) = (errors(&tensors, &fast)?, errors(&tensors, &exact)?);
        println!("{kernel}x{kernel} {inputs} -> {outputs}: fast {fast:?}, exact {exact:?}");
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

#[test]
fn one_two_and_four_threads_give_the_same_bits() {
    let tensors = [spread(&[5, 24, 30, 27], 1), spread(&[40, 24, 3, 3], 2), spread(&[40], 3)]
        .map(|tensor| tensor.to_dtype(DType::F32).unwrap());
    let config = Conv2dConfig { padding: Padding::same([3, 3]), ..Conv2dConfig::DEFAULT };
    let on = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            forward_and_backward(&tensors, |v| conv2d(&v[0], &v[1], Some(&v[2]), &config)).unwrap()
        })
    };
    let one = on(1);
    assert_eq!(one, on(2), "two threads");
    assert_eq!(one, on(4), "four threads");
}
