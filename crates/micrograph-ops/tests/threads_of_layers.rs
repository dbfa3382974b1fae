//! The same bits for any number of threads, of the operations that a segmenter trains with.

use candle::{DType, Device, Result, Tensor, Var};
use micrograph_ops::{
    Alignment, ChannelStatistics, ConvTranspose2dConfig, CrossEntropyConfig, ErrorWeights,
    GridSampleConfig, Margins, OverlapConfig, Pool2dConfig, RandomKey, adaptive_avg_pool2d,
    affine_grid, batch_norm2d, batch_norm2d_eval, bce_with_logits, conv_transpose2d, crop_or_pad,
    grid_sample, max_pool2d_with_indices, max_unpool2d, philox4x32, reverse_gradient,
    softmax_cross_entropy_weighted, spatial_dropout, tversky_loss, upsample_bilinear2d,
    upsample_nearest2d,
};
use rayon::ThreadPoolBuilder;

/// Numbers of (-1, 1) without a pattern, in f32.
fn drawn(shape: &[usize], seed: u32) -> Result<Tensor> {
    let n = shape.iter().product::<usize>() as u32;
    let unit = |i: u32| philox4x32([i, 0, 0, 0], [seed, 0])[0] as f32 / 2_f32.powi(31) - 1.0;
    Tensor::from_vec((0..n).map(unit).collect(), shape, &Device::Cpu)
}

/// A result, and the gradients of its sum by the arguments, as bits.
fn bits(inputs: &[Tensor], f: impl Fn(&[Tensor]) -> Result<Tensor>) -> Result<Vec<Vec<u32>>> {
    let vars: Vec<Var> = inputs.iter().map(Var::from_tensor).collect::<Result<_>>()?;
    let tensors: Vec<Tensor> = vars.iter().map(|var| var.as_tensor().clone()).collect();
    let ys = f(&tensors)?;
    let gradients = ys.sqr()?.sum_all()?.backward()?;
    let results = [&ys].into_iter().chain(vars.iter().filter_map(|var| gradients.get(var)));
    let bits = |t: &Tensor| -> Result<Vec<u32>> {
        Ok(t.flatten_all()?.to_vec1::<f32>()?.into_iter().map(f32::to_bits).collect())
    };
    results.map(bits).collect()
}

fn layers() -> Result<Vec<Vec<u32>>> {
    let xs = drawn(&[3, 6, 45, 37], 1)?;
    let (weight, bias) = (drawn(&[6, 4, 3, 5], 2)?, drawn(&[8], 3)?);
    let one = std::slice::from_ref(&xs);
    let config = ConvTranspose2dConfig { stride: [2, 1], groups: 2, ..Default::default() };
    let key = RandomKey { seed: 1, stream: 2 };
    let (_, indices) = max_pool2d_with_indices(&xs, &Pool2dConfig::square(2))?;
    let pooled = drawn(indices.dims(), 4)?;
    let channels = [xs.clone(), drawn(&[6], 5)?, drawn(&[6], 6)?];
    let running = ChannelStatistics::new(6, DType::F32, &Device::Cpu)?;
    let margins = Margins { top: 2, left: -3, ..Default::default() };
    let results = [
        bits(&[xs.clone(), weight, bias], |v| {
            conv_transpose2d(&v[0], &v[1], Some(&v[2]), &config)
        })?,
        bits(&[pooled], |v| max_unpool2d(&v[0], &indices, [45, 37]))?,
        bits(one, |v| adaptive_avg_pool2d(&v[0], [7, 5]))?,
        bits(one, |v| upsample_nearest2d(&v[0], [60, 80]))?,
        bits(one, |v| upsample_bilinear2d(&v[0], [60, 80], Alignment::Edges))?,
        bits(one, |v| crop_or_pad(&v[0], &margins))?,
        bits(&[xs.clone(), drawn(&[3, 2, 3], 7)?], |v| {
            let grid = affine_grid(&v[1], [33, 41], Alignment::Edges)?;
            grid_sample(&v[0], &grid, &GridSampleConfig::default())
        })?,
        bits(one, |v| spatial_dropout(&v[0], 0.5, key))?,
        bits(one, |v| reverse_gradient(&v[0], 0.5))?,
        bits(&channels, |v| Ok(batch_norm2d(&v[0], &v[1], &v[2], 1e-3)?.0))?,
        bits(&channels, |v| batch_norm2d_eval(&v[0], &v[1], &v[2], &running, 1e-3))?,
    ];
    Ok(results.concat())
}

fn losses() -> Result<Vec<Vec<u32>>> {
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
        bits(one, |v| softmax_cross_entropy_weighted(&v[0], &labels, &weights, &config))?,
        bits(one, |v| tversky_loss(&v[0], &labels, &halves, &overlap))?,
        bits(one, |v| bce_with_logits(&v[0], &targets, None, 2.0))?,
    ];
    Ok(results.concat())
}

#[test]
fn values_and_gradients_have_the_same_bits_on_one_two_and_four_threads() {
    for compute in [layers, losses] {
        let on = |threads: usize| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| compute().unwrap())
        };
        let one = on(1);
        assert!(one.iter().flatten().all(|&bits| f32::from_bits(bits).is_finite()));
        assert!(one == on(2), "two threads");
        assert!(one == on(4), "four threads");
    }
}
