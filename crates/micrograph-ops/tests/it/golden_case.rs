//! The numbers of PyTorch for an operation of any number of arguments; `goldens/make_*.py` made
//! them with `goldens/case.py`.

use candle::{Device, Result, Tensor, Var};
use micrograph_testkit::{assert_close, golden};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// All goldens are in f64: what differs is the order of sums.
const TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
struct Golden<S> {
    cases: Vec<Case<S>>,
}

#[derive(Deserialize)]
struct Case<S> {
    settings: S,
    inputs: Vec<Array<f64>>,
    /// Labels or indices.
    integers: Vec<Array<u32>>,
    ys: Array<f64>,
    /// The gradient of the result.
    grad: Vec<f64>,
    /// The gradients of the first inputs; the others have none.
    gradients: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Array<T> {
    shape: Vec<usize>,
    values: Vec<T>,
}

impl<T: candle::WithDType> Array<T> {
    fn tensor(&self) -> Result<Tensor> {
        Tensor::from_slice(&self.values, self.shape.as_slice(), &Device::Cpu)
    }
}

/// Asserts that `f(settings, inputs, integers)` has the value and the gradients of each case.
pub(crate) fn check_golden<S: DeserializeOwned>(
    name: &str,
    f: impl Fn(&S, &[Tensor], &[Tensor]) -> Result<Tensor>,
) -> Result<()> {
    let golden: Golden<S> = golden(env!("CARGO_MANIFEST_DIR"), name);
    assert!(!golden.cases.is_empty());
    for case in golden.cases {
        let vars = case.inputs.iter().map(|x| Var::from_tensor(&x.tensor()?));
        let vars: Vec<Var> = vars.collect::<Result<_>>()?;
        let inputs: Vec<Tensor> = vars.iter().map(|var| var.as_tensor().clone()).collect();
        let integers: Vec<Tensor> =
            case.integers.iter().map(Array::tensor).collect::<Result<_>>()?;
        let ys = f(&case.settings, &inputs, &integers)?;
        assert_eq!(ys.dims(), case.ys.shape);
        assert_same(&ys, &case.ys.values);
        let grad = Tensor::from_vec(case.grad, ys.shape(), &Device::Cpu)?;
        let gradients = (ys * grad)?.sum_all()?.backward()?;
        for (var, expected) in vars.iter().zip(&case.gradients) {
            assert_same(gradients.get(var).expect("a gradient"), expected);
        }
    }
    Ok(())
}

#[track_caller]
fn assert_same(tensor: &Tensor, expected: &[f64]) {
    let got: Vec<f64> = tensor.flatten_all().unwrap().to_vec1().unwrap();
    assert_close(&got, expected, TOLERANCE, TOLERANCE);
}
