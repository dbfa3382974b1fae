//! What was passed over while a data set was opened.

use std::fmt;

use super::{MaskKind, Part};

/// Something a user should know about a data set that is no error.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DatasetNotice {
    /// Files that were not taken for images.
    FilesIgnored {
        /// Files and folders whose name begins with a dot, and `__MACOSX`.
        hidden: usize,
        /// Files whose ending is not in [`EXTENSIONS`](crate::EXTENSIONS).
        other: usize,
    },
    /// Images beside the class folders, which belong to no class.
    LooseImages {
        /// How many there are.
        count: usize,
    },
    /// Folders beside those that were read: beside `train`, `val` and `test` where that layout was
    /// asked for, or beside those of images and masks.
    FoldersIgnored {
        /// Their names.
        names: Vec<String>,
    },
    /// Files named `X_mask` without an image `X`, or with a second mask of it.
    UnpairedMasks {
        /// How many there are.
        count: usize,
    },
    /// A link that leads to a folder already read, perhaps in a circle.
    FolderRepeated {
        /// The path relative to the root.
        folder: String,
    },
    /// Arrays of an archive that no part uses.
    ArraysIgnored {
        /// Their names.
        names: Vec<String>,
    },
    /// What masks hold was found out from their values.
    MasksUnderstood {
        /// Classes or instances.
        kind: MaskKind,
        /// The table of classes.
        classes: String,
    },
    /// A class without a single sample, in the named part or anywhere.
    EmptyClass {
        /// The name of the class.
        class: String,
        /// The part that lacks it; `None` when the whole data set does.
        part: Option<Part>,
    },
}

impl fmt::Display for DatasetNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FilesIgnored { hidden, other } => {
                let kinds = [(*other, "other file"), (*hidden, "hidden file")];
                let kinds = kinds.iter().filter(|(count, _)| *count > 0);
                let kinds: Vec<_> = kinds.map(|&(count, kind)| counted(count, kind)).collect();
                write!(f, "ignored {}", kinds.join(" and "))
            }
            Self::LooseImages { count } => {
                write!(f, "ignored {} beside the class folders", counted(*count, "image"))
            }
            Self::FoldersIgnored { names } => {
                write!(f, "ignored other folders: {}", names.join(", "))
            }
            Self::UnpairedMasks { count } => {
                let masks = counted(*count, "mask");
                write!(
                    f,
                    "left out {masks} without an image: `X_mask.png` belongs to an image `X` \
                     beside it, which has one mask; rename what is no mask"
                )
            }
            Self::FolderRepeated { folder } => {
                write!(f, "`{folder}` leads to a folder already read and was left out")
            }
            Self::ArraysIgnored { names } => {
                write!(f, "ignored arrays that belong to no part: {}", names.join(", "))
            }
            Self::MasksUnderstood { kind: MaskKind::Instances, .. } => {
                f.write_str("each value of the masks but 0 is taken for an object")
            }
            Self::MasksUnderstood { classes, .. } => {
                write!(f, "the values of the masks are taken for classes: {classes}")
            }
            Self::EmptyClass { class, part: None } => write!(f, "class `{class}` has no sample"),
            Self::EmptyClass { class, part: Some(part) } => {
                write!(f, "class `{class}` has no sample in part `{part}`")
            }
        }
    }
}

/// `1 image`, `2 images`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
