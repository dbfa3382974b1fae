//! The constants of optimizers that give each weight a rate of its own, beyond Adam.

use serde::{Deserialize, Serialize};

use super::penalty::Penalty;
use crate::Error;
use crate::error::check;

/// A constant of a configuration, with its default and its range.
pub(crate) struct Constant {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    pub(crate) own: f64,
    range: Range,
}

enum Range {
    /// `[0, 1)`.
    Decay,
    /// Above 0.
    Positive,
    /// 0 or more.
    NotNegative,
}

impl Constant {
    pub(super) fn validate(&self) -> Result<(), Error> {
        let (inside, range) = match self.range {
            Range::Decay => ((0.0..1.0).contains(&self.value), "from 0 to below 1"),
            Range::Positive => (self.value > 0.0, "a positive number"),
            Range::NotNegative => (self.value >= 0.0, "0 or more, finite"),
        };
        check(inside && self.value.is_finite(), self.name, self.value, range)
    }
}

/// A configuration of numbers and a penalty: the type, its defaults and its constants.
macro_rules! configuration {
    (
        $(#[$doc:meta])* $name:ident {
            $($(#[$field_doc:meta])* $field:ident: $own:literal in $range:ident,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: f64,)+
            /// Penalty on weights; none.
            pub penalty: Penalty,
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $own,)+ penalty: Penalty::default() }
            }
        }

        impl $name {
            pub(crate) fn constants(&self) -> Vec<Constant> {
                vec![$(Constant {
                    name: stringify!($field),
                    value: self.$field,
                    own: $own,
                    range: Range::$range,
                }),+]
            }
        }
    };
}

configuration! {
    /// Nadam, Adam with Nesterov's momentum (Dozat 2016; PyTorch's `NAdam`); see
    /// [`nadam_step`](micrograph_ops::nadam_step) for its formulas.
    NadamConfig {
        /// Memory of the gradient's mean, in `[0, 1)`; 0.9.
        beta1: 0.9 in Decay,
        /// Memory of its mean square, in `[0, 1)`; 0.999.
        beta2: 0.999 in Decay,
        /// Keeps the division finite, above 0; 1e-8.
        epsilon: 1e-8 in Positive,
        /// How fast the momentum grows from half of `beta1` to the whole, 0 or more; 0.004.
        momentum_decay: 0.004 in NotNegative,
    }
}

configuration! {
    /// RMSprop (Tieleman & Hinton 2012; PyTorch's `RMSprop`); see
    /// [`rms_prop_step`](micrograph_ops::rms_prop_step) for its formulas. Where gradients are to be
    /// divided by their deviation (Graves 2013), take
    /// [`CenteredRmsProp`](crate::OptimizerConfig::CenteredRmsProp).
    RmsPropConfig {
        /// Memory of the gradient's mean square, in `[0, 1)`; 0.99 as in PyTorch.
        decay: 0.99 in Decay,
        /// Keeps the division finite, above 0; 1e-8.
        epsilon: 1e-8 in Positive,
        /// Momentum of the steps, in `[0, 1)`; none.
        momentum: 0.0 in Decay,
    }
}

configuration! {
    /// AdaGrad (Duchi et al. 2011; PyTorch's `Adagrad`); see
    /// [`ada_grad_step`](micrograph_ops::ada_grad_step) for its formulas.
    AdaGradConfig {
        /// Where the sums of squares begin, 0 or more; 0 as in PyTorch, 0.1 in Keras.
        initial: 0.0 in NotNegative,
        /// Keeps the division finite, above 0; 1e-10.
        epsilon: 1e-10 in Positive,
    }
}

configuration! {
    /// AdaDelta (Zeiler 2012; PyTorch's `Adadelta`); see
    /// [`ada_delta_step`](micrograph_ops::ada_delta_step) for its formulas. It finds its own scale:
    /// begin with a learning rate of 1.
    AdaDeltaConfig {
        /// Memory of squares and steps, in `(0, 1)`; 0.9 as in PyTorch.
        decay: 0.9 in Decay,
        /// How long the first steps are, above 0; 1e-6.
        epsilon: 1e-6 in Positive,
    }
}

configuration! {
    /// FTRL-proximal (McMahan et al. 2013; Keras's `Ftrl`); see
    /// [`ftrl_step`](micrograph_ops::ftrl_step) for its formulas. Its penalty is its own: `l1` makes
    /// weights exact zeros. Weights soon forget where they began, which suits one layer more than
    /// many.
    FtrlConfig {
        /// Where the sums of squares begin, above 0; 0.1 as in Keras.
        initial: 0.1 in Positive,
        /// Smoothing of the rates, 0 or more; 0 as in Keras.
        beta: 0.0 in NotNegative,
    }
}
