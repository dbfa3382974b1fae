//! The operations that a segmenter trains with, in f32: the same bits for any number of threads, and
//! close to f64.

use candle::{DType, Device, Result, Tensor, Var};
use micrograph_ops::{
    Alignment, ChannelStatistics, ConvTranspose2dConfig, CrossEntropyConfig, ErrorWeights,
    GridSampleConfig, Margins, OverlapConfig, Pool2dConfig, RandomKey, adaptive_avg_pool2d,
    affine_grid, batch_norm2d, batch_norm2d_eval, bce_with_logits, conv_transpose2d, crop_or_pad,
    grid_sample, max_pool2d_with_indices, max_unpool2d, philox4x32, reverse_gradient,
    softmax_cross_entropy_weighted, spatial_dropout, tversky_loss, upsample_bilinear2d,
    upsample_nearest2d,
};
use micrograph_testkit::assert_close;
use rayon::ThreadPoolBuilder;

/// Numbers of (-1, 1) without a pattern, which f32 holds.
fn drawn(shape: &[usize], seed: u32, dtype: DType) -> Result<Tensor> {
    let n = shape.iter().product::<usize>() as u32;
    let unit = |i: u32| philox4x32([i, 0, 0, 0], [seed, 0])[0] as f32 / 2_f32.powi(31) - 1.0;
    Tensor::from_vec((0..n).map(unit).collect(), shape, &Device::Cpu)?.to_dtype(dtype)
}

/// A result, and the gradients of a weighted sum of it by the arguments.
fn numbers(inputs: &[Tensor], f: impl Fn(&[Tensor]) -> Result<Tensor>) -> Result<Vec<Vec<f64>>> {
    let vars: Vec<Var> = inputs.iter().map(Var::from_tensor).collect::<Result<_>>()?;
    let tensors: Vec<Tensor> = vars.iter().map(|var| var.as_tensor().clone()).collect();
    let ys = f(&tensors)?;
    let weights = drawn(ys.dims(), 11, ys.dtype())?;
    let gradients = (&ys * weights)?.sum_all()?.backward()?;
    let results = [&ys].into_iter().chain(vars.iter().filter_map(|var| gradients.get(var)));
    results.map(|t| t.flatten_all()?.to_dtype(DType::F64)?.to_vec1()).collect()
}

fn layers(dtype: DType) -> Result<Vec<Vec<f64>>> {
    let drawn = |shape: &[usize], seed| drawn(shape, seed, dtype);
    let xs = drawn(&[3, 6, 45, 37], 1)?;
    let (weight, bias) = (drawn(&[6, 4, 3, 5], 2)?, drawn(&[8], 3)?);
    let one = std::slice::from_ref(&xs);
    let config = ConvTranspose2dConfig { stride: [2, 1], groups: 2, ..Default::default() };
    let key = RandomKey { seed: 1, stream: 2 };
    let (_, indices) = max_pool2d_with_indices(&xs, &Pool2dConfig::square(2))?;
    let pooled = drawn(indices.dims(), 4)?;
    let channels = [xs.clone(), drawn(&[6], 5)?, drawn(&[6], 6)?];
    let running = ChannelStatistics::new(6, dtype, &Device::Cpu)?;
    let margins = Margins { top: 2, left: -3, ..Default::default() };
    let results = [
        numbers(&[xs.clone(), weight, bias], |v| {
            conv_transpose2d(&v[0], &v[1], Some(&v[2]), &config)
        })?,
        numbers(&[pooled], |v| max_unpool2d(&v[0], &indices, [45, 37]))?,
        numbers(one, |v| adaptive_avg_pool2d(&v[0], [7, 5]))?,
        numbers(one, |v| upsample_nearest2d(&v[0], [60, 80]))?,
        numbers(one, |v| upsample_bilinear2d(&v[0], [60, 80], Alignment::Edges))?,
        numbers(one, |v| crop_or_pad(&v[0], &margins))?,
        numbers(&[xs.clone(), drawn(&[3, 2, 3], 7)?], |v| {
            let grid = affine_grid(&v[1], [33, 41], Alignment::Edges)?;
            grid_sample(&v[0], &grid, &GridSampleConfig::default())
        })?,
        numbers(one, |v| spatial_dropout(&v[0], 0.5, key))?,
        numbers(one, |v| reverse_gradient(&v[0], 0.5))?,
        numbers(&channels, |v| Ok(batch_norm2d(&v[0], &v[1], &v[2], 1e-3)?.0))?,
        numbers(&channels, |v| batch_norm2d_eval(&v[0], &v[1], &v[2], &running, 1e-3))?,
    ];
    Ok(results.concat())
}

fn losses(dtype: DType) -> Result<Vec<Vec<f64>>> {
    let drawn = |shape: &[usize], seed| drawn(shape, seed, dtype);
    let xs = drawn(&[3, 6, 45, 37], 7)?;
    let one = std::slice::from_ref(&xs);
    let labels =
        Tensor::from_vec((0..3 * 45 * 37_u32).map(|i| i % 7).collect(), (3, 45, 37), &Device::Cpu)?;
    let weights = drawn(&[3, 45, 37], 8)?.sqr()?;
    let config = CrossEntropyConfig { ignore_index: Some(6), focusing: 2.0, ..Default::default() };
    let overlap = OverlapConfig { ignore_index: Some(6), ..Default::default() };
    let halves = ErrorWeights { false_positives: 0.5, false_negatives: 0.5 };
    let targets = drawn(&[3, 6, 45, 37], 9)?.sqr()?;
    let results = [
        numbers(one, |v| softmax_cross_entropy_weighted(&v[0], &labels, &weights, &config))?,
        numbers(one, |v| tversky_loss(&v[0], &labels, &halves, &overlap))?,
        numbers(one, |v| bce_with_logits(&v[0], &targets, None, 2.0))?,
    ];
    Ok(results.concat())
}

#[test]
fn values_and_gradients_on_one_two_and_four_threads_and_in_f64() {
    for compute in [layers, losses] {
        let on = |threads: usize| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| compute(DType::F32).unwrap())
        };
        let bits = |results: &[Vec<f64>]| -> Vec<u64> {
            results.iter().flatten().map(|x| x.to_bits()).collect()
        };
        let one = on(1);
        assert!(bits(&one) == bits(&on(2)), "two threads");
        assert!(bits(&one) == bits(&on(4)), "four threads");
        for (single, double) in one.iter().zip(compute(DType::F64).unwrap()) {
            let largest = double.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
            assert_close(single, &double, 1e-5 * largest, 1e-5);
        }
    }
}
