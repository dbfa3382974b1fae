//! Splits of sequences: whole ones, or contiguous blocks with a gap between the parts.

use std::collections::BTreeMap;

use crate::{Error, Result, Split, group_hold_out, group_k_fold};

/// Two parts of the frames of sequences, and what lies between them; each frame is in one of the three.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockSplit {
    /// The frames to fit on, ascending.
    pub train: Vec<usize>,
    /// The frames to judge by, ascending.
    pub test: Vec<usize>,
    /// The frames beside the test blocks that are in neither part, ascending.
    pub gap: Vec<usize>,
}

impl From<Split> for BlockSplit {
    fn from(Split { train, test }: Split) -> Self {
        Self { train, test, gap: Vec::new() }
    }
}

/// Puts about `fraction` of the frames aside: whole sequences, or else a block at the end of each.
///
/// `sequences` names the sequence of each frame, the frames of each in order of time. Where there are
/// at least `1 / fraction` sequences, whole ones are put aside, as [`group_hold_out`] does. Otherwise
/// each of `n` frames gives its last `round(fraction * n)`, at least one, and the `gap` frames before
/// them are left out: half the width of a temporal window, so that no window of a training frame shows a
/// test frame, nor the other way round. A sequence too short to leave a training frame is trained on.
///
/// # Errors
/// [`Error::Fraction`] unless `0 < fraction < 1`; [`Error::TooFewSamples`] where a part would be empty.
///
/// # Example
/// ```
/// use micrograph_sampling::block_hold_out;
/// let one_sequence = [0; 10];
/// let split = block_hold_out(&one_sequence, 0.2, 2, 1)?;
/// assert_eq!(split.test, [8, 9]);
/// assert_eq!(split.gap, [6, 7]);
/// assert_eq!(split.train, [0, 1, 2, 3, 4, 5]);
/// let five_sequences = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4];
/// let split = block_hold_out(&five_sequences, 0.2, 2, 1)?;
/// assert_eq!((split.test.len(), split.gap.len()), (2, 0)); // one of the five
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
pub fn block_hold_out(
    sequences: &[usize],
    fraction: f64,
    gap: usize,
    seed: u64,
) -> Result<BlockSplit> {
    if !(fraction > 0.0 && fraction < 1.0) {
        let expected = "above 0 and below 1";
        return Err(Error::Fraction { name: "fraction", value: fraction, expected });
    }
    let frames = frames_of(sequences);
    if frames.len() as f64 * fraction >= 1.0 && frames.len() > 1 {
        return Ok(group_hold_out(sequences, fraction, seed)?.split.into());
    }
    let mut in_test = vec![false; sequences.len()];
    for frames in &frames {
        let n = ((fraction * frames.len() as f64).round() as usize).max(1);
        if n.saturating_add(gap) < frames.len() {
            frames[frames.len() - n..].iter().for_each(|&frame| in_test[frame] = true);
        }
    }
    // Sequences too short for a block of their own, such as images one by one.
    if !in_test.contains(&true) && frames.len() > 1 {
        return Ok(group_hold_out(sequences, fraction, seed)?.split.into());
    }
    split(&frames, &in_test, gap)
}

