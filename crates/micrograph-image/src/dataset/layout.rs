//! Telling the four layouts apart.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::folder::{self, Listing};
use super::{DatasetOptions, Part};
use crate::opening::explain;
use crate::{Error, Result};

/// How the files of a data set say which image belongs to which class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Layout {
    /// A folder that holds one folder of images for each class.
    ClassFolders,
    /// Any of `train`, `val` (`valid`, `validation`) and `test`, each above class folders.
    SplitFolders,
    /// An `.npz` archive with MedMNIST's keys: `train_images`, `train_labels` and so on.
    Npz,
    /// A table with a row for each image.
    Manifest,
}

impl Layout {
    /// All layouts in the order of the documentation.
    pub const ALL: [Layout; 4] =
        [Layout::ClassFolders, Layout::SplitFolders, Layout::Npz, Layout::Manifest];

    /// The name on a command line and in a configuration: `class-folders` and so on.
    pub fn name(self) -> &'static str {
        match self {
            Layout::ClassFolders => "class-folders",
            Layout::SplitFolders => "split-folders",
            Layout::Npz => "npz",
            Layout::Manifest => "manifest",
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Layout {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|layout| layout.name() == name);
        found.ok_or_else(|| Error::UnknownLayout { name: name.to_owned() })
    }
}

/// The layout of `path`, and the folder or file that [`Layout`] speaks of: a folder that holds
/// nothing but one table or one archive stands for that file.
pub(super) fn locate(path: &Path, options: &DatasetOptions) -> Result<(Layout, PathBuf)> {
    let metadata = fs::metadata(path).map_err(|error| explain(path, error))?;
    let (layout, located) = if metadata.is_dir() {
        let listing = Listing::read(path)?;
        let looks_like = of_folder(&listing);
        let layout = match (options.layout, options.names_columns()) {
            (Some(layout), _) => Some(layout),
            (None, true) if listing.tables.is_empty() && looks_like.is_some() => looks_like,
            (None, true) => Some(Layout::Manifest),
            (None, false) => looks_like,
        };
        locate_in_folder(path, layout, &listing)?
    } else {
        (of_file(path, options.layout)?, path.to_owned())
    };
    if layout != Layout::Manifest && options.names_columns() {
        return Err(Error::ColumnsWithoutTable { path: located, layout });
    }
    Ok((layout, located))
}

/// What the names in a folder say, if they are clear.
fn of_folder(listing: &Listing) -> Option<Layout> {
    let n_parts = listing.folders.iter().filter(|name| is_part(name)).count();
    if n_parts > 0 {
        return (n_parts == listing.folders.len()).then_some(Layout::SplitFolders);
    }
    if !listing.folders.is_empty() {
        return (!looks_segmented(&listing.folders)).then_some(Layout::ClassFolders);
    }
    match (listing.tables.len(), listing.archives.len()) {
        (1, 0) => Some(Layout::Manifest),
        (0, 1) => Some(Layout::Npz),
        _ => None,
    }
}

/// Whether a folder of this name is a part of a split data set.
pub(super) fn is_part(name: &str) -> bool {
    name.parse::<Part>().is_ok()
}

/// Whether images lie beside their masks in folders, which are no classes.
fn looks_segmented(folders: &[String]) -> bool {
    let images = |name: &String| name.starts_with("image") || name == "frames";
    let masks = |name: &String| name.starts_with("label") || name == "masks" || name == "instances";
    folders.iter().any(images) && folders.iter().any(masks)
}

fn locate_in_folder(
    folder: &Path,
    layout: Option<Layout>,
    listing: &Listing,
) -> Result<(Layout, PathBuf)> {
    let unfit = |layout, needed| {
        let found = listing.describe();
        Err(Error::OtherLayout { path: folder.to_owned(), layout, needed, found })
    };
    match (layout, listing.tables.as_slice(), listing.archives.as_slice()) {
        (Some(layout @ Layout::ClassFolders), ..) if listing.folders.is_empty() => {
            unfit(layout, "a folder of images for each class")
        }
        (Some(layout @ Layout::SplitFolders), ..)
            if !listing.folders.iter().any(|name| is_part(name)) =>
        {
            unfit(layout, "folders named train, val or test")
        }
        (Some(layout @ (Layout::ClassFolders | Layout::SplitFolders)), ..) => {
            Ok((layout, folder.to_owned()))
        }
        (Some(layout @ Layout::Manifest), [only], _) | (Some(layout @ Layout::Npz), _, [only]) => {
            Ok((layout, folder.join(only)))
        }
        (Some(layout @ Layout::Manifest), ..) => unfit(layout, "a single table (.csv or .tsv)"),
        (Some(layout @ Layout::Npz), ..) => unfit(layout, "a single archive (.npz)"),
        (None, ..) => {
            Err(Error::UnclearLayout { path: folder.to_owned(), found: listing.describe() })
        }
    }
}

fn of_file(path: &Path, asked: Option<Layout>) -> Result<Layout> {
    let is_table = folder::has_ending(path, folder::TABLES);
    let is_archive = folder::has_ending(path, folder::ARCHIVES);
    let unfit = |layout, needed, found: &str| {
        Err(Error::OtherLayout { path: path.to_owned(), layout, needed, found: found.to_owned() })
    };
    match asked {
        Some(layout @ Layout::Npz) if is_table => unfit(layout, "an archive (.npz)", "a table"),
        Some(layout @ Layout::Manifest) if is_archive => unfit(layout, "a table", "an archive"),
        Some(layout @ (Layout::Npz | Layout::Manifest)) => Ok(layout),
        Some(layout) => Err(Error::FolderExpected { path: path.to_owned(), layout }),
        None if is_table => Ok(Layout::Manifest),
        None if is_archive => Ok(Layout::Npz),
        None => {
            let found = "a single file that is neither a table nor an archive".to_owned();
            Err(Error::UnclearLayout { path: path.to_owned(), found })
        }
    }
}
