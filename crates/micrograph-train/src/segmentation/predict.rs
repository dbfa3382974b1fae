//! A segmenter at work on the frames of a data set.

use micrograph_image::{ImageRegions, Normalizer, Region, SegmentationDataset, Shape};
use micrograph_model::{FrameStatistics, PixelSource, Segmenter, SegmenterInput};
use ndarray::{Array3, ArrayView3};

use super::windows::without_window;
use crate::loader::guarded_as;
use crate::{Error, Result, Surroundings};

/// Probabilities of classes `(k, h, w)` of a frame, seen with its neighbors where the network takes
/// a window.
///
/// # Errors
/// When a file cannot be read, or the frame cannot be brought to the network's input; when it has no
/// whole window ([`whole_windows`](super::whole_windows)).
pub fn predict_frame(
    segmenter: &Segmenter,
    dataset: &SegmentationDataset,
    index: usize,
) -> Result<Array3<f32>> {
    let shape = dataset.frames.get(index).map(|frame| [frame.shape.height, frame.shape.width]);
    let [height, width] = shape.unwrap_or_default();
    let mut all = Array3::zeros((segmenter.classes().len(), height, width));
    predict_tiles(segmenter, (dataset, index), &Surroundings::default(), &mut |place, tile| {
        place.of_mut(all.view_mut()).assign(&tile);
        Ok(())
    })?;
    Ok(all)
}

/// Predicts a frame tile by tile, as [`predict_frame`] does: `see` is given where each lies, and the
/// probabilities of classes `(k, height, width)` in it, row by row from the upper left.
///
/// The frame, or those of its window, are read twice, in bands: first for the numbers of the whole
/// that normalization takes, then for the tiles.
///
/// # Errors
/// Those of [`predict_frame`] and of `see`; [`Error::Interrupted`] where `around` says so.
pub fn predict_tiles(
    segmenter: &Segmenter,
    (dataset, index): (&SegmentationDataset, usize),
    around: &Surroundings<'_>,
    see: &mut dyn FnMut(Region, ArrayView3<'_, f32>) -> Result<()>,
) -> Result<()> {
    let Some(frame) = dataset.frames.get(index) else {
        let problem = format!("has no frame {index}: it has {}", dataset.frames.len());
        return Err(Error::Data { path: dataset.source.clone(), problem });
    };
    let in_frame = |source| of_frame(&frame.id, source);
    guarded_as(&frame.id, || {
        let input = &segmenter.manifest().input;
        let Some(window) = dataset.window(index, &input.window) else {
            let problem = format!("{}: {}", frame.id, without_window(1, input.window.width));
            return Err(Error::Data { path: dataset.source.clone(), problem });
        };
        let mut opened = OpenedWindow::open(input, dataset, (index, &window))?;
        for place in 0..opened.frames.len() {
            opened.normalize_frame(place, around, &in_frame)?;
        }
        for tile in segmenter.tiles(&mut opened).map_err(in_frame)? {
            let (place, probabilities) = tile.map_err(in_frame)?;
            see(place, probabilities.view())?;
            if around.stopping() {
                return Err(Error::Interrupted);
            }
        }
        Ok(())
    })
}

/// The error of a frame; that of its file names it by itself.
fn of_frame(id: &str, source: micrograph_model::Error) -> Error {
    use micrograph_image::Error::{ChannelCount, NormalizerChannels};
    match source {
        micrograph_model::Error::Image(error)
            if !matches!(error, ChannelCount { .. } | NormalizerChannels { .. }) =>
        {
            Error::Image(error)
        }
        source => Error::Sample { sample: id.to_owned(), source: Box::new(source) },
    }
}

/// The frames of a window, of which regions are read and prepared.
struct OpenedWindow<'a> {
    input: &'a SegmenterInput,
    /// Each frame once, though a window may show it several times.
    frames: Vec<OpenedFrame>,
    /// Their places in `frames`, the earliest first.
    shown: Vec<usize>,
    size: [usize; 2],
}

struct OpenedFrame {
    image: ImageRegions,
    /// With the numbers of this frame, when it has been read once.
    normalizer: Normalizer,
}

impl<'a> OpenedWindow<'a> {
    fn open(
        input: &'a SegmenterInput,
        dataset: &SegmentationDataset,
        (index, window): (usize, &[usize]),
    ) -> Result<Self> {
        let Shape { height, width, .. } = dataset.frames[index].shape;
        let mut distinct = window.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let open = |&frame: &usize| {
            let image = dataset.open_image(frame)?;
            Ok(OpenedFrame { image, normalizer: input.normalizer.clone() })
        };
        let frames = distinct.iter().map(open).collect::<Result<_>>()?;
        let shown = window.iter().filter_map(|frame| distinct.binary_search(frame).ok()).collect();
        Ok(Self { input, frames, shown, size: [height, width] })
    }

    /// Reads a frame once, for the numbers of the whole that its normalizer takes.
    fn normalize_frame(
        &mut self,
        place: usize,
        around: &Surroundings<'_>,
        in_frame: &dyn Fn(micrograph_model::Error) -> Error,
    ) -> Result<()> {
        let OpenedFrame { image, normalizer } = &mut self.frames[place];
        let mut statistics = FrameStatistics::default();
        for band in image.bands() {
            let rows = image.read(band)?;
            statistics.push_stored(self.input, rows.view()).map_err(in_frame)?;
            if around.stopping() {
                return Err(Error::Interrupted);
            }
        }
        let of_frame = self.input.normalizer_of(&statistics, image.depth());
        *normalizer = of_frame.map_err(in_frame)?;
        Ok(())
    }
}

impl PixelSource for OpenedWindow<'_> {
    fn dim(&self) -> (usize, usize, usize) {
        (self.input.n_channels * self.shown.len(), self.size[0], self.size[1])
    }

    fn region(&mut self, region: Region) -> micrograph_model::Result<Array3<f32>> {
        let stored = |frame: &mut OpenedFrame| {
            let pixels = frame.image.read(region)?;
            self.input.in_channels_of(pixels.view())
        };
        let planes: Vec<Array3<f32>> =
            self.frames.iter_mut().map(stored).collect::<micrograph_model::Result<_>>()?;
        let views: Vec<_> = self.shown.iter().map(|&place| planes[place].view()).collect();
        let mut pixels = self.input.window_of(&views)?;
        let of =
            |&place: &usize| (&self.frames[place].normalizer, self.frames[place].image.depth());
        let of: Vec<_> = self.shown.iter().map(of).collect();
        self.input.normalize(&mut pixels, &of)?;
        Ok(pixels)
    }
}
