//! How to open a data set.

use serde::{Deserialize, Serialize};

use super::Layout;
use crate::Limits;

/// How to open a data set; the default suits all that follow one of the four layouts.
///
/// Templates and column names describe a table that was not made for us.
/// A table with the columns `image ID,class label` beside `001.bmp` and `001.png`:
///
/// ```
/// use micrograph_image::DatasetOptions;
/// let options = DatasetOptions {
///     path_template: Some("{image ID:03}.bmp".to_owned()),
///     mask_template: Some("{image ID:03}.png".to_owned()),
///     label_column: "class label".to_owned(),
///     ..DatasetOptions::default()
/// };
/// ```
///
/// In a template `{column}` stands for the value in that column, `{column:03}` for the value
/// filled up with zeros to three characters, `{{` and `}}` for braces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatasetOptions {
    /// The layout; found out from the files when `None`.
    pub layout: Option<Layout>,
    /// The image's path, relative to the table, in place of [`path_column`](Self::path_column).
    pub path_template: Option<String>,
    /// The mask's path, relative to the table, in place of [`mask_column`](Self::mask_column).
    pub mask_template: Option<String>,
    /// The column with the image's path, `path` by default.
    pub path_column: String,
    /// The column with the class, `label` by default.
    pub label_column: String,
    /// The column with the mask's path, `mask` by default; it may be absent.
    pub mask_column: String,
    /// The column with the group, `group` by default; it may be absent, and `none` ignores it.
    pub group_column: String,
    /// The column with `train`, `val` or `test`, `split` by default; it may be absent, and `none`
    /// ignores it.
    pub split_column: String,
    /// What an image may hold at most.
    pub limits: Limits,
}

impl Default for DatasetOptions {
    fn default() -> Self {
        Self {
            layout: None,
            path_template: None,
            mask_template: None,
            path_column: "path".to_owned(),
            label_column: "label".to_owned(),
            mask_column: "mask".to_owned(),
            group_column: "group".to_owned(),
            split_column: "split".to_owned(),
            limits: Limits::default(),
        }
    }
}

impl DatasetOptions {
    /// Whether anything was asked for that only a table can answer.
    pub(super) fn names_columns(&self) -> bool {
        let default = Self::default();
        // To ignore a column is no wish for one.
        let named = |column: &String, default: &String| column != default && column != "none";
        self.path_template.is_some()
            || self.mask_template.is_some()
            || named(&self.path_column, &default.path_column)
            || named(&self.label_column, &default.label_column)
            || named(&self.mask_column, &default.mask_column)
            || named(&self.group_column, &default.group_column)
            || named(&self.split_column, &default.split_column)
    }
}
