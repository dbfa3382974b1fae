//! Which frames windows show, and which frames have none.

use std::collections::BTreeSet;

use micrograph_image::SegmentationDataset;
use micrograph_model::Segmenter;

use super::SegmentationConfig;
use super::scan::Scanned;
use crate::{Error, Event, Result, Surroundings};

/// The frames that the windows around `indices` show, ascending.
pub(super) fn shown(
    dataset: &SegmentationDataset,
    indices: &[usize],
    config: &SegmentationConfig,
) -> Vec<usize> {
    let windows = indices.iter().filter_map(|&index| dataset.window(index, &config.window));
    windows.flatten().collect::<BTreeSet<_>>().into_iter().collect()
}

/// Those of the wanted frames all of whose windows were read; what else there is, is told.
pub(super) fn with_windows(
    dataset: &SegmentationDataset,
    (wanted, scanned): (&[usize], &[(usize, Scanned)]),
    config: &SegmentationConfig,
    notices: &mut Vec<String>,
) -> Result<Vec<usize>> {
    let read = |index: usize| scanned.binary_search_by_key(&index, |(index, _)| *index).is_ok();
    let (mut usable, mut beside, mut at_ends) = (Vec::new(), 0, 0);
    for &index in wanted {
        match dataset.window(index, &config.window) {
            None => at_ends += 1,
            Some(window) if window.iter().all(|&shown| read(shown)) => usable.push(index),
            Some(_) if read(index) => beside += 1,
            Some(_) => {}
        }
    }
    let width = config.window.width;
    if beside > 0 {
        let (are, their) = if beside == 1 { ("is", "its") } else { ("are", "their") };
        notices.push(format!(
            "{beside} of the frames {are} left out because {their} window of {width} frames shows \
             one that cannot be read"
        ));
    }
    if at_ends == wanted.len() {
        return Err(Error::Data {
            path: dataset.source.clone(),
            problem: without_window(at_ends, width),
        });
    }
    if at_ends > 0 {
        notices.push(without_window(at_ends, width));
    }
    Ok(usable)
}

/// Those of `indices` around which the dataset has a whole window of the segmenter's; how many have
/// none, at the ends of sequences where windows end there, is told as a notice.
#[must_use]
pub fn whole_windows(
    segmenter: &Segmenter,
    dataset: &SegmentationDataset,
    indices: &[usize],
    around: &Surroundings<'_>,
) -> Vec<usize> {
    let window = &segmenter.manifest().input.window;
    let has_window = |index: &usize| dataset.window(*index, window).is_some();
    let whole: Vec<usize> = indices.iter().copied().filter(has_window).collect();
    if whole.len() < indices.len() {
        let notice = without_window(indices.len() - whole.len(), window.width);
        around.tell(Event::Notice(&notice));
    }
    whole
}

/// What to tell of frames at the ends of sequences.
pub(super) fn without_window(frames: usize, width: usize) -> String {
    format!(
        "{frames} {} left out that {} no whole window of {width} frames in the sequence, as \
         `ends = \"drop\"` says; `reflect` and `repeat` keep them",
        if frames == 1 { "frame is" } else { "frames are" },
        if frames == 1 { "has" } else { "have" },
    )
}
