//! A segmenter at work on the frames of a data set.

use micrograph_image::{Image, SegmentationDataset};
use micrograph_model::Segmenter;
use ndarray::Array3;

use super::windows::without_window;
use crate::loader::guarded_as;
use crate::{Error, Result};

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
    let Some(frame) = dataset.frames.get(index) else {
        let problem = format!("has no frame {index}: it has {}", dataset.frames.len());
        return Err(Error::Data { path: dataset.source.clone(), problem });
    };
    guarded_as(&frame.id, || {
        let window = &segmenter.manifest().input.window;
        let Some(window) = dataset.window(index, window) else {
            let problem = format!("{}: {}", frame.id, without_window(1, window.width));
            return Err(Error::Data { path: dataset.source.clone(), problem });
        };
        let frames: Vec<Image> =
            window.into_iter().map(|frame| dataset.read_image(frame)).collect::<Result<_, _>>()?;
        let frames: Vec<&Image> = frames.iter().collect();
        let pixels = segmenter.predict_window(&frames);
        let in_frame =
            |source| Error::Sample { sample: frame.id.clone(), source: Box::new(source) };
        Ok(pixels.map_err(in_frame)?.probabilities)
    })
}
