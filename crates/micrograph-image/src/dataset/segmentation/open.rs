//! Opening data sets of images with masks.

use std::fs;
use std::path::{Path, PathBuf};

use super::frames::{Gathered, gather};
use super::locate::{Group, Located, layout_of, locate};
use super::pair::{Demand, FilePair, between};
use super::settle::settle;
use super::{
    ClassTable, Frame, MaskKind, SegmentationDataset, SegmentationLayout, SegmentationOptions,
};
use crate::dataset::folder::Listing;
use crate::dataset::{DatasetNotice, Part};
use crate::opening::explain;
use crate::{Error, Result};

/// How a data set is to be opened.
struct Request<'a> {
    options: &'a SegmentationOptions,
    demand: Demand,
    parts: &'a [Part],
}

impl SegmentationDataset {
    /// Whether the names in a folder look like images with masks.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn looks_like(path: &Path) -> Result<bool> {
        if !path.is_dir() {
            return Ok(false);
        }
        let listing = Listing::read(path)?;
        match layout_of(path, &listing)? {
            Some(SegmentationLayout::PartFolders) => {
                let is_part = |name: &&String| name.parse::<Part>().is_ok();
                let Some(part) = listing.folders.iter().find(is_part) else { return Ok(false) };
                let part = path.join(part);
                Ok(layout_of(&part, &Listing::read(&part)?)?.is_some())
            }
            layout => Ok(layout.is_some()),
        }
    }

    /// Finds the frames and masks below the folder `path`.
    ///
    /// Reads the headers of all files, for their sizes; and, unless the options say what masks hold,
    /// all masks once.
    ///
    /// # Errors
    /// [`Error::Segmentation`] for images without masks, masks without images, numbers that are missing
    /// in a sequence, sizes that change within one, values without a clear meaning;
    /// [`Error::MaskSize`]; and those of reading headers, folders and masks.
    pub fn open(path: &Path, options: &SegmentationOptions) -> Result<Self> {
        Self::open_with(path, options, Demand::Masks, &Part::ALL)
    }

    /// As [`open`](Self::open), but of a test part nothing but names is read: its frames are not there.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn open_for_training(path: &Path, options: &SegmentationOptions) -> Result<Self> {
        Self::open_with(path, options, Demand::Masks, &[Part::Train, Part::Val])
    }

    /// As [`open`](Self::open), but masks may be missing, where a number is missing a sequence ends, and
    /// TIFFs may have any size, since [`open_image`](Self::open_image) reads regions of them.
    ///
    /// # Errors
    /// Those of [`open`](Self::open), but for those two.
    pub fn open_unlabelled(path: &Path, options: &SegmentationOptions) -> Result<Self> {
        Self::open_with(path, options, Demand::ImagesAlone, &Part::ALL)
    }

    /// The images at `inputs` (files, stacks, or folders with all folders below), without masks.
    ///
    /// Ids are paths. Files of one folder are sequences as [`FrameOrder`](super::FrameOrder) says; where
    /// a number is missing, a sequence ends. TIFFs may have any size, since
    /// [`open_image`](Self::open_image) reads regions of them.
    ///
    /// # Errors
    /// When an input is not there, may not be read, is no UTF-8, or when there is no image at all.
    pub fn images(inputs: &[PathBuf], options: &SegmentationOptions) -> Result<Self> {
        let source = inputs.first().cloned().unwrap_or_default();
        let request = Request { options, demand: Demand::ImagesAlone, parts: &Part::ALL };
        Self::of(source, PathBuf::new(), images_at(inputs)?, &request)
    }

    /// The sequences at `path`, without masks: the images of a data set of frames and masks, a folder
    /// of frames with all folders below, or a stack.
    ///
    /// Ids are as in [`open`](Self::open) where there are masks, else as in [`images`](Self::images).
    ///
    /// # Errors
    /// Numbers that are missing in a sequence, sizes that change within one; and those of
    /// [`images`](Self::images).
    pub fn sequences_at(path: &Path, options: &SegmentationOptions) -> Result<Self> {
        // No frame may be missing or too large, as where there are masks.
        let request = Request { options, demand: Demand::Masks, parts: &Part::ALL };
        if !Self::looks_like(path)? {
            let located = images_at(&[path.to_owned()])?;
            return Self::of(path.to_owned(), PathBuf::new(), located, &request);
        }
        let mut located = locate(path, options, Demand::ImagesAlone)?;
        let files = located.groups.iter_mut().flat_map(|group| &mut group.files);
        files.for_each(|file| file.mask = None);
        Self::of(path.to_owned(), path.to_owned(), located, &request)
    }

    fn open_with(
        path: &Path,
        options: &SegmentationOptions,
        demand: Demand,
        parts: &[Part],
    ) -> Result<Self> {
        let located = locate(path, options, demand)?;
        let request = Request { options, demand, parts };
        Self::of(path.to_owned(), path.to_owned(), located, &request)
    }

    fn of(
        source: PathBuf,
        root: PathBuf,
        located: Located,
        &Request { options, demand, parts }: &Request<'_>,
    ) -> Result<Self> {
        let Located { layout, mut groups, mut notices } = located;
        groups.sort_by_key(|group| group.part);
        let is_wanted = |part: &Option<Part>| part.is_none_or(|part| parts.contains(&part));
        let gathered = gather(&root, &groups, &is_wanted, options, demand)?;
        let Gathered { frames, sequences } = gathered;
        if frames.is_empty() {
            return Err(Error::NoImages { path: source });
        }
        let named = !groups.is_empty() && groups.iter().all(|group| group.instances);
        let (masks, table) = masks_and_table(&frames, named, options)?;
        if named_nowhere(named, options) && frames.iter().any(|frame| frame.mask.is_some()) {
            notices
                .push(DatasetNotice::MasksUnderstood { kind: masks, classes: table.to_string() });
        }
        let limits = options.limits;
        Ok(Self { source, root, layout, masks, table, sequences, frames, notices, limits })
    }
}

