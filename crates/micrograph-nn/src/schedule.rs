//! The learning rate over the epochs.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use crate::error::check;
use crate::{Error, Result};

/// How the learning rate changes in the course of a run.
///
/// Every schedule is a function of the position, counted in epochs from 0; fractions of an epoch
/// count, so the rate may change with each step. It has no state that a checkpoint would have to
/// keep.
///
/// | schedule | rate at position `t`, of `T` epochs |
/// |---|---|
/// | constant | `base` |
/// | exponential | `base * factor^t` |
/// | step | `base * factor^floor(t / every)` |
/// | cosine | `base * (end + (1 - end) * (1 + cos(pi * t / T)) / 2)` |
/// | warm-up | a line from `start * base` to the rate at which `then` begins; after `epochs`, `then` over what is left |
///
/// At whole epochs these are PyTorch's `ExponentialLR`, `StepLR`, `CosineAnnealingLR` (Loshchilov &
/// Hutter 2017, without restarts) and, for the warm-up (Goyal et al. 2017), `LinearLR` before
/// another in a `SequentialLR`.
///
/// ```
/// use micrograph_nn::Schedule;
///
/// let rates = |schedule: &Schedule| [0.0, 1.0, 2.0, 4.0].map(|t| schedule.rate(0.8, t, Some(4)));
/// assert_eq!(rates(&Schedule::Constant), [0.8; 4]);
/// assert_eq!(rates(&Schedule::Exponential { factor: 0.5 }), [0.8, 0.4, 0.2, 0.05]);
/// assert_eq!(rates(&Schedule::Step { every: 2.0, factor: 0.5 }), [0.8, 0.8, 0.4, 0.2]);
///
/// let cosine = Schedule::Cosine { end: 0.0 };
/// assert!((cosine.rate(0.8, 2.0, Some(4)) - 0.4).abs() < 1e-15);
/// let warm = Schedule::WarmUp { epochs: 2.0, start: 0.25, then: Box::new(Schedule::Constant) };
/// assert_eq!(rates(&warm), [0.2, 0.5, 0.8, 0.8]);
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields, remote = "Self")]
#[non_exhaustive]
pub enum Schedule {
    /// The base rate throughout.
    #[default]
    Constant,
    /// Multiplied by one factor each epoch, evenly over its steps.
    Exponential {
        /// The factor of an epoch, in `(0, 1]`.
        factor: f64,
    },
    /// Multiplied by one factor every so many epochs, at once.
    Step {
        /// Epochs between two changes, above 0.
        every: f64,
        /// The factor of a change, in `(0, 1]`.
        factor: f64,
    },
    /// Down the half period of a cosine that ends with the run.
    Cosine {
        /// The last rate as a fraction of the base rate, in `[0, 1]`; 0 where a file names none.
        #[serde(default)]
        end: f64,
    },
    /// Up a straight line, then as another schedule, whose epoch 0 is the end of the line.
    WarmUp {
        /// Epochs on the line, above 0.
        epochs: f64,
        /// The first rate as a fraction of the base rate, in `[0, 1]`; above 0, or the first step
        /// changes nothing.
        start: f64,
        /// The schedule after the line; not another warm-up.
        then: Box<Schedule>,
    },
}

impl Schedule {
    /// The learning rate at `position` epochs into a run of `epochs`.
    ///
    /// `position` is epochs finished plus the finished fraction of the current one. Where the
    /// number of epochs is not known, a cosine does not fall: ask
    /// [`needs_epochs`](Self::needs_epochs) first. After its last epoch a cosine stays at `end`.
    #[must_use]
    pub fn rate(&self, base: f64, position: f64, epochs: Option<usize>) -> f64 {
        base * self.fraction(position, epochs.map(|epochs| epochs as f64))
    }

    /// Whether the rate depends on the number of epochs, so that a run must know it beforehand.
    #[must_use]
    pub fn needs_epochs(&self) -> bool {
        match self {
            Self::Cosine { .. } => true,
            Self::WarmUp { then, .. } => then.needs_epochs(),
            Self::Constant | Self::Exponential { .. } | Self::Step { .. } => false,
        }
    }

