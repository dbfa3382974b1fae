//! What a segmenter says of frames, as files: masks, probabilities, objects.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use micrograph_image::{Depth, SegmentationDataset, Shape, write_atomically, write_tiff};
use micrograph_model::Segmenter;
use micrograph_segment::{InstancesConfig, instances};
use ndarray::{Array2, Axis};

use super::frame_files::{Foreground, FrameFiles, FramePaths};
use super::objects::{ObjectRow, objects};
use super::predict::predict_tiles;
use crate::run_folder::io;
use crate::{Error, Result, Surroundings};

/// The folder of predictions: `masks`, `probabilities` and `instances` with a file for each frame,
/// and `objects.csv`.
///
/// `NAME` is the path of the frame below the folder that all frames have in common, without its
/// ending: `a/x` and `b/x` of `data/a/x.png` and `data/b/x.png`.
///
/// - `masks/NAME.png`: 255 where the foreground is more probable than the background, else 0; of more
///   than two classes their indices. Frames of more than 2^26 pixels have `masks/NAME.tif` instead.
/// - `probabilities/NAME.tif`: 32-bit, the probability of the foreground; of more than two classes a
///   page for each class but the first.
/// - `instances/NAME.tif`: objects from 1, 0 for the background; touching objects are parted where the
///   distance to the background has a saddle.
#[derive(Debug)]
pub struct PredictionFolder<'a> {
    folder: &'a Path,
    dataset: &'a SegmentationDataset,
    written: Written,
    n_classes: usize,
    /// Of each frame, without an ending.
    names: Vec<String>,
}

/// What is written beside masks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Maps of probabilities.
    pub probabilities: bool,
    /// Numbered objects and their table, for which a frame needs some 70 bytes of memory a pixel.
    pub instances: bool,
    /// Frames of more pixels are never held whole: their masks are TIFFs, which are written by rows, and
    /// no objects are found in them.
    pub whole_px: usize,
}

impl Default for Written {
    /// All, of frames to 2^26 pixels, a square of 8192, also as a whole.
    fn default() -> Self {
        Self { probabilities: true, instances: true, whole_px: 1 << 26 }
    }
}

impl Written {
    fn is_large(self, Shape { height, width, .. }: Shape) -> bool {
        height.saturating_mul(width) > self.whole_px
    }
}

impl<'a> PredictionFolder<'a> {
    /// The files that frames of `dataset` will have in `folder`; nothing is written yet.
    ///
    /// # Errors
    /// When two frames would have the same files, or a frame is too large for objects to be found in it.
    pub fn new(
        folder: &'a Path,
        segmenter: &Segmenter,
        dataset: &'a SegmentationDataset,
        written: Written,
    ) -> Result<Self> {
        let large = dataset.frames.iter().find(|frame| written.is_large(frame.shape));
        if let Some(frame) = large.filter(|_| written.instances) {
            let Shape { height, width, .. } = frame.shape;
            let problem = format!(
                "has {height} x {width} pixels, and objects are found in memory, in at most {} \
                 pixels; leave them out (--no-instances), or cut the image",
                written.whole_px
            );
            return Err(Error::Data { path: frame.image.path.clone(), problem });
        }
        let names = file_names(folder, dataset)?;
        Ok(Self { folder, dataset, written, n_classes: segmenter.classes().len(), names })
    }

    /// Every file that will be written.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let of_frame =
            move |index| self.kinds().map(move |kind| self.place(kind, index)).collect::<Vec<_>>();
        let table = self.written.instances.then(|| self.table());
        (0..self.names.len()).flat_map(of_frame).chain(table)
    }

    /// The folders in which frames have files.
    fn kinds(&self) -> impl Iterator<Item = &'static str> {
        let Written { probabilities, instances, .. } = self.written;
        let kinds = [("masks", true), ("probabilities", probabilities), ("instances", instances)];
        kinds.into_iter().filter(|(_, written)| *written).map(|(kind, _)| kind)
    }

    fn place(&self, kind: &str, index: usize) -> PathBuf {
        let is_png = kind == "masks" && !self.written.is_large(self.dataset.frames[index].shape);
        let ending = if is_png { "png" } else { "tif" };
        self.folder.join(kind).join(format!("{}.{ending}", self.names[index]))
    }

    /// Where the table of objects goes.
    #[must_use]
    pub fn table(&self) -> PathBuf {
        self.folder.join("objects.csv")
    }

    /// Predicts the frame at `index` tile by tile, writes its files, and gives its objects. `advanced` is
    /// called after each tile.
    ///
    /// Mask and probabilities stand under their names when the frame is done; when anything fails,
    /// nothing of it does.
    ///
    /// # Errors
    /// Those of [`predict_tiles`]; when a file cannot be written.
    pub fn predict(
        &self,
        index: usize,
        segmenter: &Segmenter,
        around: &Surroundings<'_>,
        advanced: &mut dyn FnMut(),
    ) -> Result<Vec<ObjectRow>> {
        let (frame, written) = (&self.dataset.frames[index], self.written);
        let mask = self.place("masks", index);
        let probabilities = written.probabilities.then(|| self.place("probabilities", index));
        let kept = if written.instances { Foreground::Whole } else { Foreground::Unkept };
        let paths = FramePaths { mask, probabilities };
        let by_rows = written.is_large(frame.shape);
        let mut files = FrameFiles::begin(paths, (frame.shape, by_rows), self.n_classes, kept)?;
        predict_tiles(segmenter, (self.dataset, index), around, &mut |place, tile| {
            advanced();
            files.push(place, tile)
        })?;
        let Some(foreground) = files.finish()? else { return Ok(Vec::new()) };
        let labels = instances(foreground.view(), &InstancesConfig::default())?;
        let (numbers, depth) = (labels.mapv(|label| label as f32), depth_of(&labels));
        let page = numbers.view().insert_axis(Axis(0));
        write_tiff(&self.place("instances", index), &[page], depth, None)?;
        Ok(objects(&frame.id, labels.view(), foreground.view()))
    }

    /// Writes the table of objects, where they are written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_table(&self, objects: &[ObjectRow]) -> Result<()> {
        if !self.written.instances {
            return Ok(());
        }
        Ok(write_atomically(&self.table(), |file| {
            let mut table = csv::Writer::from_writer(file);
            table.write_record([
                "frame",
                "object",
                "area_px",
                "center_y_px",
                "center_x_px",
                "first_y_px",
                "first_x_px",
                "last_y_px",
                "last_x_px",
                "mean_probability",
            ])?;
            for ObjectRow { frame, object, area_px, center_px, bounds_px, probability } in objects {
                let mut record = vec![frame.clone(), object.to_string(), area_px.to_string()];
                record.extend(center_px.map(|center| format!("{center:.2}")));
                record.extend(bounds_px.map(|bound| bound.to_string()));
                record.push(format!("{probability:.4}"));
                table.write_record(record)?;
            }
            table.flush()
        })?)
    }

    /// Makes the folders of all files.
    ///
    /// # Errors
    /// When one cannot be made.
    pub fn create(&self) -> Result<()> {
        let folders: BTreeSet<PathBuf> =
            self.files().filter_map(|file| file.parent().map(Path::to_path_buf)).collect();
        for path in folders {
            std::fs::create_dir_all(&path).map_err(|source| io(&path, source))?;
        }
        Ok(())
    }
}

