//! MedMNIST's archives: `train_images`, `train_labels` and the same for `val` and `test`.
//!
//! Nothing that an archive says of itself is believed before it is checked: the type and shape in
//! an array's header against the bytes that the directory of the archive gives it and against the
//! limits ([`ArchiveProblem::Inflates`], [`ArchiveProblem::TooLarge`]), and what the directory says
//! by making room only as bytes arrive.

mod budget;
mod images;
mod member;
mod problem;
mod reader;

use std::path::{Path, PathBuf};

use self::images::Images;
pub use self::problem::ArchiveProblem;
use self::reader::ArchiveReader;
use super::{Contents, Labels, Part, Sample};
use crate::{Error, Image, Limits, Result, Shape};

/// Reads `parts` of the archive at `path`, each whole, as the compression demands.
pub(super) fn open(
    path: &Path,
    limits: &Limits,
    labels: Labels,
    parts: &[Part],
) -> Result<Contents> {
    let mut reader = ArchiveReader::open(path, limits)?;
    let mut archive = Archive { path: path.to_owned(), parts: [None, None, None, None] };
    let mut samples = Vec::new();
    for &part in parts {
        let key = format!("{part}_images");
        if !reader.has(&key) {
            continue;
        }
        let images = reader.images(&key)?;
        let labels = match labels {
            Labels::Optional if !reader.has(&format!("{part}_labels")) => None,
            _ => Some(reader.labels(part, images.len())?),
        };
        samples.extend((0..images.len()).map(|row| Sample {
            label: labels.as_ref().and_then(|labels| labels.get(row).copied()),
            part: Some(part),
            row: Some((part as usize, row)),
            ..Sample::file(format!("{part}/{row}"))
        }));
        archive.parts[part as usize] = Some(images);
    }
    if samples.is_empty() && labels == Labels::Optional {
        samples = without_part(&mut reader, &mut archive)?;
    }
    if archive.parts.iter().all(Option::is_none) {
        let expected = parts.iter().map(|part| format!("{part}_images")).collect();
        let problem = ArchiveProblem::NoImages { expected, found: reader.names };
        return Err(Error::Archive { path: path.to_owned(), problem });
    }
    let n_classes = samples.iter().filter_map(|sample| sample.label).max().map_or(0, |max| max + 1);
    Ok(Contents {
        classes: (0..n_classes).map(|label| label.to_string()).collect(),
        samples,
        notices: reader.notices(),
        archive: Some(archive),
    })
}

/// The samples of the array `images`, or of the only one there is.
fn without_part(reader: &mut ArchiveReader, archive: &mut Archive) -> Result<Vec<Sample>> {
    let key = match reader.names.as_slice() {
        [only] => only.clone(),
        _ if reader.has(WHOLE) => WHOLE.to_owned(),
        _ => return Ok(Vec::new()),
    };
    let images = reader.images(&key)?;
    let samples = (0..images.len())
        .map(|row| Sample { row: Some((NO_PART, row)), ..Sample::file(row.to_string()) })
        .collect();
    archive.parts[NO_PART] = Some(images);
    Ok(samples)
}

/// The name of an array of images without parts.
const WHOLE: &str = "images";
/// Its place in [`Archive::parts`], after those of the parts.
const NO_PART: usize = Part::ALL.len();

/// The arrays of an archive in the type in which they are stored.
#[derive(Debug)]
pub(super) struct Archive {
    path: PathBuf,
    parts: [Option<Images>; NO_PART + 1],
}

impl Archive {
    /// The image of a sample; a pixel that is NaN or infinite is an error.
    pub(super) fn image(&self, sample: &Sample) -> Result<Image> {
        let (images, row) = self.row(sample)?;
        let (pixels, depth) = images.pixels(row);
        if let Some(((channel, row, column), &value)) =
            pixels.indexed_iter().find(|(_, value)| !value.is_finite())
        {
            let path = self.path.join(&sample.id);
            return Err(Error::NotFinite { path, channel, row, column, value });
        }
        Ok(Image { pixels, depth, pixel_size_nm: None, notices: Vec::new() })
    }

    pub(super) fn shape(&self, sample: &Sample) -> Result<Shape> {
        let (images, _) = self.row(sample)?;
        Ok(images.shape())
    }

    /// The stored numbers of a sample, little-endian, in the order (h, w, c).
    pub(super) fn bytes(&self, sample: &Sample) -> Result<Vec<u8>> {
        let (images, row) = self.row(sample)?;
        Ok(images.bytes(row))
    }

    fn row(&self, sample: &Sample) -> Result<(&Images, usize)> {
        let find = || {
            let (part, row) = sample.row?;
            let images = self.parts.get(part)?.as_ref()?;
            (row < images.len()).then_some((images, row))
        };
        find().ok_or_else(|| {
            let problem = ArchiveProblem::NoSuchRow { sample: sample.id.clone() };
            Error::Archive { path: self.path.clone(), problem }
        })
    }
}
