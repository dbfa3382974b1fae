//! Small trees of files.

use std::fs;
use std::path::{Path, PathBuf};

use micrograph_image::{Dataset, DatasetOptions, Depth, Error, Result, write_mask_png, write_png};
use micrograph_testkit::temporary_folder;
use ndarray::{Array2, Array3};

/// A temporary folder with files in it.
pub(crate) struct Tree(tempfile::TempDir);

impl Tree {
    /// Makes files whose content does not matter; names that end in `/` are folders.
    pub(crate) fn new(names: &[&str]) -> Self {
        let tree = Self(temporary_folder());
        for name in names {
            tree.add(name, "");
        }
        tree
    }

    /// A folder with a table `table.csv`.
    pub(crate) fn table(text: &str) -> Self {
        Self::new(&[]).file("table.csv", text)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn make_room(&self, name: &str) -> PathBuf {
        let path = self.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    /// Adds a file, or with a name that ends in `/` a folder.
    pub(crate) fn add(&self, name: &str, text: impl AsRef<[u8]>) {
        if name.ends_with('/') {
            fs::create_dir_all(self.join(name)).unwrap();
        } else {
            fs::write(self.make_room(name), text).unwrap();
        }
    }

    pub(crate) fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        self.add(name, text);
        self
    }

    /// Adds a gray image of one value.
    pub(crate) fn image(self, name: &str, (height, width): (usize, usize), value: f32) -> Self {
        let pixels = Array3::from_elem((1, height, width), value);
        write_png(&self.make_room(name), pixels.view(), Depth::U8).unwrap();
        self
    }

    /// Adds a mask whose first pixel is the object.
    pub(crate) fn mask(self, name: &str, size: (usize, usize)) -> Self {
        let mask = Array2::from_shape_fn(size, |at| at == (0, 0));
        write_mask_png(&self.make_room(name), mask.view()).unwrap();
        self
    }

    pub(crate) fn open(&self) -> Result<Dataset> {
        self.open_with(&DatasetOptions::default())
    }

    pub(crate) fn open_with(&self, options: &DatasetOptions) -> Result<Dataset> {
        Dataset::open(self.path(), options)
    }

    /// The message of an error with `DATA` for this folder.
    pub(crate) fn message(&self, error: &Error) -> String {
        error.to_string().replace(&self.path().display().to_string(), "DATA")
    }

    /// Opening the folder fails with this message.
    #[track_caller]
    pub(crate) fn check_refused(&self, options: &DatasetOptions, expected: &str) {
        let error = self.open_with(options).map(|data| data.samples).unwrap_err();
        assert_eq!(self.message(&error), expected);
    }
}

/// The ids of all samples.
pub(crate) fn ids(data: &Dataset) -> Vec<&str> {
    data.samples.iter().map(|sample| sample.id.as_str()).collect()
}

/// The class names of all samples.
pub(crate) fn labels(data: &Dataset) -> Vec<&str> {
    let class = |label: u32| data.classes[label as usize].as_str();
    data.samples.iter().map(|sample| class(sample.label.unwrap())).collect()
}

/// What was noted, as text.
pub(crate) fn notices(data: &Dataset) -> Vec<String> {
    data.notices.iter().map(ToString::to_string).collect()
}