/// Folds of frames: whole sequences, or else contiguous blocks of each.
///
/// Where there are at least `k` sequences, whole ones are dealt out, as [`group_k_fold`] does. Otherwise
/// each is cut into `k` blocks of equal length, of which the first are longer by one frame where it does
/// not divide, and fold `i` tests on the block `i` of each; the `gap` frames on both sides of it are left
/// out of training. Each frame is tested once.
///
/// # Errors
/// [`Error::TooFewFolds`] below two; [`Error::TooFewSamples`] where a part of a fold would be empty.
///
/// # Source
/// The blocks are those of scikit-learn 1.9, `KFold(shuffle=False)`, of each sequence.
///
/// # Example
/// ```
/// use micrograph_sampling::block_k_fold;
/// let folds = block_k_fold(&[0; 9], 3, 1, 7)?;
/// assert_eq!(folds[1].test, [3, 4, 5]);
/// assert_eq!(folds[1].gap, [2, 6]);
/// assert_eq!(folds[1].train, [0, 1, 7, 8]);
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
pub fn block_k_fold(
    sequences: &[usize],
    k: usize,
    gap: usize,
    seed: u64,
) -> Result<Vec<BlockSplit>> {
    if k < 2 {
        return Err(Error::TooFewFolds { folds: k });
    }
    let frames = frames_of(sequences);
    if frames.len() >= k {
        return Ok(group_k_fold(sequences, k, seed)?.iter().map(BlockSplit::from).collect());
    }
    let fold = |fold: usize| {
        let mut in_test = vec![false; sequences.len()];
        for frames in &frames {
            let (each, more) = (frames.len() / k, frames.len() % k);
            let start = fold * each + fold.min(more);
            let end = start + each + usize::from(fold < more);
            frames[start..end].iter().for_each(|&frame| in_test[frame] = true);
        }
        split(&frames, &in_test, gap)
    };
    (0..k).map(fold).collect()
}

/// The frames that stay where the `fraction` of them with the least foreground is left out, ascending.
///
/// `floor(fraction * n)` are left out; of equal ones, the last.
///
/// # Shapes
/// - `foreground`: the share of foreground in each frame, in `[0, 1]`
///
/// # Errors
/// [`Error::Fraction`] unless `0 <= fraction < 1` and all shares lie in `[0, 1]`.
///
/// # Source
/// StemNet thesis, section 11.2: to resample a data set by removing the images in which one class is
/// most overrepresented. Meant for training parts; a test part keeps the shares of nature.
///
/// # Example
/// ```
/// let kept = micrograph_sampling::leave_out_background(&[0.1, 0.0, 0.3, 0.0], 0.5)?;
/// assert_eq!(kept, [0, 2]);
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
pub fn leave_out_background(foreground: &[f64], fraction: f64) -> Result<Vec<usize>> {
    if !(0.0..1.0).contains(&fraction) {
        let expected = "at least 0 and below 1";
        return Err(Error::Fraction { name: "fraction", value: fraction, expected });
    }
    for &share in foreground {
        if !(0.0..=1.0).contains(&share) {
            let expected = "from 0 to 1";
            return Err(Error::Fraction { name: "share of foreground", value: share, expected });
        }
    }
    let mut order: Vec<usize> = (0..foreground.len()).collect();
    order.sort_by(|&a, &b| foreground[b].total_cmp(&foreground[a]));
    order.truncate(foreground.len() - (fraction * foreground.len() as f64).floor() as usize);
    order.sort_unstable();
    Ok(order)
}

/// The frames of each sequence, in their order.
fn frames_of(sequences: &[usize]) -> Vec<Vec<usize>> {
    let mut frames: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (frame, &sequence) in sequences.iter().enumerate() {
        frames.entry(sequence).or_default().push(frame);
    }
    frames.into_values().collect()
}

/// Leaves out what lies within `gap` frames of a test frame of the same sequence.
fn split(frames: &[Vec<usize>], in_test: &[bool], gap: usize) -> Result<BlockSplit> {
    let mut split = BlockSplit::default();
    for frames in frames {
        for (place, &frame) in frames.iter().enumerate() {
            let near = place.saturating_sub(gap)
                ..(place.saturating_add(gap).saturating_add(1)).min(frames.len());
            let part = if in_test[frame] {
                &mut split.test
            } else if frames[near].iter().any(|&near| in_test[near]) {
                &mut split.gap
            } else {
                &mut split.train
            };
            part.push(frame);
        }
    }
    if split.train.is_empty() || split.test.is_empty() {
        return Err(Error::TooFewSamples { samples: in_test.len(), parts: 2 });
    }
    for part in [&mut split.train, &mut split.test, &mut split.gap] {
        part.sort_unstable();
    }
    Ok(split)
}
