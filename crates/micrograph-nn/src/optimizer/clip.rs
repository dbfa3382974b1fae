//! Gradients of bounded length.

use candle::{DType, Tensor};

use crate::{Error, Result};

/// Scales all gradients by one factor, so that their global norm is at most `limit`.
///
/// `norm = sqrt(sum g^2)` over all elements of all gradients, summed in f64 in the order given;
/// the factor is `min(1, limit / (norm + 1e-6))`, as in PyTorch's `clip_grad_norm_`.
pub(super) fn clip(gradients: &mut [(&str, Tensor)], limit: f64) -> Result<()> {
    let mut squares = 0.0;
    for (name, gradient) in gradients.iter() {
        let values = gradient.flatten_all()?.to_dtype(DType::F64)?.to_vec1::<f64>()?;
        squares += values.iter().map(|g| g * g).sum::<f64>();
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
    fn a_gradient_that_is_not_finite_is_named() {
        for bad in [f64::NAN, f64::INFINITY] {
            let message = clipped([1.0, bad], 1.0).unwrap_err().to_string();
            assert!(message.starts_with("the gradient of `b` is not finite"), "{message}");
        }
    }
}
