//! Frames made ready for training: parts, the input as it was fitted, a fingerprint.

use std::sync::Arc;

use micrograph_image::{Part, SegmentationDataset};
use micrograph_model::{FrameStatistics, SeenSamples, SegmenterInput};
use micrograph_nn::SegmenterConfig;

use super::SegmentationConfig;
use super::frames::{FrameData, Frames};
use super::scan::{Scanned, scan};
use super::split::{Parts, split};
use super::windows::{shown, with_windows};
use crate::{Error, Event, Result, Surroundings, Unreadable};

/// A data set made ready for training.
#[derive(Debug)]
pub struct SegmentationData {
    /// The frames.
    pub dataset: Arc<SegmentationDataset>,
    /// Indices of the frames to train on, ascending; all have masks.
    pub train: Vec<usize>,
    /// Indices of the frames that validate, ascending; may be empty.
    pub validation: Vec<usize>,
    /// From frames as read to what the network sees, fitted on `train`.
    pub input: SegmenterInput,
    /// The network for these channels and classes.
    pub network: SegmenterConfig,
    /// Pixels of each class, of each frame of `train`.
    pub class_pixels: Vec<Vec<u64>>,
    /// Height and width of crops.
    pub crop: [usize; 2],
    /// SHA-256 over the frames of both parts and those that their windows show.
    pub fingerprint: String,
    /// Digests of the frames of both parts, for the bundle.
    pub seen: SeenSamples,
    /// Warnings to repeat in the report.
    pub notices: Vec<String>,
    frames: Frames,
}

impl SegmentationData {
    /// Decodes every frame with a mask, and every one that a window around such a frame shows, once;
    /// splits by the data's own parts, else holds out whole sequences or blocks of them, and fits the
    /// input on what is left.
    ///
    /// A frame that cannot be read is left out, where that is asked for, with all whose windows show
    /// it.
    ///
    /// # Errors
    /// The first frame, in order, that cannot be read, unless `unreadable` is to be skipped; no
    /// frame with a mask and a whole window, or without any pixel of a second class; channels that
    /// differ.
    pub fn open(
        dataset: SegmentationDataset,
        config: &SegmentationConfig,
        unreadable: Unreadable,
        around: &Surroundings<'_>,
    ) -> Result<Self> {
        config.validate()?;
        let wanted = wanted(&dataset)?;
        let mut notices: Vec<String> = dataset.notices.iter().map(ToString::to_string).collect();
        let shown = shown(&dataset, &wanted, config);
        let mut scanned: Vec<(usize, Scanned)> = Vec::new();
        for (&index, result) in shown.iter().zip(scan(&dataset, &shown, config, around)?) {
            match result {
                Ok(frame) => scanned.push((index, frame)),
                Err(error) if unreadable == Unreadable::Skip => {
                    notices.push(format!("left out: {error}"));
                }
                Err(error) => return Err(error),
            }
        }
        let usable = with_windows(&dataset, (&wanted, &scanned), config, &mut notices)?;
        let Parts { train, validation, notices: of_split } = split(&dataset, &usable, config)?;
        notices.extend(of_split);
        notices.iter().for_each(|notice| around.tell(Event::Notice(notice)));
        let data = Self::fitted(dataset, (train, validation), scanned, config)?;
        Ok(Self { notices, ..data })
    }

    fn fitted(
        dataset: SegmentationDataset,
        (train, validation): (Vec<usize>, Vec<usize>),
        scanned: Vec<(usize, Scanned)>,
        config: &SegmentationConfig,
    ) -> Result<Self> {
        let n_channels = same_channels(&dataset, &scanned)?;
        let of = |index: usize| {
            let place = scanned.binary_search_by_key(&index, |(index, _)| *index);
            place.ok().map(|place| &scanned[place].1)
        };
        let mut moments = micrograph_image::TrainingMoments::default();
        for frame in train.iter().filter_map(|&index| of(index)) {
            moments.merge(&frame.moments)?;
        }
        let input = SegmenterInput {
            channels: config.channels,
            n_channels,
            normalizer: moments.finish(config.normalization)?,
            window: config.window,
        };
        let classes = dataset.n_classes();
        let network = SegmenterConfig::new(config.model.clone(), input.in_channels(), classes);
        network.validate()?;
        let class_pixels: Vec<Vec<u64>> =
            train.iter().filter_map(|&index| Some(of(index)?.class_pixels.clone())).collect();
        refuse_one_class(&dataset, &class_pixels)?;
        let crop = crop_size(&dataset, &train, &network, config.crop.size)?;
        let mut both: Vec<usize> = train.iter().chain(&validation).copied().collect();
        both.sort_unstable();
        let digests = |part: &[usize]| -> Vec<[u8; 32]> {
            part.iter().filter_map(|&index| Some(of(index)?.digest)).collect()
        };
        let shown = shown(&dataset, &both, config);
        let fingerprint = dataset.fingerprint(&digests(&shown), &shown);
        let seen = SeenSamples::new(digests(&train), digests(&validation));
        let mut frames = Frames::new(dataset.frames.len());
        for (index, frame) in scanned {
            let Some(read) = frame.read.filter(|_| shown.binary_search(&index).is_ok()) else {
                continue;
            };
            let statistics = FrameStatistics::of(read.pixels.view())?;
            let normalizer = input.normalizer_of(&statistics, read.depth)?;
            frames.keep(index, FrameData { normalizer, ..read });
        }
        let (dataset, notices) = (Arc::new(dataset), Vec::new());
        Ok(Self {
            dataset,
            train,
            validation,
            input,
            network,
            class_pixels,
            crop,
            fingerprint,
            seen,
            notices,
            frames,
        })
    }

