//! The structure of a TIFF: its directories and the values of their tags.
//!
//! The crate `tiff` reads all tags of a page before it shows one, and multiplies sizes on the way.
//! Here the tags are read first, with nothing trusted, so that absurd headers end here.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Read, Seek, SeekFrom};

use super::numbers::{
    ASCII, BYTE, ByteOrder, IFD, IFD8, LONG, LONG8, RATIONAL, SHORT, size_of_kind,
};

/// The two forms of the format: offsets have 4 bytes or 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variant {
    Classic,
    Big,
}

/// A TIFF file whose header has been read.
#[derive(Debug)]
pub(super) struct TiffFile<R> {
    pub(super) reader: R,
    length: u64,
    order: ByteOrder,
    variant: Variant,
    first: u64,
}

/// The tags of a page.
#[derive(Debug, Default)]
pub(super) struct Directory {
    entries: BTreeMap<u16, Entry>,
}

/// Where the value of a tag stands.
#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: u16,
    count: u64,
    offset: u64,
}

impl<R: Read + Seek> TiffFile<R> {
    /// Reads the header of a file of `length` bytes, whose signature has been recognized.
    pub(super) fn open(mut reader: R, length: u64) -> io::Result<Self> {
        let mut signature = [0; 4];
        reader.read_exact(&mut signature)?;
        let order = if signature[0] == b'I' { ByteOrder::Little } else { ByteOrder::Big };
        let variant = if signature.contains(&43) { Variant::Big } else { Variant::Classic };
        let mut file = Self { reader, length, order, variant, first: 0 };
        file.reader.seek(SeekFrom::Start(file.first_offset_at()))?;
        file.first = file.offset()?;
        Ok(file)
    }

    /// The offsets of the directories of all pages.
    pub(super) fn pages(&mut self) -> io::Result<Vec<u64>> {
        let mut pages = Vec::new();
        let mut seen = HashSet::new();
        let mut next = self.first;
        while next != 0 {
            if !seen.insert(next) {
                return Err(invalid("the chain of its pages runs in a circle"));
            }
            pages.push(next);
            let n_entries = self.entry_count(next)?;
            let n_bytes = (n_entries * self.entry_length()).cast_signed();
            self.reader.seek(SeekFrom::Current(n_bytes))?;
            next = self.offset()?;
        }
        Ok(pages)
    }

    /// Reads the directory at `offset`.
    pub(super) fn directory(&mut self, offset: u64) -> io::Result<Directory> {
        let n_entries = self.entry_count(offset)?;
        let mut directory = Directory::default();
        for _ in 0..n_entries {
            let tag = self.number(2)? as u16;
            let kind = self.number(2)? as u16;
            let count = self.offset()?;
            let field = self.reader.stream_position()?;
            let inline = self.offset()?;
            let fits = count.saturating_mul(size_of_kind(kind)) <= self.offset_length();
            let offset = if fits { field } else { inline };
            directory.entries.insert(tag, Entry { kind, count, offset });
        }
        Ok(directory)
    }

    /// The unsigned numbers of a tag; `None` when it is absent.
    pub(super) fn numbers(
        &mut self,
        directory: &Directory,
        tag: u16,
    ) -> io::Result<Option<Vec<u64>>> {
        let Some(entry) = directory.entries.get(&tag).copied() else { return Ok(None) };
        let width = match entry.kind {
            BYTE | SHORT | LONG | IFD | LONG8 | IFD8 => size_of_kind(entry.kind),
            _ => return Err(invalid(format!("its tag {tag} has the wrong type {}", entry.kind))),
        };
        let bytes = self.value(entry)?;
        let numbers = bytes.chunks_exact(width as usize).map(|bytes| self.order.number(bytes));
        Ok(Some(numbers.collect()))
    }

    /// The one unsigned number of a tag; `None` when it is absent.
    pub(super) fn number_of(&mut self, directory: &Directory, tag: u16) -> io::Result<Option<u64>> {
        match self.numbers(directory, tag)?.as_deref() {
            None => Ok(None),
            Some(&[number, ..]) => Ok(Some(number)),
            Some([]) => Err(invalid(format!("its tag {tag} has no value"))),
        }
    }

