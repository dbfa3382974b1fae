//! A data set whose samples were decoded once.
//!
//! That finds unreadable files before the first epoch, gives the sums from which normalizers are
//! fitted, and the digests by which a resumed run knows its data.

use std::sync::Arc;

use micrograph_image::{Dataset, Normalization, Part};
use micrograph_sampling::Warning;

use crate::classical::Measured;
use crate::evaluate::refuse_foreign;
use crate::scan::{Scanned, scan};
use crate::{Error, Event, InputConfig, Result, Surroundings, TrainConfig, leaks, notices};

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
    pub(crate) dataset: Arc<Dataset>,
    pub(crate) scanned: Vec<Option<Scanned>>,
    notices: Vec<String>,
    view: View,
    pub(crate) measured: Arc<Measured>,
}

impl Readable {
    /// Decodes the training and validation parts of `dataset`, or all of it when it has no parts;
    /// a test part is never decoded, and with [`Dataset::open_for_training`] not even held.
    ///
    /// # Errors
    /// Groups that lie in more than one part, before anything is decoded; the first sample, in
    /// order, that cannot be read, unless `unreadable` is to be skipped.
    pub fn open(
        dataset: Dataset,
        config: &TrainConfig,
        unreadable: Unreadable,
        around: &Surroundings<'_>,
    ) -> Result<Self> {
        config.validate()?;
        leaks::refuse_crossing_groups(&dataset)?;
        let wanted = wanted(&dataset)?;
        let mut told: Vec<String> = dataset.notices.iter().map(ToString::to_string).collect();
        let results = scan(&dataset, &wanted, config, around)?;
        let mut scanned: Vec<Option<Scanned>> = Vec::new();
        scanned.resize_with(dataset.samples.len(), || None);
        for (index, result) in wanted.into_iter().zip(results) {
            match result {
                Ok(sample) => scanned[index] = Some(sample),
                Err(error) if unreadable == Unreadable::Skip => {
                    told.push(format!("left out: {error}"));
                }
                Err(error) => return Err(error),
            }
        }
        told.extend(notices::of_samples(&dataset, &scanned, config));
        let digest = |index: usize| scanned[index].as_ref().map(|sample: &Scanned| sample.digest);
        told.extend(leaks::contradictions(&dataset, digest));
        for notice in &told {
            around.tell(Event::Notice(notice));
        }
        let (dataset, measured) = (Arc::new(dataset), Arc::default());
        Ok(Self { dataset, scanned, notices: told, view: view(config), measured })
    }

    /// Whether the samples were read as the model of `config` sees them; pixel sums and sizes are
    /// those of that view. Features are measured on the originals, whatever the size.
    #[must_use]
    pub fn is_read_for(&self, config: &TrainConfig) -> bool {
        let (input, size) = view(config);
        self.view.0 == input && (self.view.1 == size || config.takes_features())
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

    /// Refuses samples that do not exist or were not read.
    pub(crate) fn refuse_unread(&self, indices: &[usize]) -> Result<()> {
        refuse_foreign(&self.dataset, indices)?;
        match indices.iter().find(|&&index| self.scanned[index].is_none()) {
            None => Ok(()),
            Some(&index) => Err(Error::Data {
                path: self.dataset.source.clone(),
                problem: format!(
                    "{} was not read: it is of the test part, has no label, or was left out",
                    self.dataset.samples[index].id
                ),
            }),
        }
    }

    /// Labels of the given samples.
    pub(crate) fn labels_of(&self, indices: &[usize]) -> Vec<u32> {
        indices.iter().map(|&i| self.dataset.samples[i].label.unwrap_or(0)).collect()
    }

    /// Groups of the given samples, when the data knows any; a sample without one is its own group.
    pub(crate) fn groups_of(&self, indices: &[usize]) -> Option<Vec<&str>> {
        let samples = &self.dataset.samples;
        indices.iter().any(|&i| samples[i].group.is_some()).then(|| {
            let name = |&i: &usize| samples[i].group.as_deref().unwrap_or(&samples[i].id);
            indices.iter().map(name).collect()
        })
    }

    /// Warnings about a split, with classes by name; one sentence for all rare classes.
    #[must_use]
    pub fn describe(&self, warnings: &[Warning]) -> Vec<String> {
        let (mut samples, mut groups, mut told) = (Vec::new(), Vec::new(), Vec::new());
        let mut n_parts = 0;
        for warning in warnings {
            match *warning {
                Warning::RareClass { label, count, parts } => {
                    samples.push((label, count));
                    n_parts = parts;
                }
                Warning::RareClassGroups { label, groups: count, parts } => {
                    groups.push((label, count));
                    n_parts = parts;
                }
                ref other => told.push(other.to_string()),
            }
        }
        for (rare, what) in [(samples, "samples"), (groups, "groups")] {
            told.extend(self.rare_classes(&rare, what, n_parts));
        }
        told
    }

    /// Of classes with how many samples or groups each has; nothing of none.
    fn rare_classes(&self, rare: &[(u32, usize)], what: &str, parts: usize) -> Option<String> {
        const SHOWN: usize = 4;
        let name = |label: u32| &self.dataset.classes[label as usize];
        let &(first, count) = rare.first()?;
        let (who, their, they) = if rare.len() == 1 {
            (format!("class `{}` has fewer {what} ({count})", name(first)), "its", "it does")
        } else {
            let each = |&(label, count): &(u32, usize)| format!("`{}` {count}", name(label));
            let mut named: Vec<String> = rare.iter().take(SHOWN).map(each).collect();
            named.extend((rare.len() > SHOWN).then(|| "...".to_owned()));
            let named = named.join(", ");
            (format!("{} classes have fewer {what} ({named})", rare.len()), "their", "they do")
        };
        Some(format!(
            "{who} than there are parts ({parts}): {their} scores are undefined where {they} not \
             occur; add samples, or take fewer folds"
        ))
    }

    /// Of readable samples, ascending.
    pub(crate) fn fingerprint(&self, indices: &[usize]) -> String {
        let digests: Vec<[u8; 32]> = indices.iter().filter_map(|&i| self.digest(i)).collect();
        self.dataset.fingerprint(&digests, indices)
    }

    /// SHA-256 of the content of a sample that was read.
    pub(crate) fn digest(&self, index: usize) -> Option<[u8; 32]> {
        self.scanned[index].as_ref().map(|sample| sample.digest)
    }
}

/// What decides how a sample is shown to the model.
type View = (InputConfig, usize);

fn view(config: &TrainConfig) -> View {
    let normalization = Normalization::default(); // has no part in it
    let size = config.input_size();
    (InputConfig { normalization, size: None, ..config.input.clone() }, size)
}

/// The labeled samples that training may read, ascending.
fn wanted(dataset: &Dataset) -> Result<Vec<usize>> {
    let mut wanted: Vec<usize> = [Some(Part::Train), Some(Part::Val), None]
        .into_iter()
        .flat_map(|part| dataset.indices(part))
        .filter(|&index| dataset.samples[index].label.is_some())
        .collect();
    wanted.sort_unstable();
    if wanted.is_empty() {
        let problem =
            "has no labeled training samples; `micrograph info --data` shows what was found";
        return Err(Error::Data { path: dataset.source.clone(), problem: problem.into() });
    }
    Ok(wanted)
}
