//! Looking into folders: what lies there, and why one cannot look.

use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

use super::natural_order;
use super::notice::counted;
use crate::opening::explain;
use crate::{EXTENSIONS, Error, Result};

/// The endings of tables.
pub(super) const TABLES: &[&str] = &["csv", "tsv"];
/// The endings of archives of arrays.
pub(super) const ARCHIVES: &[&str] = &["npz"];

/// The names of what lies directly in a folder, by kind and in natural order.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) folders: Vec<String>,
    pub(super) images: Vec<String>,
    pub(super) tables: Vec<String>,
    pub(super) archives: Vec<String>,
    pub(super) hidden: usize,
    pub(super) other: usize,
}

impl Listing {
    /// Reads the names in `folder`; links count as what they lead to.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let failed = |source| cannot_list(folder, source);
        let mut listing = Self::default();
        for entry in fs::read_dir(folder).map_err(failed)? {
            listing.add(&entry.map_err(failed)?)?;
        }
        let Self { folders, images, tables, archives, .. } = &mut listing;
        for names in [folders, images, tables, archives] {
            names.sort_unstable_by(|left, right| natural_order(left, right));
        }
        Ok(listing)
    }

    fn add(&mut self, entry: &DirEntry) -> Result<()> {
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") || name == "__MACOSX" {
            self.hidden += 1;
            return Ok(());
        }
        let names = if leads_to_folder(entry)? {
            &mut self.folders
        } else if has_ending(&name, EXTENSIONS) {
            &mut self.images
        } else if has_ending(&name, TABLES) {
            &mut self.tables
        } else if has_ending(&name, ARCHIVES) {
            &mut self.archives
        } else {
            self.other += 1;
            return Ok(());
        };
        let name = name.into_string().map_err(|_| Error::NonUtf8Name { path: entry.path() })?;
        names.push(name);
        Ok(())
    }

    /// The number of visible files that are no images.
    pub(super) fn n_not_images(&self) -> usize {
        self.tables.len() + self.archives.len() + self.other
    }

    /// Says what lies here, for a message: `2 folders (a, b), 1 table (index.csv)`.
    pub(super) fn describe(&self) -> String {
        let mut kinds = Vec::new();
        let named =
            [("folder", &self.folders), ("table", &self.tables), ("archive", &self.archives)];
        for (kind, names) in named {
            if !names.is_empty() {
                kinds.push(format!("{} ({})", counted(names.len(), kind), first_names(names)));
            }
        }
        for (kind, count) in [("image", self.images.len()), ("other file", self.other)] {
            if count > 0 {
                kinds.push(counted(count, kind));
            }
        }
        if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") }
    }
}

/// The first eight names, and whether there are more.
fn first_names(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let more = if names.len() > SHOWN { ", ..." } else { "" };
    format!("{}{more}", names[..names.len().min(SHOWN)].join(", "))
}

/// Whether `name` ends in one of `endings`, in any case.
pub(super) fn has_ending(name: impl AsRef<OsStr>, endings: &[&str]) -> bool {
    let extension = Path::new(name.as_ref()).extension();
    extension.is_some_and(|is| endings.iter().any(|ending| is.eq_ignore_ascii_case(ending)))
}

/// A link that leads nowhere is a file here: it is found out when it is read.
fn leads_to_folder(entry: &DirEntry) -> Result<bool> {
    let kind = entry.file_type().map_err(|error| explain(&entry.path(), error))?;
    Ok(kind.is_dir() || kind.is_symlink() && entry.path().is_dir())
}

/// The error for a folder whose names could not be read.
pub(super) fn cannot_list(folder: &Path, source: io::Error) -> Error {
    match explain(folder, source) {
        Error::Read { path, source } => Error::ReadFolder { path, source },
        explained => explained,
    }
}
