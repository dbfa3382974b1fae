//! From groups of files to frames in sequences.

use std::path::Path;

use super::locate::{Group, refused};
use super::pair::{Demand, FilePair};
use super::problem::SegmentationProblem;
use super::sequence::{Elsewhere, Gaps, place, runs};
use super::{Frame, Page, SegmentationOptions, Sequence};
use crate::dataset::Part;
use crate::decode::{PageStart, locate_pages, locate_regions};
use crate::{Error, Result, Shape};

/// Frames and sequences while they are gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) frames: Vec<Frame>,
    pub(super) sequences: Vec<Sequence>,
}

/// What is known of an image and its mask before pixels are read.
#[derive(Debug, Clone, Copy)]
struct Header {
    shape: Shape,
    image: Option<PageStart>,
    mask: Option<PageStart>,
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
            let headers = headers(file, options, demand)?;
            match headers.as_slice() {
                &[header] => single.push((file, header)),
                _ if group.planes_only => {
                    let problem = SegmentationProblem::Volume { pages: headers.len() };
                    return Err(refused(&file.image, problem));
                }
                _ => stacks.push((file, headers)),
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
            let frames = frames.iter().map(|&(file, header)| frame(file, None, header));
            self.sequence(of_run, group, frames.collect())?;
        }
        for (file, headers) in stacks {
            let page = |(page, &header): (usize, &Header)| frame(file, Some(page), header);
            let frames = headers.iter().enumerate().map(page).collect();
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
fn frame(file: &FilePair, page: Option<usize>, header: Header) -> Frame {
    let Header { shape, image, mask } = header;
    let at = |path: &Path, start| Page { path: path.to_owned(), page: page.unwrap_or(0), start };
    Frame {
        id: page.map_or_else(|| file.id.clone(), |page| format!("{}:{page}", file.id)),
        image: at(&file.image, image),
        mask: file.mask.as_deref().map(|path| at(path, mask)),
        sequence: 0,
        part: None,
        shape,
        in_stack: page.is_some(),
    }
}

/// The headers of all pages of an image, whose mask has as many, each of the size of its own.
fn headers(file: &FilePair, options: &SegmentationOptions, demand: Demand) -> Result<Vec<Header>> {
    let images = match demand {
        Demand::Masks => locate_pages(&file.image, &options.limits)?,
        // What is only looked at and predicted may be larger than memory.
        Demand::ImagesAlone => locate_regions(&file.image, &options.limits)?,
    };
    let header = |(shape, image)| Header { shape, image, mask: None };
    let mut headers: Vec<Header> = images.into_iter().map(header).collect();
    let Some(mask) = &file.mask else { return Ok(headers) };
    let of_mask = locate_pages(mask, &options.limits)?;
    if of_mask.len() != headers.len() {
        let (images, expected, got) = (file.image.clone(), headers.len(), of_mask.len());
        return Err(refused(mask, SegmentationProblem::Pages { images, expected, got }));
    }
    let size = |shape: &Shape| [shape.height, shape.width];
    for (header, (shape, start)) in headers.iter_mut().zip(of_mask) {
        let (image_size, mask_size) = (size(&header.shape), size(&shape));
        if image_size != mask_size {
            let (image, mask) = (file.image.clone(), mask.clone());
            return Err(Error::MaskSize { image, image_size, mask, mask_size });
        }
        header.mask = start;
    }
    Ok(headers)
}