    /// A positive fraction; `None` when the tag is absent or holds something else.
    pub(super) fn ratio(&mut self, directory: &Directory, tag: u16) -> io::Result<Option<f64>> {
        let entry = directory.entries.get(&tag).copied();
        let Some(entry) = entry.filter(|entry| entry.kind == RATIONAL) else { return Ok(None) };
        let bytes = self.value(entry)?;
        let Some((numerator, rest)) = bytes.split_first_chunk::<4>() else { return Ok(None) };
        let Some(denominator) = rest.first_chunk::<4>() else { return Ok(None) };
        let ratio = self.order.number(numerator) as f64 / self.order.number(denominator) as f64;
        Ok(Some(ratio).filter(|ratio| ratio.is_finite() && *ratio > 0.0))
    }

    /// A text, in UTF-8 or else in Latin-1; `None` when the tag is absent or holds something else.
    pub(super) fn text(&mut self, directory: &Directory, tag: u16) -> io::Result<Option<String>> {
        let entry = directory.entries.get(&tag).copied();
        let Some(entry) = entry.filter(|entry| matches!(entry.kind, BYTE | ASCII)) else {
            return Ok(None);
        };
        let bytes = self.value(entry)?;
        let latin1 = |bytes: &[u8]| bytes.iter().map(|&byte| char::from(byte)).collect();
        let text = std::str::from_utf8(&bytes).map_or_else(|_| latin1(&bytes), str::to_owned);
        Ok(Some(text))
    }

    /// Where the number of a tag stands, and `number` as the bytes that would stand there.
    pub(super) fn rewritten(
        &self,
        directory: &Directory,
        tag: u16,
        number: u16,
    ) -> Option<(u64, Vec<u8>)> {
        let entry = directory.entries.get(&tag)?;
        Some((entry.offset, self.order.bytes(u64::from(number), size_of_kind(entry.kind))))
    }

    /// Where the offset of the first directory stands, and `offset` as the bytes that would.
    pub(super) fn rewritten_first(&self, offset: u64) -> (u64, Vec<u8>) {
        (self.first_offset_at(), self.order.bytes(offset, self.offset_length()))
    }

    fn first_offset_at(&self) -> u64 {
        match self.variant {
            Variant::Classic => 4,
            Variant::Big => 8,
        }
    }

    /// The bytes of an offset, and of a count of values.
    fn offset_length(&self) -> u64 {
        match self.variant {
            Variant::Classic => 4,
            Variant::Big => 8,
        }
    }

    fn entry_length(&self) -> u64 {
        4 + 2 * self.offset_length()
    }

    /// Goes to a directory and reads how many entries it has.
    fn entry_count(&mut self, directory: u64) -> io::Result<u64> {
        self.reader.seek(SeekFrom::Start(directory))?;
        let count = match self.variant {
            Variant::Classic => self.number(2)?,
            Variant::Big => self.number(8)?,
        };
        let room = self.length.saturating_sub(directory) / self.entry_length();
        if count > room {
            Err(invalid("a page lists more tags than fit the file"))
        } else {
            Ok(count)
        }
    }

    fn offset(&mut self) -> io::Result<u64> {
        self.number(self.offset_length())
    }

    fn number(&mut self, width: u64) -> io::Result<u64> {
        let mut bytes = [0; 8];
        let (bytes, _) = bytes.split_at_mut(width as usize);
        self.reader.read_exact(bytes)?;
        Ok(self.order.number(bytes))
    }

    /// The bytes of a value; never more than the file has.
    fn value(&mut self, entry: Entry) -> io::Result<Vec<u8>> {
        let n_bytes = entry.count.saturating_mul(size_of_kind(entry.kind));
        if n_bytes > self.length {
            return Err(invalid("the value of a tag is longer than the file"));
        }
        self.reader.seek(SeekFrom::Start(entry.offset))?;
        let mut bytes = vec![0; n_bytes as usize];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

pub(super) fn invalid(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}
