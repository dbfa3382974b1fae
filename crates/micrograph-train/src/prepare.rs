//! From a data set to what training needs: parts, fitted preprocessing, a fingerprint.
//!
//! Every sample of the parts that training may read is decoded once.
//! That finds unreadable files before the first epoch, fits the normalizer on training samples
//! alone, and gives the fingerprint by which a resumed run knows its data.

use std::sync::Arc;

use micrograph_image::{Dataset, Part, Preprocessing, TrainingMoments};
use micrograph_nn::LipNetConfig;
use micrograph_sampling::{Warning, stratified_group_hold_out, stratified_hold_out};

use crate::scan::{Scanned, scan};
use crate::{Error, Event, Result, Surroundings, TrainConfig, leaks};

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
    /// From an image to the network's input, fitted on `train`.
    pub preprocessing: Preprocessing,
    /// The network that fits input and classes.
    pub network: LipNetConfig,
    /// SHA-256 over the samples of both parts.
    pub fingerprint: String,
    /// Height and width of each object as its input mode cuts it out, of both parts, by sample.
    pub sizes: Vec<(usize, usize, usize)>,
    /// Warnings to repeat in the report.
    pub notices: Vec<String>,
}

/// What to do with a sample that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unreadable {
    /// Stop with its error.
    #[default]
    Refuse,
    /// Leave it out and say so.
    Skip,
}

/// A data set whose samples were decoded once; [`Readable::prepare`] makes parts of it.
#[derive(Debug)]
pub struct Readable {
    dataset: Arc<Dataset>,
    scanned: Vec<Option<Scanned>>,
    notices: Vec<String>,
}

impl Readable {
    /// Decodes the training and validation parts of `dataset`, or all of it when it has no parts;
    /// a test part is never read.
    ///
    /// # Errors
    /// The first sample, in order, that cannot be read, unless `unreadable` is to be skipped.
    pub fn open(
        dataset: Dataset,
        config: &TrainConfig,
        unreadable: Unreadable,
        around: &Surroundings<'_>,
    ) -> Result<Self> {
        config.validate()?;
        let mut wanted: Vec<usize> = [Some(Part::Train), Some(Part::Val), None]
            .into_iter()
            .flat_map(|part| dataset.indices(part))
            .collect();
        wanted.sort_unstable();
        let mut notices: Vec<String> = dataset.notices.iter().map(ToString::to_string).collect();
        wanted.retain(|&index| dataset.samples[index].label.is_some());
        if wanted.is_empty() {
            let problem = "has no labeled training samples; `micrograph info --data` shows what \
                           was found";
            return Err(Error::Data { path: dataset.root, problem: problem.into() });
        }
        let results = scan(&dataset, &wanted, config, around)?;
        let mut scanned: Vec<Option<Scanned>> = Vec::new();
        scanned.resize_with(dataset.samples.len(), || None);
        for (index, result) in wanted.into_iter().zip(results) {
            match result {
                Ok(sample) => scanned[index] = Some(sample),
                Err(error) if unreadable == Unreadable::Skip => {
                    notices.push(format!("left out: {error}"));
                }
                Err(error) => return Err(error),
            }
        }
        notices.extend(counted_notices(&scanned));
        for notice in &notices {
            around.tell(Event::Notice(notice));
        }
        Ok(Self { dataset: Arc::new(dataset), scanned, notices })
    }

    /// The samples that can be used, ascending.
    #[must_use]
    pub fn usable(&self) -> Vec<usize> {
        (0..self.scanned.len()).filter(|&index| self.scanned[index].is_some()).collect()
    }

    /// The data set.
    #[must_use]
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Warnings of the reading, such as samples left out.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Splits by the data's own parts, else holds out a stratified part (by group where groups are
    /// known), and fits the preprocessing on what is left.
    ///
    /// # Errors
    /// When a part is empty, only one class occurs, or channels differ between samples.
    pub fn prepare(&self, config: &TrainConfig, around: &Surroundings<'_>) -> Result<Prepared> {
        let usable = self.usable();
        let part = |wanted| -> Vec<usize> {
            let of_part = |&&index: &&usize| self.dataset.samples[index].part == wanted;
            usable.iter().filter(of_part).copied().collect()
        };
        let validation = part(Some(Part::Val));
        leaks::refuse_crossing_groups(&self.dataset)?;
        let mut rest = part(Some(Part::Train));
        rest.extend(part(None));
        rest.sort_unstable();
        if !validation.is_empty() || config.validation_fraction == 0.0 {
            return self.prepare_with(rest, validation, config);
        }
        let (train, validation) = self.hold_out(&rest, config, around)?;
        self.prepare_with(train, validation, config)
    }

