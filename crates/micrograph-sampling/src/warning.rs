//! What divides, but not as well as one would wish.

use std::collections::BTreeSet;
use std::fmt;

use crate::folds::Encoded;

/// A class too rare to be in every part of a split.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// A class has fewer samples than there are parts.
    RareClass {
        /// The class.
        label: u32,
        /// Its samples.
        count: usize,
        /// The parts: folds, or the two of a hold-out.
        parts: usize,
    },
    /// The samples of a class come from fewer groups than there are parts.
    RareClassGroups {
        /// The class.
        label: u32,
        /// The groups with a sample of it.
        groups: usize,
        /// The parts: folds, or the two of a hold-out.
        parts: usize,
    },
}

impl Warning {
    /// One warning for each class with fewer samples than `parts`.
    pub(crate) fn rare_classes(classes: &Encoded<&u32>, parts: usize) -> Vec<Self> {
        let counted = classes.values.iter().zip(&classes.counts);
        counted
            .filter(|&(_, &count)| count < parts)
            .map(|(&&label, &count)| Self::RareClass { label, count, parts })
            .collect()
    }

    /// One warning for each class whose samples come from fewer groups than `parts`.
    pub(crate) fn rare_class_groups(
        classes: &Encoded<&u32>,
        group_index: &[usize],
        parts: usize,
    ) -> Vec<Self> {
        let mut groups = vec![BTreeSet::new(); classes.values.len()];
        for (&class, &group) in classes.index.iter().zip(group_index) {
            groups[class].insert(group);
        }
        let counted = classes.values.iter().zip(groups);
        counted
            .filter(|(_, groups)| groups.len() < parts)
            .map(|(&&label, groups)| Self::RareClassGroups { label, groups: groups.len(), parts })
            .collect()
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RareClass { label, count, parts } => write!(
                f,
                "class {label} has {count} samples for {parts} parts: its scores are undefined where it does not occur"
            ),
            Self::RareClassGroups { label, groups, parts } => write!(
                f,
                "class {label} comes from {groups} groups for {parts} parts: its scores are undefined where it does not occur"
            ),
        }
    }
}
