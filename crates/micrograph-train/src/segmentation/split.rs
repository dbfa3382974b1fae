//! Which frames train and which validate.

use micrograph_image::{Part, SegmentationDataset};
use micrograph_sampling::{Error as SamplingError, block_hold_out};

use super::SegmentationConfig;
use crate::{Error, Result};

/// Frames of both parts, ascending, and what there is to say about them.
pub(crate) struct Parts {
    pub(crate) train: Vec<usize>,
    pub(crate) validation: Vec<usize>,
    pub(crate) notices: Vec<String>,
}

/// By the data's own parts; without a validation part, whole sequences or blocks are held out.
pub(crate) fn split(
    dataset: &SegmentationDataset,
    usable: &[usize],
    config: &SegmentationConfig,
) -> Result<Parts> {
    let has_window = |&&index: &&usize| dataset.window(index, &config.window).is_some();
    let of = |part: Option<Part>| {
        let of_part = move |index: &&usize| dataset.frames[**index].part == part;
        usable.iter().filter(of_part).filter(has_window).copied()
    };
    let validation: Vec<usize> = of(Some(Part::Val)).collect();
    let mut train: Vec<usize> = of(Some(Part::Train)).chain(of(None)).collect();
    train.sort_unstable();
    let mut parts = Parts { train, validation, notices: Vec::new() };
    if parts.validation.is_empty() && config.validation_fraction > 0.0 {
        hold_out(dataset, &mut parts, config)?;
    }
    if parts.train.is_empty() {
        let problem = "has no frame to train on; mark some as train".to_owned();
        return Err(Error::Data { path: dataset.source.clone(), problem });
    }
    Ok(parts)
}

fn hold_out(
    dataset: &SegmentationDataset,
    parts: &mut Parts,
    config: &SegmentationConfig,
) -> Result<()> {
    let train = std::mem::take(&mut parts.train);
    let sequences: Vec<usize> = train.iter().map(|&index| dataset.frames[index].sequence).collect();
    let (fraction, gap) = (config.validation_fraction, config.window.half_width());
    let held = match block_hold_out(&sequences, fraction, gap, config.seed) {
        Err(SamplingError::TooFewSamples { samples, .. }) => {
            let problem = format!(
                "{samples} frames for a training and a validation part: expected at least one frame \
                 each; add frames, give the data a validation part, or train without one \
                 (--validation-fraction 0)"
            );
            return Err(Error::Data { path: dataset.source.clone(), problem });
        }
        held => held?,
    };
    let pick = |places: &[usize]| places.iter().map(|&place| train[place]).collect();
    if !held.gap.is_empty() {
        parts.notices.push(format!(
            "{} frames beside those that validate are left out, so that no window shows frames of \
             both parts",
            held.gap.len()
        ));
    }
    (parts.train, parts.validation) = (pick(&held.train), pick(&held.test));
    Ok(())
}
