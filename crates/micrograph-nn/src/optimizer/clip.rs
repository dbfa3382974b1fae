//! Gradients of bounded length.

use candle::{DType, Tensor};

use crate::{Error, Result};

/// Scales all gradients by one factor, so that their global norm is at most `limit`.
///
/// `norm = sqrt(sum g^2)` over all elements of all gradients, summed in f64 in the order given;
/// the factor is `min(1, limit / (norm + 1e-6))`, as in PyTorch's `clip_grad_norm_`. A GPU sums each
/// gradient where it lies, and the host waits once, for one number a gradient.
pub(super) fn clip(gradients: &mut [(&str, Tensor)], limit: f64) -> Result<()> {
    let on_cpu = gradients.iter().all(|(_, gradient)| gradient.device().is_cpu());
    let each = if on_cpu { squares_of_cpu(gradients)? } else { squares_of_device(gradients)? };
    let mut squares = 0.0;
    for ((name, _), of_gradient) in gradients.iter().zip(each) {
        squares += of_gradient;
        if !squares.is_finite() {
            return Err(Error::NotFinite { name: (*name).to_owned() }.into());
        }
    }
    let factor = limit / (squares.sqrt() + 1e-6);
    if factor < 1.0 {
        for (_, gradient) in gradients {
            *gradient = (&*gradient * factor)?;
        }
    }
    Ok(())
}

/// The sum of the squares of each gradient.
fn squares_of_cpu(gradients: &[(&str, Tensor)]) -> Result<Vec<f64>> {
    let squares = |(_, gradient): &(&str, Tensor)| -> Result<f64> {
        let values = gradient.flatten_all()?.to_dtype(DType::F64)?.to_vec1::<f64>()?;
        Ok(values.iter().map(|g| g * g).sum())
    };
    gradients.iter().map(squares).collect()
}

/// The same of gradients on one device. Rows are summed first: a GPU shares them out.
fn squares_of_device(gradients: &[(&str, Tensor)]) -> Result<Vec<f64>> {
    let squares = |(_, gradient): &(&str, Tensor)| {
        let squares = gradient.to_dtype(DType::F64)?.sqr()?;
        let rows = if squares.rank() > 1 { squares.flatten_from(1)?.sum(1)? } else { squares };
        rows.sum_all()
    };
    let each = gradients.iter().map(squares).collect::<candle::Result<Vec<_>>>()?;
    if each.is_empty() {
        return Ok(Vec::new());
    }
    Tensor::stack(&each, 0)?.to_vec1()
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle::Device;

    fn clipped(values: [f64; 2], limit: f64) -> Result<Vec<f64>> {
        let tensor = |value: f64| Tensor::new(&[value], &Device::Cpu);
        let mut gradients = [("a", tensor(values[0])?), ("b", tensor(values[1])?)];
        clip(&mut gradients, limit)?;
        gradients.iter().map(|(_, gradient)| gradient.get(0)?.to_scalar()).collect()
    }

    #[test]
    fn long_gradients_are_shortened_together_and_short_ones_left_alone() {
        assert_eq!(clipped([3.0, -4.0], 6.0).unwrap(), [3.0, -4.0]);
        let half = clipped([3.0, -4.0], 2.5).unwrap();
        micrograph_testkit::assert_close(&half, &[1.5, -2.0], 0.0, 1e-6);
        assert_eq!(clipped([0.0, 0.0], 1.0).unwrap(), [0.0, 0.0]);
    }

    #[test]
    fn a_device_sums_what_the_cpu_sums() {
        let gradient = |shape: &[usize]| {
            let count = shape.iter().product::<usize>() as u32;
            let values = (0..count).map(|i| (f64::from(i) * 0.7).sin() as f32).collect();
            ("a", Tensor::from_vec(values, shape, &Device::Cpu).unwrap())
        };
        let turned = |(name, tensor): (_, Tensor)| (name, tensor.transpose(0, 1).unwrap());
        let gradients = [gradient(&[]), gradient(&[7]), turned(gradient(&[5, 3, 2, 2]))];
        let (device, cpu) = (squares_of_device(&gradients), squares_of_cpu(&gradients));
        micrograph_testkit::assert_close(&device.unwrap(), &cpu.unwrap(), 0.0, 1e-14);
    }

    #[test]
    fn a_gradient_that_is_not_finite_is_named() {
        for bad in [f64::NAN, f64::INFINITY] {
            let message = clipped([1.0, bad], 1.0).unwrap_err().to_string();
            assert!(message.starts_with("the gradient of `b` is not finite"), "{message}");
        }
    }
}
