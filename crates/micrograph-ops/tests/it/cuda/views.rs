//! Narrow types, numbers that are none, and tensors that are parts of others.

use super::*;

#[test]
fn narrow_types() {
    let Some(device) = device("cuda::narrow_types") else { return };
    let xs = [drawn(1, &[2, 3, 14, 11])];
    narrow_twins(&device, "relu", &xs, 0.0, |xs| relu(xs[0]));
    narrow_twins(&device, "dropout", &xs, 1.0, |xs| dropout(xs[0], 0.3, KEY));
    narrow_twins(&device, "spatial dropout", &xs, 1.0, |xs| spatial_dropout(xs[0], 0.3, KEY));
    narrow_twins(&device, "softmax", &xs, 4.0, |xs| softmax(xs[0]));
    narrow_twins(&device, "noise", &xs, 2.0, |xs| gaussian_noise(xs[0], 0.5, KEY));
    narrow_twins(&device, "reversal", &xs, 1.0, |xs| reverse_gradient(xs[0], 0.5));
    for config in [Pool2dConfig::square(2), Pool2dConfig::square(3)] {
        narrow_twins(&device, "maximum", &xs, 1.0, |xs| max_pool2d(xs[0], &config));
        narrow_twins(&device, "mean", &xs, 2.0, |xs| avg_pool2d(xs[0], &config));
        narrow_twins(&device, "there and back", &xs, 1.0, |xs| {
            let (ys, indices) = max_pool2d_with_indices(xs[0], &config)?;
            max_unpool2d(&ys, &indices, [14, 11])
        });
    }
    narrow_twins(&device, "even windows", &xs, 2.0, |xs| adaptive_avg_pool2d(xs[0], [5, 20]));
    narrow_twins(&device, "whole planes", &xs, 2.0, |xs| global_avg_pool2d(xs[0]));
    let margins = Margins { top: 2, bottom: -1, left: -3, right: 1 };
    narrow_twins(&device, "crop or pad", &xs, 0.0, |xs| crop_or_pad(xs[0], &margins));
    narrow_twins(&device, "nearest", &xs, 2.0, |xs| upsample_nearest2d(xs[0], [40, 21]));
    narrow_twins(&device, "bilinear", &xs, 4.0, |xs| {
        upsample_bilinear2d(xs[0], [20, 21], Alignment::Edges)
    });
    let args = [drawn(1, &[2, 9, 14, 11]), drawn(2, &[6, 9, 3, 3]), drawn(3, &[6])];
    let config = Conv2dConfig {
        padding: Padding::all(1),
        activation: Activation::Relu,
        algorithm: Algorithm::Exact,
        ..Conv2dConfig::DEFAULT
    };
    narrow_twins(&device, "convolution", &args, 4.0, |args| {
        conv2d(args[0], args[1], Some(args[2]), &config)
    });
    let args = [drawn(1, &[2, 9, 7, 5]), drawn(2, &[9, 6, 2, 2]), drawn(3, &[6])];
    let config = ConvTranspose2dConfig { stride: [2, 2], ..Default::default() };
    narrow_twins(&device, "transposed convolution", &args, 4.0, |args| {
        conv_transpose2d(args[0], args[1], Some(args[2]), &config)
    });
    let args = [drawn(1, &[5, 33]), drawn(2, &[7, 33]), drawn(3, &[7])];
    narrow_twins(&device, "linear", &args, 4.0, |args| linear(args[0], args[1], Some(args[2])));
    let args = [drawn(1, &[3, 4, 9, 13]), drawn(2, &[4]), drawn(3, &[4])];
    narrow_twins(&device, "batch norm", &args, 8.0, |args| {
        let (ys, batch) = batch_norm2d(args[0], args[1], args[2], 1e-5)?;
        assert_eq!([batch.mean.dtype(), batch.variance.dtype()], [DType::F32; 2]);
        Ok(ys)
    });
}

#[test]
fn numbers_that_are_none() {
    let Some(device) = device("cuda::numbers_that_are_none") else { return };
    let xs = [with_nan(&drawn(1, &[2, 3, 8, 12]))];
    let config = Pool2dConfig { kernel: [3, 3], stride: [2, 2], ..Pool2dConfig::square(1) };
    let pairs = Pool2dConfig::square(2);
    for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
        let twins = |what: &str, factor, f: &dyn Fn(&[&Tensor]) -> Result<Tensor>| {
            twins_in(&device, (what, dtype), &xs, factor, f);
        };
        twins("relu", 0.0, &|xs| relu(xs[0]));
        let narrow = dtype.size_in_bytes() == 2;
        twins("softmax", if narrow { 4.0 } else { 16.0 }, &|xs| softmax(xs[0]));
        twins("maximum", 1.0, &|xs| max_pool2d(xs[0], &config));
        twins("maximum of pairs", 0.0, &|xs| max_pool2d(xs[0], &pairs));
        twins("mean", 2.0, &|xs| avg_pool2d(xs[0], &config));
    }
    let args = [xs[0].clone(), drawn(2, &[5, 3, 3, 3])];
    let config = Conv2dConfig { algorithm: Algorithm::Exact, ..Conv2dConfig::DEFAULT };
    twins(&device, "convolution", &args, 64.0, |args| conv2d(args[0], args[1], None, &config));
}

/// What begins inside of its memory, and what lies in another order.
#[test]
fn views() {
    let Some(device) = device("cuda::views") else { return };
    let inside = |xs: &Tensor| xs.narrow(0, 1, 2);
    let turned = |xs: &Tensor| xs.narrow(3, 1, 9)?.transpose(2, 3);
    let xs = [drawn(1, &[4, 3, 8, 11])];
    let pool = Pool2dConfig::square(2);
    twins(&device, "relu inside", &xs, 0.0, |xs| relu(&inside(xs[0])?));
    twins(&device, "relu turned", &xs, 0.0, |xs| relu(&turned(xs[0])?));
    twins(&device, "maximum inside", &xs, 0.0, |xs| max_pool2d(&inside(xs[0])?, &pool));
    twins(&device, "maximum turned", &xs, 0.0, |xs| max_pool2d(&turned(xs[0])?, &pool));
    twins(&device, "softmax inside", &xs, 16.0, |xs| softmax(&inside(xs[0])?));
    let args = [xs[0].clone(), drawn(2, &[7, 3, 3, 3]), drawn(3, &[7])];
    let config = Conv2dConfig { algorithm: Algorithm::Exact, ..Conv2dConfig::DEFAULT };
    for view in [&inside as &dyn Fn(&Tensor) -> Result<Tensor>, &turned] {
        twins(&device, "convolution of a view", &args, 64.0, |args| {
            let (weight, bias) = (args[1].narrow(0, 2, 5)?, args[2].narrow(0, 2, 5)?);
            conv2d(&view(args[0])?, &weight, Some(&bias), &config)
        });
    }
    narrow_twins(&device, "convolution inside, from an odd number", &args, 4.0, |args| {
        conv2d(&args[0].narrow(0, 1, 1)?, &args[1].narrow(0, 1, 5)?, None, &config)
    });
}
