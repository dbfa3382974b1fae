//! What layers that change sizes, regularizers and losses of pixels refuse, with the repair.

use crate::refused::{refused, zeros};
use candle::{DType, Device, Result, Tensor};
use micrograph_ops::{
    Alignment, ConvTranspose2dConfig, CrossEntropyConfig, ErrorWeights, Margins, OverlapConfig,
    Padding, RandomKey, adaptive_avg_pool2d, bce_with_logits, conv_transpose2d, crop_or_pad,
    dice_loss, max_unpool2d, reverse_gradient, softmax_cross_entropy,
    softmax_cross_entropy_weighted, spatial_dropout, tversky_loss, upsample_bilinear2d,
    upsample_nearest2d,
};

#[test]
fn transposed_convolutions() {
    let plain = ConvTranspose2dConfig::default();
    let conv = |xs: &[usize], weight: &[usize], config: ConvTranspose2dConfig| {
        conv_transpose2d(&zeros(xs), &zeros(weight), None, &config)
    };
    let (xs, weight) = ([1, 2, 4, 4], [2, 3, 2, 2]);
    refused(conv(&[1, 2, 0, 4], &weight, plain), &["conv_transpose2d", "[1, 2, 0, 4]", "leave"]);
    refused(conv(&xs, &[2, 3, 0, 2], plain), &["conv_transpose2d", "[2, 3, 0, 2]", "leave"]);
    refused(conv(&[2, 4, 4], &weight, plain), &["conv_transpose2d", "(n, c, h, w)"]);
    refused(conv(&xs, &[2, 3, 2], plain), &["conv_transpose2d", "(c, o / groups, kh, kw)"]);
    refused(conv(&xs, &[3, 3, 2, 2], plain), &["take the 2 channels", "[3, 3, 2, 2]"]);
    for groups in [0, 3] {
        let config = ConvTranspose2dConfig { groups, ..plain };
        refused(conv(&xs, &weight, config), &["conv_transpose2d", "groups must divide 2"]);
    }
    let still = ConvTranspose2dConfig { stride: [0, 1], ..plain };
    refused(conv(&xs, &weight, still), &["stride [0, 1]", "1 or more"]);
    let wide = ConvTranspose2dConfig { output_padding: [0, 1], ..plain };
    refused(conv(&xs, &weight, wide), &["output padding [0, 1]", "less than the stride [1, 1]"]);
    let nothing = ConvTranspose2dConfig { padding: Padding::all(3), ..plain };
    refused(
        conv(&xs, &weight, nothing),
        &["conv_transpose2d", "4x4", "nothing is left", "pad less"],
    );
    let endless = ConvTranspose2dConfig { dilation: [usize::MAX; 2], ..plain };
    refused(conv(&xs, &weight, endless), &["conv_transpose2d", "memory"]);
    let bias = conv_transpose2d(&zeros(&xs), &zeros(&weight), Some(&zeros(&[2])), &plain);
    refused(bias, &["conv_transpose2d", "bias", "3 outputs"]);
    let double = zeros(&weight).to_dtype(DType::F64).unwrap();
    refused(conv_transpose2d(&zeros(&xs), &double, None, &plain), &["F32", "F64"]);
}

#[test]
fn sizes() {
    type Resize = fn(&Tensor, [usize; 2]) -> Result<Tensor>;
    let operations: [(&str, Resize); 4] = [
        ("adaptive_avg_pool2d", adaptive_avg_pool2d),
        ("upsample_nearest2d", upsample_nearest2d),
        ("upsample_bilinear2d", |xs, size| upsample_bilinear2d(xs, size, Alignment::Edges)),
        ("max_unpool2d", |xs, size| max_unpool2d(xs, &xs.to_dtype(DType::U32)?, size)),
    ];
    for (name, operation) in operations {
        refused(operation(&zeros(&[1, 1, 2, 2]), [0, 3]), &[name, "size [0, 3]", "1 or more"]);
        refused(operation(&zeros(&[1, 1, 2, 2]), [usize::MAX; 2]), &[name, "too large"]);
        refused(operation(&zeros(&[1, 0, 2, 2]), [1, 1]), &[name, "[1, 0, 2, 2]", "leave"]);
        refused(operation(&zeros(&[2, 2]), [1, 1]), &[name, "(n, c, h, w)"]);
    }
}

