//! Taking typed arrays out of an archive.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use ndarray::{Array4, ArrayD, Axis, Ix4, IxDyn, OwnedRepr};
use ndarray_npy::{NpzReader, ReadNpyError, ReadNpzError, ReadableElement};

use super::{ArchiveProblem, Images};
use crate::dataset::{DatasetNotice, Part, folder};
use crate::{Error, Limits, Result};

/// An array of the type asked for, or the name of the type that it has.
type Typed<A> = Result<ArrayD<A>, String>;

/// An open archive that knows its own name.
pub(super) struct ArchiveReader {
    path: PathBuf,
    archive: NpzReader<BufReader<File>>,
    /// The names of the arrays in it.
    pub(super) names: Vec<String>,
}

impl ArchiveReader {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| folder::explain(path, error))?;
        let damaged = |error: ReadNpzError| Error::Archive {
            path: path.to_owned(),
            problem: ArchiveProblem::Damaged(error.into()),
        };
        let mut archive = NpzReader::new(BufReader::new(file)).map_err(damaged)?;
        let names = archive.names().map_err(damaged)?;
        Ok(Self { path: path.to_owned(), archive, names })
    }

    /// The images of one part as `(n, h, w, c)`.
    pub(super) fn images(&mut self, key: &str, limits: &Limits) -> Result<Images> {
        if let Ok(array) = self.typed::<u8>(key)? {
            return Ok(Images::U8(self.four_axes(key, array, limits)?));
        }
        if let Ok(array) = self.typed::<u16>(key)? {
            return Ok(Images::U16(self.four_axes(key, array, limits)?));
        }
        match self.typed::<f32>(key)? {
            Ok(array) => Ok(Images::F32(self.four_axes(key, array, limits)?)),
            Err(found) => Err(self.wrong_type(key, "uint8, uint16 or float32", found)),
        }
    }

    fn four_axes<A>(&self, key: &str, array: ArrayD<A>, limits: &Limits) -> Result<Array4<A>> {
        let shape = array.shape().to_vec();
        let array = if array.ndim() == 3 { array.insert_axis(Axis(3)) } else { array };
        let array = array.into_dimensionality::<Ix4>().ok().filter(|array| array.dim().3 > 0);
        let array =
            array.ok_or_else(|| self.wrong_shape(key, "(n, h, w) or (n, h, w, c)", shape))?;
        let (_, height, width, channels) = array.dim();
        limits.check(&self.path, [channels, height, width].map(|length| length as u64))?;
        Ok(array)
    }

    /// The labels of one part, one for each of its images.
    pub(super) fn labels(&mut self, part: Part, images: usize) -> Result<Vec<u32>> {
        let key = format!("{part}_labels");
        if !self.names.contains(&key) {
            let found = self.names.clone();
            return Err(self.fail(ArchiveProblem::NoLabels { key, found }));
        }
        let array = self.integers(&key)?;
        if !matches!(array.shape(), [_] | [_, 1]) {
            return Err(self.wrong_shape(&key, "(n) or (n, 1)", array.shape().to_vec()));
        }
        let labels = array.len();
        if labels != images {
            return Err(self.fail(ArchiveProblem::LabelCount { part, images, labels }));
        }
        array.iter().enumerate().map(|(row, &value)| self.label(&key, row, value)).collect()
    }

    fn label(&self, key: &str, row: usize, value: i64) -> Result<u32> {
        u16::try_from(value)
            .map(u32::from)
            .map_err(|_| self.fail(ArchiveProblem::LabelRange { key: key.to_owned(), row, value }))
    }

    /// An array of any type of integer.
    fn integers(&mut self, key: &str) -> Result<ArrayD<i64>> {
        let attempts = [
            Self::integers_of::<u8>,
            Self::integers_of::<i8>,
            Self::integers_of::<u16>,
            Self::integers_of::<i16>,
            Self::integers_of::<u32>,
            Self::integers_of::<i32>,
            Self::integers_of::<u64>,
            Self::integers_of::<i64>,
        ];
        let mut found = String::new();
        for attempt in attempts {
            match attempt(self, key)? {
                Ok(array) => return Ok(array),
                Err(other) => found = other,
            }
        }
        Err(self.wrong_type(key, "integers", found))
    }

    /// An array of one type of integer; what is too large for a label stays too large.
    fn integers_of<A>(&mut self, key: &str) -> Result<Typed<i64>>
    where
        A: ReadableElement + Copy + TryInto<i64>,
    {
        let widen = |value: A| value.try_into().unwrap_or(i64::MAX);
        Ok(self.typed::<A>(key)?.map(|array| array.mapv(widen)))
    }

    /// Reads an array if its elements are of type `A`.
    fn typed<A: ReadableElement>(&mut self, key: &str) -> Result<Typed<A>> {
        match self.archive.by_name::<OwnedRepr<A>, IxDyn>(key) {
            Ok(array) => Ok(Ok(array)),
            Err(ReadNpzError::Npy(ReadNpyError::WrongDescriptor(found))) => {
                Ok(Err(found.to_string()))
            }
            Err(error) => Err(self.fail(ArchiveProblem::Damaged(error.into()))),
        }
    }

    /// What no part uses.
    pub(super) fn notices(&self) -> Vec<DatasetNotice> {
        let used = |name: &String| {
            let part = name.strip_suffix("_images").or_else(|| name.strip_suffix("_labels"));
            Part::ALL.iter().any(|known| Some(known.name()) == part)
        };
        let names: Vec<String> = self.names.iter().filter(|name| !used(name)).cloned().collect();
        if names.is_empty() { Vec::new() } else { vec![DatasetNotice::ArraysIgnored { names }] }
    }

    fn wrong_type(&self, key: &str, expected: &'static str, found: String) -> Error {
        self.fail(ArchiveProblem::ElementType { key: key.to_owned(), expected, found })
    }

    fn wrong_shape(&self, key: &str, expected: &'static str, found: Vec<usize>) -> Error {
        self.fail(ArchiveProblem::Shape { key: key.to_owned(), expected, found })
    }

    fn fail(&self, problem: ArchiveProblem) -> Error {
        Error::Archive { path: self.path.clone(), problem }
    }
}
