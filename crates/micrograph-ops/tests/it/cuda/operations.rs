//! Forward and all gradients in f32 and f64.

use super::*;

#[test]
fn elements_and_noise() {
    let Some(device) = device("cuda::elements_and_noise") else { return };
    let xs = [drawn(1, &[2, 3, 37, 11])];
    twins(&device, "relu", &xs, 0.0, |xs| relu(xs[0]));
    twins(&device, "dropout", &xs, 0.0, |xs| dropout(xs[0], 0.3, KEY));
    twins(&device, "spatial dropout", &xs, 0.0, |xs| spatial_dropout(xs[0], 0.3, KEY));
    twins(&device, "noise", &xs, 2.0, |xs| gaussian_noise(xs[0], 0.5, KEY));
    twins(&device, "reversal", &xs, 0.0, |xs| reverse_gradient(xs[0], 0.5));
    twins(&device, "softmax", &xs, 16.0, |xs| softmax(xs[0]));
    twins(&device, "transposed", &xs, 0.0, |xs| relu(&xs[0].transpose(1, 2)?));
    // Rows that a block takes, not a warp.
    let rows = [drawn(2, &[3, 1500])];
    twins(&device, "softmax of long rows", &rows, 64.0, |xs| softmax(xs[0]));
    narrow_twins(&device, "softmax of long rows", &rows, 4.0, |xs| softmax(xs[0]));
}

#[test]
fn layers_with_weights() {
    let Some(device) = device("cuda::layers_with_weights") else { return };
    let uneven = Padding { top: 1, bottom: 0, left: 2, right: 1 };
    let geometries =
        [([1, 1], Padding::all(1), 1), ([2, 1], Padding::all(1), 2), ([1, 2], uneven, 1)];
    for (stride, padding, groups) in geometries {
        let args = [drawn(1, &[3, 4, 17, 22]), drawn(2, &[6, 4 / groups, 3, 3]), drawn(3, &[6])];
        let algorithm = Algorithm::Exact;
        let activation = Activation::Relu;
        let config = Conv2dConfig {
            stride,
            padding,
            groups,
            activation,
            algorithm,
            ..Conv2dConfig::DEFAULT
        };
        twins(&device, "convolution", &args, 64.0, |args| {
            conv2d(args[0], args[1], Some(args[2]), &config)
        });
        twins(&device, "pooled convolution", &args, 64.0, |args| {
            conv2d_max_pool2d(args[0], args[1], Some(args[2]), &config)
        });
        let config =
            ConvTranspose2dConfig { stride, padding, groups, algorithm, ..Default::default() };
        let args = [drawn(1, &[3, 4, 9, 8]), drawn(2, &[4, 6 / groups, 3, 3]), drawn(3, &[6])];
        twins(&device, "transposed convolution", &args, 64.0, |args| {
            conv_transpose2d(args[0], args[1], Some(args[2]), &config)
        });
    }
    let args = [drawn(1, &[3, 4, 17, 22]), drawn(2, &[6, 4, 3, 2])];
    let config = Conv2dConfig {
        stride: [3, 1],
        dilation: [2, 3],
        padding: uneven,
        algorithm: Algorithm::Exact,
        ..Conv2dConfig::DEFAULT
    };
    twins(&device, "dilated convolution", &args, 64.0, |args| {
        conv2d(args[0], args[1], None, &config)
    });
    let args = [drawn(1, &[5, 33]), drawn(2, &[7, 33]), drawn(3, &[7])];
    twins(&device, "linear", &args, 64.0, |args| linear(args[0], args[1], Some(args[2])));
}

/// Enough channels and maps for the larger tiles of each pass, in all types: 36 and 70 of both.
#[test]
fn convolutions_of_many_maps() {
    let Some(device) = device("cuda::convolutions_of_many_maps") else { return };
    let padding = Padding::all(1);
    let config = Conv2dConfig { padding, algorithm: Algorithm::Exact, ..Conv2dConfig::DEFAULT };
    for (channels, maps) in [(9, 70), (70, 9), (36, 36), (70, 70)] {
        let args = [
            drawn(1, &[2, channels, 13, 10]),
            drawn(2, &[maps, channels, 3, 3]),
            drawn(3, &[maps]),
        ];
        let what = format!("convolution of {channels} to {maps} maps");
        twins(&device, &what, &args, 64.0, |args| conv2d(args[0], args[1], Some(args[2]), &config));
        narrow_twins(&device, &what, &args, 4.0, |args| {
            conv2d(args[0], args[1], Some(args[2]), &config)
        });
    }
}