    /// Checks every range.
    ///
    /// # Errors
    /// [`Error::Config`] for the first field outside its range.
    pub fn validate(&self) -> Result<(), Error> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let factor = |field, value: f64| {
            check(value > 0.0 && value <= 1.0, field, value, "above 0, at most 1")
        };
        let fraction = |field, value: f64| {
            check((0.0..=1.0).contains(&value), field, value, "a fraction from 0 to 1")
        };
        match self {
            Self::Constant => Ok(()),
            Self::Exponential { factor: value } => factor("schedule.exponential.factor", *value),
            Self::Step { every, factor: value } => {
                check(positive(*every), "schedule.step.every", every, "a positive number")?;
                factor("schedule.step.factor", *value)
            }
            Self::Cosine { end } => fraction("schedule.cosine.end", *end),
            Self::WarmUp { epochs, start, then } => {
                check(positive(*epochs), "schedule.warm_up.epochs", epochs, "a positive number")?;
                fraction("schedule.warm_up.start", *start)?;
                let nested = matches!(**then, Self::WarmUp { .. });
                check(!nested, "schedule.warm_up.then", "warm_up", "another kind of schedule")?;
                then.validate()
            }
        }
    }

    fn fraction(&self, position: f64, epochs: Option<f64>) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::Exponential { factor } => factor.powf(position),
            Self::Step { every, factor } => factor.powf((position / every).floor()),
            Self::Cosine { end } => {
                let done = epochs.map_or(0.0, |epochs| progress(position, epochs));
                end + (1.0 - end) * (1.0 + (PI * done).cos()) / 2.0
            }
            Self::WarmUp { epochs: line, start, then } => {
                let left = epochs.map(|epochs| epochs - line);
                if position >= *line {
                    return then.fraction(position - line, left);
                }
                start + (then.fraction(0.0, left) - start) * position / line
            }
        }
    }
}

/// The finished part of `epochs`, in `[0, 1]`; where no epoch is left, all after the beginning.
fn progress(position: f64, epochs: f64) -> f64 {
    (position / epochs.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn warm_up(epochs: f64, then: Schedule) -> Schedule {
        Schedule::WarmUp { epochs, start: 0.1, then: Box::new(then) }
    }

    fn any_schedule() -> impl Strategy<Value = Schedule> {
        let plain = prop_oneof![
            Just(Schedule::Constant),
            (0.01..=1.0).prop_map(|factor| Schedule::Exponential { factor }),
            (0.1..5.0, 0.01..=1.0).prop_map(|(every, factor)| Schedule::Step { every, factor }),
            (0.0..=1.0).prop_map(|end| Schedule::Cosine { end }),
        ];
        (plain, 0.1..4.0, 0.0..2.0).prop_map(|(then, epochs, coin)| match coin < 1.0 {
            true => then,
            false => warm_up(epochs, then),
        })
    }

    proptest! {
        #[test]
        fn a_rate_lies_between_zero_and_the_base(
            schedule in any_schedule(),
            position in 0.0..20.0,
            epochs in 1_usize..20,
        ) {
            schedule.validate().unwrap();
            let rate = schedule.rate(0.5, position, Some(epochs));
            prop_assert!((0.0..=0.5 + 1e-12).contains(&rate), "{rate}");
        }
    }

    #[test]
    fn a_warm_up_longer_than_the_run_still_climbs_to_the_base() {
        let schedule = warm_up(4.0, Schedule::Cosine { end: 0.0 });
        let rates = [0.0, 2.0, 3.0].map(|t| schedule.rate(1.0, t, Some(3)));
        for (rate, expected) in rates.into_iter().zip([0.1, 0.55, 0.775]) {
            assert!((rate - expected).abs() < 1e-15, "{rates:?}");
        }
    }

    #[test]
    fn only_what_ends_with_the_run_needs_its_length() {
        let cosine = Schedule::Cosine { end: 0.1 };
        assert!(cosine.needs_epochs());
        assert!(warm_up(1.0, cosine.clone()).needs_epochs());
        assert!(!warm_up(1.0, Schedule::Constant).needs_epochs());
        assert_eq!(cosine.rate(0.3, 7.0, None), 0.3);
    }

    #[test]
    fn ranges_are_held() {
        let bad = [
            Schedule::Exponential { factor: 0.0 },
            Schedule::Exponential { factor: f64::NAN },
            Schedule::Step { every: 0.0, factor: 0.5 },
            Schedule::Step { every: 1.0, factor: 1.5 },
            Schedule::Cosine { end: -0.1 },
            warm_up(0.0, Schedule::Constant),
            warm_up(1.0, warm_up(1.0, Schedule::Constant)),
            warm_up(1.0, Schedule::Cosine { end: 2.0 }),
        ];
        for schedule in bad {
            assert!(schedule.validate().is_err(), "{schedule:?}");
        }
        let message = Schedule::Cosine { end: 2.0 }.validate().unwrap_err().to_string();
        assert_eq!(message, "schedule.cosine.end = 2: expected a fraction from 0 to 1");
    }

    #[test]
    fn a_schedule_survives_json() {
        let schedule = warm_up(2.0, Schedule::Cosine { end: 0.01 });
        let json = serde_json::to_string(&schedule).unwrap();
        assert_eq!(
            json,
            r#"{"warm_up":{"epochs":2.0,"start":0.1,"then":{"cosine":{"end":0.01}}}}"#
        );
        assert_eq!(serde_json::from_str::<Schedule>(&json).unwrap(), schedule);
    }
}
