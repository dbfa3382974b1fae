//! From a data set to what training needs: parts, fitted preprocessing, a fingerprint.

use std::sync::Arc;

use micrograph_image::{Dataset, Part, Preprocessing, TrainingMoments};
use micrograph_model::{ModelConfig, SeenSamples};
use micrograph_nn::LipNetConfig;

use crate::classical::Measured;
use crate::evaluate::group_numbers;
use crate::{Error, Event, ModelName, Readable, Result, Surroundings, TrainConfig, leaks, notices};

/// A data set made ready for training.
#[derive(Debug)]
pub struct Prepared {
    /// The samples.
    pub dataset: Arc<Dataset>,
    /// Indices of the training samples, ascending.
    pub train: Vec<usize>,
    /// Indices of the validation samples, ascending; may be empty.
    pub validation: Vec<usize>,
    /// The class of each sample of the data set.
    pub labels: Vec<u32>,
    /// From an image to the model's pixels, fitted on `train`.
    pub preprocessing: Preprocessing,
    /// The network that fits input and classes, or the classical model and what it looks at.
    pub model: ModelConfig,
    /// SHA-256 over the samples of both parts.
    pub fingerprint: String,
    /// Digests of the samples of both parts, for the bundle.
    pub seen: SeenSamples,
    /// Height and width of each object as its input mode cuts it out, of both parts, by sample.
    pub sizes: Vec<(usize, usize, usize)>,
    /// Warnings to repeat in the report.
    pub notices: Vec<String>,
    /// What was measured before, of any part.
    pub(crate) measured: Arc<Measured>,
}

impl Prepared {
    /// The groups of the training samples as numbers, when the data knows any.
    pub(crate) fn training_groups(&self) -> Option<Vec<u64>> {
        let groups = group_numbers(&self.dataset, &self.train)?;
        Some(groups.into_iter().map(|group| group as u64).collect())
    }

    /// The classes of the training samples.
    pub(crate) fn training_labels(&self) -> Vec<u32> {
        self.train.iter().map(|&index| self.labels[index]).collect()
    }
}

impl Readable {
    /// Splits by the data's own parts, else holds out a stratified part (by group where groups are
    /// known), and fits the preprocessing on what is left.
    ///
    /// # Errors
    /// When a part is empty, only one class occurs, channels differ between samples, costs are for
    /// other classes, or the input is another than that with which the data was read.
    pub fn prepare(&self, config: &TrainConfig, around: &Surroundings<'_>) -> Result<Prepared> {
        let usable = self.usable();
        let part = |wanted| -> Vec<usize> {
            let of_part = |&&index: &&usize| self.dataset.samples[index].part == wanted;
            usable.iter().filter(of_part).copied().collect()
        };
        let mut validation = part(Some(Part::Val));
        let mut train = part(Some(Part::Train));
        train.extend(part(None));
        train.sort_unstable();
        let mut more = Vec::new();
        if validation.is_empty() && config.validation_fraction > 0.0 {
            (train, validation, more) = self.hold_out(&train, config)?;
        }
        let mut prepared = self.prepare_with(train, validation, config)?;
        prepared.notices.extend(more);
        // The reading has told its own.
        for notice in &prepared.notices[self.notices().len()..] {
            around.tell(Event::Notice(notice));
        }
        Ok(prepared)
    }

    /// Uses the given parts, as cross-validation does; tells nothing.
    ///
    /// # Errors
    /// As [`Readable::prepare`], and for a sample that was not read.
    pub fn prepare_with(
        &self,
        train: Vec<usize>,
        validation: Vec<usize>,
        config: &TrainConfig,
    ) -> Result<Prepared> {
        self.refuse_unread(&train)?;
        self.refuse_unread(&validation)?;
        if !self.is_read_for(config) {
            let value = format!("mode {}, size {:?}, ...", config.input.mode, config.input.size);
            let expected =
                "the input settings and size with which the data was read; read it again";
            return Err(Error::Config { field: "input", value, expected });
        }
        self.check_classes(&train)?;
        self.check_costs(config)?;
        let channels = self.channels(&train, &validation)?;
        let model = self.model_for(config, &train, channels)?;
        let preprocessing = self.preprocessing(&train, config, channels)?;
        let mut both: Vec<usize> = train.iter().chain(&validation).copied().collect();
        both.sort_unstable();
        let size = |&index: &usize| {
            self.scanned[index].as_ref().map(|seen| (index, seen.object.0, seen.object.1))
        };
        let mut notices = self.notices().to_vec();
        notices.extend(leaks::duplicates(&self.dataset, &train, &validation, |index| {
            self.digest(index)
        }));
        notices.extend(notices::of_costs(&self.dataset, config));
        Ok(Prepared {
            fingerprint: self.fingerprint(&both),
            sizes: both.iter().filter_map(size).collect(),
            labels: self.dataset.samples.iter().map(|s| s.label.unwrap_or(0)).collect(),
            notices,
            dataset: Arc::clone(&self.dataset),
            seen: SeenSamples::new(
                train.iter().filter_map(|&index| self.digest(index)),
                // They pick an epoch; of a classical model they pick nothing.
                validation
                    .iter()
                    .filter(|_| !config.model.is_classical())
                    .filter_map(|&index| self.digest(index)),
            ),
            measured: Arc::clone(&self.measured),
            train,
            validation,
            preprocessing,
            model,
        })
    }

