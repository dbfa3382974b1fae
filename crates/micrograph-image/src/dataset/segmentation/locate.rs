//! Which layout a folder has, and the groups of files in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::pair::{Demand, FilePair, beside, between};
use super::problem::SegmentationProblem;
use super::roles::{self, Role};
use super::{MaskKind, SegmentationLayout, SegmentationOptions, TrackingTruth, cell_tracking};
use crate::dataset::folder::Listing;
use crate::dataset::layout::is_part;
use crate::dataset::{DatasetNotice, Part};
use crate::opening::explain;
use crate::{Error, Result};

/// The files of one folder, in which sequences are sought.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) part: Option<Part>,
    /// The folder relative to that of the part.
    pub(super) folder: String,
    pub(super) files: Vec<FilePair>,
    /// Whether names say that masks hold objects.
    pub(super) instances: bool,
    /// Whether a file of several pages is a volume, and no stack of frames.
    pub(super) planes_only: bool,
}

/// What was found below a folder.
#[derive(Debug)]
pub(super) struct Located {
    pub(super) layout: SegmentationLayout,
    pub(super) groups: Vec<Group>,
    pub(super) notices: Vec<DatasetNotice>,
}

/// The error of a data set whose folder or file is `path`.
pub(super) fn refused(path: &Path, problem: SegmentationProblem) -> Error {
    Error::Segmentation { path: path.to_owned(), problem: Box::new(problem) }
}

/// The layout of a folder, by the names in it.
pub(super) fn layout_of(folder: &Path, listing: &Listing) -> Result<Option<SegmentationLayout>> {
    let has = |role| listing.folders.iter().any(|name| roles::of_folder(name) == Some(role));
    if has(Role::Image) && has(Role::Mask) {
        return Ok(Some(SegmentationLayout::ImageMaskFolders));
    }
    if !cell_tracking::sequences(listing).is_empty() {
        return Ok(Some(SegmentationLayout::CellTracking));
    }
    if listing.folders.iter().any(|name| is_part(name)) {
        return Ok(Some(SegmentationLayout::PartFolders));
    }
    let has_masks = |listing: &Listing| {
        listing.images.iter().any(|name| roles::of_file(name) == Some(Role::Mask))
    };
    if has_masks(listing) {
        return Ok(Some(SegmentationLayout::SideBySide));
    }
    let Some(first) = listing.folders.first() else { return Ok(None) };
    let below = Listing::read(&folder.join(first))?;
    Ok(has_masks(&below).then_some(SegmentationLayout::SideBySide))
}

/// Finds images and masks below `folder`.
pub(super) fn locate(
    folder: &Path,
    options: &SegmentationOptions,
    demand: Demand,
) -> Result<Located> {
    let metadata = fs::metadata(folder).map_err(|error| explain(folder, error))?;
    if !metadata.is_dir() {
        let found = "a single file".to_owned();
        return Err(refused(folder, SegmentationProblem::Unclear { found }));
    }
    let mut finding = Finding { options, demand, groups: Vec::new(), notices: Vec::new() };
    let layout = finding.read(folder, "", None, options.layout)?;
    let Finding { groups, notices, .. } = finding;
    Ok(Located { layout, groups, notices })
}

struct Finding<'a> {
    options: &'a SegmentationOptions,
    demand: Demand,
    groups: Vec<Group>,
    notices: Vec<DatasetNotice>,
}

