//! Which value of a mask is which class.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::problem::SegmentationProblem;
use super::{IGNORE, MaskValue};
use crate::{Error, Result};

/// The name by which a table says that pixels of a value do not count.
const IGNORED: &str = "ignore";

/// Which value or color of a mask is which class.
///
/// As text it has an entry `value = name` for each value, in lines or parted by commas or semicolons:
/// a gray value, or a color `#rrggbb`; quotes may stand around both, so that the lines of a TOML table
/// are such a text, and lines that begin with `#` and a space are comments.
/// The order of names is that of the classes; several values may have one name, and pixels with a value
/// named `ignore` belong to no class.
///
/// ```
/// use micrograph_image::ClassTable;
/// let table: ClassTable = "0 = \"background\"\n\"#ff0000\" = \"nucleus\"\n9 = \"ignore\"".parse()?;
/// assert_eq!(table.names(), ["background", "nucleus"]);
/// assert_eq!(table.to_string(), "0=background,#ff0000=nucleus,9=ignore");
/// assert_eq!(ClassTable::binary(255).names(), ["background", "foreground"]);
/// assert_eq!(ClassTable::indices(3).names(), ["0", "1", "2"]);
/// # Ok::<(), micrograph_image::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClassTable {
    entries: Vec<(MaskValue, String)>,
}

impl ClassTable {
    /// 0 is `background`, `value` is `foreground`.
    #[must_use]
    pub fn binary(value: u32) -> Self {
        Self::of(&[(0, "background"), (value, "foreground")])
    }

    /// The values from 0 to `n - 1`, each a class of its name; at most 255.
    #[must_use]
    pub fn indices(n: u8) -> Self {
        let entry = |value: u8| (MaskValue::Gray(value.into()), value.to_string());
        Self { entries: (0..n).map(entry).collect() }
    }

    /// 0 is `background`, all other values are `object`: of instances.
    pub(super) fn objects() -> Self {
        Self::of(&[(0, "background"), (1, "object")])
    }

    fn of(entries: &[(u32, &str)]) -> Self {
        let entry = |&(value, name): &(u32, &str)| (MaskValue::Gray(value), name.to_owned());
        Self { entries: entries.iter().map(entry).collect() }
    }

    /// The names of the classes; a class index is an index into them.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (_, name) in self.entries.iter().filter(|(_, name)| name != IGNORED) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// The number of classes.
    pub fn n_classes(&self) -> usize {
        self.names().len()
    }

    /// Whether masks read by this table have the class indices that `other` gives them.
    ///
    /// Both have as many classes; no value is one class here and another there; and each class has
    /// the same name in both, or a value in common. Of two classes that is asked of one: the other
    /// follows. What either ignores says nothing.
    ///
    /// ```
    /// use micrograph_image::ClassTable;
    /// let table = |text: &str| text.parse::<ClassTable>();
    /// let of_model = table("0=background,255=foreground")?;
    /// assert!(table("0=outside,255=cell")?.agrees_with(&of_model));
    /// assert!(table("0=background,1=cell")?.agrees_with(&of_model));
    /// assert!(!table("255=background,0=membrane")?.agrees_with(&of_model));
    /// assert!(!table("1=membrane,2=cell")?.agrees_with(&of_model)); // Nothing in common.
    /// # Ok::<(), micrograph_image::Error>(())
    /// ```
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        let (own, others) = (self.names(), other.names());
        let mut same: Vec<bool> = own.iter().zip(&others).map(|(a, b)| a == b).collect();
        let known = other.indices_by_value();
        for (value, class) in self.indices_by_value() {
            let there = known.iter().find(|(known, _)| *known == value).map(|(_, class)| *class);
            match (there, same.get_mut(usize::from(class))) {
                (Some(there), Some(same)) if there == class => *same = true,
                (Some(there), Some(_)) if there != IGNORE => return false,
                _ => {}
            }
        }
        let unknown = same.iter().filter(|same| !**same).count();
        own.len() == others.len() && (unknown == 0 || (own.len() == 2 && unknown == 1))
    }

    /// Whether each of `values` stands in the table.
    pub(super) fn has_all(&self, values: &[MaskValue]) -> bool {
        values.iter().all(|value| self.entries.iter().any(|(known, _)| known == value))
    }

    /// Each value with its class index, [`IGNORE`] for those that do not count.
    pub(super) fn indices_by_value(&self) -> Vec<(MaskValue, u8)> {
        let names = self.names();
        // There are at most 255 names.
        let index =
            |name: &String| names.iter().position(|n| n == name).map_or(IGNORE, |i| i as u8);
        self.entries.iter().map(|(value, name)| (*value, index(name))).collect()
    }

    /// The values, for a message: `0, 255`.
    pub(super) fn values(&self) -> String {
        let values: Vec<String> = self.entries.iter().map(|(value, _)| value.to_string()).collect();
        values.join(", ")
    }
}

