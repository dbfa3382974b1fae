//! The files of one frame, written while its tiles come.

use std::path::PathBuf;

use micrograph_image::{Depth, Region, Shape, TiffPage, TiffWriter, write_png};
use micrograph_model::Pixels;
use ndarray::{Array2, Array3, ArrayView3, Axis, Slice};

use crate::Result;

/// Mask, probabilities and foreground of a frame, of which a row of tiles is in memory; the foreground
/// as a whole where objects are to be found in it.
pub(super) struct FrameFiles {
    mask: Mask,
    probabilities: Option<TiffWriter>,
    foreground: Option<Array2<f32>>,
    /// The row of tiles that is being filled, `(pages, rows, width)`: the mask, and the probability of
    /// each class but the first where they are written.
    band: Array3<f32>,
}

enum Mask {
    Whole { path: PathBuf, values: Array3<f32>, rows: usize },
    ByRows(TiffWriter),
}

/// Whether the foreground is kept for objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Foreground {
    Whole,
    Unkept,
}

/// Where the files of a frame are to stand.
pub(super) struct FramePaths {
    pub(super) mask: PathBuf,
    pub(super) probabilities: Option<PathBuf>,
}

impl FrameFiles {
    /// Begins the files of a frame of this shape; nothing stands under their names yet.
    pub(super) fn begin(
        paths: FramePaths,
        (shape, by_rows): (Shape, bool),
        n_classes: usize,
        kept: Foreground,
    ) -> Result<Self> {
        let Shape { height, width, .. } = shape;
        let page = |depth| TiffPage { channels: 1, height, width, depth };
        let mask = if by_rows {
            Mask::ByRows(TiffWriter::create(&paths.mask, vec![page(Depth::U8)])?)
        } else {
            Mask::Whole { path: paths.mask, values: Array3::zeros((1, height, width)), rows: 0 }
        };
        let pages = vec![page(Depth::F32); n_classes.saturating_sub(1)];
        let probabilities =
            paths.probabilities.map(|path| TiffWriter::create(&path, pages)).transpose()?;
        let foreground = match kept {
            Foreground::Whole => Some(Array2::zeros((height, width))),
            Foreground::Unkept => None,
        };
        let n_pages = if probabilities.is_some() { n_classes } else { 1 };
        let band = Array3::zeros((n_pages, 0, width));
        Ok(Self { mask, probabilities, foreground, band })
    }

    /// Takes the probabilities of a tile; tiles come row by row from the upper left.
    pub(super) fn push(&mut self, place: Region, tile: ArrayView3<'_, f32>) -> Result<()> {
        let (n_pages, rows, width) = self.band.dim();
        if place.x == 0 && rows != place.height {
            self.band = Array3::zeros((n_pages, place.height, width));
        }
        let pixels = Pixels { probabilities: tile.to_owned() };
        let foreground = pixels.foreground();
        let mask = if tile.dim().0 == 2 {
            foreground.mapv(|p| if p > 0.5 { 255.0 } else { 0.0 })
        } else {
            pixels.classes().mapv(f32::from)
        };
        let mut band = Region { y: 0, ..place }.of_mut(self.band.view_mut());
        band.index_axis_mut(Axis(0), 0).assign(&mask);
        for (class, mut page) in band.axis_iter_mut(Axis(0)).enumerate().skip(1) {
            page.assign(&tile.index_axis(Axis(0), class));
        }
        if let Some(whole) = &mut self.foreground {
            let whole = whole.view_mut().insert_axis(Axis(0));
            place.of_mut(whole).index_axis_mut(Axis(0), 0).assign(&foreground);
        }
        if place.x + place.width == width { self.write_band() } else { Ok(()) }
    }

    fn write_band(&mut self) -> Result<()> {
        let page = |page: usize| self.band.slice_axis(Axis(0), Slice::from(page..=page));
        match &mut self.mask {
            Mask::ByRows(tiff) => tiff.push(0, page(0))?,
            Mask::Whole { values, rows, .. } => {
                let (_, height, width) = self.band.dim();
                let place = Region { y: *rows, x: 0, height, width };
                place.of_mut(values.view_mut()).assign(&page(0));
                *rows += height;
            }
        }
        if let Some(tiff) = &mut self.probabilities {
            for class in 1..self.band.dim().0 {
                tiff.push(class - 1, page(class))?;
            }
        }
        Ok(())
    }

    /// Gives the files their names, and the probability of the foreground where it was kept.
    pub(super) fn finish(self) -> Result<Option<Array2<f32>>> {
        match self.mask {
            Mask::Whole { path, values, .. } => write_png(&path, values.view(), Depth::U8)?,
            Mask::ByRows(tiff) => tiff.finish()?,
        }
        if let Some(tiff) = self.probabilities {
            tiff.finish()?;
        }
        Ok(self.foreground)
    }
}
