//! Tripwires: each test fails when a new Candle repairs a defect, and says which workaround may go.
//!
//! Not to be tested, because it is the absence of something: bilinear upsampling has a forward pass
//! alone (that refusal is tested), and `conv2d` never uses cuDNN for its gradients on CUDA
//! (huggingface/candle PR 3905; this needs a GPU).

use candle::{D, DType, Device, Result, Tensor, Var};
use candle_nn::{Init, Optimizer, SGD, VarMap};
use std::any::TypeId;

const REPAIRED: &str = "Candle has repaired this";

fn gradient(xs: &Var, ys: &Tensor) -> Result<Vec<f32>> {
    let gradients = ys.backward()?;
    gradients.get(xs).expect("a gradient").flatten_all()?.to_vec1()
}

/// `(1, 1, n, n)` with the numbers from 0 on: the last pixel of each window is its only maximum.
fn ramp(n: usize) -> Result<Var> {
    let values = Tensor::arange(0_f32, (n * n) as f32, &Device::Cpu)?;
    Var::from_tensor(&values.reshape((1, 1, n, n))?)
}

#[test]
fn max_pool2d_gives_a_unique_maximum_a_quarter() -> Result<()> {
    let xs = ramp(2)?;
    let got = gradient(&xs, &xs.max_pool2d(2)?)?;
    assert_eq!(got, [0., 0., 0., 0.25], "{REPAIRED}: compare micrograph_ops::max_pool2d with it");
    Ok(())
}

#[test]
fn max_pool2d_gives_each_of_four_ties_the_whole() -> Result<()> {
    let xs = Var::ones((1, 1, 2, 2), DType::F32, &Device::Cpu)?;
    let got = gradient(&xs, &xs.max_pool2d(2)?)?;
    assert_eq!(got, [1.; 4], "{REPAIRED}: compare micrograph_ops::max_pool2d with it");
    Ok(())
}

#[test]
fn max_pool2d_loses_gradient_at_odd_sizes() -> Result<()> {
    let xs = Var::from_tensor(&ramp(5)?.neg()?.detach())?; // the first pixel of each window wins
    let got = gradient(&xs, &xs.max_pool2d(2)?)?;
    assert_eq!(got[2 * 5 + 2], 0., "{REPAIRED}: compare micrograph_ops::max_pool2d with it");
    Ok(())
}

#[test]
fn pooling_refuses_to_go_back_over_overlapping_windows() -> Result<()> {
    let xs = ramp(5)?;
    let maximum = xs.max_pool2d_with_stride(3, 2)?.backward();
    assert!(maximum.is_err(), "{REPAIRED}: compare micrograph_ops::max_pool2d with it");
    let mean = xs.avg_pool2d_with_stride(3, 2)?.backward();
    assert!(mean.is_err(), "{REPAIRED}: compare micrograph_ops::avg_pool2d with it");
    Ok(())
}

#[test]
fn avg_pool2d_gives_gradient_to_pixels_outside_of_all_windows() -> Result<()> {
    let xs = ramp(5)?;
    let total: f32 = gradient(&xs, &xs.avg_pool2d(2)?)?.iter().sum();
    assert_eq!(total, 6.25, "{REPAIRED} (4 is right): compare micrograph_ops::avg_pool2d with it");
    Ok(())
}

#[test]
fn upsample_nearest2d_overwrites_the_gradient_of_another_use() -> Result<()> {
    let xs = Var::ones((1, 1, 1, 1), DType::F32, &Device::Cpu)?;
    let [up_last, up_first] = [
        (xs.sqr()?.sum_all()? + xs.upsample_nearest2d(2, 2)?.sum_all()?)?,
        (xs.upsample_nearest2d(2, 2)?.sum_all()? + xs.sqr()?.sum_all()?)?,
    ];
    let mut got = [gradient(&xs, &up_last)?[0], gradient(&xs, &up_first)?[0]];
    got.sort_by(f32::total_cmp);
    assert_eq!(
        got,
        [4., 6.],
        "{REPAIRED} (6 is right): compare micrograph_ops::upsample_nearest2d"
    );
    Ok(())
}

#[test]
fn upsample_nearest1d_overwrites_the_gradient_of_another_use() -> Result<()> {
    let xs = Var::ones((1, 1, 1), DType::F32, &Device::Cpu)?;
    let [up_last, up_first] = [
        (xs.sqr()?.sum_all()? + xs.upsample_nearest1d(4)?.sum_all()?)?,
        (xs.upsample_nearest1d(4)?.sum_all()? + xs.sqr()?.sum_all()?)?,
    ];
    let mut got = [gradient(&xs, &up_last)?[0], gradient(&xs, &up_first)?[0]];
    got.sort_by(f32::total_cmp);
    assert_eq!(got, [4., 6.], "{REPAIRED} (6 is right): it serves where images are lines");
    Ok(())
}

