//! From frames as read to what a segmenter takes of them.

use micrograph_image::{Channels, Depth, Image, Normalizer, TemporalWindow};
use ndarray::{Array3, ArrayView3, Axis, concatenate};
use serde::{Deserialize, Serialize};

use super::FrameStatistics;
use crate::{Error, Result};

/// How frames become the input of a segmenter; sizes stay as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmenterInput {
    /// Into which channels a frame is converted.
    pub channels: Channels,
    /// How many channels a frame then has.
    pub n_channels: usize,
    /// The range of the pixels, fitted where it has to be.
    pub normalizer: Normalizer,
    /// How many frames the network sees at once, and which.
    pub window: TemporalWindow,
}

impl SegmenterInput {
    /// The channels of the network's input: those of all frames of a window.
    #[must_use]
    pub fn in_channels(&self) -> usize {
        self.n_channels * self.window.width
    }

    /// Frames of a window, the earliest first, as one input `(in_channels, h, w)`.
    ///
    /// # Errors
    /// [`Error::Window`] for another number of frames, or frames of different sizes.
    pub fn prepare(&self, frames: &[&Image]) -> Result<Array3<f32>> {
        if frames.len() != self.window.width {
            let (found, expected) = (frames.len(), self.window.width);
            return Err(Error::Window { found, expected });
        }
        let planes = frames.iter().map(|frame| self.in_channels_of(frame.pixels.view()));
        let planes: Vec<Array3<f32>> = planes.collect::<Result<_>>()?;
        let normalizers = planes.iter().zip(frames).map(|(pixels, frame)| {
            let statistics = FrameStatistics::of(pixels.view())?;
            Ok((self.normalizer_of(&statistics, frame.depth)?, frame.depth))
        });
        let normalizers: Vec<(Normalizer, Depth)> = normalizers.collect::<Result<_>>()?;
        let views: Vec<_> = planes.iter().map(|plane| plane.view()).collect();
        let mut window = self.window_of(&views)?;
        let of: Vec<_> =
            normalizers.iter().map(|(normalizer, depth)| (normalizer, *depth)).collect();
        self.normalize(&mut window, &of)?;
        Ok(window)
    }

    /// Frames `(n_channels, h, w)` of a window, the earliest first, one behind the other.
    ///
    /// # Errors
    /// [`Error::FrameSizes`] for frames of different sizes.
    pub fn window_of(&self, frames: &[ArrayView3<'_, f32>]) -> Result<Array3<f32>> {
        concatenate(Axis(0), frames).map_err(|_| Error::FrameSizes {
            sizes: frames.iter().map(|frame| (frame.dim().1, frame.dim().2)).collect(),
        })
    }

    /// Normalizes the frames of a [window](Self::window_of), or of a part of it, each with the
    /// numbers of its own.
    ///
    /// # Errors
    /// When a normalizer is of other channels.
    pub fn normalize(&self, window: &mut Array3<f32>, of: &[(&Normalizer, Depth)]) -> Result<()> {
        let frames = window.axis_chunks_iter_mut(Axis(0), self.n_channels.max(1));
        for (mut frame, (normalizer, depth)) in frames.zip(of) {
            let mut pixels = frame.to_owned();
            normalizer.apply(&mut pixels, *depth)?;
            frame.assign(&pixels);
        }
        Ok(())
    }
}
