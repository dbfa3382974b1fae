//! Inputs of one size or of many, as tensors.

use candle::{Device, Tensor};
use micrograph_nn::Network;
use ndarray::Array3;

use crate::{Error, Result};

/// Prepared inputs `(c, h, w)` of one size as one tensor `(n, c, h, w)`.
///
/// # Errors
/// [`Error::Input`] when an input has another shape than the network takes, [`Error::Sizes`] when
/// two of them differ.
pub fn batch(network: &dyn Network, inputs: &[Array3<f32>], device: &Device) -> Result<Tensor> {
    let inputs: Vec<&Array3<f32>> = inputs.iter().collect();
    check(network, &inputs)?;
    if let Some(first) = inputs.first() {
        let differs = |input: &&Array3<f32>| input.dim() != first.dim();
        if let Some(index) = inputs.iter().position(differs) {
            let size = |input: &Array3<f32>| [input.dim().1, input.dim().2];
            return Err(Error::Sizes { index, found: size(inputs[index]), first: size(first) });
        }
    }
    tensor(&inputs, device)
}

/// What `work` makes of inputs of any sizes that the network takes, an input a row: those of one size
/// in one tensor. What a row is depends on its input alone, but for the last bit: a product of
/// matrices sums one row in another order than several.
pub(crate) fn rows(
    network: &dyn Network,
    inputs: &[&Array3<f32>],
    device: &Device,
    work: impl Fn(&Tensor) -> candle::Result<Tensor>,
) -> Result<Vec<Vec<f32>>> {
    check(network, inputs)?;
    let mut rows = vec![Vec::new(); inputs.len()];
    let mut left: Vec<usize> = (0..inputs.len()).collect();
    while let Some(&first) = left.first() {
        let of_first = |&index: &usize| inputs[index].dim() == inputs[first].dim();
        let (group, others): (Vec<usize>, Vec<usize>) = left.into_iter().partition(of_first);
        let images: Vec<&Array3<f32>> = group.iter().map(|&index| inputs[index]).collect();
        let made = work(&tensor(&images, device)?)?.to_vec2::<f32>()?;
        group.into_iter().zip(made).for_each(|(index, row)| rows[index] = row);
        left = others;
    }
    Ok(rows)
}

/// Refuses the first input that the network does not take.
fn check(network: &dyn Network, inputs: &[&Array3<f32>]) -> Result<()> {
    let expected = network.input();
    for (index, input) in inputs.iter().enumerate() {
        let (channels, height, width) = input.dim();
        if channels != expected.channels || !expected.size.takes([height, width]) {
            let repair = expected.size.repair([height, width]);
            return Err(Error::Input { index, found: input.dim(), expected, repair });
        }
    }
    Ok(())
}

/// Of inputs of one shape.
fn tensor(inputs: &[&Array3<f32>], device: &Device) -> Result<Tensor> {
    let (channels, height, width) = inputs.first().map_or((0, 0, 0), |input| input.dim());
    let mut values = Vec::<f32>::with_capacity(inputs.len() * channels * height * width);
    for input in inputs {
        values.extend(input.iter());
    }
    Ok(Tensor::from_vec(values, (inputs.len(), channels, height, width), device)?)
}

#[cfg(test)]
mod tests {
    use candle::DType;
    use micrograph_nn::{Architecture, LipNetConfig, Mode, build};
    use micrograph_testkit::assert_close;

    use super::*;

    fn waves(height: usize, width: usize, phase: f32) -> Array3<f32> {
        Array3::from_shape_fn((1, height, width), |(_, y, x)| {
            (phase + 0.3 * y as f32 + 0.7 * x as f32).sin()
        })
    }

    /// Whatever stands beside an input, and in whatever order; to a few roundings of f32, of
    /// numbers below 1.
    #[test]
    fn inputs_of_many_sizes_give_what_each_gives_alone() {
        let config = LipNetConfig::new(Architecture::LipNet4v, 1, 3);
        let network = build(&config, 3, DType::F32, &Device::Cpu).unwrap();
        let sizes = [(16, 32), (32, 16), (16, 32), (48, 48), (16, 32), (32, 16)];
        let inputs: Vec<Array3<f32>> =
            (0..).zip(sizes).map(|(i, (h, w))| waves(h, w, i as f32)).collect();
        let of = |inputs: &[&Array3<f32>]| {
            let evaluate = |xs: &Tensor| network.forward(xs, Mode::Evaluate);
            rows(network.as_ref(), inputs, &Device::Cpu, evaluate).unwrap()
        };
        let doubles =
            |rows: &[Vec<f32>]| rows.concat().into_iter().map(f64::from).collect::<Vec<_>>();
        let all = of(&inputs.iter().collect::<Vec<_>>());
        let alone: Vec<Vec<f32>> = inputs.iter().flat_map(|input| of(&[input])).collect();
        assert_close(&doubles(&alone), &doubles(&all), 1e-7, 0.0);
        let mut backward: Vec<&Array3<f32>> = inputs.iter().collect();
        backward.reverse();
        let mut turned = of(&backward);
        turned.reverse();
        assert_close(&doubles(&turned), &doubles(&all), 1e-7, 0.0);

        let message = batch(network.as_ref(), &inputs, &Device::Cpu).unwrap_err().to_string();
        assert!(message.starts_with("image 1 of the batch is 32x16, the first is 16x32"));
        let tiny = [waves(16, 16, 0.0), waves(16, 3, 0.0)];
        let message = batch(network.as_ref(), &tiny, &Device::Cpu).unwrap_err().to_string();
        assert_eq!(
            message,
            "image 1 of the batch is (1, 16, 3) (channels, height, width), the network takes \
             1 channel and at least 4x4 pixels; pad images to 16x4"
        );
    }
}
