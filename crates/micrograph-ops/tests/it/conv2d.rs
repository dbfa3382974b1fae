//! Convolution: against a loop over its definition, against differences, and its laws.

use crate::gradient::check;
use crate::numbers::{numbers, spread};
use candle::{DType, Device, Result, Tensor, Var};
use micrograph_ops::{Conv2dConfig, Padding, conv2d};
use micrograph_testkit::assert_close;
use proptest::prelude::*;

/// The sizes of one convolution.
#[derive(Debug, Clone, Copy)]
struct Case {
    batch: usize,
    size: [usize; 2],
    group_inputs: usize,
    group_outputs: usize,
    kernel: [usize; 2],
    config: Conv2dConfig,
}

impl Case {
    fn tensors(&self) -> [Tensor; 3] {
        let groups = self.config.groups;
        let outputs = self.group_outputs * groups;
        let [h, w] = self.size;
        let [kh, kw] = self.kernel;
        [
            spread(&[self.batch, self.group_inputs * groups, h, w], 1),
            spread(&[outputs, self.group_inputs, kh, kw], 2),
            spread(&[outputs], 3),
        ]
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let pair = |range: std::ops::Range<usize>| prop::array::uniform2(range);
    let channels = (1..=2_usize, 1..=2_usize, 1..=2_usize);
    let geometry = (pair(1..3), pair(1..3), prop::array::uniform4(0..3_usize));
    (1..=2_usize, pair(1..7), pair(1..4), channels, geometry)
        .prop_map(|(batch, size, kernel, (group_inputs, group_outputs, groups), geometry)| {
            let (stride, dilation, [top, bottom, left, right]) = geometry;
            let padding = Padding { top, bottom, left, right };
            let config =
                Conv2dConfig { stride, padding, dilation, groups, ..Conv2dConfig::DEFAULT };
            Case { batch, size, group_inputs, group_outputs, kernel, config }
        })
        .prop_filter("the kernel must fit", |case| out_size(case).is_some())
}

fn out_size(case: &Case) -> Option<[usize; 2]> {
    let Padding { top, bottom, left, right } = case.config.padding;
    let sides = [top + bottom, left + right];
    let size = |axis: usize| {
        let extent = (case.kernel[axis] - 1) * case.config.dilation[axis] + 1;
        let free = (case.size[axis] + sides[axis]).checked_sub(extent)?;
        Some(free / case.config.stride[axis] + 1)
    };
    Some([size(0)?, size(1)?])
}

/// The definition, element by element.
fn naive(case: &Case, xs: &[f64], weight: &[f64], bias: &[f64]) -> Vec<f64> {
    let [oh, ow] = out_size(case).unwrap();
    let [kh, kw] = case.kernel;
    let [h, w] = case.size;
    let Conv2dConfig { stride, padding, dilation, groups, .. } = case.config;
    let mut ys = Vec::new();
    for n in 0..case.batch {
        for o in 0..case.group_outputs * groups {
            for (oy, ox) in (0..oh * ow).map(|i| (i / ow, i % ow)) {
                let mut sum = bias[o];
                for (c, tap) in
                    (0..case.group_inputs * kh * kw).map(|i| (i / (kh * kw), i % (kh * kw)))
                {
                    let y = oy * stride[0] + tap / kw * dilation[0];
                    let x = ox * stride[1] + tap % kw * dilation[1];
                    let (Some(y), Some(x)) =
                        (y.checked_sub(padding.top), x.checked_sub(padding.left))
                    else {
                        continue;
                    };
                    if y < h && x < w {
                        let channel = o / case.group_outputs * case.group_inputs + c;
                        let plane = n * case.group_inputs * groups + channel;
                        sum += weight[(o * case.group_inputs + c) * kh * kw + tap]
                            * xs[(plane * h + y) * w + x];
                    }
                }
                ys.push(sum);
            }
        }
    }
    ys
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn outputs_are_those_of_the_definition(case in cases()) {
        let [xs, weight, bias] = case.tensors();
        let ys = conv2d(&xs, &weight, Some(&bias), &case.config).unwrap();
        let [oh, ow] = out_size(&case).unwrap();
        prop_assert_eq!(ys.dims(), &[case.batch, case.group_outputs * case.config.groups, oh, ow]);
        let expected = naive(&case, &numbers(&xs), &numbers(&weight), &numbers(&bias));
        assert_close(&numbers(&ys), &expected, 1e-13, 1e-13);
        let single: Vec<_> = [&xs, &weight, &bias].map(|t| t.to_dtype(DType::F32).unwrap()).into();
        let ys = conv2d(&single[0], &single[1], Some(&single[2]), &case.config).unwrap();
        assert_close(&numbers(&ys), &expected, 1e-5, 1e-5);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn gradients_are_those_of_differences(case in cases(), with_bias: bool) {
        let tensors = case.tensors();
        let count = if with_bias { 3 } else { 2 };
        check(&tensors[..count], |v| conv2d(&v[0], &v[1], v.get(2), &case.config));
    }
}

/// Many bands, blocks of channels that do not come out even, partial sums over several samples:
/// what the small cases do not reach. The gradients follow from the outputs, since the convolution
/// is linear in each argument: `<conv(x, w), g> = <x, dx> = <w, dw>`.
#[test]
fn large_cases_agree_with_definition_and_adjoint() {
    let base = Case {
        batch: 2,
        size: [20, 17],
        group_inputs: 57,
        group_outputs: 3,
        kernel: [3, 3],
        config: Conv2dConfig { padding: Padding::same([3, 3]), ..Default::default() },
    };
    let strided = Conv2dConfig { stride: [2, 1], ..base.config };
    let wide = Case { size: [40, 33], ..base };
    let pointwise =
        Case { kernel: [1, 1], config: Conv2dConfig::default(), size: [60, 61], ..base };
    let large_strided = Case { config: strided, ..wide };
    for case in [base, wide, large_strided, pointwise] {
        let [xs, weight, _] = case.tensors();
        let (xs, weight) = (Var::from_tensor(&xs).unwrap(), Var::from_tensor(&weight).unwrap());
        let ys = conv2d(&xs, &weight, None, &case.config).unwrap();
        let none = vec![0.0; ys.dims()[1]];
        let expected = naive(&case, &numbers(&xs), &numbers(&weight), &none);
        assert_close(&numbers(&ys), &expected, 1e-11, 1e-11);
        let g = spread(ys.dims(), 4);
        let gradients = (&ys * &g).unwrap().sum_all().unwrap().backward().unwrap();
        let dot = |a: &Tensor, b: &Tensor| -> f64 {
            numbers(a).iter().zip(numbers(b)).map(|(a, b)| a * b).sum()
        };
        let expected = dot(&ys, &g);
        for var in [&xs, &weight] {
            let got = dot(var, gradients.get(var).unwrap());
            assert_close(&[got], &[expected], 1e-9, 1e-11);
        }
    }
}

#[test]
fn strided_views_are_read_where_they_stand() {
    let (xs, weight, bias) =
        (spread(&[5, 2, 4, 3], 1), spread(&[3, 2, 3, 2], 2), spread(&[2, 4], 3));
    check(&[xs, weight, bias], |v| {
        let xs = v[0].transpose(2, 3)?.narrow(0, 1, 2)?; // (2, 2, 3, 4), offset, rows and columns exchanged
        let weight = v[1].transpose(0, 1)?; // (2, 3, 3, 2): two maps
        let xs = Tensor::cat(&[&xs, &xs.narrow(1, 0, 1)?], 1)?; // (2, 3, 3, 4): the input twice
        let bias = v[2].narrow(1, 1, 1)?.squeeze(1)?; // a column
        conv2d(&xs, &weight, Some(&bias), &Conv2dConfig::default())
    });
}

#[test]
fn gradients_in_any_memory_layout_are_taken() {
    check(&[spread(&[1, 2, 3, 4], 1), spread(&[2, 2, 2, 2], 2), spread(&[2], 3)], |v| {
        conv2d(&v[0], &v[1], Some(&v[2]), &Conv2dConfig::default())?.transpose(1, 3)?.contiguous()
    });
    let xs = Var::from_tensor(&spread(&[1, 1, 3, 3], 1)).unwrap();
    let weight = Tensor::ones((1, 1, 2, 2), DType::F64, &Device::Cpu).unwrap();
    let ys = conv2d(&xs, &weight, None, &Conv2dConfig::default()).unwrap();
    let gradients = ys.sum_all().unwrap().backward().unwrap(); // one number, broadcast
    let expected = [1., 2., 1., 2., 4., 2., 1., 2., 1.];
    assert_eq!(numbers(gradients.get(&xs).unwrap()), expected);
}

#[test]
fn arguments_used_twice_add_their_gradients() {
    let config = Conv2dConfig { padding: Padding::same([3, 3]), ..Default::default() };
    check(&[spread(&[1, 2, 3, 4], 1), spread(&[2, 2, 3, 3], 2)], |v| {
        let once = conv2d(&v[0], &v[1], None, &config)?;
        conv2d(&once, &v[1], None, &config)? + (&v[0] * 0.5)?
    });
}

#[test]
fn an_untracked_input_gets_no_gradient() {
    let xs = spread(&[1, 1, 3, 3], 1);
    let weight = Var::from_tensor(&spread(&[1, 1, 2, 2], 2)).unwrap();
    let ys = conv2d(&xs, &weight, None, &Conv2dConfig::default()).unwrap();
    let gradients = ys.backward().unwrap();
    assert!(gradients.get(&xs).is_none());
    assert!(gradients.get(&weight).is_some());
}

#[test]
fn a_sample_gives_the_same_bits_in_any_batch() -> Result<()> {
    let xs = spread(&[5, 32, 28, 28], 1).to_dtype(DType::F32)?;
    let weight = spread(&[32, 32, 3, 3], 2).to_dtype(DType::F32)?;
    let config = Conv2dConfig { padding: Padding::same([3, 3]), ..Default::default() };
    let whole = conv2d(&xs, &weight, None, &config)?;
    for n in 0..5 {
        let alone = conv2d(&xs.narrow(0, n, 1)?, &weight, None, &config)?;
        assert_eq!(numbers(&alone), numbers(&whole.narrow(0, n, 1)?));
    }
    Ok(())
}