#[test]
fn margins() {
    let crop = |margins| crop_or_pad(&zeros(&[1, 1, 3, 4]), &margins);
    let plain = Margins::default();
    refused(crop(Margins { top: -2, bottom: -1, ..plain }), &["crop_or_pad", "3x4", "cut less"]);
    refused(crop(Margins { left: -5, right: 9, ..plain }), &["crop_or_pad", "3x4", "cut less"]);
    refused(crop(Margins { left: isize::MIN, ..plain }), &["crop_or_pad", "3x4", "cut less"]);
    refused(crop(Margins { left: isize::MAX, ..plain }), &["crop_or_pad", "too large"]);
}

#[test]
fn indices() {
    let xs = zeros(&[1, 1, 1, 2]);
    let indices = Tensor::new(&[[[[0u32, 6]]]], &Device::Cpu).unwrap();
    refused(max_unpool2d(&xs, &indices, [2, 3]), &["max_unpool2d", "6"]);
    refused(max_unpool2d(&xs, &xs, [2, 3]), &["max_unpool2d", "U32", "F32"]);
    let one = indices.narrow(3, 0, 1).unwrap();
    refused(max_unpool2d(&xs, &one, [2, 3]), &["one index for each pixel", "[1, 1, 1, 2]"]);
}

#[test]
fn regularizers() {
    let (xs, key) = (zeros(&[1, 2, 3, 3]), RandomKey { seed: 0, stream: 0 });
    for probability in [-0.1, 1.0, f64::NAN] {
        refused(spatial_dropout(&xs, probability, key), &["spatial_dropout", "[0, 1)"]);
    }
    refused(spatial_dropout(&zeros(&[2, 3]), 0.5, key), &["spatial_dropout", "(n, c, h, w)"]);
    refused(reverse_gradient(&xs, f64::INFINITY), &["reverse_gradient", "inf", "finite"]);
}

#[test]
fn losses_of_pixels() {
    let labels = |labels: &[[u32; 2]; 1]| Tensor::new(&[*labels], &Device::Cpu).unwrap();
    let (logits, plain) = (zeros(&[1, 3, 1, 2]), CrossEntropyConfig::default());
    let entropy = |l: &Tensor| softmax_cross_entropy(&logits, l, &plain);
    refused(entropy(&labels(&[[0, 3]])), &["softmax_cross_entropy", "3"]);
    refused(entropy(&labels(&[[0, 1]]).squeeze(0).unwrap()), &["one label", "[1, 1, 2]", "[1, 2]"]);
    refused(softmax_cross_entropy(&zeros(&[3]), &labels(&[[0, 1]]), &plain), &["(n, k, h, w)"]);
    let focusing = CrossEntropyConfig { focusing: -1.0, ..plain.clone() };
    let loss = softmax_cross_entropy(&logits, &labels(&[[0, 1]]), &focusing);
    refused(loss, &["focusing -1", "not negative"]);
    let weighted = |weights: &Tensor| {
        softmax_cross_entropy_weighted(&logits, &labels(&[[0, 1]]), weights, &plain)
    };
    refused(weighted(&zeros(&[1, 2])), &["one weight for each term", "[1, 1, 2]"]);
    refused(weighted(&zeros(&[1, 1, 2]).affine(1.0, -1.0).unwrap()), &["weight -1"]);
    let overlap = OverlapConfig::default();
    refused(dice_loss(&logits, &labels(&[[0, 3]]), &overlap), &["tversky_loss", "3"]);
    refused(dice_loss(&zeros(&[1, 1, 1, 2]), &labels(&[[0, 2]]), &overlap), &["2"]);
    let weights = ErrorWeights { false_positives: 0.5, false_negatives: -0.5 };
    let loss = tversky_loss(&logits, &labels(&[[0, 1]]), &weights, &overlap);
    refused(loss, &["tversky_loss", "not negative, got -0.5"]);
    let (xs, ones) = (zeros(&[2]), zeros(&[2]).affine(1.0, 1.0).unwrap());
    refused(bce_with_logits(&xs, &zeros(&[3]), None, 1.0), &["one target for each logit", "[2]"]);
    refused(
        bce_with_logits(&xs, &(ones * 255.0).unwrap(), None, 1.0),
        &["target 255", "scale masks"],
    );
    refused(bce_with_logits(&xs, &xs, None, f64::NAN), &["positive weight NaN"]);
    refused(bce_with_logits(&zeros(&[0]), &zeros(&[0]), None, 1.0), &["bce_with_logits", "[0]"]);
    refused(bce_with_logits(&xs, &xs, Some(&zeros(&[3])), 1.0), &["one weight", "[2]", "[3]"]);
}
