//! From groups of files to frames in sequences.

use std::path::Path;

use super::locate::{Group, refused};
use super::pair::{Demand, FilePair};
use super::problem::SegmentationProblem;
use super::sequence::{Elsewhere, Gaps, place, runs};
use super::{Frame, Page, SegmentationOptions, Sequence};
use crate::dataset::Part;
use crate::decode::probe_regions;
use crate::{Error, Result, Shape, probe_pages};

/// Frames and sequences while they are gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) frames: Vec<Frame>,
    pub(super) sequences: Vec<Sequence>,
}

/// The frames of the groups of wanted parts, each file looked into.
pub(super) fn gather(
    root: &Path,
    groups: &[Group],
    is_wanted: &dyn Fn(&Option<Part>) -> bool,
    options: &SegmentationOptions,
    demand: Demand,
) -> Result<Gathered> {
    let mut gathered = Gathered::default();
    for group in groups.iter().filter(|group| is_wanted(&group.part)) {
        let elsewhere = numbers_of_others(group, groups);
        let gaps = match demand {
            Demand::Masks => Gaps::Refused(&elsewhere),
            Demand::ImagesAlone => Gaps::Part,
        };
        gathered.add(root, group, options, (demand, gaps))?;
    }
    Ok(gathered)
}

/// The numbers that the same folder of other parts has: images that were dealt out are no sequence
/// with missing frames.
fn numbers_of_others(group: &Group, groups: &[Group]) -> Elsewhere {
    let others =
        groups.iter().filter(|other| other.part != group.part && other.folder == group.folder);
    others.flat_map(|other| &other.files).filter_map(|file| place(name(file))).collect()
}

fn name(file: &FilePair) -> &str {
    file.id.rsplit_once('/').map_or(&file.id, |(_, name)| name)
}

impl Gathered {
    fn add(
        &mut self,
        root: &Path,
        group: &Group,
        options: &SegmentationOptions,
        (demand, gaps): (Demand, Gaps<'_>),
    ) -> Result<()> {
        let mut single = Vec::new();
        let mut stacks = Vec::new();
        for file in &group.files {
            let shapes = match demand {
                Demand::Masks => probe_pages(&file.image, &options.limits)?,
                // What is only looked at and predicted may be larger than memory.
                Demand::ImagesAlone => probe_regions(&file.image, &options.limits)?,
            };
            check_mask(file, &shapes, options)?;
            match shapes.as_slice() {
                &[shape] => single.push((file, shape)),
                _ if group.planes_only => {
                    let problem = SegmentationProblem::Volume { pages: shapes.len() };
                    return Err(refused(&file.image, problem));
                }
                _ => stacks.push((file, shapes)),
            }
        }
        let names: Vec<&str> = single.iter().map(|(file, _)| name(file)).collect();
        let folder = || single.first().and_then(|(file, _)| file.image.parent()).unwrap_or(root);
        let runs =
            runs(&names, options.order, gaps).map_err(|problem| refused(folder(), problem))?;
        for run in runs {
            let frames: Vec<_> = run.iter().map(|&index| single[index]).collect();
            let Some(&(first, _)) = frames.first() else { continue };
            let of_run = match (frames.len(), place(name(first))) {
                (2.., Some((around, _))) => {
                    let folder = &first.id[..first.id.len() - name(first).len()];
                    format!("{folder}{around}")
                }
                _ => first.id.clone(),
            };
            let frames = frames.iter().map(|&(file, shape)| frame(file, None, shape));
            self.sequence(of_run, group, frames.collect())?;
        }
        for (file, shapes) in stacks {
            let page = |(page, &shape): (usize, &Shape)| frame(file, Some(page), shape);
            let frames = shapes.iter().enumerate().map(page).collect();
            self.sequence(file.id.clone(), group, frames)?;
        }
        Ok(())
    }

    /// Adds a sequence, all frames of which have one shape.
    fn sequence(&mut self, name: String, group: &Group, mut frames: Vec<Frame>) -> Result<()> {
        if let Some((first, rest)) = frames.split_first()
            && let Some(other) = rest.iter().find(|frame| frame.shape != first.shape)
        {
            let (first, expected, got) = (first.id.clone(), first.shape, other.shape);
            let problem = SegmentationProblem::SizeChange { first, expected, got };
            return Err(refused(&other.image.path, problem));
        }
        let start = self.frames.len();
        for frame in &mut frames {
            (frame.sequence, frame.part) = (self.sequences.len(), group.part);
        }
        self.frames.append(&mut frames);
        self.sequences.push(Sequence { name, frames: start..self.frames.len(), part: group.part });
        Ok(())
    }
}

/// A frame of a file, or of a page of it.
fn frame(file: &FilePair, page: Option<usize>, shape: Shape) -> Frame {
    let at = |path: &Path| Page { path: path.to_owned(), page: page.unwrap_or(0) };
    Frame {
        id: page.map_or_else(|| file.id.clone(), |page| format!("{}:{page}", file.id)),
        image: at(&file.image),
        mask: file.mask.as_deref().map(at),
        sequence: 0,
        part: None,
        shape,
        in_stack: page.is_some(),
    }
}

/// Whether the mask has as many pages as the image, and each the size of its own.
fn check_mask(file: &FilePair, shapes: &[Shape], options: &SegmentationOptions) -> Result<()> {
    let Some(mask) = &file.mask else { return Ok(()) };
    let of_mask = probe_pages(mask, &options.limits)?;
    if of_mask.len() != shapes.len() {
        let (images, expected, got) = (file.image.clone(), shapes.len(), of_mask.len());
        return Err(refused(mask, SegmentationProblem::Pages { images, expected, got }));
    }
    let size = |shape: &Shape| [shape.height, shape.width];
    let other = shapes.iter().zip(&of_mask).find(|(image, mask)| size(image) != size(mask));
    match other {
        None => Ok(()),
        Some((image, of_mask)) => Err(Error::MaskSize {
            image: file.image.clone(),
            image_size: size(image),
            mask: mask.clone(),
            mask_size: size(of_mask),
        }),
    }
}