    /// A frame, from memory or from its file.
    pub(crate) fn frame(&self, index: usize) -> Result<Arc<FrameData>> {
        self.frames.get(&self.dataset, &self.input, index)
    }

    /// The frames that the window around `index` shows, the earliest first.
    pub(crate) fn window(&self, index: usize) -> Result<Vec<Arc<FrameData>>> {
        let frames = self.dataset.window(index, &self.input.window).unwrap_or_default();
        frames.into_iter().map(|frame| self.frame(frame)).collect()
    }

    /// Crops of a frame in an epoch.
    pub(crate) fn crops_of(&self, index: usize, config: &SegmentationConfig) -> usize {
        let shape = self.dataset.frames[index].shape;
        let covering = (shape.height * shape.width).div_ceil(self.crop[0] * self.crop[1]);
        config.crop.per_frame.unwrap_or(covering).max(1)
    }
}

/// The frames with masks that training may read, ascending.
fn wanted(dataset: &SegmentationDataset) -> Result<Vec<usize>> {
    let mut wanted: Vec<usize> = [Some(Part::Train), Some(Part::Val), None]
        .into_iter()
        .flat_map(|part| dataset.labelled(&dataset.indices(part)))
        .collect();
    wanted.sort_unstable();
    if wanted.is_empty() {
        let problem = "has no frames with masks to train on; `micrograph info --data` shows what \
                       was found"
            .to_owned();
        return Err(Error::Data { path: dataset.source.clone(), problem });
    }
    Ok(wanted)
}

fn same_channels(dataset: &SegmentationDataset, scanned: &[(usize, Scanned)]) -> Result<usize> {
    let Some((first, frame)) = scanned.first() else { return Ok(1) };
    let expected = frame.channels;
    let Some((other, got)) = scanned.iter().find(|(_, frame)| frame.channels != expected) else {
        return Ok(expected);
    };
    let id = |index: usize| &dataset.frames[index].id;
    let problem = format!(
        "{} has {} channels, {} has {expected}; use --channels gray or rgb",
        id(*other),
        got.channels,
        id(*first)
    );
    Err(Error::Data { path: dataset.source.clone(), problem })
}

fn refuse_one_class(dataset: &SegmentationDataset, class_pixels: &[Vec<u64>]) -> Result<()> {
    let names = dataset.table.names();
    let total = |class: usize| class_pixels.iter().map(|counts| counts[class]).sum::<u64>();
    let present: Vec<&String> =
        (0..).zip(&names).filter(|&(class, _)| total(class) > 0).map(|(_, name)| name).collect();
    if present.len() > 1 {
        return Ok(());
    }
    let only = present.first().map_or("none", |name| name.as_str());
    let problem = format!(
        "the masks of all {} training frames hold one class alone, `{only}`: expected pixels of at \
         least two",
        class_pixels.len()
    );
    Err(Error::Data { path: dataset.source.clone(), problem })
}

/// The wanted size, but no more than the smallest frame needs of what the network takes.
fn crop_size(
    dataset: &SegmentationDataset,
    train: &[usize],
    network: &SegmenterConfig,
    wanted: usize,
) -> Result<[usize; 2]> {
    let takes = network.input()?.size;
    let least = |side: fn(&micrograph_image::Shape) -> usize| {
        train.iter().map(|&index| side(&dataset.frames[index].shape)).min().unwrap_or(1)
    };
    let size = [least(|shape| shape.height).min(wanted), least(|shape| shape.width).min(wanted)];
    takes.enclosing(size).ok_or_else(|| {
        let (field, value) = ("crop.size", wanted.to_string());
        Error::Config { field, value, expected: "a size that the network takes" }
    })
}