    /// Uses the given parts, as cross-validation does.
    ///
    /// # Errors
    /// As [`Readable::prepare`].
    pub fn prepare_with(
        &self,
        train: Vec<usize>,
        validation: Vec<usize>,
        config: &TrainConfig,
    ) -> Result<Prepared> {
        let labels: Vec<u32> =
            self.dataset.samples.iter().map(|sample| sample.label.unwrap_or(0)).collect();
        self.check_classes(&train)?;
        let channels = self.channels(&train, &validation)?;
        let network = config.network_for(channels, self.dataset.classes.len());
        network.validate()?;

        let mut moments = TrainingMoments::default();
        for sample in train.iter().filter_map(|&index| self.scanned[index].as_ref()) {
            moments.merge(&sample.moments)?;
        }
        let preprocessing = Preprocessing {
            input_mode: config.input.mode,
            surround_px: config.input.surround_px,
            channels: config.input.channels,
            resize: config.input.resize,
            size: [network.input_size; 2],
            normalizer: moments.finish(config.input.normalization)?,
        };
        let mut both: Vec<usize> = train.iter().chain(&validation).copied().collect();
        both.sort_unstable();
        let of = |index: usize| self.scanned[index].as_ref();
        let mut notices = self.notices.clone();
        let digest = |index: usize| self.scanned[index].as_ref().map(|sample| sample.digest);
        notices.extend(leaks::duplicates(&self.dataset, &train, &validation, digest));
        let sizes = both
            .iter()
            .filter_map(|&index| of(index).map(|s| (index, s.object.0, s.object.1)))
            .collect();
        Ok(Prepared {
            fingerprint: self.fingerprint(&both),
            notices,
            dataset: Arc::clone(&self.dataset),
            train,
            validation,
            labels,
            preprocessing,
            network,
            sizes,
        })
    }

    /// Of readable samples, ascending.
    pub(crate) fn fingerprint(&self, indices: &[usize]) -> String {
        let digest = |&index: &usize| self.scanned[index].as_ref().map(|sample| sample.digest);
        let digests: Vec<[u8; 32]> = indices.iter().filter_map(digest).collect();
        self.dataset.fingerprint(&digests, indices)
    }

    fn hold_out(
        &self,
        rest: &[usize],
        config: &TrainConfig,
        around: &Surroundings<'_>,
    ) -> Result<(Vec<usize>, Vec<usize>)> {
        let labels: Vec<u32> = self.labels_of(rest);
        let held = match self.groups_of(rest) {
            Some(groups) => stratified_group_hold_out(
                &labels,
                &groups,
                config.validation_fraction,
                config.seed,
            )?,
            None => stratified_hold_out(&labels, config.validation_fraction, config.seed)?,
        };
        for warning in &held.warnings {
            let text = format!("validation part: {}", self.describe(warning));
            around.tell(Event::Notice(&text));
        }
        let pick = |positions: &[usize]| positions.iter().map(|&p| rest[p]).collect();
        Ok((pick(&held.split.train), pick(&held.split.test)))
    }

    /// Labels of the given samples.
    #[must_use]
    pub fn labels_of(&self, indices: &[usize]) -> Vec<u32> {
        indices.iter().map(|&i| self.dataset.samples[i].label.unwrap_or(0)).collect()
    }

    /// Groups of the given samples, when the data knows any; a sample without one is its own group.
    #[must_use]
    pub fn groups_of(&self, indices: &[usize]) -> Option<Vec<&str>> {
        let samples = &self.dataset.samples;
        indices.iter().any(|&i| samples[i].group.is_some()).then(|| {
            let name = |&i: &usize| samples[i].group.as_deref().unwrap_or(&samples[i].id);
            indices.iter().map(name).collect()
        })
    }

    /// A warning about a split, with the class by name.
    #[must_use]
    pub fn describe(&self, warning: &Warning) -> String {
        let name = |label: u32| &self.dataset.classes[label as usize];
        match warning {
            Warning::RareClass { label, count, parts } => format!(
                "class `{}` has fewer samples ({count}) than there are parts ({parts}): its scores \
                 are undefined where it does not occur",
                name(*label)
            ),
            Warning::RareClassGroups { label, groups, parts } => format!(
                "class `{}` comes from fewer groups ({groups}) than there are parts ({parts}): its \
                 scores are undefined where it does not occur",
                name(*label)
            ),
            other => other.to_string(),
        }
    }

    fn check_classes(&self, train: &[usize]) -> Result<()> {
        let counts = self.dataset.class_counts(train);
        let present = counts.iter().filter(|&&count| count > 0).count();
        if present >= 2 {
            return Ok(());
        }
        let problem = match counts.iter().position(|&count| count > 0) {
            None => "no training sample can be used".to_owned(),
            Some(only) => format!(
                "only one class, `{}`, has training samples ({}); add images of another class",
                self.dataset.classes[only], counts[only]
            ),
        };
        Err(Error::Data { path: self.dataset.root.clone(), problem })
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
                return Err(Error::Data { path: self.dataset.root.clone(), problem });
            }
        }
        Ok(first.map_or(1, |(_, channels)| channels))
    }
}

/// One sentence for each kind of notice, with the number of files.
fn counted_notices(scanned: &[Option<Scanned>]) -> Vec<String> {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for notice in scanned.iter().flatten().flat_map(|sample| &sample.notices) {
        *counts.entry(notice.to_string()).or_default() += 1;
    }
    counts.into_iter().map(|(text, count)| format!("{text} ({count} images)")).collect()
}
