//! Reading frames, their masks, and windows of them.

use ndarray::{Axis, concatenate};
use sha2::{Digest, Sha256};

use super::labels::{LabelMap, labels, values};
use super::locate::refused;
use super::problem::SegmentationProblem;
use super::{ClassTable, Frame, MaskKind, Page, SegmentationDataset, Segmented, TemporalWindow};
use crate::dataset::fingerprint::{Fields, portable};
use crate::dataset::reading::file_digest;
use crate::decode::read_page_at;
use crate::{Error, Image, ImageRegions, Limits, Notice, Result, Shape, hex};

impl SegmentationDataset {
    /// Reads the image of a frame.
    ///
    /// # Errors
    /// When there is no such frame, or its file cannot be read or has changed its size.
    pub fn read_image(&self, index: usize) -> Result<Image> {
        let frame = self.frame(index)?;
        let image = frame.image.read(&self.limits)?;
        check_shape(frame, image.shape())?;
        Ok(image)
    }

    /// Opens the image of a frame, to read regions of it.
    ///
    /// # Errors
    /// When there is no such frame, or those of [`ImageRegions::open`].
    pub fn open_image(&self, index: usize) -> Result<ImageRegions> {
        let frame = self.frame(index)?;
        let Page { path, page, start } = &frame.image;
        let image = ImageRegions::open_at(path, (*page, *start), &self.limits)?;
        check_shape(frame, image.shape())?;
        Ok(image)
    }

    /// Reads the mask of a frame; `None` where it has none.
    ///
    /// # Errors
    /// When there is no such frame, the mask cannot be read, has another size than the image, or holds
    /// a value that is no class.
    pub fn read_labels(&self, index: usize) -> Result<Option<LabelMap>> {
        let frame = self.frame(index)?;
        let Some(mask) = &frame.mask else { return Ok(None) };
        let labels = labels_of(mask, self.masks, &self.table, &self.limits)?;
        let mask_size = [labels.classes.nrows(), labels.classes.ncols()];
        let image_size = [frame.shape.height, frame.shape.width];
        if mask_size != image_size {
            let (image, mask) = (frame.image.path.clone(), mask.path.clone());
            return Err(Error::MaskSize { image, image_size, mask, mask_size });
        }
        Ok(Some(labels))
    }

    /// Reads a frame and its mask.
    ///
    /// # Errors
    /// Those of [`read_image`](Self::read_image) and [`read_labels`](Self::read_labels).
    pub fn read(&self, index: usize) -> Result<Segmented> {
        Ok(Segmented { image: self.read_image(index)?, labels: self.read_labels(index)? })
    }

    /// The frames that a window around `index` shows, the earliest first; `None` where it is dropped
    /// at an end of the sequence, or where there is no such frame.
    pub fn window(&self, index: usize, window: &TemporalWindow) -> Option<Vec<usize>> {
        let sequence = self.sequences.get(self.frames.get(index)?.sequence)?;
        window.frames(index, sequence.frames.clone())
    }

    /// Reads a window: the channels of its frames one after the other, the earliest first.
    ///
    /// # Shapes
    /// `(width * channels, h, w)`; depth and pixel size are those of the frame in the middle.
    ///
    /// # Errors
    /// [`Error::WindowWidth`]; a window that is dropped at an end; and those of
    /// [`read_image`](Self::read_image).
    pub fn read_window(&self, index: usize, window: &TemporalWindow) -> Result<Image> {
        window.validate()?;
        let mut middle = self.read_image(index)?;
        let frames = self.window(index, window).ok_or_else(|| {
            let half = window.half_width();
            refused(&self.frames[index].image.path, SegmentationProblem::NoWindow { half })
        })?;
        if frames.len() == 1 {
            return Ok(middle);
        }
        // An end that is reflected shows a frame twice; it is read once.
        let mut read: Vec<(usize, Image)> = Vec::new();
        for &frame in frames.iter().filter(|&&frame| frame != index) {
            if !read.iter().any(|(known, _)| *known == frame) {
                read.push((frame, self.read_image(frame)?));
            }
        }
        let pixels = |frame: &usize| {
            let neighbor = read.iter().find(|(known, _)| known == frame);
            neighbor.map_or(&middle, |(_, image)| image).pixels.view()
        };
        let planes: Vec<_> = frames.iter().map(pixels).collect();
        // All frames of a sequence have one shape.
        let stacked = concatenate(Axis(0), &planes).unwrap_or_default();
        middle.pixels = stacked;
        Ok(middle)
    }

