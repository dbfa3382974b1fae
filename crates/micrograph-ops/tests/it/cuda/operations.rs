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
    let args = [drawn(1, &[5, 33]), drawn(2, &[7, 33]), drawn(3, &[7])];
    twins(&device, "linear", &args, 64.0, |args| linear(args[0], args[1], Some(args[2])));
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
}

#[test]
fn resampling_and_warps() {
    let Some(device) = device("cuda::resampling_and_warps") else { return };
    let xs = [drawn(1, &[2, 3, 17, 22])];
    twins(&device, "nearest", &xs, 0.0, |xs| upsample_nearest2d(xs[0], [40, 21]));
    for alignment in [Alignment::Edges, Alignment::Centers] {
        twins(&device, "bilinear", &xs, 0.0, |xs| upsample_bilinear2d(xs[0], [40, 21], alignment));
        for border in [Border::Zero, Border::Edge, Border::Reflect] {
            let config =
                GridSampleConfig { interpolation: Interpolation::Bilinear, border, alignment };
            let args = [drawn(1, &[2, 3, 17, 22]), (drawn(2, &[2, 2, 3]) * 0.5).expect("maps")];
            twins(&device, "warp", &args, 64.0, |args| {
                grid_sample(args[0], &affine_grid(args[1], [20, 15], alignment)?, &config)
            });
        }
    }
    let margins = Margins { top: 2, bottom: -1, left: -3, right: 1 };
    twins(&device, "crop or pad", &xs, 0.0, |xs| crop_or_pad(xs[0], &margins));
}

#[test]
fn normalization_and_losses() {
    let Some(device) = device("cuda::normalization_and_losses") else { return };
    let args = [drawn(1, &[3, 4, 19, 23]), drawn(2, &[4]), drawn(3, &[4])];
    twins(&device, "batch norm", &args, 256.0, |args| {
        Ok(batch_norm2d(args[0], args[1], args[2], 1e-5)?.0)
    });
    let labels = Tensor::from_iter((0..3 * 19 * 23_u32).map(|i| i * 7 % 4), &Device::Cpu);
    let labels = labels.and_then(|labels| labels.reshape((3, 19, 23))).expect("labels");
    let config = CrossEntropyConfig {
        class_weights: Some(vec![1.0, 2.0, 0.5, 1.0]),
        smoothing: LabelSmoothing::OverAll(0.1),
        ignore_index: Some(3),
        focusing: 0.0,
    };
    let logits = [args[0].clone()];
    for focusing in [0.0, 2.0] {
        let config = CrossEntropyConfig { focusing, ..config.clone() };
        twins(&device, "cross-entropy", &logits, 64.0, |xs| {
            let (labels, dtype) = (labels.to_device(xs[0].device())?, xs[0].dtype());
            let weights = Tensor::ones(labels.shape(), dtype, xs[0].device())?;
            softmax_cross_entropy_weighted(xs[0], &labels, &weights, &config)
        });
    }
    twins(&device, "Dice", &logits, 64.0, |xs| {
        dice_loss(xs[0], &labels.to_device(xs[0].device())?, &OverlapConfig::default())
    });
    twins(&device, "binary cross-entropy", &logits, 64.0, |xs| {
        bce_with_logits(xs[0], &xs[0].detach().clamp(0.0, 1.0)?, None, 2.0)
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