impl fmt::Display for ClassTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries: Vec<_> =
            self.entries.iter().map(|(value, name)| format!("{value}={name}")).collect();
        f.write_str(&entries.join(","))
    }
}

impl FromStr for ClassTable {
    type Err = Error;

    /// # Errors
    /// [`Error::ClassTable`] naming the entry: no `value = name`, a value that is none or stands there
    /// twice, no class, or more than 255.
    fn from_str(text: &str) -> Result<Self> {
        let refused =
            |entry: &str, expected| Error::ClassTable { entry: entry.to_owned(), expected };
        let mut entries: Vec<(MaskValue, String)> = Vec::new();
        let lines = text.lines().map(str::trim).filter(|line| !is_comment(line));
        for entry in lines.flat_map(|line| line.split([',', ';'])).map(str::trim) {
            if entry.is_empty() {
                continue;
            }
            let form = "value = name, as in 255 = \"nucleus\" or \"#ff0000\" = \"nucleus\"";
            let (value, name) = entry.split_once('=').ok_or_else(|| refused(entry, form))?;
            let value = MaskValue::parse(unquoted(value)).ok_or_else(|| refused(entry, form))?;
            let name = unquoted(name);
            if name.is_empty() {
                return Err(refused(entry, form));
            }
            if entries.iter().any(|(known, _)| *known == value) {
                return Err(refused(entry, "each value once"));
            }
            entries.push((value, name.to_owned()));
        }
        let table = Self { entries };
        match table.n_classes() {
            0 => Err(refused(text, "at least one class")),
            1..=255 => Ok(table),
            _ => Err(refused(text, "at most 255 classes")),
        }
    }
}

impl TryFrom<String> for ClassTable {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<ClassTable> for String {
    fn from(table: ClassTable) -> Self {
        table.to_string()
    }
}

/// `# text`, but not `#ff0000 = nucleus`.
fn is_comment(line: &str) -> bool {
    line.strip_prefix('#').is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches('"').trim()
}

/// The table that the values of all masks speak of, where it is clear.
///
/// # Errors
/// [`SegmentationProblem::UnclearValues`] else.
pub(super) fn from_values(values: &[MaskValue]) -> Result<ClassTable, SegmentationProblem> {
    let grays: Option<Vec<u32>> = values.iter().map(|value| value.gray()).collect();
    let grays = grays.unwrap_or_else(|| vec![u32::MAX]);
    for white in [255, 1, 65535] {
        if grays.iter().all(|&gray| gray == 0 || gray == white) {
            return Ok(ClassTable::binary(white));
        }
    }
    // Ascending and distinct.
    let n = grays.len();
    if n <= super::MOST_CLASSES && grays.last().is_some_and(|&last| last as usize + 1 == n) {
        return Ok(ClassTable::indices(n as u8));
    }
    Err(SegmentationProblem::unclear_values(values))
}
