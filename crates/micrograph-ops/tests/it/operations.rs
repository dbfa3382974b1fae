//! Everything but convolution: gradients against differences, and laws.

use crate::gradient::check;
use crate::numbers::{numbers, spread};
use candle::{D, DType, Device, Result, Tensor, Var};
use micrograph_ops::{
    CrossEntropyConfig, LabelSmoothing, Padding, Pool2dConfig, RandomKey, Rounding, avg_pool2d,
    dropout, gaussian_noise, global_avg_pool2d, linear, max_pool2d, max_pool2d_with_indices, relu,
    reverse_gradient, softmax, softmax_cross_entropy, spatial_dropout,
};
use micrograph_testkit::assert_close;
use proptest::prelude::*;

/// An image shape and windows that fit it.
fn poolings() -> impl Strategy<Value = ([usize; 4], Pool2dConfig)> {
    let pair = |range: std::ops::Range<usize>| prop::array::uniform2(range);
    let shape = (1..3_usize, 1..3_usize, 1..8_usize, 1..8_usize);
    let rounding = prop_oneof![Just(Rounding::Down), Just(Rounding::Up)];
    (shape, pair(1..4), pair(1..4), prop::array::uniform4(0..3_usize), rounding).prop_filter_map(
        "windows must fit",
        |((n, c, h, w), kernel, stride, [top, bottom, left, right], rounding)| {
            let padding = Padding {
                top: top % kernel[0],
                bottom: bottom % kernel[0],
                left: left % kernel[1],
                right: right % kernel[1],
            };
            let fits = h + padding.top + padding.bottom >= kernel[0]
                && w + padding.left + padding.right >= kernel[1];
            fits.then_some(([n, c, h, w], Pool2dConfig { kernel, stride, padding, rounding }))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn pooling_gradients_are_those_of_differences((shape, config) in poolings()) {
        let xs = [spread(&shape, 1)];
        check(&xs, |v| max_pool2d(&v[0], &config));
        check(&xs, |v| avg_pool2d(&v[0], &config));
    }

    #[test]
    fn indices_point_at_the_maxima((shape, config) in poolings()) {
        let xs = spread(&shape, 2);
        let (ys, indices) = max_pool2d_with_indices(&xs, &config).unwrap();
        let planes = xs.flatten(0, 1).unwrap().flatten_from(1).unwrap().to_vec2::<f64>().unwrap();
        let ys = ys.flatten(0, 1).unwrap().flatten_from(1).unwrap().to_vec2::<f64>().unwrap();
        let indices = indices.flatten(0, 1).unwrap().flatten_from(1).unwrap().to_vec2::<u32>().unwrap();
        for ((plane, ys), indices) in planes.iter().zip(ys).zip(indices) {
            let picked: Vec<f64> = indices.iter().map(|&index| plane[index as usize]).collect();
            prop_assert_eq!(picked, ys);
        }
    }

    /// All pixels are far below zero, so that a zero from the padding would show.
    #[test]
    fn padding_never_wins((shape, config) in poolings()) {
        let xs = (spread(&shape, 3) - 10.0).unwrap();
        let ys = numbers(&max_pool2d(&xs, &config).unwrap());
        prop_assert!(ys.iter().all(|y| (-11.0..-9.0).contains(y)), "{ys:?}");
    }

    #[test]
    fn linear_gradients_are_those_of_differences(n in 1..4_usize, i in 1..6_usize, o in 1..5_usize) {
        let inputs = [spread(&[n, i], 1), spread(&[o, i], 2), spread(&[o], 3)];
        check(&inputs, |v| linear(&v[0], &v[1], Some(&v[2])));
        check(&inputs[..2], |v| linear(&v[0], &v[1], None));
    }

    #[test]
    fn cross_entropy_gradients_are_those_of_differences(
        n in 1..5_usize,
        k in 2..5_usize,
        kind in 0..3_usize,
        weighted: bool,
    ) {
        let smoothing = [LabelSmoothing::None, LabelSmoothing::OverAll(0.1), LabelSmoothing::OverOthers(0.2)];
        let class_weights = weighted.then(|| (0..k).map(|c| c as f32 * 0.5).collect());
        let config = CrossEntropyConfig { class_weights, smoothing: smoothing[kind], ..Default::default() };
        let labels: Vec<u32> = (0..n).map(|i| ((i * 7 + 1) % k) as u32).collect();
        let labels = Tensor::from_vec(labels, n, &Device::Cpu).unwrap();
        check(&[(spread(&[n, k], 1) * 3.0).unwrap()], |v| softmax_cross_entropy(&v[0], &labels, &config));
    }
}

/// The checker sees what is wrong: Candle's own pooling.
#[test]
#[should_panic(expected = "argument 0, element")]
fn a_wrong_gradient_is_found() {
    check(&[spread(&[1, 1, 4, 4], 1)], |v| v[0].max_pool2d(2));
}

#[test]
fn gradients_of_elementwise_and_softmax_operations() {
    let key = RandomKey { seed: 5, stream: 6 };
    let xs = [spread(&[3, 2, 5], 1)];
    check(&xs, |v| relu(&v[0]));
    check(&xs, |v| dropout(&v[0], 0.4, key));
    check(&xs, |v| gaussian_noise(&v[0], 0.1, key)?.sqr());
    check(&[spread(&[2, 3, 3, 2], 1)], |v| spatial_dropout(&v[0], 0.4, key));
    check(&xs, |v| softmax(&v[0]));
    check(&[spread(&[4], 1)], |v| softmax(&v[0]));
    check(&[spread(&[2, 3, 4, 5], 1)], |v| global_avg_pool2d(&v[0]));
}

/// Each operation on a view that is offset and transposed, whose result is transposed in turn and
/// whose input is used a second time.
#[test]
fn views_and_second_uses() {
    let key = RandomKey { seed: 1, stream: 2 };
    let view = |v: &[Tensor]| v[0].narrow(0, 1, 2)?.transpose(2, 3); // (2, 2, 4, 3)
    let twice = |ys: Tensor, xs: Tensor| ys.transpose(2, 3)?.contiguous()? + xs.transpose(2, 3)?;
    let xs = [spread(&[3, 2, 3, 4], 1)];
    let window =
        Pool2dConfig { kernel: [3, 3], padding: Padding::all(1), ..Pool2dConfig::square(1) };
    check(&xs, |v| twice(relu(&view(v)?)?, view(v)?));
    check(&xs, |v| twice(dropout(&view(v)?, 0.3, key)?, view(v)?));
    check(&xs, |v| twice(gaussian_noise(&view(v)?, 0.3, key)?, view(v)?));
    check(&xs, |v| twice(spatial_dropout(&view(v)?, 0.3, key)?, view(v)?));
    check(&xs, |v| twice(softmax(&view(v)?)?, view(v)?));
    check(&xs, |v| twice(max_pool2d(&view(v)?, &window)?, view(v)?));
    check(&xs, |v| twice(avg_pool2d(&view(v)?, &window)?, view(v)?));
    let flat = |t: &Tensor| t.flatten(0, 1)?.flatten_from(1)?.t(); // (12, 6) of (3, 2, 3, 4)
    check(&xs, |v| linear(&flat(&v[0])?.narrow(0, 2, 5)?, &flat(&v[0])?.narrow(0, 1, 3)?, None));
    let labels = Tensor::new(&[[0u32, 9], [3, 9], [5, 9]], &Device::Cpu).unwrap();
    let labels = labels.narrow(1, 0, 1).unwrap().squeeze(1).unwrap();
    check(&xs, |v| {
        let logits = flat(&v[0])?.narrow(0, 4, 3)?;
        softmax_cross_entropy(&logits, &labels, &CrossEntropyConfig::default())
    });
}

#[test]
fn of_equal_pixels_the_first_wins_alone() -> Result<()> {
    let xs = Var::new(&[[[[2f32, 2., 1.], [2., 2., 1.], [0., 0., 3.]]]], &Device::Cpu)?;
    let config = Pool2dConfig { stride: [1, 1], ..Pool2dConfig::square(2) };
    let (ys, indices) = max_pool2d_with_indices(&xs, &config)?;
    assert_eq!(indices.flatten_all()?.to_vec1::<u32>()?, [0, 1, 3, 8]);
    let gradient = numbers(ys.backward()?.get(&xs).unwrap());
    assert_eq!(gradient, [1., 1., 0., 1., 0., 0., 0., 0., 1.]);
    Ok(())
}

#[test]
fn nan_and_infinities_are_not_hidden() -> Result<()> {
    let (nan, infinity) = (f32::NAN, f32::INFINITY);
    let xs = Tensor::new(&[[[[1., nan, infinity, nan], [-infinity; 4]]]], &Device::Cpu)?;
    let config = Pool2dConfig { kernel: [1, 4], ..Pool2dConfig::square(1) };
    let (ys, indices) = max_pool2d_with_indices(&xs, &config)?;
    let ys = numbers(&ys);
    assert!(ys[0].is_nan() && ys[1] == f64::NEG_INFINITY, "{ys:?}");
    assert_eq!(indices.flatten_all()?.to_vec1::<u32>()?, [1, 4]);
    assert!(numbers(&relu(&xs)?)[1].is_nan());
    Ok(())
}

#[test]
fn softmax_is_a_distribution_at_any_scale() -> Result<()> {
    for scale in [1.0, 1e2, 1e4] {
        let probabilities = softmax(&(spread(&[6, 7], 1) * scale)?.to_dtype(DType::F32)?)?;
        let sums = numbers(&probabilities.sum(D::Minus1)?);
        assert_close(&sums, &[1.0; 6], 1e-6, 0.0);
    }
    Ok(())
}

#[test]
fn cross_entropy_is_finite_where_the_true_class_has_probability_zero() -> Result<()> {
    let labels = Tensor::new(&[0u32, 1], &Device::Cpu)?;
    for dtype in [DType::F32, DType::F64] {
        let logits = Tensor::new(&[[-1e4, 1e4], [1e4, -1e4]], &Device::Cpu)?.to_dtype(dtype)?;
        let logits = Var::from_tensor(&logits)?;
        let loss = softmax_cross_entropy(&logits, &labels, &CrossEntropyConfig::default())?;
        assert_close(&numbers(&loss), &[2e4], 0.0, 0.0);
        let gradient = numbers(loss.backward()?.get(&logits).unwrap());
        assert_eq!(gradient, [-0.5, 0.5, 0.5, -0.5]);
    }
    Ok(())
}

#[test]
fn cross_entropy_skips_what_has_no_weight() -> Result<()> {
    let labels = Tensor::new(&[0u32, 0], &Device::Cpu)?;
    let logits = Var::from_tensor(&spread(&[2, 2], 1))?;
    let class_weights = Some(vec![0.0, 1.0]);
    let smoothing = LabelSmoothing::OverAll(0.1);
    let config = CrossEntropyConfig { class_weights, smoothing, ..Default::default() };
    let loss = softmax_cross_entropy(&logits, &labels, &config)?;
    assert_eq!(numbers(&loss), [0.0]);
    assert_eq!(numbers(loss.backward()?.get(&logits).unwrap()), [0.0; 4]);
    let impossible = Tensor::new(&[[0.0, f64::NEG_INFINITY]], &Device::Cpu)?;
    let labels = Tensor::new(&[0u32], &Device::Cpu)?;
    let loss = softmax_cross_entropy(&impossible, &labels, &CrossEntropyConfig::default())?;
    assert_eq!(numbers(&loss), [0.0]);
    Ok(())
}

#[test]
fn dropout_keeps_the_expectation_and_masks_the_gradient_alike() -> Result<()> {
    let n = 100_001;
    let xs = Var::ones(n, DType::F32, &Device::Cpu)?;
    let ys = dropout(&xs, 0.25, RandomKey { seed: 3, stream: 9 })?;
    let kept = numbers(&ys).iter().filter(|&&y| y != 0.0).count() as f64 / n as f64;
    assert!((kept - 0.75).abs() < 0.005, "{kept}"); // 3.7 standard deviations
    assert_close(&numbers(&ys.mean_all()?), &[1.0], 0.007, 0.0);
    assert_eq!(numbers(ys.backward()?.get(&xs).unwrap()), numbers(&ys));
    let other = dropout(&xs, 0.25, RandomKey { seed: 3, stream: 10 })?;
    assert_ne!(numbers(&other), numbers(&ys));
    let none = dropout(&xs, 0.0, RandomKey { seed: 3, stream: 9 })?;
    assert_eq!(numbers(&none), numbers(&xs));
    Ok(())
}

#[test]
fn noise_has_the_moments_of_the_normal_distribution() -> Result<()> {
    let n = 100_000;
    let zeros = Tensor::zeros(n, DType::F64, &Device::Cpu)?;
    let z = numbers(&gaussian_noise(&zeros, 1.0, RandomKey { seed: 4, stream: 0 })?);
    let moment = |power: i32| z.iter().map(|z| z.powi(power)).sum::<f64>() / n as f64;
    // Four standard errors of each mean.
    assert_close(&[moment(1), moment(2), moment(3), moment(4)], &[0., 1., 0., 3.], 0.013, 0.04);
    let neighbors = z.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / n as f64;
    assert_close(&[neighbors], &[0.0], 0.013, 0.0);
    Ok(())
}

#[test]
fn whole_maps_are_dropped() -> Result<()> {
    let xs = Tensor::ones((250, 40, 2, 3), DType::F32, &Device::Cpu)?;
    let maps = spatial_dropout(&xs, 0.25, RandomKey { seed: 3, stream: 9 })?.flatten_from(2)?;
    let maps = maps.flatten(0, 1)?.to_vec2::<f32>()?;
    assert!(maps.iter().all(|map| map.iter().all(|&x| x == map[0])));
    let kept = maps.iter().filter(|map| map[0] != 0.0).count() as f64 / maps.len() as f64;
    assert!((kept - 0.75).abs() < 0.016, "{kept}"); // 3.7 standard deviations
    Ok(())
}

#[test]
fn a_reversed_gradient_has_the_other_sign() -> Result<()> {
    let xs = Var::from_tensor(&spread(&[2, 3], 1))?;
    let ys = reverse_gradient(&xs.t()?, 0.5)?;
    assert_eq!(numbers(&ys), numbers(&xs.t()?));
    let gradients = (ys.sqr()?.sum_all()? + xs.sum_all()?)?.backward()?;
    let expected: Vec<f64> = numbers(&xs).iter().map(|x| 1.0 - x).collect();
    assert_eq!(numbers(gradients.get(&xs).unwrap()), expected);
    Ok(())
}
