//! Batches of random crops.

use micrograph_augment::{Cropping, Key, augment_labels};

use super::{SegmentationConfig, SegmentationData};
use crate::loader::{full_scale, guarded_as};
use crate::plan::Appearance;
use crate::{Error, Result};

/// Crops with their classes, ready for the network.
#[derive(Debug)]
pub(crate) struct Crops {
    /// Crop by crop, channel by channel and row by row.
    pub(crate) pixels: Vec<f32>,
    pub(crate) labels: Vec<u32>,
    /// Crops, channels, height and width.
    pub(crate) shape: (usize, usize, usize, usize),
}

/// The crops of a batch; each is a function of the settings, the frame, the epoch and its copy.
pub(crate) fn crops(
    data: &SegmentationData,
    config: &SegmentationConfig,
    plan: &[Appearance],
    epoch: u64,
) -> Result<Crops> {
    let [height, width] = data.crop;
    let channels = data.input.in_channels();
    let mut pixels = Vec::with_capacity(plan.len() * channels * height * width);
    let mut labels = Vec::with_capacity(plan.len() * height * width);
    for &Appearance { sample, copy } in plan {
        let frame = &data.dataset.frames[sample];
        let key = Key { seed: config.seed, epoch, sample: frame.key(), copy };
        guarded_as(&frame.id, || one(data, config, (sample, key), (&mut pixels, &mut labels)))?;
    }
    Ok(Crops { pixels, labels, shape: (plan.len(), channels, height, width) })
}

fn one(
    data: &SegmentationData,
    config: &SegmentationConfig,
    (sample, key): (usize, Key),
    (pixels, labels): (&mut Vec<f32>, &mut Vec<u32>),
) -> Result<()> {
    let window = data.window(sample)?;
    let frame = data.frame(sample)?;
    let Some(known) = &frame.labels else {
        let problem = format!("{} has no mask any more", data.dataset.frames[sample].id);
        return Err(Error::Data { path: data.dataset.source.clone(), problem });
    };
    let views: Vec<_> = window.iter().map(|frame| frame.pixels.view()).collect();
    let planes = data.input.window_of(&views)?;
    let cropping = Cropping { size: data.crop, foreground: config.crop.foreground };
    let scale = full_scale(frame.depth, &frame.pixels);
    let (mut crop, classes) = augment_labels(
        &config.augment,
        key,
        (planes.view(), known.classes.view()),
        Some(&cropping),
        scale,
    )?;
    let of: Vec<_> = window.iter().map(|frame| (&frame.normalizer, frame.depth)).collect();
    data.input.normalize(&mut crop, &of)?;
    pixels.extend(crop.iter());
    labels.extend(classes.iter().map(|&class| u32::from(class)));
    Ok(())
}
