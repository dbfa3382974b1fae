//! A table with a row for each image.

mod columns;
mod problem;
pub(super) mod template;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::{ErrorKind, Position, Reader, ReaderBuilder, StringRecord};

use self::columns::Columns;
pub use self::problem::{ManifestProblem, RowProblem, TemplateProblem};
use super::class_folders::sort_classes;
use super::{Contents, DatasetOptions, Labels, Sample};
use crate::opening::{current_if_empty, explain, open_file};
use crate::{Error, Result, plain_path};

/// Reads the table at `path` row by row.
pub(super) fn open(path: &Path, options: &DatasetOptions, labels: Labels) -> Result<Contents> {
    let failed = |error| explain(path, error);
    let mut file = BufReader::new(open_file(path)?.0);
    let delimiter = delimiter(file.fill_buf().map_err(failed)?);
    let reader = ReaderBuilder::new().delimiter(delimiter).from_reader(file);
    let contents = read(reader, path, options, labels);
    contents.map_err(|problem| Error::Manifest { path: path.to_owned(), problem })
}

/// The folder that the paths of a table are relative to: the one in which it lies.
pub(super) fn root(table: &Path) -> &Path {
    current_if_empty(table.parent().unwrap_or(table))
}

/// Comma, semicolon or tab: the one that the first line has most of.
///
/// Spreadsheets write semicolons where the comma is the decimal sign.
fn delimiter(start: &[u8]) -> u8 {
    let header = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |delimiter| header.iter().filter(|&&byte| byte == delimiter).count();
    let other = if count(b'\t') > count(b';') { b'\t' } else { b';' };
    if count(other) > count(b',') { other } else { b',' }
}

fn read(
    mut reader: Reader<BufReader<File>>,
    path: &Path,
    options: &DatasetOptions,
    labels: Labels,
) -> Result<Contents, ManifestProblem> {
    let header = reader.headers().map_err(|error| unreadable(path, error))?;
    let columns = Columns::find(header, root(path), options, labels)?;
    let mut rows = Rows::default();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| unreadable(path, error))? {
        let start = record.position().map_or(0, Position::byte);
        let (sample, class) =
            columns.sample(&record).map_err(|problem| in_row(path, start, problem))?;
        rows.push(sample, class, start);
    }
    rows.refuse_duplicates(path)?;
    Ok(rows.finish())
}

fn unreadable(path: &Path, error: csv::Error) -> ManifestProblem {
    let (start, problem) = match error.kind() {
        ErrorKind::Utf8 { pos: Some(start), .. } => (start, RowProblem::NotUtf8),
        &ErrorKind::UnequalLengths { pos: Some(ref start), expected_len: expected, len: found } => {
            (start, RowProblem::FieldCount { expected, found })
        }
        _ => return ManifestProblem::Unreadable(error.into()),
    };
    in_row(path, start.byte(), problem)
}

/// The problem of the row that begins at byte `start`.
fn in_row(path: &Path, start: u64, problem: RowProblem) -> ManifestProblem {
    match line_at(path, start) {
        Ok(line) => ManifestProblem::Row { line, problem },
        Err(error) => ManifestProblem::Unreadable(error.into()),
    }
}

/// The line, counted from 1, of the row that begins at byte `start` or after the ends of lines
/// there.
///
/// The reader's own count is too low after Windows' ends of lines and after blank lines.
fn line_at(path: &Path, start: u64) -> io::Result<u64> {
    let mut line = 1;
    for (at, byte) in (0..).zip(BufReader::new(File::open(path)?).bytes()) {
        match byte? {
            b'\n' => line += 1,
            b'\r' => (),
            _ if at >= start => break,
            _ => (),
        }
    }
    Ok(line)
}

/// What has been read so far.
#[derive(Debug, Default)]
struct Rows {
    samples: Vec<Sample>,
    /// The byte at which the row of each sample begins.
    starts: Vec<u64>,
    /// In the order in which they are met.
    classes: Vec<String>,
    label_of: HashMap<String, u32>,
}

impl Rows {
    fn push(&mut self, sample: Sample, class: Option<&str>, start: u64) {
        let label = class.map(|class| self.label(class));
        self.samples.push(Sample { label, ..sample });
        self.starts.push(start);
    }

    fn label(&mut self, class: &str) -> u32 {
        if let Some(&label) = self.label_of.get(class) {
            return label;
        }
        // There are fewer classes than lines, and fewer than 2^32 of those fit in memory.
        let label = self.classes.len() as u32;
        self.classes.push(class.to_owned());
        self.label_of.insert(class.to_owned(), label);
        label
    }

    fn refuse_duplicates(&self, path: &Path) -> Result<(), ManifestProblem> {
        let id = |index: usize| &self.samples[index].id;
        // `a/../b.png` is `b.png`, and reads the same pixels under another label.
        let place = |sample: &Sample| plain_path(Path::new(&sample.id));
        let places: Vec<PathBuf> = self.samples.iter().map(place).collect();
        let mut order: Vec<usize> = (0..self.samples.len()).collect();
        order.sort_by_key(|&index| &places[index]);
        let Some(pair) = order.windows(2).find(|pair| places[pair[0]] == places[pair[1]]) else {
            return Ok(());
        };
        let line = |index: usize| {
            let line = line_at(path, self.starts[index]);
            line.map_err(|error| ManifestProblem::Unreadable(error.into()))
        };
        let lines = [line(pair[0])?, line(pair[1])?];
        Err(ManifestProblem::DuplicatePath { sample: id(pair[0]).clone(), lines })
    }

    /// Puts classes in natural order; samples stay in the order of the table.
    fn finish(mut self) -> Contents {
        let (classes, labels) = sort_classes(&self.classes);
        for sample in &mut self.samples {
            sample.label = sample.label.map(|met| labels[met as usize]);
        }
        Contents { classes, samples: self.samples, notices: Vec::new(), archive: None }
    }
}