#[test]
fn pooling() {
    let Some(device) = device("cuda::pooling") else { return };
    let padding = Padding { top: 1, bottom: 0, left: 1, right: 2 };
    let odd = Pool2dConfig { kernel: [2, 3], stride: [1, 2], padding, rounding: Rounding::Up };
    let xs = [drawn(1, &[2, 3, 17, 22])];
    for config in [Pool2dConfig::square(2), Pool2dConfig::square(3), odd] {
        twins(&device, "maximum", &xs, 0.0, |xs| max_pool2d(xs[0], &config));
        twins(&device, "mean", &xs, 0.0, |xs| avg_pool2d(xs[0], &config));
        twins(&device, "there and back", &xs, 0.0, |xs| {
            let (ys, indices) = max_pool2d_with_indices(xs[0], &config)?;
            max_unpool2d(&ys, &indices, [17, 22])
        });
    }
    twins(&device, "even windows", &xs, 0.0, |xs| adaptive_avg_pool2d(xs[0], [5, 30]));
    // Windows that a block takes, not a thread; its sum has another order.
    let large = [drawn(2, &[2, 3, 40, 61])];
    twins(&device, "large windows", &large, 64.0, |xs| adaptive_avg_pool2d(xs[0], [2, 2]));
    twins(&device, "whole planes", &large, 64.0, |xs| global_avg_pool2d(xs[0]));
}

#[test]
fn resampling_and_warps() {
    let Some(device) = device("cuda::resampling_and_warps") else { return };
    let xs = [drawn(1, &[2, 3, 17, 22])];
    twins(&device, "nearest", &xs, 0.0, |xs| upsample_nearest2d(xs[0], [40, 21]));
    for alignment in [Alignment::Edges, Alignment::Centers] {
        twins(&device, "bilinear", &xs, 0.0, |xs| upsample_bilinear2d(xs[0], [40, 21], alignment));
        for border in [Border::Zero, Border::Edge, Border::Reflect] {
            let bilinear = Interpolation::Bilinear;
            let config = GridSampleConfig { interpolation: bilinear, border, alignment };
            let args = [drawn(1, &[2, 3, 17, 22]), (drawn(2, &[2, 2, 3]) * 0.5).expect("maps")];
            twins(&device, "warp", &args, 64.0, |args| {
                grid_sample(args[0], &affine_grid(args[1], [20, 15], alignment)?, &config)
            });
            let interpolation = Interpolation::Nearest;
            let nearest = GridSampleConfig { interpolation, border, alignment };
            let args = [drawn(1, &[2, 3, 17, 22]), drawn(2, &[2, 9, 8, 2])];
            twins(&device, "nearest warp", &args, 0.0, |args| {
                grid_sample(args[0], args[1], &nearest)
            });
            narrow_twins(&device, "warp", &args, 2.0, |args| {
                grid_sample(args[0], args[1], &config)
            });
        }
    }
    let margins = Margins { top: 2, bottom: -1, left: -3, right: 1 };
    twins(&device, "crop or pad", &xs, 0.0, |xs| crop_or_pad(xs[0], &margins));
}

#[test]
fn normalization() {
    let Some(device) = device("cuda::normalization") else { return };
    let args = [drawn(1, &[3, 4, 19, 23]), drawn(2, &[4]), drawn(3, &[4])];
    twins_of_f64(&device, "batch norm", &args, 256.0, |args| {
        Ok(batch_norm2d(args[0], args[1], args[2], 1e-5)?.0)
    });
    twins_of_f64(&device, "batch norm in evaluation", &args, 256.0, |args| {
        let like = |tensor: Tensor| tensor.to_dtype(args[0].dtype())?.to_device(args[0].device());
        let (mean, variance) = (like(drawn(4, &[4]))?, like(drawn(5, &[4]))?.sqr()?);
        let running = ChannelStatistics { mean, variance };
        batch_norm2d_eval(args[0], args[1], args[2], &running, 1e-5)
    });
}

#[test]
fn labels_and_indices_that_do_not_exist_are_refused() {
    let test = "cuda::labels_and_indices_that_do_not_exist_are_refused";
    let Some(device) = device(test) else { return };
    let logits = drawn(1, &[2, 3]).to_device(&device).expect("logits");
    let labels = Tensor::new(&[0u32, 3], &device).expect("labels");
    let weights = Tensor::ones(2, DType::F32, &device).expect("weights");
    let config = CrossEntropyConfig::default();
    softmax_cross_entropy_weighted(&logits, &labels, &weights, &config).expect_err("no class 3");
    let xs = drawn(1, &[1, 1, 1, 1]).to_device(&device).expect("a pixel");
    let indices = Tensor::new(&[[[[4u32]]]], &device).expect("an index");
    max_unpool2d(&xs, &indices, [2, 2]).expect_err("no pixel 4");
}
