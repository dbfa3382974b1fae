//! Frames in memory, or read again where memory would not do.

use std::sync::Arc;

use micrograph_image::{Channels, Depth, LabelMap, Normalizer, SegmentationDataset, Shape};
use micrograph_model::{FrameStatistics, SegmenterInput};
use ndarray::Array3;

use crate::{Error, Result};

/// Frames that need more bytes than this are read from their files each time.
const IN_MEMORY: usize = 1 << 30;

/// A frame in the channels of the network.
#[derive(Debug)]
pub(crate) struct FrameData {
    /// `(c, h, w)` on the scale of the file.
    pub(crate) pixels: Array3<f32>,
    pub(crate) depth: Depth,
    /// With the numbers of this frame.
    pub(crate) normalizer: Normalizer,
    pub(crate) labels: Option<LabelMap>,
}

impl FrameData {
    pub(crate) fn read(
        dataset: &SegmentationDataset,
        input: &SegmenterInput,
        index: usize,
    ) -> Result<Self> {
        let id = || dataset.frames[index].id.clone();
        let in_frame = |source: micrograph_model::Error| Error::Sample {
            sample: id(),
            source: Box::new(source),
        };
        let image = dataset.read_image(index)?;
        let labels = dataset.read_labels(index)?;
        let pixels = input.in_channels_of(image.pixels.view()).map_err(in_frame)?;
        let statistics = FrameStatistics::of(pixels.view()).map_err(in_frame)?;
        let normalizer = input.normalizer_of(&statistics, image.depth).map_err(in_frame)?;
        Ok(Self { pixels, depth: image.depth, normalizer, labels })
    }
}

/// The frames of a data set as the network is shown them.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    kept: Vec<Option<Arc<FrameData>>>,
}

impl Frames {
    /// None yet, of so many.
    pub(crate) fn new(frames: usize) -> Self {
        Self { kept: vec![None; frames] }
    }

    /// Whether these frames fit into memory in the channels of the network, by their headers.
    pub(crate) fn fit(
        dataset: &SegmentationDataset,
        indices: &[usize],
        channels: Channels,
    ) -> bool {
        let of_frame = |&index: &usize| bytes(dataset.frames[index].shape, channels);
        indices.iter().map(of_frame).fold(0, usize::saturating_add) <= IN_MEMORY
    }

    pub(crate) fn keep(&mut self, index: usize, frame: FrameData) {
        self.kept[index] = Some(Arc::new(frame));
    }

    /// A frame, from memory or from its file.
    pub(crate) fn get(
        &self,
        dataset: &SegmentationDataset,
        input: &SegmenterInput,
        index: usize,
    ) -> Result<Arc<FrameData>> {
        match self.kept.get(index).and_then(Option::as_ref) {
            Some(frame) => Ok(Arc::clone(frame)),
            None => Ok(Arc::new(FrameData::read(dataset, input, index)?)),
        }
    }
}

/// What a frame takes: four bytes for each value of a pixel, one for its class and, of instances,
/// four for its object.
fn bytes(shape: Shape, channels: Channels) -> usize {
    let values = channels.count(shape.channels).saturating_mul(4).saturating_add(5);
    shape.height.saturating_mul(shape.width).saturating_mul(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_judged_by_the_channels_that_are_kept() {
        let shape = |channels| Shape { channels, height: 10, width: 20 };
        assert_eq!(bytes(shape(1), Channels::Native), 200 * 9);
        assert_eq!(bytes(shape(1), Channels::Rgb), 200 * 17);
        assert_eq!(bytes(shape(3), Channels::Native), 200 * 17);
        assert_eq!(bytes(shape(3), Channels::Gray), 200 * 9);
        let absurd = Shape { channels: usize::MAX, height: usize::MAX, width: 2 };
        assert_eq!(bytes(absurd, Channels::Native), usize::MAX);
    }
}
