//! Transposed convolution: against PyTorch, against differences, and as the adjoint of convolution.

use crate::golden_case::check_golden;
use crate::gradient::check;
use crate::numbers::{numbers, spread};
use candle::{Result, Tensor};
use micrograph_ops::{
    Algorithm, Conv2dConfig, ConvTranspose2dConfig, Padding, conv_transpose2d, conv2d,
};
use micrograph_testkit::assert_close;
use proptest::prelude::*;

#[test]
fn values_and_gradients_of_pytorch() -> Result<()> {
    check_golden("conv_transpose2d.json", |config: &ConvTranspose2dConfig, inputs, _| {
        conv_transpose2d(&inputs[0], &inputs[1], Some(&inputs[2]), config)
    })
}

/// A geometry, and xs, weight and bias for it.
fn cases() -> impl Strategy<Value = (ConvTranspose2dConfig, [Tensor; 3])> {
    let pair = |range: std::ops::Range<usize>| prop::array::uniform2(range);
    let channels = (1..=2_usize, 1..=2_usize, 1..=2_usize);
    let geometry = (pair(1..4), pair(1..3), prop::array::uniform4(0..3_usize), pair(0..3));
    (1..=2_usize, pair(1..5), pair(1..4), channels, geometry).prop_filter_map(
        "some of the output must be left",
        |(batch, size, kernel, (group_inputs, group_outputs, groups), geometry)| {
            let (stride, dilation, [top, bottom, left, right], extra) = geometry;
            let padding = Padding { top, bottom, left, right };
            let output_padding = [0, 1].map(|axis| extra[axis] % stride[axis]);
            let algorithm = Algorithm::Fast;
            let config = ConvTranspose2dConfig {
                stride,
                padding,
                output_padding,
                dilation,
                groups,
                algorithm,
            };
            let full = |axis: usize| {
                let extent = (kernel[axis] - 1) * dilation[axis] + 1;
                (size[axis] - 1) * stride[axis] + extent + output_padding[axis]
            };
            let tensors = [
                spread(&[batch, group_inputs * groups, size[0], size[1]], 1),
                spread(&[group_inputs * groups, group_outputs, kernel[0], kernel[1]], 2),
                spread(&[group_outputs * groups], 3),
            ];
            (full(0) > top + bottom && full(1) > left + right).then_some((config, tensors))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn gradients_are_those_of_differences((config, tensors) in cases(), with_bias: bool) {
        let count = if with_bias { 3 } else { 2 };
        check(&tensors[..count], |v| conv_transpose2d(&v[0], &v[1], v.get(2), &config));
    }

    /// `<conv(z, w), x> = <z, conv_transpose(x, w)>` for any z.
    #[test]
    fn it_is_the_adjoint_of_convolution((config, [xs, weight, _]) in cases()) {
        let ys = conv_transpose2d(&xs, &weight, None, &config).unwrap();
        let z = spread(ys.dims(), 4);
        let ConvTranspose2dConfig { stride, padding, dilation, groups, .. } = config;
        let geometry =
            Conv2dConfig { stride, padding, dilation, groups, ..Conv2dConfig::DEFAULT };
        let convolved = conv2d(&z, &weight, None, &geometry).unwrap();
        prop_assert_eq!(convolved.dims(), xs.dims());
        let dot = |a: &Tensor, b: &Tensor| numbers(&(a * b).unwrap().sum_all().unwrap());
        assert_close(&dot(&convolved, &xs), &dot(&z, &ys), 1e-12, 1e-12);
    }
}

#[test]
fn views_and_arguments_used_twice() {
    let config = ConvTranspose2dConfig { stride: [2, 1], ..Default::default() };
    let inputs = [spread(&[3, 2, 3, 2], 1), spread(&[2, 2, 3, 2], 2), spread(&[2, 4], 3)];
    check(&inputs, |v| {
        let xs = v[0].narrow(0, 1, 2)?.transpose(2, 3)?; // (2, 2, 2, 3)
        let weight = v[1].transpose(0, 1)?;
        let bias = v[2].narrow(1, 1, 1)?.squeeze(1)?; // a column
        let once = conv_transpose2d(&xs, &weight, Some(&bias), &config)?;
        conv_transpose2d(&once, &weight, Some(&bias), &config)?.transpose(2, 3)?.contiguous()
    });
}