/// The names of the files of frames, with the folders below the one that they have in common.
fn names_of<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<String> {
    let parted = |id: &'a str| {
        let is_step = |part: &&str| matches!(*part, "" | "." | "..");
        let mut folders: Vec<&str> = id.split(['/', '\\']).filter(|p| !is_step(p)).collect();
        folders.pop();
        (folders, name_of(id))
    };
    let parted: Vec<(Vec<&str>, String)> = ids.map(parted).collect();
    let first = parted.first().map_or(&[][..], |(folders, _)| folders.as_slice());
    let in_common =
        |folders: &[&str]| first.iter().zip(folders).take_while(|(a, b)| a == b).count();
    let common = parted.iter().map(|(folders, _)| in_common(folders)).min().unwrap_or(0);
    let name = |(folders, name): &(Vec<&str>, String)| {
        let below = folders.iter().skip(common).map(|folder| folder.replace(':', "_"));
        below.chain([name.clone()]).collect::<Vec<_>>().join("/")
    };
    parted.iter().map(name).collect()
}

/// The names of the files of all frames, without an ending; no two are the same.
pub(super) fn file_names(folder: &Path, dataset: &SegmentationDataset) -> Result<Vec<String>> {
    let names = names_of(dataset.frames.iter().map(|frame| frame.id.as_str()));
    let mut seen = std::collections::BTreeMap::new();
    for (name, frame) in names.iter().zip(&dataset.frames) {
        if let Some(other) = seen.insert(name.to_lowercase(), &frame.id) {
            let problem = format!(
                "{} and {other} would both be written as {name}; write them into folders of their \
                 own",
                frame.id
            );
            return Err(Error::Data { path: folder.to_path_buf(), problem });
        }
    }
    Ok(names)
}

/// The name of a frame's files: its own without the ending; of a page, with its number.
fn name_of(id: &str) -> String {
    let file = id.rsplit(['/', '\\']).next().unwrap_or(id);
    match file.rsplit_once('.') {
        None => file.to_owned(),
        Some((stem, ending)) => match ending.split_once(':') {
            Some((_, page)) => format!("{stem}_{page:0>4}"),
            None => stem.to_owned(),
        },
    }
}

fn depth_of(labels: &Array2<u32>) -> Depth {
    if labels.iter().all(|&label| label <= 65535) { Depth::U16 } else { Depth::F32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_their_frames() {
        assert_eq!(name_of("image/01.png"), "01");
        assert_eq!(name_of("a/stack.tif:7"), "stack_0007");
        assert_eq!(name_of("plain"), "plain");
    }

    #[test]
    fn frames_of_one_name_in_two_folders_have_files_of_their_own() {
        let names = |ids: &[&str]| names_of(ids.iter().copied());
        assert_eq!(names(&["/data/a/x.png", "/data/b/x.png"]), ["a/x", "b/x"]);
        assert_eq!(names(&["/data/a/x.png", "/data/a/y.png"]), ["x", "y"]);
        assert_eq!(
            names(&["x.png", "below/x.tif:0", "below/x.tif:1"]),
            ["x", "below/x_0000", "below/x_0001"]
        );
        assert_eq!(names(&["C:\\a\\x.png", "D:\\x.png"]), ["C_/a/x", "D_/x"]);
        assert_eq!(names(&["../up/x.png"]), ["x"]);
        assert!(names(&[]).is_empty());
    }
}
