//! Images with masks: layouts, sequences, what masks hold, and what is said about bad ones.

mod bad;
mod fingerprint;
mod layouts;
mod masks;
mod real;
mod windows;

use micrograph_image::{
    Depth, Result, SegmentationDataset, SegmentationOptions, write_png, write_tiff,
};
use ndarray::Array3;

use crate::tree::Tree;

/// A gray image of one value, or a mask.
pub(crate) fn plane<const W: usize>(rows: &[&[f32; W]]) -> Array3<f32> {
    let values = rows.iter().flat_map(|row| row.iter().copied());
    Array3::from_shape_vec((1, rows.len(), W), values.collect()).unwrap()
}

/// One row of values.
pub(crate) fn row(values: Vec<f32>) -> Array3<f32> {
    Array3::from_shape_vec((1, 1, values.len()), values).unwrap()
}

pub(crate) trait Frames: Sized {
    fn png(self, name: &str, pixels: &Array3<f32>) -> Self;
    fn png16(self, name: &str, pixels: &Array3<f32>) -> Self;
    fn stack(self, name: &str, pages: &[Array3<f32>]) -> Self;
    fn segmentation(&self) -> Result<SegmentationDataset>;
    fn refused(&self) -> String;
}

impl Frames for Tree {
    fn png(self, name: &str, pixels: &Array3<f32>) -> Self {
        self.add(name, "");
        write_png(&self.join(name), pixels.view(), Depth::U8).unwrap();
        self
    }

    fn png16(self, name: &str, pixels: &Array3<f32>) -> Self {
        self.add(name, "");
        write_png(&self.join(name), pixels.view(), Depth::U16).unwrap();
        self
    }

    fn stack(self, name: &str, pages: &[Array3<f32>]) -> Self {
        self.add(name, "");
        let pages: Vec<_> = pages.iter().map(|page| page.view()).collect();
        write_tiff(&self.join(name), &pages, Depth::U8, None).unwrap();
        self
    }

    fn segmentation(&self) -> Result<SegmentationDataset> {
        SegmentationDataset::open(self.path(), &SegmentationOptions::default())
    }

    /// The message with which the data set is refused: one line.
    #[track_caller]
    fn refused(&self) -> String {
        let message = self.message(&self.segmentation().map(|data| data.frames).unwrap_err());
        assert!(!message.contains('\n'), "{message}");
        message
    }
}

/// `frames/t00.png` and so on beside `masks`, whose pixels are 0 but for the first.
pub(crate) fn sequence(n: usize) -> Tree {
    (0..n).fold(Tree::new(&[]), |tree, number| {
        tree.png(&format!("frames/t{number:02}.png"), &plane(&[&[number as f32, 9.0, 9.0]; 2]))
            .png(&format!("masks/t{number:02}.png"), &plane(&[&[255.0, 0.0, 0.0], &[0.0; 3]]))
    })
}

pub(crate) fn ids(data: &SegmentationDataset) -> Vec<&str> {
    data.frames.iter().map(|frame| frame.id.as_str()).collect()
}

pub(crate) fn runs(data: &SegmentationDataset) -> Vec<(&str, usize)> {
    data.sequences.iter().map(|run| (run.name.as_str(), run.frames.len())).collect()
}
