//! The numbers that training changes, by name.

use std::collections::{BTreeMap, HashMap, btree_map::Entry};

use candle::{Tensor, Var};

use crate::tensors::check_tensors;
use crate::{Error, Result};

/// The trainable tensors of a network, ordered by name.
///
/// Beside them stand buffers, such as the running means of batch normalization, which training changes
/// without a gradient: they are saved and loaded with the rest, and no optimizer sees them.
///
/// The order is that of the bytes of the names, and it is the order of everything that goes over
/// all parameters: saving, clipping, stepping. Names follow PyTorch's: `block1.conv1.weight`.
///
/// Cloning is cheap and shares the numbers: an update through one clone is seen by all.
///
/// ```
/// use candle::{DType, Device, Var};
/// use micrograph_nn::Parameters;
///
/// let mut parameters = Parameters::default();
/// parameters.insert("dense.weight", Var::ones((2, 3), DType::F32, &Device::Cpu)?)?;
/// parameters.insert("dense.bias", Var::zeros(2, DType::F32, &Device::Cpu)?)?;
///
/// let names: Vec<&str> = parameters.iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["dense.bias", "dense.weight"]);
/// assert_eq!(parameters.count(), 8);
/// # Ok::<(), candle::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    by_name: BTreeMap<String, Var>,
    buffers: BTreeMap<String, Var>,
}

impl Parameters {
    /// Adds `variable` under a new name.
    ///
    /// # Errors
    /// [`Error::DuplicateParameter`] when the name is taken.
    pub fn insert(&mut self, name: impl Into<String>, variable: Var) -> Result<(), Error> {
        let name = name.into();
        if self.buffers.contains_key(&name) {
            return Err(Error::DuplicateParameter { name });
        }
        insert(&mut self.by_name, name, variable)
    }

    /// Adds a buffer under a new name.
    ///
    /// # Errors
    /// [`Error::DuplicateParameter`] when the name is taken.
    pub fn insert_buffer(&mut self, name: impl Into<String>, variable: Var) -> Result<(), Error> {
        let name = name.into();
        if self.by_name.contains_key(&name) {
            return Err(Error::DuplicateParameter { name });
        }
        insert(&mut self.buffers, name, variable)
    }

    /// Every buffer with its name, in the order of the names.
    pub fn buffers(&self) -> impl ExactSizeIterator<Item = (&str, &Var)> {
        self.buffers.iter().map(|(name, variable)| (name.as_str(), variable))
    }

    /// Every trainable tensor with its name, in the order of the names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Var)> {
        self.by_name.iter().map(|(name, variable)| (name.as_str(), variable))
    }

    /// The parameter called `name`.
    pub fn get(&self, name: &str) -> Option<&Var> {
        self.by_name.get(name)
    }

    /// The number of trainable numbers: the sum of the sizes of all tensors.
    pub fn count(&self) -> usize {
        self.by_name.values().map(|variable| variable.elem_count()).sum()
    }

    /// The current values of parameters and buffers without their history, in the order of the names.
    ///
    /// The tensors share memory with the parameters and follow every later update: write them to
    /// a file at once, or take a [`snapshot`](Self::snapshot).
    pub fn to_tensors(&self) -> Vec<(String, Tensor)> {
        let detach = |(name, variable): (&str, &Var)| (name.into(), variable.as_detached_tensor());
        let mut tensors: Vec<(String, Tensor)> = self.all().map(detach).collect();
        tensors.sort_by(|a, b| a.0.cmp(&b.0));
        tensors
    }

    fn all(&self) -> impl Iterator<Item = (&str, &Var)> {
        self.iter().chain(self.buffers())
    }

    /// A copy of the current values, which later updates leave alone.
    ///
    /// # Errors
    /// When the device has no memory left for it.
    pub fn snapshot(&self) -> Result<Vec<(String, Tensor)>> {
        self.to_tensors().into_iter().map(|(name, tensor)| Ok((name, tensor.copy()?))).collect()
    }

    /// Overwrites every parameter and buffer with the tensor of its name, bit for bit, on its own device.
    ///
    /// # Errors
    /// [`Error::Mismatch`] with every name that is missing, unexpected, or of another shape or
    /// type. All is checked before anything is written: after an error nothing has changed.
    pub fn load(&self, tensors: &HashMap<String, Tensor>) -> Result<()> {
        check_tensors("set of weights", self.all().map(|(n, v)| (n, v.as_tensor())), tensors)?;
        for (name, variable) in self.all() {
            if let Some(tensor) = tensors.get(name) {
                variable.set(&tensor.to_device(variable.device())?)?;
            }
        }
        Ok(())
    }
}

