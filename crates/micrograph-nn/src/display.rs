//! Optimizers and schedules in words, as a report shows them.

use std::fmt::{self, Display, Formatter};

use micrograph_ops::Momentum;

use crate::{AdamConfig, AdamWConfig, OptimizerConfig, Penalty, Schedule};

/// The name, and what differs from the defaults.
///
/// ```
/// use micrograph_nn::{AdamConfig, OptimizerConfig, Penalty};
///
/// assert_eq!(OptimizerConfig::default().to_string(), "Adam");
/// let penalty = Penalty { l2: 1e-4, ..Default::default() };
/// let adam = AdamConfig { beta1: 0.95, penalty, ..Default::default() };
/// assert_eq!(OptimizerConfig::Adam(adam).to_string(), "Adam, beta1 0.95, L2 0.0001");
/// ```
impl Display for OptimizerConfig {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Adam(adam) | Self::AmsGrad(adam) => {
                let own = AdamConfig::default();
                f.write_str(self.name())?;
                differing(f, "beta1", adam.beta1, own.beta1)?;
                differing(f, "beta2", adam.beta2, own.beta2)?;
                differing(f, "epsilon", adam.epsilon, own.epsilon)?;
                penalties(f, &adam.penalty)
            }
            Self::AdamW(adam) => {
                let own = AdamWConfig::default();
                write!(f, "AdamW, decay {}", adam.weight_decay)?;
                differing(f, "beta1", adam.beta1, own.beta1)?;
                differing(f, "beta2", adam.beta2, own.beta2)?;
                differing(f, "epsilon", adam.epsilon, own.epsilon)
            }
            Self::Sgd(sgd) => {
                match sgd.momentum {
                    Momentum::None => f.write_str("SGD")?,
                    Momentum::Classic(momentum) => write!(f, "SGD, momentum {momentum}")?,
                    Momentum::Nesterov(momentum) => write!(f, "SGD, Nesterov {momentum}")?,
                }
                penalties(f, &sgd.penalty)
            }
            _ => {
                f.write_str(self.name())?;
                for constant in self.constants() {
                    differing(f, constant.name, constant.value, constant.own)?;
                }
                self.penalty().map_or(Ok(()), |penalty| penalties(f, penalty))
            }
        }
    }
}

/// The shape of the curve and its numbers.
///
/// ```
/// use micrograph_nn::Schedule;
///
/// assert_eq!(Schedule::Constant.to_string(), "constant");
/// let then = Box::new(Schedule::Cosine { end: 0.01 });
/// let schedule = Schedule::WarmUp { epochs: 2.0, start: 0.1, then };
/// assert_eq!(schedule.to_string(), "from 0.1 up over 2 epochs, then cosine down to 0.01");
/// ```
impl Display for Schedule {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant => f.write_str("constant"),
            Self::Exponential { factor } => write!(f, "times {factor} each epoch"),
            Self::Step { every, factor } => write!(f, "times {factor} every {every} epochs"),
            Self::Cosine { end } => write!(f, "cosine down to {end}"),
            Self::WarmUp { epochs, start, then } => {
                write!(f, "from {start} up over {epochs} epochs, then {then}")
            }
        }
    }
}

fn differing(f: &mut Formatter<'_>, name: &str, value: f64, own: f64) -> fmt::Result {
    // Both come from a literal or a file, so that equal means the same bits.
    if value.to_bits() == own.to_bits() { Ok(()) } else { write!(f, ", {name} {value}") }
}

fn penalties(f: &mut Formatter<'_>, penalty: &Penalty) -> fmt::Result {
    differing(f, "L1", penalty.l1, 0.0)?;
    differing(f, "L2", penalty.l2, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NadamConfig, SgdConfig};

    #[test]
    fn momentum_is_named_by_its_kind() {
        let sgd = |momentum| {
            OptimizerConfig::Sgd(SgdConfig { momentum, ..Default::default() }).to_string()
        };
        assert_eq!(sgd(Momentum::None), "SGD");
        assert_eq!(sgd(Momentum::Classic(0.9)), "SGD, momentum 0.9");
        assert_eq!(sgd(Momentum::Nesterov(0.9)), "SGD, Nesterov 0.9");
        let decoupled = OptimizerConfig::AdamW(AdamWConfig::default());
        assert_eq!(decoupled.to_string(), "AdamW, decay 0.01");
        let nadam = NadamConfig { momentum_decay: 0.01, ..Default::default() };
        assert_eq!(OptimizerConfig::Nadam(nadam).to_string(), "Nadam, momentum_decay 0.01");
        let plain = OptimizerConfig::AmsGrad(AdamConfig::default());
        assert_eq!(plain.to_string(), "AMSGrad");
        let step = Schedule::Step { every: 5.0, factor: 0.5 };
        assert_eq!(step.to_string(), "times 0.5 every 5 epochs");
    }
}
