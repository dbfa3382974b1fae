//! One sample of a data set, and the part it belongs to.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::{Error, Image};

/// What is known of a sample before its pixels are read; about 200 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The path relative to the data set's root, with `/` between folders on every system
    /// (`train/cat/7.png`), or part and row of an archive (`train/17`, `17`). Unique in its data set.
    pub id: String,
    /// The file of the object mask, ready to be opened.
    pub mask: Option<PathBuf>,
    /// The index of its class in [`Dataset::classes`](super::Dataset::classes).
    pub label: Option<u32>,
    /// What must not be torn apart by a split: a patient, a plate, a specimen.
    pub group: Option<String>,
    /// The part to which the data set itself assigns the sample.
    pub part: Option<Part>,
    /// Which array of an archive it lies in, and in which row.
    pub(super) row: Option<(usize, usize)>,
}

impl Sample {
    /// A sample that lies in a file of its own.
    pub(super) fn file(id: String) -> Self {
        Self { id, mask: None, label: None, group: None, part: None, row: None }
    }

    /// The number that names this sample's random stream: FNV-1a, 64 bits, of [`id`](Self::id).
    ///
    /// It depends on nothing but the id, so a sample keeps its augmentations when others come or
    /// go.
    /// Source: Fowler, Noll and Vo, <http://www.isthe.com/chongo/tech/comp/fnv/>.
    ///
    /// ```
    /// # use micrograph_image::{Dataset, DatasetOptions};
    /// # let folder = tempfile::tempdir()?;
    /// # std::fs::write(folder.path().join("table.csv"), "path,label\na,x\nfoobar,y\n")?;
    /// let data = Dataset::open(folder.path(), &DatasetOptions::default())?;
    /// assert_eq!((data.samples[0].id.as_str(), data.samples[0].key()), ("a", 0xaf63dc4c8601ec8c));
    /// assert_eq!(data.samples[1].key(), 0x85944171f73967e8); // "foobar"
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn key(&self) -> u64 {
        key_of(&self.id)
    }
}

/// FNV-1a, 64 bits, of an id.
pub(super) fn key_of(id: &str) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    id.bytes().fold(OFFSET_BASIS, step)
}

/// A sample that was read: the image and, where the data set has one, its object mask.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// The pixels as stored, `(c, h, w)`.
    pub image: Image,
    /// `true` where the object is, `(h, w)` as the image.
    pub mask: Option<Array2<bool>>,
}

/// A part of a data set that its makers fixed. Ordered as named here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// What a model is fitted on.
    Train,
    /// What stops the training and chooses between models.
    Val,
    /// What is looked at once, in the end.
    Test,
}

impl Part {
    /// All parts in their order.
    pub const ALL: [Part; 3] = [Part::Train, Part::Val, Part::Test];

    /// `train`, `val` or `test`: also the prefix of the keys in an archive.
    pub fn name(self) -> &'static str {
        match self {
            Part::Train => "train",
            Part::Val => "val",
            Part::Test => "test",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// Reads `train`, `val`, `valid`, `validation` or `test` in any case.
impl FromStr for Part {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name.to_ascii_lowercase().as_str() {
            "train" => Ok(Part::Train),
            "val" | "valid" | "validation" => Ok(Part::Val),
            "test" => Ok(Part::Test),
            _ => Err(Error::UnknownPart { name: name.to_owned() }),
        }
    }
}