fn insert(into: &mut BTreeMap<String, Var>, name: String, variable: Var) -> Result<(), Error> {
    match into.entry(name) {
        Entry::Vacant(entry) => {
            entry.insert(variable);
            Ok(())
        }
        Entry::Occupied(entry) => Err(Error::DuplicateParameter { name: entry.key().clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle::{DType, Device};

    fn two() -> Parameters {
        let mut parameters = Parameters::default();
        parameters.insert("b", Var::new(&[1f32, 2.0], &Device::Cpu).unwrap()).unwrap();
        parameters.insert("a", Var::new(&[[3f32]], &Device::Cpu).unwrap()).unwrap();
        parameters
    }

    fn value(parameters: &Parameters, name: &str) -> Vec<f32> {
        parameters.get(name).unwrap().flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn a_snapshot_stays_while_the_parameters_change() {
        let parameters = two();
        let before: HashMap<_, _> = parameters.snapshot().unwrap().into_iter().collect();
        let other = Tensor::new(&[7f32, 8.0], &Device::Cpu).unwrap();
        parameters.get("b").unwrap().set(&other).unwrap();
        assert_eq!(before["b"].to_vec1::<f32>().unwrap(), [1.0, 2.0]);
        parameters.load(&before).unwrap();
        assert_eq!(value(&parameters, "b"), [1.0, 2.0]);
    }

    #[test]
    fn a_load_that_does_not_fit_names_everything_and_changes_nothing() {
        let parameters = two();
        let tensors = HashMap::from([
            ("b".to_owned(), Tensor::zeros(3, DType::F32, &Device::Cpu).unwrap()),
            ("c".to_owned(), Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap()),
        ]);
        let message = parameters.load(&tensors).unwrap_err().to_string();
        assert!(message.contains("missing `a`"), "{message}");
        assert!(message.contains("unexpected `c`"), "{message}");
        assert!(message.contains("`b` is f32 [3], expected f32 [2]"), "{message}");
        assert_eq!(value(&parameters, "b"), [1.0, 2.0]);
    }

    #[test]
    fn a_load_refuses_another_type() {
        let parameters = two();
        let mut tensors: HashMap<_, _> = parameters.snapshot().unwrap().into_iter().collect();
        tensors.insert("a".into(), Tensor::zeros((1, 1), DType::F64, &Device::Cpu).unwrap());
        let message = parameters.load(&tensors).unwrap_err().to_string();
        assert!(message.contains("`a` is f64 [1, 1], expected f32 [1, 1]"), "{message}");
    }

    #[test]
    fn buffers_are_kept_and_not_trained() {
        let mut parameters = two();
        let buffer = Var::new(&[5f32], &Device::Cpu).unwrap();
        parameters.insert_buffer("ab", buffer.clone()).unwrap();
        assert_eq!((parameters.count(), parameters.iter().len()), (3, 2));
        let before = parameters.snapshot().unwrap();
        let names: Vec<&str> = before.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "ab", "b"]);
        buffer.set(&Tensor::new(&[7f32], &Device::Cpu).unwrap()).unwrap();
        parameters.load(&before.into_iter().collect()).unwrap();
        assert_eq!(buffer.to_vec1::<f32>().unwrap(), [5.0]);
        assert!(parameters.insert("ab", buffer.clone()).is_err());
        assert!(parameters.insert_buffer("a", buffer.clone()).is_err());
        assert!(parameters.insert_buffer("ab", buffer).is_err());
    }

    #[test]
    fn a_name_is_given_once() {
        let error = two().insert("a", Var::zeros(1, DType::F32, &Device::Cpu).unwrap());
        assert_eq!(error, Err(Error::DuplicateParameter { name: "a".into() }));
    }
}