impl Finding<'_> {
    /// Reads `folder`, which has the relative path `id`.
    fn read(
        &mut self,
        folder: &Path,
        id: &str,
        part: Option<Part>,
        layout: Option<SegmentationLayout>,
    ) -> Result<SegmentationLayout> {
        let listing = Listing::read(folder)?;
        let layout = match layout {
            Some(layout) => layout,
            None => layout_of(folder, &listing)?
                .filter(|&layout| part.is_none() || layout != SegmentationLayout::PartFolders)
                .ok_or_else(|| {
                    let found = listing.describe();
                    refused(folder, SegmentationProblem::Unclear { found })
                })?,
        };
        let before = self.groups.len();
        match layout {
            SegmentationLayout::ImageMaskFolders => self.image_and_mask(folder, id, &listing)?,
            SegmentationLayout::PartFolders => self.parts(folder, &listing)?,
            SegmentationLayout::SideBySide => self.side_by_side(folder, id, &listing)?,
            SegmentationLayout::CellTracking => self.cell_tracking(folder, id, &listing)?,
        }
        for group in &mut self.groups[before..] {
            group.part = group.part.or(part);
        }
        Ok(layout)
    }

    fn parts(&mut self, folder: &Path, listing: &Listing) -> Result<()> {
        let (parts, others): (Vec<_>, Vec<_>) =
            listing.folders.iter().cloned().partition(|name| is_part(name));
        self.ignore(others);
        for name in parts {
            let part: Part = name.parse()?;
            self.read(&folder.join(&name), &name, Some(part), None)?;
        }
        Ok(())
    }

    fn image_and_mask(&mut self, folder: &Path, id: &str, listing: &Listing) -> Result<()> {
        let images = self.one_folder(folder, listing, Role::Image)?;
        let masks = self.one_folder(folder, listing, Role::Mask)?;
        let others = listing.folders.iter().filter(|&name| *name != images && *name != masks);
        self.ignore(others.cloned().collect());
        let instances = roles::names_instances(&masks);
        let mut found = Vec::new();
        let (image_folder, mask_folder) = (folder.join(&images), folder.join(&masks));
        between(&image_folder, Some(&mask_folder), &joined(id, &images), self.demand, &mut found)?;
        for (below, files) in found {
            let within =
                below.strip_prefix(id).unwrap_or(&below).trim_start_matches('/').to_owned();
            self.add(within, files, instances, false);
        }
        Ok(())
    }

    /// The one folder of a role; of several, the one that is named plainly, or of the kind of masks
    /// that was asked for.
    fn one_folder(&self, folder: &Path, listing: &Listing, role: Role) -> Result<String> {
        let of_role = |name: &&String| roles::of_folder(name) == Some(role);
        let names: Vec<String> = listing.folders.iter().filter(of_role).cloned().collect();
        let fits = |name: &&String| match (role, self.options.masks) {
            (Role::Image, _) => matches!(name.as_str(), "image" | "images" | "frames"),
            (Role::Mask, MaskKind::Auto) => false,
            (Role::Mask, MaskKind::Classes) => !roles::names_instances(name),
            (Role::Mask, MaskKind::Instances) => roles::names_instances(name),
        };
        let fitting: Vec<&String> = names.iter().filter(fits).collect();
        let role_name = if role == Role::Image { "images" } else { "masks" };
        match (names.as_slice(), fitting.as_slice()) {
            ([only], _) => Ok(only.clone()),
            (_, [only]) => Ok((*only).clone()),
            ([], _) => {
                let found = listing.describe();
                Err(refused(folder, SegmentationProblem::Unclear { found }))
            }
            _ => Err(refused(folder, SegmentationProblem::TwoFolders { role: role_name, names })),
        }
    }

    fn side_by_side(&mut self, folder: &Path, id: &str, listing: &Listing) -> Result<()> {
        let mut add = |folder: &Path, id: &str, within: &str, listing: &Listing| -> Result<()> {
            let (files, instances) = beside(folder, id, listing, self.demand)?;
            if !files.is_empty() {
                self.add(within.to_owned(), files, instances, false);
            }
            Ok(())
        };
        add(folder, id, "", listing)?;
        for name in &listing.folders {
            let path = folder.join(name);
            add(&path, &joined(id, name), name, &Listing::read(&path)?)?;
        }
        Ok(())
    }

    fn cell_tracking(&mut self, folder: &Path, id: &str, listing: &Listing) -> Result<()> {
        let sequences = cell_tracking::sequences(listing);
        if sequences.is_empty() {
            let found = listing.describe();
            return Err(refused(folder, SegmentationProblem::Unclear { found }));
        }
        let (suffix, below) = match self.options.truth {
            TrackingTruth::Gold => ("GT", "SEG"),
            TrackingTruth::Silver => ("ST", "SEG"),
            TrackingTruth::Markers => ("GT", "TRA"),
        };
        let mut read = BTreeSet::new();
        for name in sequences {
            let expected = format!("{name}_{suffix}");
            if !listing.folders.contains(&expected) {
                let (other, truth) = if suffix == "GT" { ("ST", "silver") } else { ("GT", "gold") };
                let found = format!("{name}_{other}");
                return Err(refused(
                    folder,
                    SegmentationProblem::OtherTruth { expected, found, truth },
                ));
            }
            let truth: PathBuf = folder.join(expected).join(below);
            let files = cell_tracking::pair(&folder.join(&name), &joined(id, &name), &truth)?;
            self.add(name.clone(), files, true, true);
            read.extend([format!("{name}_GT"), format!("{name}_ST"), name]);
        }
        let others = listing.folders.iter().filter(|name| !read.contains(*name));
        self.ignore(others.cloned().collect());
        Ok(())
    }

    fn add(&mut self, folder: String, files: Vec<FilePair>, instances: bool, planes_only: bool) {
        self.groups.push(Group { part: None, folder, files, instances, planes_only });
    }

    fn ignore(&mut self, names: Vec<String>) {
        if !names.is_empty() {
            self.notices.push(DatasetNotice::FoldersIgnored { names });
        }
    }
}

/// The relative path of `name` in `parent`, with a slash on every system.
pub(super) fn joined(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") }
}
