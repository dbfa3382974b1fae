//! The same bits for any number of threads.

use candle::{DType, Device, Result, Tensor, Var};
use micrograph_ops::{
    AdamConfig, Conv2dConfig, CrossEntropyConfig, Momentum, Padding, Pool2dConfig, RandomKey,
    SgdStep, adam_step, avg_pool2d, conv2d, dropout, gaussian_noise, global_avg_pool2d, linear,
    max_pool2d, philox4x32, relu, sgd_step, softmax, softmax_cross_entropy,
};
use rayon::ThreadPoolBuilder;

/// Numbers of (-scale, scale) without a pattern, in f32.
fn drawn(shape: &[usize], scale: f32, seed: u32) -> Result<Tensor> {
    let n = shape.iter().product::<usize>() as u32;
    let unit = |bits: u32| bits as f32 / 2_f32.powi(31) - 1.0;
    let values: Vec<f32> =
        (0..n).map(|i| scale * unit(philox4x32([i, 0, 0, 0], [seed, 0])[0])).collect();
    Tensor::from_vec(values, shape, &Device::Cpu)
}

/// The parameters after three steps of a network that uses every operation.
fn train() -> Result<Vec<Vec<u32>>> {
    let shapes: [&[usize]; 6] =
        [&[16, 3, 5, 5], &[16], &[32, 8, 3, 3], &[32], &[40, 288], &[5, 72]];
    let parameters: Vec<Var> = (10..)
        .zip(shapes)
        .map(|(seed, shape)| Var::from_tensor(&drawn(shape, 0.1, seed)?))
        .collect::<Result<_>>()?;
    let states: Vec<Tensor> =
        (0..12).map(|i| parameters[i / 2].zeros_like()).collect::<Result<_>>()?;
    let labels = Tensor::from_vec((0..37_u32).map(|i| i % 5).collect(), 37, &Device::Cpu)?;
    for t in 1..=3 {
        let xs = drawn(&[37, 3, 27, 25], 1.0, t)?;
        let logits = forward(&xs, &parameters, u64::from(t))?;
        let confidence = softmax(&logits)?.sqr()?.mean_all()?;
        let loss = softmax_cross_entropy(&logits, &labels, &CrossEntropyConfig::default())?;
        let gradients = (loss + confidence)?.backward()?;
        for (index, (var, state)) in parameters.iter().zip(states.chunks(2)).enumerate() {
            let gradient = gradients.get(var).unwrap();
            if index % 2 == 0 {
                let step = AdamConfig::default().step(1e-3, u64::from(t));
                adam_step(var, gradient, &state[0], &state[1], &step)?;
            } else {
                let momentum = Momentum::Nesterov(0.9);
                let step = SgdStep { lr: 0.1, momentum, weight_decay: 1e-4 };
                sgd_step(var, gradient, Some(&state[0]), &step)?;
            }
        }
    }
    let bits = |var: &Var| -> Result<Vec<u32>> {
        Ok(var.flatten_all()?.to_vec1::<f32>()?.into_iter().map(f32::to_bits).collect())
    };
    parameters.iter().map(bits).collect()
}

fn forward(xs: &Tensor, parameters: &[Var], stream: u64) -> Result<Tensor> {
    let key = RandomKey { seed: 7, stream };
    let first = Conv2dConfig { padding: Padding::same([5, 5]), ..Default::default() };
    let second = Conv2dConfig { stride: [2, 1], groups: 2, ..Default::default() };
    let weight = gaussian_noise(&parameters[0], 0.01, key)?;
    let xs = relu(&conv2d(xs, &weight, Some(&parameters[1]), &first)?)?; // (n, 16, 27, 25)
    let window = Pool2dConfig { kernel: [3, 3], ..Pool2dConfig::square(2) };
    let xs = dropout(&max_pool2d(&xs, &window)?, 0.25, key)?; // (n, 16, 13, 12)
    let xs = relu(&conv2d(&xs, &parameters[2], Some(&parameters[3]), &second)?)?; // (n, 32, 6, 10)
    let pooled = avg_pool2d(&xs, &Pool2dConfig { stride: [2, 3], ..Pool2dConfig::square(2) })?; // (n, 32, 3, 3)
    let hidden = relu(&linear(&pooled.flatten_from(1)?, &parameters[4], None)?)?; // (n, 40)
    let hidden = Tensor::cat(&[&hidden, &global_avg_pool2d(&xs)?], 1)?; // (n, 72)
    linear(&hidden, &parameters[5], None)
}

#[test]
fn training_gives_the_same_bits_on_one_two_and_four_threads() {
    let on = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| train().unwrap())
    };
    let one = on(1);
    assert!(one.iter().flatten().all(|&bits| f32::from_bits(bits).is_finite()));
    assert!(one == on(2), "two threads");
    assert!(one == on(4), "four threads");
}

#[test]
fn random_numbers_do_not_depend_on_threads_or_length() -> Result<()> {
    let key = RandomKey { seed: 1, stream: 2 };
    let pool = ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    let long = Tensor::ones(100_003, DType::F32, &Device::Cpu)?;
    let short = long.narrow(0, 0, 40_001)?;
    for operation in [
        (|xs| dropout(xs, 0.5, RandomKey { seed: 1, stream: 2 })) as fn(&Tensor) -> Result<Tensor>,
        |xs| gaussian_noise(xs, 1.0, RandomKey { seed: 1, stream: 2 }),
    ] {
        let whole = pool.install(|| operation(&long))?.to_vec1::<f32>()?;
        let part = operation(&short)?.to_vec1::<f32>()?;
        assert_eq!(whole[..part.len()], part);
    }
    let single = dropout(&long, 0.5, key)?.to_vec1::<f32>()?;
    let double = dropout(&long.to_dtype(DType::F64)?, 0.5, key)?.to_vec1::<f64>()?;
    assert!(single.iter().zip(&double).all(|(&a, &b)| f64::from(a) == b), "f32 and f64");
    Ok(())
}
