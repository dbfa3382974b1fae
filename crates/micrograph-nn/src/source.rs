//! Where first values come from, and the list in which every new tensor is entered.

use candle::{DType, Device, Error as CandleError, Var};

use crate::{Init, Parameters, Result};

/// The making of one network.
pub(crate) struct Source<'a> {
    pub(crate) seed: u64,
    pub(crate) dtype: DType,
    pub(crate) device: &'a Device,
    pub(crate) parameters: Parameters,
}

impl<'a> Source<'a> {
    /// Refuses parameters of a type other than f32 and f64; `network` is its name in the message.
    pub(crate) fn new(
        network: &'static str,
        seed: u64,
        (dtype, device): (DType, &'a Device),
    ) -> Result<Self> {
        if !matches!(dtype, DType::F32 | DType::F64) {
            return Err(CandleError::UnsupportedDTypeForOp(dtype, network).bt());
        }
        Ok(Self { seed, dtype, device, parameters: Parameters::default() })
    }

    /// A trainable tensor with first values from `init`.
    pub(crate) fn parameter(&mut self, name: &str, shape: &[usize], init: Init) -> Result<Var> {
        let variable = init.variable(name, shape, self.seed, (self.dtype, self.device))?;
        self.parameters.insert(name, variable.clone())?;
        Ok(variable)
    }

    /// A tensor without a gradient, with the same number everywhere.
    pub(crate) fn buffer(&mut self, name: &str, length: usize, value: f64) -> Result<Var> {
        let kind = (self.dtype, self.device);
        let variable = Init::Constant(value).variable(name, &[length], self.seed, kind)?;
        self.parameters.insert_buffer(name, variable.clone())?;
        Ok(variable)
    }
}

/// Refuses a batch in a type that a network with parameters of `expected` cannot take.
pub(crate) fn check_type(expected: DType, got: DType) -> Result<()> {
    let mixed = expected == DType::F32 && matches!(got, DType::BF16 | DType::F16);
    if got == expected || mixed {
        return Ok(());
    }
    Err(CandleError::UnexpectedDType { msg: "input of a network", expected, got }.bt())
}
