//! From frames as read to what a segmenter takes of them.

use micrograph_image::{
    Channels, Depth, Image, Normalization, Normalizer, TemporalWindow, TrainingMoments,
    convert_channels, fit_channels,
};
use ndarray::{Array3, ArrayView3, Axis, concatenate};
use serde::{Deserialize, Serialize};

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

    /// A frame in the channels of the network, on the scale of its file.
    ///
    /// # Errors
    /// When it has other channels that cannot be converted.
    pub fn in_channels_of(&self, image: &Image) -> Result<Array3<f32>> {
        Ok(match self.channels {
            Channels::Native => fit_channels(image.pixels.view(), self.n_channels)?.0,
            channels => convert_channels(image.pixels.view(), channels),
        })
    }

    /// The normalizer with the numbers of one frame, so that parts of it are mapped as the whole.
    ///
    /// # Errors
    /// [`Error::Percentiles`] for clipped percentiles, which are not known of a part of a frame.
    pub fn normalizer_of(&self, pixels: ArrayView3<'_, f32>, depth: Depth) -> Result<Normalizer> {
        match &self.normalizer {
            Normalizer::PercentileClip { .. } => Err(Error::Percentiles),
            Normalizer::ImageZScore => {
                let mut moments = TrainingMoments::default();
                moments.push(pixels)?;
                Ok(moments.finish(Normalization::DatasetZScore)?)
            }
            Normalizer::UnitRange if depth == Depth::F32 => {
                let range = |(low, high): (f32, f32), &x: &f32| (low.min(x), high.max(x));
                let (low, high) = pixels.iter().fold((f32::INFINITY, f32::NEG_INFINITY), range);
                let n = pixels.len_of(Axis(0));
                Ok(Normalizer::DatasetZScore { mean: vec![low; n], std: vec![high - low; n] })
            }
            normalizer => Ok(normalizer.clone()),
        }
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
        let planes: Vec<Array3<f32>> =
            frames.iter().map(|frame| self.in_channels_of(frame)).collect::<Result<_>>()?;
        let normalizers = planes.iter().zip(frames).map(|(pixels, frame)| {
            Ok((self.normalizer_of(pixels.view(), frame.depth)?, frame.depth))
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