    /// The network that the settings ask for.
    pub(crate) fn network_for(
        &self,
        config: &TrainConfig,
        channels: usize,
    ) -> Result<LipNetConfig> {
        let ModelName::Network(architecture) = config.model else {
            let (field, value) = ("model", config.model.to_string());
            return Err(Error::Config { field, value, expected: "a network" });
        };
        let classes = self.dataset.classes.len();
        let network = config.network_for(architecture, channels, classes);
        network.validate()?;
        Ok(network)
    }

    /// Fitted on `train`, for inputs of so many channels.
    fn preprocessing(
        &self,
        train: &[usize],
        config: &TrainConfig,
        channels: usize,
    ) -> Result<Preprocessing> {
        let mut moments = TrainingMoments::default();
        for sample in train.iter().filter_map(|&index| self.scanned[index].as_ref()) {
            moments.merge(&sample.moments)?;
        }
        let normalizer = moments.finish(config.input.normalization)?;
        Ok(config.input.preprocessing(channels, config.input_size(), normalizer))
    }

    /// Two parts of `rest`, and what there is to say about them.
    fn hold_out(
        &self,
        rest: &[usize],
        config: &TrainConfig,
    ) -> Result<(Vec<usize>, Vec<usize>, Vec<String>)> {
        let held = self.held_out(rest, config.validation_fraction, config.seed)?;
        let text = |warning| format!("validation part: {warning}");
        let warnings = self.describe(&held.warnings).into_iter().map(text).collect();
        let pick = |positions: &[usize]| positions.iter().map(|&p| rest[p]).collect();
        Ok((pick(&held.split.train), pick(&held.split.test), warnings))
    }

    fn check_classes(&self, train: &[usize]) -> Result<()> {
        let counts = self.dataset.class_counts(train);
        let present = counts.iter().filter(|&&count| count > 0).count();
        if present >= 2 {
            return Ok(());
        }
        let problem = match counts.iter().position(|&count| count > 0) {
            None => {
                "has no training sample; mark some as train, or leave the split column out with \
                     --split-column none"
                    .to_owned()
            }
            Some(only) => self.only_one_class(only, counts[only]),
        };
        Err(Error::Data { path: self.dataset.source.clone(), problem })
    }

    /// Whether the data has but one class, or a split has taken the others away.
    fn only_one_class(&self, only: usize, count: usize) -> String {
        let own = &self.dataset.classes[only];
        let usable = self.dataset.class_counts(&self.usable());
        match (0..usable.len()).find(|&class| class != only && usable[class] > 0) {
            None => format!(
                "only one class, `{own}`, has samples ({count}); add images of another class"
            ),
            Some(other) => format!(
                "all training samples ({count}) are of class `{own}`, since those of `{}` ({}) \
                 validate or test; add samples or groups of it, or hold out fewer",
                self.dataset.classes[other], usable[other]
            ),
        }
    }

    fn check_costs(&self, config: &TrainConfig) -> Result<()> {
        let classes = &self.dataset.classes;
        match &config.costs {
            Some(costs) if costs.n_classes() != classes.len() => {
                Err(Error::Costs { rows: costs.n_classes(), classes: classes.clone() })
            }
            _ => Ok(()),
        }
    }

    fn channels(&self, train: &[usize], validation: &[usize]) -> Result<usize> {
        let mut first: Option<(usize, usize)> = None;
        for &index in train.iter().chain(validation) {
            let Some(sample) = &self.scanned[index] else { continue };
            let (other, expected) = *first.get_or_insert((index, sample.channels));
            if sample.channels != expected {
                let id = |i: usize| &self.dataset.samples[i].id;
                let problem = format!(
                    "{} has {} channels, {} has {expected}; use --channels gray or rgb",
                    id(index),
                    sample.channels,
                    id(other)
                );
                return Err(Error::Data { path: self.dataset.source.clone(), problem });
            }
        }
        Ok(first.map_or(1, |(_, channels)| channels))
    }
}