/// The images at some places, folder by folder.
fn images_at(inputs: &[PathBuf]) -> Result<Located> {
    let mut groups: Vec<Group> = Vec::new();
    for input in inputs {
        let metadata = fs::metadata(input).map_err(|error| explain(input, error))?;
        let id = input.to_str().ok_or_else(|| Error::NonUtf8Name { path: input.clone() })?;
        let group = |folder: String, files| Group {
            part: None,
            folder,
            files,
            instances: false,
            planes_only: false,
        };
        if metadata.is_dir() {
            let mut found = Vec::new();
            between(input, None, id.trim_end_matches('/'), Demand::ImagesAlone, &mut found)?;
            groups.extend(found.into_iter().map(|(folder, files)| group(folder, files)));
            continue;
        }
        let folder = input.parent().unwrap_or(input).to_string_lossy().into_owned();
        let file = FilePair { id: id.to_owned(), image: input.clone(), mask: None };
        match groups.last_mut().filter(|group| group.folder == folder) {
            Some(group) => group.files.push(file),
            None => groups.push(group(folder, vec![file])),
        }
    }
    Ok(Located { layout: SegmentationLayout::ImageMaskFolders, groups, notices: Vec::new() })
}

/// Whether the meaning of masks was found out from their values.
fn named_nowhere(named: bool, options: &SegmentationOptions) -> bool {
    options.table.is_none() && options.masks != MaskKind::Instances && !named
}

fn masks_and_table(
    frames: &[Frame],
    named: bool,
    options: &SegmentationOptions,
) -> Result<(MaskKind, ClassTable)> {
    match (options.masks, &options.table) {
        (MaskKind::Instances, _) => Ok((MaskKind::Instances, ClassTable::objects())),
        (_, Some(table)) => Ok((MaskKind::Classes, table.clone())),
        (MaskKind::Auto, None) if named => Ok((MaskKind::Instances, ClassTable::objects())),
        _ => {
            let masked: Vec<&Frame> = frames.iter().filter(|frame| frame.mask.is_some()).collect();
            settle(&masked, options)
        }
    }
}
