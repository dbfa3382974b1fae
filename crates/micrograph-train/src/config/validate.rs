//! Which settings can be.

use micrograph_image::ResizeMode;
use micrograph_ops::LabelSmoothing;

use super::{Balance, ModelName, TrainConfig};
use crate::{Error, Result};

impl TrainConfig {
    /// Checks every range that the data does not decide.
    ///
    /// # Errors
    /// [`Error::Config`] for the first setting outside its range.
    pub fn validate(&self) -> Result<()> {
        self.pace().validate()?;
        check(self.schedule_epochs != Some(0), "schedule_epochs", &0, "at least 1")?;
        check(self.batch_size > 0, "batch_size", &self.batch_size, "at least 1")?;
        let part = self.validation_fraction;
        check((0.0..1.0).contains(&part), "validation_fraction", &part, "0 (none) to below 1")?;
        let dropped = self.undersample_fraction;
        check((0.0..1.0).contains(&dropped), "undersample_fraction", &dropped, "0 to below 1")?;
        let (LabelSmoothing::OverAll(share) | LabelSmoothing::OverOthers(share)) =
            self.label_smoothing
        else {
            return self.validate_parts();
        };
        check((0.0..1.0).contains(&share), "label_smoothing", &share, "0 to below 1")?;
        self.validate_parts()
    }

    fn validate_parts(&self) -> Result<()> {
        check(
            self.input.resize != ResizeMode::Native || self.takes_any_size(),
            "input.resize",
            &"native",
            "stretch, fit, pad or center_crop for a model of one size; lipnet4v takes any",
        )?;
        // What the data decides stands in with its least values.
        if let ModelName::Network(architecture) = self.model {
            self.network_for(architecture, 1, 2).validate()?;
        }
        check(self.input.size != Some(0), "input.size", &0, "at least 1")?;
        self.classical.validate(self.model)?;
        check(
            self.model.is_classical() || self.head.is_some() || self.balance != Balance::Resample,
            "balance",
            &"resample (smote)",
            "auto, none, over, under or weights for a network without a head: new samples are \
             mixed of rows, and images that are mixed pixel by pixel look like none",
        )?;
        if let Some(tuning) = &self.tuning {
            check(
                self.model.is_classical() || self.head.is_some(),
                "tuning",
                &"set",
                "nothing for a network without a head: what is searched for are the settings of a \
                 classical model",
            )?;
            tuning.validate()?;
        }
        if let Some(head) = &self.head {
            check(
                !self.model.is_classical(),
                "head",
                head,
                "none for a classical model, which has no last layer; take a network as model",
            )?;
            head.validate()?;
        }
        self.schedule.validate()?;
        self.optimizer.validate()?;
        self.augment.validate()?;
        Ok(())
    }
}

pub(crate) fn check(
    holds: bool,
    field: &'static str,
    value: &dyn std::fmt::Display,
    expected: &'static str,
) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::Config { field, value: value.to_string(), expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn native_sizes_are_for_models_that_take_any() {
        let mut config = TrainConfig::default();
        config.input.resize = ResizeMode::Native;
        let message = config.validate().unwrap_err().to_string();
        assert!(message.starts_with("input.resize = native: expected stretch"), "{message}");
        config.model = micrograph_nn::Architecture::LipNet4v.into();
        config.validate().unwrap();
        config.model = "svm".parse().unwrap();
        config.validate().unwrap();
        config.classical.input = crate::ClassicalView::Pixels;
        config.validate().unwrap_err();
    }

    #[test]
    fn what_json_cannot_hold_is_refused() {
        let endless = Some(f64::INFINITY);
        for (config, field) in [
            (TrainConfig { max_minutes: endless, ..TrainConfig::default() }, "max_minutes = inf"),
            (TrainConfig { clip_norm: endless, ..TrainConfig::default() }, "clip_norm = inf"),
        ] {
            let message = config.validate().unwrap_err().to_string();
            assert!(message.starts_with(field), "{message}");
        }
    }
}