#[test]
fn upsample_nearest2d_goes_back_from_one_whole_factor_alone() -> Result<()> {
    let xs = ramp(2)?;
    for (h, w) in [(3, 3), (4, 6)] {
        let result = xs.upsample_nearest2d(h, w)?.backward();
        assert!(result.is_err(), "{REPAIRED}: compare micrograph_ops::upsample_nearest2d with it");
    }
    Ok(())
}

#[test]
fn conv_transpose1d_has_no_gradient() -> Result<()> {
    let xs = Var::ones((1, 1, 3), DType::F32, &Device::Cpu)?;
    let weight = Tensor::ones((1, 1, 2), DType::F32, &Device::Cpu)?;
    let result = xs.conv_transpose1d(&weight, 0, 0, 1, 1, 1)?.backward();
    assert!(result.is_err(), "{REPAIRED}: it serves where images are lines");
    Ok(())
}

#[test]
fn upsample_bilinear2d_has_no_gradient() -> Result<()> {
    let xs = ramp(2)?;
    let result = xs.upsample_bilinear2d(4, 4, false)?.backward();
    assert!(result.is_err(), "{REPAIRED}: compare micrograph_ops::upsample_bilinear2d with it");
    Ok(())
}

#[test]
fn conv2d_cannot_go_back_over_a_stride_on_8x9() -> Result<()> {
    let xs = Var::ones((1, 1, 8, 9), DType::F32, &Device::Cpu)?;
    let weight = Tensor::ones((1, 1, 3, 3), DType::F32, &Device::Cpu)?;
    let result = xs.conv2d(&weight, 1, 2, 1, 1)?.backward();
    assert!(result.is_err(), "{REPAIRED}: micrograph_ops::conv2d stays for its speed alone");
    Ok(())
}

#[test]
fn conv2d_computes_gradients_that_nobody_asked_for() -> Result<()> {
    let images = Tensor::ones((1, 1, 4, 4), DType::F32, &Device::Cpu)?;
    let weight = Var::ones((1, 1, 3, 3), DType::F32, &Device::Cpu)?;
    let gradients = images.conv2d(&weight, 0, 1, 1, 1)?.backward()?;
    let got = gradients.get(&images);
    assert!(got.is_some(), "{REPAIRED}: the first layer costs a third less");
    Ok(())
}

#[test]
fn max_gives_each_tie_the_whole() -> Result<()> {
    let xs = Var::ones(4, DType::F32, &Device::Cpu)?;
    let got = gradient(&xs, &xs.max(D::Minus1)?)?;
    assert_eq!(got, [1.; 4], "{REPAIRED}: global max pooling may use Tensor::max");
    Ok(())
}

#[test]
fn binary_cross_entropy_is_infinite_at_a_logit_of_30() -> Result<()> {
    let logits = Tensor::new(&[30_f32], &Device::Cpu)?;
    let target = Tensor::new(&[0_f32], &Device::Cpu)?;
    let loss = candle_nn::loss::binary_cross_entropy_with_logit(&logits, &target)?;
    let loss = loss.to_scalar::<f32>()?;
    assert!(
        !loss.is_finite(),
        "{REPAIRED} ({loss}): compare micrograph_ops::bce_with_logits with it"
    );
    Ok(())
}

#[test]
fn the_generator_of_the_cpu_takes_no_seed() {
    let result = Device::Cpu.set_seed(1);
    assert!(result.is_err(), "{REPAIRED}: it is still not a function of the place, as ours is");
}

/// The order of a hash map differs from map to map, and with it every sum over parameters.
#[test]
fn var_map_has_no_order() -> Result<()> {
    let names = || -> Result<Vec<String>> {
        let map = VarMap::new();
        for i in 0..20 {
            map.get(1, &format!("w{i}"), Init::Const(0.0), DType::F32, &Device::Cpu)?;
        }
        let data = map.data().lock().expect("no thread has panicked");
        Ok(data.keys().cloned().collect())
    };
    let first = names()?;
    let others = (0..4).map(|_| names()).collect::<Result<Vec<_>>>()?;
    let differ = others.iter().any(|other| *other != first);
    assert!(differ, "{REPAIRED}: micrograph_nn::Parameters may be built on it");
    Ok(())
}

#[test]
fn sgd_has_no_momentum() {
    let (settings, rate) = (TypeId::of::<<SGD as Optimizer>::Config>(), TypeId::of::<f64>());
    assert!(settings == rate, "{REPAIRED}: compare micrograph_ops::sgd_step with it");
}
