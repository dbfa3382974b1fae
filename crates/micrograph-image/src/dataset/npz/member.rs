//! One array of an archive, whose header is believed only as far as the archive bears it out.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use ndarray::{ArrayD, IxDyn, ShapeBuilder};
use ndarray_npy::ReadableElement;
use ndarray_npy::npy::header::Header;
use zip::read::ZipFile;

use super::ArchiveProblem;
use super::budget::Budget;
use crate::error::BoxedError;
use crate::{Error, Result};

/// An array whose header is read and whose elements are not.
pub(super) struct Member<'a> {
    path: &'a Path,
    key: &'a str,
    file: ZipFile<'a, BufReader<File>>,
    budget: &'a mut Budget,
    header: Header,
    /// How many bytes follow the header, by the directory of the archive.
    held: u64,
}

impl<'a> Member<'a> {
    /// Reads the header; `of` are the archive's path and the name of the array.
    pub(super) fn open(
        of: (&'a Path, &'a str),
        mut file: ZipFile<'a, BufReader<File>>,
        budget: &'a mut Budget,
    ) -> Result<Self> {
        let (path, key) = of;
        let (header, length) = read_header(&mut file).map_err(|source| {
            let problem = ArchiveProblem::DamagedArray { key: key.to_owned(), source };
            Error::Archive { path: path.to_owned(), problem }
        })?;
        let held = file.size().saturating_sub(length);
        Ok(Self { path, key, file, budget, header, held })
    }

    /// The lengths of the axes, from the header.
    pub(super) fn shape(&self) -> &[usize] {
        &self.header.shape
    }

    /// Whether the header says that the elements are of type `A`.
    pub(super) fn holds<A: ReadableElement>(&self) -> bool {
        A::read_to_end_exact_vec(io::empty(), &self.header.type_descriptor, 0).is_ok()
    }

    /// Takes `bytes` from what the archive may take.
    pub(super) fn spend(&mut self, bytes: u64) -> Result<()> {
        let header = || describe(&self.header);
        let spent = self.budget.spend(bytes, self.key, header);
        spent.map_err(|problem| self.fail(problem))
    }

    /// Reads the elements, which are of type `A`, if they are as many as the header says.
    pub(super) fn read<A: ReadableElement>(&mut self) -> Result<ArrayD<A>> {
        let lengths = self.header.shape.iter();
        let count = lengths.copied().try_fold(1, usize::checked_mul);
        let fits = |&count: &usize| {
            count.checked_mul(size_of::<A>()).is_some_and(|bytes| bytes as u64 == self.held)
        };
        let Some(count) = count.filter(fits) else {
            let (key, header) = (self.key.to_owned(), describe(&self.header));
            return Err(self.fail(ArchiveProblem::HeaderMismatch { key, header, held: self.held }));
        };
        self.spend(self.held)?;
        let elements = self.elements::<A>(count)?;
        let shape = IxDyn(&self.header.shape).set_f(self.header.layout.is_fortran());
        ArrayD::from_shape_vec(shape, elements).map_err(|error| self.damaged(error))
    }

    /// Reads `count` elements; room is made as they arrive, at most for as many again, so that an
    /// archive which lies about the size of its member does not get what it asks for.
    fn elements<A: ReadableElement>(&mut self, count: usize) -> Result<Vec<A>> {
        /// Elements that are read at once.
        const BLOCK: usize = 1 << 14;

        let mut elements = Vec::new();
        let mut buffer = vec![0; count.min(BLOCK) * size_of::<A>()];
        while elements.len() < count {
            let missing = count - elements.len();
            let block = missing.min(BLOCK);
            if elements.capacity() - elements.len() < block {
                let room = missing.min(elements.len().max(BLOCK));
                elements.try_reserve_exact(room).map_err(|_| self.no_memory())?;
            }
            buffer.truncate(block * size_of::<A>());
            self.file.read_exact(&mut buffer).map_err(|error| self.damaged(cut_short(error)))?;
            let read = A::read_to_end_exact_vec(&*buffer, &self.header.type_descriptor, block);
            elements.extend(read.map_err(|error| self.damaged(error))?);
        }
        // The checksum is compared at the end of the file, which must be reached for it.
        match io::copy(&mut self.file.by_ref().take(1), &mut io::sink()) {
            Ok(0) => Ok(elements),
            Ok(_) => Err(self.damaged("it unpacks to more bytes than the archive says")),
            Err(error) => Err(self.damaged(error)),
        }
    }

    pub(super) fn wrong_type(&self, expected: &'static str) -> Error {
        let (key, found) = (self.key.to_owned(), self.header.type_descriptor.to_string());
        self.fail(ArchiveProblem::ElementType { key, expected, found })
    }

    pub(super) fn wrong_shape(&self, expected: &'static str) -> Error {
        let (key, found) = (self.key.to_owned(), self.header.shape.clone());
        self.fail(ArchiveProblem::Shape { key, expected, found })
    }

    fn no_memory(&self) -> Error {
        self.fail(ArchiveProblem::NoMemory { key: self.key.to_owned(), bytes: self.held })
    }

    fn damaged(&self, source: impl Into<BoxedError>) -> Error {
        let (key, source) = (self.key.to_owned(), source.into());
        self.fail(ArchiveProblem::DamagedArray { key, source })
    }

    pub(super) fn fail(&self, problem: ArchiveProblem) -> Error {
        Error::Archive { path: self.path.to_owned(), problem }
    }
}

/// The end of the data in plain words.
fn cut_short(error: io::Error) -> BoxedError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends too early".into(),
        _ => error.into(),
    }
}

/// Type and shape as the header says: `'<u2' of [9, 28, 28]`.
fn describe(header: &Header) -> String {
    format!("{} of {:?}", header.type_descriptor, header.shape)
}

/// Reads the header of an array, and tells its length with all that comes before the elements.
///
/// The parser gets a text that is short and nests nothing, so that it cannot be led deep.
fn read_header(file: &mut impl Read) -> Result<(Header, u64), BoxedError> {
    /// What comes before the length of the header: six magic bytes, two of the version.
    const PREFIX: usize = 8;
    /// NumPy pads the header of a plain array to 128 bytes, with the prefix.
    const LONGEST: u32 = 1 << 12;

    let mut bytes = Vec::new();
    let mut more = |bytes: &mut Vec<u8>, length: usize| {
        let start = bytes.len();
        bytes.resize(start + length, 0);
        file.read_exact(&mut bytes[start..]).map(|()| start).map_err(cut_short)
    };
    more(&mut bytes, PREFIX)?;
    let width = if bytes[PREFIX - 2] == 1 { 2 } else { 4 };
    more(&mut bytes, width)?;
    let length =
        bytes[PREFIX..].iter().rev().fold(0, |length, &byte| length << 8 | u32::from(byte));
    if length > LONGEST {
        return Err(format!("its header is said to have {length} bytes (at most {LONGEST})").into());
    }
    let text = more(&mut bytes, length as usize)?;
    if bytes[text..].iter().filter(|byte| b"([{".contains(byte)).count() != 2 {
        return Err("its header is not that of a plain array".into());
    }
    Ok((Header::from_reader(&mut &*bytes)?, bytes.len() as u64))
}
