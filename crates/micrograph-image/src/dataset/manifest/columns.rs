//! Which column of a table says what.

use std::path::{Component, Path, PathBuf};

use csv::StringRecord;

use super::template::Template;
use super::{ManifestProblem, RowProblem};
use crate::dataset::{DatasetOptions, Labels, Part, Sample};

/// Which column says what.
#[derive(Debug)]
pub(super) struct Columns {
    root: PathBuf,
    names: Vec<String>,
    image: PathSource,
    mask: Option<PathSource>,
    label: Option<usize>,
    labels: Labels,
    group: Option<usize>,
    split: Option<usize>,
}

/// Where the path of a file comes from.
#[derive(Debug)]
enum PathSource {
    Column(usize),
    Template(Template),
}

impl Columns {
    /// Finds the columns in the first line of a table that lies in `root`.
    pub(super) fn find(
        header: &StringRecord,
        root: &Path,
        options: &DatasetOptions,
        labels: Labels,
    ) -> Result<Self, ManifestProblem> {
        let names: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        let in_template = |name: &str| required(&names, name, "correct the name in the template");
        let named = |role: Role, name: &str| required(&names, name, role.repair());
        let optional = |role: Role, name: &str| optional(&names, name, role);
        let template = |text: &String| Template::parse(text, in_template).map(PathSource::Template);
        let image = match &options.path_template {
            Some(text) => template(text)?,
            None => PathSource::Column(named(Role::Path, &options.path_column)?),
        };
        let mask = match &options.mask_template {
            Some(text) => Some(template(text)?),
            None => optional(Role::Mask, &options.mask_column)?.map(PathSource::Column),
        };
        Ok(Self {
            root: root.to_owned(),
            image,
            mask,
            label: match labels {
                Labels::Required => Some(named(Role::Label, &options.label_column)?),
                Labels::Optional => optional(Role::Label, &options.label_column)?,
            },
            labels,
            group: optional(Role::Group, &options.group_column)?,
            split: optional(Role::Split, &options.split_column)?,
            names,
        })
    }

    /// The sample of a row, still without its label, and its class where it has one.
    pub(super) fn sample<'r>(
        &self,
        record: &'r StringRecord,
    ) -> Result<(Sample, Option<&'r str>), RowProblem> {
        let missing = |column: usize| {
            let column = self.names.get(column).cloned().unwrap_or_default();
            RowProblem::MissingValue { column }
        };
        let optional = |column: Option<usize>| column.and_then(|column| value(record, column));
        let sample = Sample {
            mask: self.mask(record).map_err(missing)?,
            group: optional(self.group).map(str::to_owned),
            part: optional(self.split).map(part).transpose()?,
            ..Sample::file(self.image.path(record).map_err(missing)?)
        };
        let class = optional(self.label);
        for text in [Some(sample.id.as_str()), class, sample.group.as_deref()].into_iter().flatten()
        {
            refuse_control_characters(text)?;
        }
        match (class, self.label) {
            (None, Some(column)) if self.labels == Labels::Required => Err(missing(column)),
            _ => Ok((sample, class)),
        }
    }

    /// A column of masks may be blank in some rows; a template names a mask for every row.
    /// The error is the column that is blank.
    fn mask(&self, record: &StringRecord) -> Result<Option<PathBuf>, usize> {
        match &self.mask {
            None => Ok(None),
            Some(PathSource::Column(column)) if value(record, *column).is_none() => Ok(None),
            Some(source) => source.path(record).map(|path| Some(self.root.join(path))),
        }
    }
}

impl PathSource {
    /// The path in a row, or the column that is blank.
    fn path(&self, record: &StringRecord) -> Result<String, usize> {
        match self {
            Self::Column(column) => value(record, *column).map(portable).ok_or(*column),
            Self::Template(template) => Ok(portable(&template.render(record)?)),
        }
    }
}

/// What a column is for.
#[derive(Debug, Clone, Copy)]
enum Role {
    Path,
    Label,
    Mask,
    Group,
    Split,
}

impl Role {
    /// The name of its column unless another is given.
    fn default_name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Label => "label",
            Self::Mask => "mask",
            Self::Group => "group",
            Self::Split => "split",
        }
    }

    /// How to name another.
    fn repair(self) -> &'static str {
        match self {
            Self::Path => {
                "name the right one with --path-column, or make paths of others with --path-template"
            }
            Self::Label => "name the right one with --label-column",
            Self::Mask => "name the right one as `mask_column`",
            Self::Group => "name the right one with --group",
            Self::Split => "name the right one with --split-column",
        }
    }
}

/// The place of the one column of this name.
fn required(names: &[String], name: &str, repair: &'static str) -> Result<usize, ManifestProblem> {
    let mut found = names.iter().zip(0..).filter(|(known, _)| *known == name).map(|(_, at)| at);
    match (found.next(), found.next()) {
        (Some(place), None) => Ok(place),
        (Some(first), Some(second)) => {
            let column = name.to_owned();
            Err(ManifestProblem::RepeatedColumn { column, places: [first + 1, second + 1] })
        }
        (None, _) => {
            let (column, known) = (name.to_owned(), names.to_vec());
            Err(ManifestProblem::UnknownColumn { column, known, repair })
        }
    }
}

/// A column may be absent as long as nobody asked for it by a name of its own; `none` is no column.
fn optional(names: &[String], name: &str, role: Role) -> Result<Option<usize>, ManifestProblem> {
    match required(names, name, role.repair()) {
        Err(ManifestProblem::UnknownColumn { .. })
            if name == role.default_name() || name == "none" =>
        {
            Ok(None)
        }
        found => found.map(Some),
    }
}

/// They would be passed on to the terminal, and no file has such a name; line breaks and tabs stand in
/// quoted fields.
fn refuse_control_characters(text: &str) -> Result<(), RowProblem> {
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(RowProblem::ControlCharacter { text: text.escape_debug().to_string() });
    }
    Ok(())
}

fn part(name: &str) -> Result<Part, RowProblem> {
    name.parse().map_err(|_| RowProblem::UnknownPart { name: name.to_owned() })
}

/// The value in a column, `None` when it is blank.
fn value(record: &StringRecord, column: usize) -> Option<&str> {
    record.get(column).map(str::trim).filter(|value| !value.is_empty())
}

/// A path with slashes on every system and without `.`, so that equal paths are equal ids.
fn portable(path: &str) -> String {
    if Path::new(path).is_absolute() {
        return path.to_owned();
    }
    let parts = Path::new(path).components().filter(|part| *part != Component::CurDir);
    // The parts of a `str` are `str`s: nothing is lost.
    let parts: Vec<&str> = parts.filter_map(|part| part.as_os_str().to_str()).collect();
    parts.join("/")
}
