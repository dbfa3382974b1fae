//! Resizing, cropping and unpooling: against PyTorch, against differences, and laws.

use crate::golden_case::check_golden;
use crate::gradient::check;
use crate::numbers::{numbers, spread};
use candle::{Result, Tensor};
use micrograph_ops::{
    Alignment, Margins, Pool2dConfig, adaptive_avg_pool2d, crop_or_pad, max_pool2d_with_indices,
    max_unpool2d, upsample_bilinear2d, upsample_nearest2d,
};
use micrograph_testkit::assert_close;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Settings {
    op: String,
    size: [usize; 2],
    #[serde(default)]
    alignment: Alignment,
    #[serde(default)]
    margins: Margins,
}

#[test]
fn values_and_gradients_of_pytorch() -> Result<()> {
    check_golden("resampling.json", |settings: &Settings, inputs, integers| {
        let (xs, size) = (&inputs[0], settings.size);
        match settings.op.as_str() {
            "nearest" => upsample_nearest2d(xs, size),
            "bilinear" => upsample_bilinear2d(xs, size, settings.alignment),
            "adaptive" => adaptive_avg_pool2d(xs, size),
            "crop_or_pad" => crop_or_pad(xs, &settings.margins),
            "unpool" => max_unpool2d(xs, &integers[0], size),
            other => panic!("no operation {other}"),
        }
    })
}

fn sizes() -> impl Strategy<Value = ([usize; 4], [usize; 2])> {
    let shape = (1..3_usize, 1..3_usize, 1..6_usize, 1..6_usize);
    let size = prop::array::uniform2(1..8_usize);
    (shape, size).prop_map(|((n, c, h, w), size)| ([n, c, h, w], size))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn gradients_are_those_of_differences((shape, size) in sizes()) {
        let xs = [spread(&shape, 1)];
        check(&xs, |v| upsample_nearest2d(&v[0], size));
        check(&xs, |v| upsample_bilinear2d(&v[0], size, Alignment::Edges));
        check(&xs, |v| upsample_bilinear2d(&v[0], size, Alignment::Centers));
        check(&xs, |v| adaptive_avg_pool2d(&v[0], size));
        let [_, _, h, w] = shape;
        check(&xs, |v| crop_or_pad(&v[0], &Margins::centered([h, w], size)));
    }

    /// Margins of any signs, and back: what was not cut off is there again.
    #[test]
    fn margins_are_taken_back(
        (shape, _) in sizes(),
        [top, bottom, left, right] in prop::array::uniform4(-2..4_isize),
    ) {
        let [_, _, h, w] = shape.map(|size| size as isize);
        let cut = |margin: isize| margin.min(0);
        prop_assume!(h + cut(top) + cut(bottom) > 0 && w + cut(left) + cut(right) > 0);
        let xs = spread(&shape, 2);
        let margins = Margins { top, bottom, left, right };
        check(std::slice::from_ref(&xs), |v| crop_or_pad(&v[0], &margins));
        let back = Margins { top: -top, bottom: -bottom, left: -left, right: -right };
        let ys = crop_or_pad(&crop_or_pad(&xs, &margins).unwrap(), &back).unwrap();
        prop_assert_eq!(ys.dims(), xs.dims());
        for (index, (x, y)) in numbers(&xs).into_iter().zip(numbers(&ys)).enumerate() {
            let (row, col) = (index as isize / w % h, index as isize % w);
            let rows = -cut(top)..h + cut(bottom);
            let kept = rows.contains(&row) && (-cut(left)..w + cut(right)).contains(&col);
            prop_assert_eq!(y, if kept { x } else { 0.0 });
        }
    }

    /// Unpooling is the adjoint of taking the maxima, also where windows overlap.
    #[test]
    fn unpooling_undoes_pooling(shape in prop::array::uniform2(2..7_usize), stride in 1..4_usize) {
        let xs = spread(&[2, 2, shape[0], shape[1]], 3);
        let config = Pool2dConfig { stride: [stride; 2], ..Pool2dConfig::square(2) };
        let (maxima, indices) = max_pool2d_with_indices(&xs, &config).unwrap();
        check(&[spread(maxima.dims(), 4)], |v| max_unpool2d(&v[0], &indices, shape));
        let back = max_unpool2d(&maxima, &indices, shape).unwrap();
        let total = |t: &Tensor| numbers(&t.sum_all().unwrap());
        assert_close(&total(&back), &total(&maxima), 1e-12, 1e-12);
        if stride >= 2 {
            let (again, _) = max_pool2d_with_indices(&back.relu().unwrap(), &config).unwrap();
            prop_assert_eq!(numbers(&again), numbers(&maxima.relu().unwrap()));
        }
    }
}

/// Each operation on a view that is offset and transposed, whose input is used a second time.
#[test]
fn views_and_second_uses() {
    let view = |v: &[Tensor]| v[0].narrow(0, 1, 2)?.transpose(2, 3); // (2, 2, 4, 3)
    let twice = |ys: Tensor, xs: Tensor| ys.transpose(2, 3)?.contiguous()? + xs.transpose(2, 3)?;
    let xs = [spread(&[3, 2, 3, 4], 1)];
    let (_, indices) =
        max_pool2d_with_indices(&spread(&[2, 2, 4, 3], 5), &Pool2dConfig::square(1)).unwrap();
    let margins = Margins { top: 1, bottom: -1, left: -1, right: 1 };
    check(&xs, |v| twice(upsample_nearest2d(&view(v)?, [4, 3])?, view(v)?));
    check(&xs, |v| twice(upsample_bilinear2d(&view(v)?, [4, 3], Alignment::Edges)?, view(v)?));
    check(&xs, |v| twice(adaptive_avg_pool2d(&view(v)?, [4, 3])?, view(v)?));
    check(&xs, |v| twice(crop_or_pad(&view(v)?, &margins)?, view(v)?));
    check(&xs, |v| twice(max_unpool2d(&view(v)?, &indices, [4, 3])?, view(v)?));
}

#[test]
fn an_infinite_neighbor_without_weight_does_not_count() -> Result<()> {
    let xs = Tensor::new(&[[[[1f32, f32::INFINITY]]]], &candle::Device::Cpu)?;
    assert_eq!(numbers(&upsample_nearest2d(&xs, [1, 3])?), [1., 1., f64::INFINITY]);
    let ys = upsample_bilinear2d(&xs, [1, 2], Alignment::Edges)?;
    assert_eq!(numbers(&ys), [1., f64::INFINITY]);
    Ok(())
}
