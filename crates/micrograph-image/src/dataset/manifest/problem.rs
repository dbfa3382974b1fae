//! What is wrong with a table.

use thiserror::Error;

use crate::BoxedError;

/// What is wrong with a table that describes a data set.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ManifestProblem {
    /// It cannot be read to its end.
    #[error("{0}; save it as CSV in UTF-8")]
    Unreadable(BoxedError),
    /// A column that is asked for is not there.
    #[error("expected a column `{column}`, but the table has {}; {repair}", listed(known))]
    UnknownColumn {
        /// The column asked for.
        column: String,
        /// The columns that are there.
        known: Vec<String>,
        /// How to name another.
        repair: &'static str,
    },
    /// A column that is asked for stands twice.
    #[error(
        "expected one column `{column}`, but columns {} and {} have that name; rename or remove one",
        places[0],
        places[1]
    )]
    RepeatedColumn {
        /// Its name.
        column: String,
        /// The first two places, counted from 1.
        places: [usize; 2],
    },
    /// A template that cannot be read.
    #[error("template `{template}`: {problem}")]
    Template {
        /// The template.
        template: String,
        /// What is wrong with it.
        problem: TemplateProblem,
    },
    /// A row that cannot be used.
    #[error("line {line}: {problem}")]
    Row {
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        problem: RowProblem,
    },
    /// One image in two rows: it could be trained on by one and tested with by the other.
    #[error("lines {} and {}: expected each image once, but `{sample}` stands in both; remove one", lines[0], lines[1])]
    DuplicatePath {
        /// The path of the image, relative to the table.
        sample: String,
        /// The two lines, counted from 1.
        lines: [u64; 2],
    },
}

/// What is wrong with a row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RowProblem {
    /// A value that every row must have is blank.
    #[error(
        "expected a value in column `{column}`, but it is blank; fill it in or remove the line"
    )]
    MissingValue {
        /// The column.
        column: String,
    },
    /// A part that is none.
    #[error(
        "expected train, val (valid, validation), test or nothing, but found `{name}`; correct it"
    )]
    UnknownPart {
        /// What stands there.
        name: String,
    },
    /// A character that no path, class or group has.
    #[error("expected text, but `{text}` holds a control character; remove it")]
    ControlCharacter {
        /// The value, with the character escaped.
        text: String,
    },
    /// More or fewer fields than the first line has.
    #[error(
        "expected {expected} fields as in the first line, but found {found}; put text that holds a separator between quotation marks"
    )]
    FieldCount {
        /// Fields in the first line.
        expected: u64,
        /// Fields in this one.
        found: u64,
    },
    /// Another encoding.
    #[error("expected UTF-8, but found bytes that are none; save the table as \"CSV UTF-8\"")]
    NotUtf8,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TemplateProblem {
    /// A `{` that is never closed.
    #[error("`{{` is not closed; write `{{{{` for a brace")]
    UnclosedBrace,
    /// A `}` that closes nothing.
    #[error("`}}` closes nothing; write `}}}}` for a brace")]
    StrayBrace,
    /// `{}` or `{:03}`.
    #[error("`{{}}` names no column; write one between the braces")]
    EmptyName,
    /// A name in braces where a file, and no row of a table, is to be named.
    #[error(
        "`{{{0}}}` says nothing of a file; write {{stem}} for its name without its ending, or {{name}}"
    )]
    NotOfFile(String),
    /// A width that is not of the form `03`.
    #[error("`:{0}` is no width; write a zero and one or two digits, such as `:03`")]
    Width(String),
}

/// The names between backticks: `path`, `label`. An empty table has none.
fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "no columns".to_owned();
    }
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
