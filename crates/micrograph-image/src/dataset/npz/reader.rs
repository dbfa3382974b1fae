//! Taking typed arrays out of an archive.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use ndarray::{Array4, ArrayD, Axis, Ix4};
use ndarray_npy::ReadableElement;
use zip::ZipArchive;
use zip::result::ZipError;

use super::budget::Budget;
use super::member::Member;
use super::{ArchiveProblem, Images};
use crate::dataset::{DatasetNotice, Part};
use crate::error::BoxedError;
use crate::opening::open_file;
use crate::{Error, Limits, Result};

/// The axes of images.
const IMAGES: &str = "(n, h, w) or (n, h, w, c)";

/// An open archive that knows its own name.
pub(super) struct ArchiveReader {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
    limits: Limits,
    budget: Budget,
    /// The names of the arrays in it.
    pub(super) names: Vec<String>,
}

impl ArchiveReader {
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self> {
        let (file, length) = open_file(path)?;
        let archive = ZipArchive::new(BufReader::new(file)).map_err(|error| Error::Archive {
            path: path.to_owned(),
            problem: ArchiveProblem::Damaged(error.into()),
        })?;
        let plain = |name: &str| name.strip_suffix(".npy").unwrap_or(name).to_owned();
        let names = archive.file_names().map(plain).collect();
        let budget = Budget::new(length, limits);
        Ok(Self { path: path.to_owned(), archive, limits: *limits, budget, names })
    }

    /// Whether there is an array of this name.
    pub(super) fn has(&self, key: &str) -> bool {
        self.names.iter().any(|name| name == key)
    }

    /// Opens an array by its name, with or without the ending `.npy`, as numpy does.
    fn member<'a>(&'a mut self, key: &'a str) -> Result<Member<'a>> {
        let Self { path, archive, budget, .. } = self;
        let index = archive.index_for_name(key);
        let index = index.or_else(|| archive.index_for_name(&format!("{key}.npy")));
        let file = index.ok_or(ZipError::FileNotFound).and_then(|index| archive.by_index(index));
        let file = file.map_err(|error| {
            let (key, source) = (key.to_owned(), BoxedError::from(error));
            let problem = ArchiveProblem::DamagedArray { key, source };
            Error::Archive { path: path.clone(), problem }
        })?;
        Member::open((path, key), file, budget)
    }

    /// The images of one part as `(n, h, w, c)`.
    pub(super) fn images(&mut self, key: &str) -> Result<Images> {
        let (path, limits) = (self.path.clone(), self.limits);
        let mut member = self.member(key)?;
        let image = match *member.shape() {
            [_, height, width] => [1, height, width],
            [_, height, width, channels @ 1..=usize::MAX] => [channels, height, width],
            _ => return Err(member.wrong_shape(IMAGES)),
        };
        limits.check(&path, image.map(|length| length as u64))?;
        let images = if member.holds::<u8>() {
            Images::U8(four_axes(&mut member)?)
        } else if member.holds::<u16>() {
            Images::U16(four_axes(&mut member)?)
        } else if member.holds::<f32>() {
            Images::F32(four_axes(&mut member)?)
        } else {
            return Err(member.wrong_type("uint8, uint16 or float32"));
        };
        member.spend(Budget::SAMPLE.saturating_mul(images.len() as u64))?;
        Ok(images)
    }

    /// The labels of one part, one for each of its images.
    pub(super) fn labels(&mut self, part: Part, images: usize) -> Result<Vec<u32>> {
        let key = format!("{part}_labels");
        if !self.has(&key) {
            let (path, found) = (self.path.clone(), self.names.clone());
            return Err(Error::Archive { path, problem: ArchiveProblem::NoLabels { key, found } });
        }
        let mut member = self.member(&key)?;
        let labels = match *member.shape() {
            [labels] | [labels, 1] => labels,
            _ => return Err(member.wrong_shape("(n) or (n, 1)")),
        };
        if labels != images {
            return Err(member.fail(ArchiveProblem::LabelCount { part, images, labels }));
        }
        let label = |(row, &value): (usize, &i64)| {
            let label = u16::try_from(value).map(u32::from);
            label.map_err(|_| ArchiveProblem::LabelRange { key: key.clone(), row, value })
        };
        let labels = integers(&mut member)?;
        let labels: Result<_, _> = labels.iter().enumerate().map(label).collect();
        labels.map_err(|problem| member.fail(problem))
    }

    /// What no part uses.
    pub(super) fn notices(&self) -> Vec<DatasetNotice> {
        if self.names.len() == 1 {
            return Vec::new();
        }
        let used = |name: &String| {
            let part = name.strip_suffix("_images").or_else(|| name.strip_suffix("_labels"));
            part.is_some_and(|part| Part::ALL.iter().any(|known| known.name() == part))
        };
        let names: Vec<String> = self.names.iter().filter(|name| !used(name)).cloned().collect();
        if names.is_empty() { Vec::new() } else { vec![DatasetNotice::ArraysIgnored { names }] }
    }
}

/// Reads the images; those without a channel axis get one.
fn four_axes<A: ReadableElement>(member: &mut Member<'_>) -> Result<Array4<A>> {
    let array = member.read::<A>()?;
    let array = if array.ndim() == 3 { array.insert_axis(Axis(3)) } else { array };
    array.into_dimensionality::<Ix4>().map_err(|_| member.wrong_shape(IMAGES))
}

/// An array of any type of integer.
fn integers(member: &mut Member<'_>) -> Result<ArrayD<i64>> {
    let attempts = [
        integers_of::<u8>,
        integers_of::<i8>,
        integers_of::<u16>,
        integers_of::<i16>,
        integers_of::<u32>,
        integers_of::<i32>,
        integers_of::<u64>,
        integers_of::<i64>,
    ];
    let found = attempts.iter().find_map(|attempt| attempt(member));
    found.unwrap_or_else(|| Err(member.wrong_type("integers")))
}

/// An array of one type of integer, or none if it has another type; what is too large for a label
/// stays too large.
fn integers_of<A>(member: &mut Member<'_>) -> Option<Result<ArrayD<i64>>>
where
    A: ReadableElement + Copy + TryInto<i64>,
{
    let widen = |value: A| value.try_into().unwrap_or(i64::MAX);
    member.holds::<A>().then(|| Ok(member.read::<A>()?.mapv(widen)))
}
