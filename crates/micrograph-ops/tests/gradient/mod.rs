//! Gradients against central differences, in f64.

#[path = "../numbers/mod.rs"]
mod numbers;

use candle::{Result, Tensor, Var};
pub(crate) use numbers::{numbers, spread};

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
