//! Gradients against central differences, in f64.

use crate::numbers::{numbers, spread};
use candle::{Result, Tensor, Var};

/// Distance to either side. Both errors of a central difference stay near 1e-10 then: the one of
/// the third derivative, and the one of rounding.
const STEP: f64 = 1e-5;
const TOLERANCE: f64 = 1e-7;

/// Asserts that `backward` through `f` gives each input the gradient that central differences give.
///
/// The outputs are summed with weights that differ, so that errors do not cancel.
#[track_caller]
pub(crate) fn check(inputs: &[Tensor], f: impl Fn(&[Tensor]) -> Result<Tensor>) {
    let vars: Vec<Var> = inputs.iter().map(|x| Var::from_tensor(x).unwrap()).collect();
    let tracked: Vec<Tensor> = vars.iter().map(|var| var.as_tensor().clone()).collect();
    let gradients = weighted_sum(&f(&tracked).unwrap()).backward().unwrap();
    for (argument, var) in vars.iter().enumerate() {
        let gradient = gradients.get(var).unwrap_or_else(|| panic!("no gradient of {argument}"));
        assert_eq!(gradient.shape(), var.shape(), "shape of the gradient of {argument}");
        let analytic = numbers(gradient);
        for (element, &analytic) in analytic.iter().enumerate() {
            let at = |step: f64| {
                let mut moved = inputs.to_vec();
                moved[argument] = shifted(&inputs[argument], element, step);
                weighted_sum(&f(&moved).unwrap()).to_scalar::<f64>().unwrap()
            };
            let numeric = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            let error = (analytic - numeric).abs();
            assert!(
                error <= TOLERANCE * (1.0 + numeric.abs()),
                "argument {argument}, element {element}: backward {analytic}, differences {numeric}"
            );
        }
    }
}

/// The outputs of `f`, then the gradients of its arguments for outputs that count differently.
pub(crate) fn outputs_and_gradients(
    tensors: &[Tensor],
    f: impl Fn(&[Tensor]) -> Result<Tensor>,
) -> Result<Vec<Vec<f64>>> {
    let vars: Vec<Var> = tensors.iter().map(Var::from_tensor).collect::<Result<_>>()?;
    let ys = f(&vars.iter().map(|var| var.as_tensor().clone()).collect::<Vec<_>>())?;
    let grad = spread(ys.dims(), 4).to_dtype(ys.dtype())?;
    let gradients = (&ys * grad)?.sum_all()?.backward()?;
    let of = vars.iter().map(|var| numbers(gradients.get(var).unwrap()));
    Ok([numbers(&ys)].into_iter().chain(of).collect())
}

fn weighted_sum(ys: &Tensor) -> Tensor {
    let weights: Vec<f64> = (0..ys.elem_count()).map(|i| (1.0 + 0.7 * i as f64).cos()).collect();
    let weights = Tensor::from_vec(weights, ys.shape(), ys.device()).unwrap();
    (ys * weights).unwrap().sum_all().unwrap()
}

fn shifted(tensor: &Tensor, element: usize, step: f64) -> Tensor {
    let mut values = numbers(tensor);
    values[element] += step;
    Tensor::from_vec(values, tensor.shape(), tensor.device()).unwrap()
}