    /// The SHA-256 of a frame's image and mask: of the two digests one after the other where there is
    /// a mask.
    ///
    /// That of a file is of its bytes, that of a page of a stack of its shape and pixels.
    ///
    /// # Errors
    /// When there is no such frame or a file cannot be read.
    pub fn digest(&self, index: usize) -> Result<[u8; 32]> {
        let frame = self.frame(index)?;
        let image = self.page_digest(&frame.image, frame)?;
        match &frame.mask {
            None => Ok(image),
            Some(mask) => {
                Ok(Sha256::digest([image, self.page_digest(mask, frame)?].concat()).into())
            }
        }
    }

    fn page_digest(&self, page: &Page, frame: &Frame) -> Result<[u8; 32]> {
        if !frame.in_stack {
            return file_digest(&page.path);
        }
        let image = page.read(&self.limits)?;
        let mut hasher = Sha256::new();
        for size in image.pixels.shape() {
            hasher.update((*size as u64).to_le_bytes());
        }
        image.pixels.iter().for_each(|value| hasher.update(value.to_le_bytes()));
        Ok(hasher.finalize().into())
    }

    /// A fingerprint of the frames at `indices`, in that order: 64 hexadecimal digits.
    ///
    /// It is the SHA-256 of what masks stand for and, for each frame, of its id, part, sequence, the
    /// mask's path below the root and its [`digest`](Self::digest), which `digests` holds in the order
    /// of `indices`: as [`Dataset::fingerprint`](crate::Dataset::fingerprint) does, it changes with
    /// every change of the data, and stays when they are moved to another folder.
    ///
    /// # Panics
    /// When `digests` and `indices` differ in length, or an index is out of range.
    pub fn fingerprint(&self, digests: &[[u8; 32]], indices: &[usize]) -> String {
        assert_eq!(digests.len(), indices.len(), "one digest for each frame");
        let mut fields = Fields::default();
        fields.bytes(self.table.to_string().as_bytes());
        fields.count(usize::from(self.masks == MaskKind::Instances));
        for (digest, &index) in digests.iter().zip(indices) {
            let frame = &self.frames[index];
            fields.bytes(frame.id.as_bytes());
            fields.optional(frame.part.map(|part| part.name()));
            fields.bytes(self.sequences[frame.sequence].name.as_bytes());
            let mask = frame.mask.as_ref().map(|mask| portable(&mask.path, &self.root));
            fields.optional(mask.as_deref());
            fields.bytes(digest);
        }
        hex(&fields.finish())
    }

    fn frame(&self, index: usize) -> Result<&Frame> {
        let count = self.frames.len();
        self.frames.get(index).ok_or(Error::NoSuchSample { index, count })
    }
}

/// Whether a file still has the shape that was found when the data set was opened.
fn check_shape(frame: &Frame, got: Shape) -> Result<()> {
    if got == frame.shape {
        return Ok(());
    }
    let (first, expected) = (frame.id.clone(), frame.shape);
    let problem = SegmentationProblem::SizeChange { first, expected, got };
    Err(refused(&frame.image.path, problem))
}

impl Page {
    pub(super) fn read(&self, limits: &Limits) -> Result<Image> {
        read_page_at(&self.path, (self.page, self.start), limits)
    }
}

/// The labels of a mask.
pub(super) fn labels_of(
    mask: &Page,
    kind: MaskKind,
    table: &ClassTable,
    limits: &Limits,
) -> Result<LabelMap> {
    let mut image = mask.read(limits)?;
    image.notices.retain(|notice| *notice == Notice::IntegersRounded);
    let expected = if kind == MaskKind::Instances {
        "0 and numbers of objects".to_owned()
    } else {
        table.values()
    };
    values(&image)
        .and_then(|values| labels(&values, kind, table))
        .map_err(|problem| refused(&mask.path, SegmentationProblem::of_mask(problem, expected)))
}
