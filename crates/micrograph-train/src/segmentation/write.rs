//! What a segmenter says of frames, as files: masks, probabilities, objects.

use std::path::{Path, PathBuf};

use micrograph_image::{
    Depth, SegmentationDataset, write_atomically, write_mask_png, write_png, write_tiff,
};
use micrograph_model::{Pixels, Segmenter};
use micrograph_segment::{InstancesConfig, instances};
use ndarray::{Array2, ArrayView2, ArrayView3, Axis};

use crate::run_folder::io;
use crate::{Error, Result};

/// The folder of predictions: `masks`, `probabilities` and `instances` with a file for each frame,
/// and `objects.csv`.
///
/// - `masks/NAME.png`: 255 where the foreground is more probable than the background, else 0; of more
///   than two classes their indices.
/// - `probabilities/NAME.tif`: 32-bit, the probability of the foreground; of more than two classes a
///   page for each class but the first.
/// - `instances/NAME.tif`: objects from 1, 0 for the background; touching objects are parted where the
///   distance to the background has a saddle.
#[derive(Debug)]
pub struct PredictionFolder<'a> {
    folder: &'a Path,
    dataset: &'a SegmentationDataset,
    n_classes: usize,
    /// Of each frame, without an ending.
    names: Vec<String>,
}

/// A line of `objects.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectRow {
    /// The frame's name in the data set.
    pub frame: String,
    /// The object's number in `instances`.
    pub object: usize,
    /// Its pixels.
    pub area_px: usize,
    /// The mean of its rows and columns, from 0.
    pub center_px: [f64; 2],
    /// First row, first column, last row, last column.
    pub bounds_px: [usize; 4],
    /// The mean probability of the foreground in it.
    pub probability: f64,
}

impl<'a> PredictionFolder<'a> {
    /// The files that frames of `dataset` will have in `folder`; nothing is written yet.
    ///
    /// # Errors
    /// When two frames would have the same files.
    pub fn new(
        folder: &'a Path,
        segmenter: &Segmenter,
        dataset: &'a SegmentationDataset,
    ) -> Result<Self> {
        let names: Vec<String> = dataset.frames.iter().map(|frame| name_of(&frame.id)).collect();
        let mut seen = std::collections::BTreeMap::new();
        for (name, frame) in names.iter().zip(&dataset.frames) {
            if let Some(other) = seen.insert(name.to_lowercase(), &frame.id) {
                let problem = format!(
                    "{} and {other} would both be written as {name}; predict them into folders of \
                     their own",
                    frame.id
                );
                return Err(Error::Data { path: folder.to_path_buf(), problem });
            }
        }
        Ok(Self { folder, dataset, n_classes: segmenter.classes().len(), names })
    }

    /// Every file that will be written.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let kinds = [("masks", "png"), ("probabilities", "tif"), ("instances", "tif")];
        let of_frame = move |name: &String| {
            kinds.map(|(kind, ending)| self.folder.join(kind).join(format!("{name}.{ending}")))
        };
        self.names.iter().flat_map(of_frame).chain([self.table()])
    }

    /// Where the table of objects goes.
    #[must_use]
    pub fn table(&self) -> PathBuf {
        self.folder.join("objects.csv")
    }

    /// Writes mask, probabilities `(k, h, w)` and instances of the frame at `index`, and gives its
    /// objects.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(
        &self,
        index: usize,
        probabilities: ArrayView3<'_, f32>,
    ) -> Result<Vec<ObjectRow>> {
        let place = |kind: &str, ending: &str| {
            self.folder.join(kind).join(format!("{}.{ending}", self.names[index]))
        };
        let pixels = Pixels { probabilities: probabilities.to_owned() };
        let foreground = pixels.foreground();
        let mask = place("masks", "png");
        if self.n_classes == 2 {
            write_mask_png(&mask, foreground.mapv(|p| p > 0.5).view())?;
        } else {
            let classes = pixels.classes().mapv(f32::from);
            write_png(&mask, classes.view().insert_axis(Axis(0)), Depth::U8)?;
        }
        let pages: Vec<ArrayView3<'_, f32>> =
            probabilities.axis_chunks_iter(Axis(0), 1).skip(1).collect();
        write_tiff(&place("probabilities", "tif"), &pages, Depth::F32, None)?;
        let labels = instances(foreground.view(), &InstancesConfig::default())?;
        let (numbers, depth) = (labels.mapv(|label| label as f32), depth_of(&labels));
        write_tiff(
            &place("instances", "tif"),
            &[numbers.view().insert_axis(Axis(0))],
            depth,
            None,
        )?;
        Ok(objects(&self.dataset.frames[index].id, labels.view(), foreground.view()))
    }

    /// Writes the table of objects.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_table(&self, objects: &[ObjectRow]) -> Result<()> {
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

    /// Makes the folders.
    ///
    /// # Errors
    /// When one cannot be made.
    pub fn create(&self) -> Result<()> {
        for kind in ["masks", "probabilities", "instances"] {
            let path = self.folder.join(kind);
            std::fs::create_dir_all(&path).map_err(|source| io(&path, source))?;
        }
        Ok(())
    }
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

fn objects(
    frame: &str,
    labels: ArrayView2<'_, u32>,
    foreground: ArrayView2<'_, f32>,
) -> Vec<ObjectRow> {
    let n = labels.iter().max().map_or(0, |&label| label as usize);
    let mut rows: Vec<ObjectRow> = (1..=n)
        .map(|object| ObjectRow {
            frame: frame.to_owned(),
            object,
            area_px: 0,
            center_px: [0.0; 2],
            bounds_px: [usize::MAX, usize::MAX, 0, 0],
            probability: 0.0,
        })
        .collect();
    for (((y, x), &label), &p) in labels.indexed_iter().zip(&foreground) {
        let Some(row) = (label as usize).checked_sub(1).and_then(|place| rows.get_mut(place))
        else {
            continue;
        };
        row.area_px += 1;
        row.center_px[0] += y as f64;
        row.center_px[1] += x as f64;
        let [top, left, bottom, right] = row.bounds_px;
        row.bounds_px = [top.min(y), left.min(x), bottom.max(y), right.max(x)];
        row.probability += f64::from(p);
    }
    for row in &mut rows {
        let area = row.area_px.max(1) as f64;
        row.center_px = row.center_px.map(|sum| sum / area);
        row.probability /= area;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn an_object_is_measured_from_row_and_column_zero() {
        let labels = array![[0, 1, 1], [0, 1, 0]];
        let p = array![[0.0, 0.9, 0.7], [0.0, 0.8, 0.0]];
        let rows = objects("a.png", labels.view(), p.view());
        let [row] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!((row.area_px, row.bounds_px), (3, [0, 1, 1, 2]));
        assert!((row.center_px[0] - 1.0 / 3.0).abs() < 1e-12);
        assert!((row.probability - 0.8).abs() < 1e-6);
    }

    #[test]
    fn files_are_named_as_their_frames() {
        assert_eq!(name_of("image/01.png"), "01");
        assert_eq!(name_of("a/stack.tif:7"), "stack_0007");
        assert_eq!(name_of("plain"), "plain");
    }
}
