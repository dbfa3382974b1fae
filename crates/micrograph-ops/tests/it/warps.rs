//! Warps: against PyTorch, against differences, and where the answer is known.

use crate::golden_case::check_golden;
use crate::gradient::check;
use crate::numbers::{numbers, spread};
use crate::refused::{refused, zeros};
use candle::{DType, Device, Result, Tensor};
use micrograph_ops::{
    Alignment, Border, GridSampleConfig, Interpolation, affine_grid, grid_sample,
    upsample_bilinear2d,
};
use micrograph_testkit::assert_close;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Operation {
    Sample(GridSampleConfig),
    Affine([usize; 2], Alignment),
}

#[test]
fn values_and_gradients_of_pytorch() -> Result<()> {
    check_golden("warps.json", |operation: &Operation, inputs, _| match operation {
        Operation::Sample(config) => grid_sample(&inputs[0], &inputs[1], config),
        Operation::Affine(size, alignment) => affine_grid(&inputs[0], *size, *alignment),
    })
}

fn alignments() -> impl Strategy<Value = Alignment> {
    prop_oneof![Just(Alignment::Edges), Just(Alignment::Centers)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    /// The points are irregular, so that none is at a pixel, where the derivative jumps.
    #[test]
    fn gradients_are_those_of_differences(
        (n, c, h, w) in (1..3_usize, 1..3_usize, 1..6_usize, 1..6_usize),
        size in prop::array::uniform2(1..4_usize),
        border in prop_oneof![Just(Border::Zero), Just(Border::Edge), Just(Border::Reflect)],
        alignment in alignments(),
    ) {
        let grid = (spread(&[n, size[0], size[1], 2], 2) * 2.7).unwrap();
        let inputs = [spread(&[n, c, h, w], 1), grid.clone()];
        let config = GridSampleConfig { border, alignment, ..Default::default() };
        check(&inputs, |v| grid_sample(&v[0], &v[1], &config));
        let nearest = GridSampleConfig { interpolation: Interpolation::Nearest, ..config };
        check(&inputs[..1], |v| grid_sample(&v[0], &grid, &nearest));
        check(&[spread(&[n, 2, 3], 3)], |v| affine_grid(&v[0], size, alignment));
    }

    /// Upsampling is a warp by the identity that looks no further than the edge.
    #[test]
    fn the_identity_resizes(shape in prop::array::uniform2(1..6_usize), size in prop::array::uniform2(1..8_usize), alignment in alignments()) {
        let xs = spread(&[1, 2, shape[0], shape[1]], 1);
        let identity = Tensor::new(&[[[1f64, 0., 0.], [0., 1., 0.]]], &Device::Cpu).unwrap();
        let grid = affine_grid(&identity, size, alignment).unwrap();
        let config = GridSampleConfig { border: Border::Edge, alignment, ..Default::default() };
        let (warped, resized) =
            (grid_sample(&xs, &grid, &config).unwrap(), upsample_bilinear2d(&xs, size, alignment).unwrap());
        // One line of centers is at the middle of the image in a grid, and at its first line in a resize.
        if alignment == Alignment::Edges || (size[0] > 1 && size[1] > 1) {
            assert_close(&numbers(&warped), &numbers(&resized), 1e-13, 1e-13);
        }
    }
}

#[test]
fn views_and_second_uses() {
    let config = GridSampleConfig { border: Border::Reflect, ..Default::default() };
    check(&[spread(&[3, 2, 3, 4], 1), spread(&[2, 2, 3, 2], 2)], |v| {
        let xs = v[0].narrow(0, 1, 2)?.transpose(2, 3)?; // (2, 2, 4, 3)
        let grid = v[1].transpose(1, 3)?; // (2, 2, 3, 2)
        let once = grid_sample(&xs, &grid, &config)?; // (2, 2, 2, 3)
        (grid_sample(&once, &grid, &config)? + once)?.transpose(1, 2)?.contiguous()
    });
}

#[test]
fn far_points_and_nan() -> Result<()> {
    let xs = Tensor::new(&[[[[1f64, 2.]]]], &Device::Cpu)?;
    let far = [f64::INFINITY, f64::NEG_INFINITY, 1e300, f64::NAN];
    let points: Vec<f64> = far.iter().flat_map(|&x| [x, 0.0]).collect();
    let grid = Tensor::new(points, &Device::Cpu)?.reshape((1, 1, 4, 2))?;
    for interpolation in [Interpolation::Nearest, Interpolation::Bilinear] {
        let config = GridSampleConfig { interpolation, ..Default::default() };
        let ys = numbers(&grid_sample(&xs, &grid, &config)?);
        assert_eq!(ys[..3], [0.0; 3], "{interpolation:?}");
        assert!(ys[3].is_nan(), "{interpolation:?}");
        let config = GridSampleConfig { border: Border::Edge, ..config };
        assert_eq!(numbers(&grid_sample(&xs, &grid, &config)?)[..3], [2.0, 1.0, 2.0]);
    }
    Ok(())
}

#[test]
fn what_cannot_be_warped_is_refused() {
    let config = GridSampleConfig::default();
    let sample = |xs: &[usize], grid: &[usize]| grid_sample(&zeros(xs), &zeros(grid), &config);
    let xs = [2, 1, 3, 3];
    refused(sample(&xs, &[2, 3, 3, 3]), &["grid_sample", "points (x, y)", "[2, 3, 3, 3]"]);
    refused(sample(&xs, &[1, 3, 3, 2]), &["grid_sample", "each sample", "[2, 3, 3, 2]"]);
    refused(sample(&xs, &[2, 0, 3, 2]), &["grid_sample", "[2, 0, 3, 2]", "leave"]);
    refused(sample(&xs, &[2, 3, 2]), &["grid_sample", "(n, oh, ow, 2)"]);
    refused(sample(&[2, 1, 0, 3], &[2, 3, 3, 2]), &["grid_sample", "[2, 1, 0, 3]", "leave"]);
    let double = zeros(&[2, 3, 3, 2]).to_dtype(DType::F64).unwrap();
    refused(grid_sample(&zeros(&xs), &double, &config), &["grid_sample", "F32", "F64"]);
    let affine = |theta: &[usize], size| affine_grid(&zeros(theta), size, Alignment::Edges);
    refused(affine(&[2, 3, 2], [3, 3]), &["affine_grid", "two rows of three", "[2, 2, 3]"]);
    refused(affine(&[2, 3], [3, 3]), &["affine_grid", "(n, 2, 3)"]);
    refused(affine(&[2, 2, 3], [3, 0]), &["affine_grid", "size [3, 0]"]);
}
