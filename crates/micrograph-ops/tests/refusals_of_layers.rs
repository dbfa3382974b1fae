//! What layers that change sizes refuse, with the repair.

mod refused;

use candle::{DType, Device, Result, Tensor};
use micrograph_ops::{
    Alignment, ConvTranspose2dConfig, Margins, Padding, adaptive_avg_pool2d, conv_transpose2d,
    crop_or_pad, max_unpool2d, upsample_bilinear2d, upsample_nearest2d,
};
use refused::{refused, zeros};

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
    refused(bias, &["conv_transpose2d", "bias", "3 maps"]);
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
