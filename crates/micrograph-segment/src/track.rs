//! From objects of frames to tracks.

use std::collections::BTreeMap;

use micrograph_metrics::segmentation::Overlaps;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, same_shape, setting};

/// An object and the one in the frame before from which it comes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// The label in the frame before.
    pub previous: u32,
    /// The label in this frame.
    pub current: u32,
    /// The pixels that both share as a fraction of the smaller one.
    pub share: f64,
}

/// Links each object to the object of the frame before that it shares most pixels with.
///
/// Of those that share at least `least_share` of the smaller of the two, `|A and B| / min(|A|, |B|)`,
/// the one with the most shared pixels is taken; of equals the larger share, then the lower label. So
/// the two halves of a cell that has divided are both linked to it, and a speck that a cell has run
/// over does not take its place. Objects without such a partner are new and have no link.
///
/// # Errors
/// Frames of different shapes; a `least_share` outside of 0 to 1.
///
/// # Example
/// ```
/// use micrograph_segment::link_frames;
/// let before = ndarray::array![[1, 1, 1, 1, 0, 0, 2]];
/// let after = ndarray::array![[1, 1, 0, 2, 2, 0, 0]];
/// let links = link_frames(before.view(), after.view(), 0.3)?;
/// let pairs: Vec<_> = links.iter().map(|link| (link.previous, link.current, link.share)).collect();
/// assert_eq!(pairs, [(1, 1, 1.0), (1, 2, 0.5)]); // 1 has divided, and 2 is gone
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
pub fn link_frames(
    previous: ArrayView2<'_, u32>,
    current: ArrayView2<'_, u32>,
    least_share: f64,
) -> Result<Vec<Link>> {
    same_shape("a frame", previous.dim(), current.dim())?;
    let fits = (0.0..=1.0).contains(&least_share);
    setting("the least share of a link", "from 0 to 1", least_share, fits)?;
    let overlaps = Overlaps::new(previous, current)?;
    let mut best: BTreeMap<u32, (Link, u64)> = BTreeMap::new();
    for (previous, current, n) in overlaps.object_pairs() {
        let smaller = overlaps.truth_area(previous).min(overlaps.predicted_area(current));
        let link = Link { previous, current, share: n as f64 / smaller as f64 };
        let beaten = best
            .get(&current)
            .is_some_and(|(other, shared)| (*shared, other.share) >= (n, link.share));
        if link.share >= least_share && !beaten {
            best.insert(current, (link, n));
        }
    }
    Ok(best.into_values().map(|(link, _)| link).collect())
}

/// A track: one object from its first frame to its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// Its number, from 1.
    pub id: u32,
    /// The first frame, from 0.
    pub first: usize,
    /// The last frame.
    pub last: usize,
    /// The track that divided into this one and others.
    pub parent: Option<u32>,
}

/// Joins the objects of frames to tracks, a frame at a time.
///
/// An object goes on with the track of the object that it is linked to ([`link_frames`]). Where
/// several are linked to one, that one has divided, and each begins a track of its own with it as
/// parent. The tracks are those of the Cell Tracking Challenge's `res_track.txt`.
///
/// ```
/// use micrograph_segment::{Track, Tracker};
/// use ndarray::array;
///
/// let mut tracker = Tracker::new(0.3)?;
/// assert_eq!(tracker.push(array![[5, 5, 5, 5, 0, 0]].view())?, array![[1, 1, 1, 1, 0, 0]]);
/// assert_eq!(tracker.push(array![[0, 9, 9, 9, 9, 0]].view())?, array![[0, 1, 1, 1, 1, 0]]);
/// assert_eq!(tracker.push(array![[0, 1, 1, 0, 2, 2]].view())?, array![[0, 2, 2, 0, 3, 3]]);
/// let daughter = |id| Track { id, first: 2, last: 2, parent: Some(1) };
/// let mother = Track { id: 1, first: 0, last: 1, parent: None };
/// assert_eq!(tracker.tracks(), [mother, daughter(2), daughter(3)]);
/// # Ok::<(), micrograph_segment::Error>(())
/// ```
///
/// Limits: the nearest frame alone is looked at, so that an object that is missed in a frame ends its
/// track; objects that merge go on as the one that they share most with.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracker {
    least_share: f64,
    tracks: Vec<Track>,
    n_frames: usize,
    /// The frame before, with the numbers of tracks.
    last: Option<Array2<u32>>,
}

impl Tracker {
    /// A tracker that links objects which share at least `least_share` of the smaller one.
    ///
    /// # Errors
    /// A `least_share` outside of 0 to 1.
    pub fn new(least_share: f64) -> Result<Self> {
        let fits = (0.0..=1.0).contains(&least_share);
        setting("the least share of a link", "from 0 to 1", least_share, fits)?;
        Ok(Self { least_share, tracks: Vec::new(), n_frames: 0, last: None })
    }

    /// Takes the labels of the next frame, and returns them as numbers of tracks.
    ///
    /// # Errors
    /// A frame of another shape than the first; more than 2^32 - 2 tracks. The tracker is then as it
    /// was.
    pub fn push(&mut self, labels: ArrayView2<'_, u32>) -> Result<Array2<u32>> {
        let links = match &self.last {
            Some(last) => link_frames(last.view(), labels, self.least_share)?,
            None => Vec::new(),
        };
        let mut children: BTreeMap<u32, usize> = BTreeMap::new();
        for link in &links {
            *children.entry(link.previous).or_default() += 1;
        }
        let linked: BTreeMap<u32, u32> =
            links.iter().map(|link| (link.current, link.previous)).collect();
        let mut names: BTreeMap<u32, u32> =
            labels.iter().filter(|&&label| label > 0).map(|&label| (label, 0)).collect();
        let room = (u32::MAX - 1) as usize - self.tracks.len();
        if names.len() > room {
            return Err(Error::Tracks { limit: u32::MAX - 1 });
        }
        for (&label, name) in &mut names {
            let parent = linked.get(&label).copied();
            *name = match parent {
                Some(track) if children[&track] == 1 => track,
                _ => self.begin(parent),
            };
            self.tracks[*name as usize - 1].last = self.n_frames;
        }
        let named = labels.mapv(|label| names.get(&label).copied().unwrap_or(0));
        self.n_frames += 1;
        self.last = Some(named.clone());
        Ok(named)
    }

    /// Begins a track in the present frame, and returns its number.
    fn begin(&mut self, parent: Option<u32>) -> u32 {
        let id = self.tracks.len() as u32 + 1;
        self.tracks.push(Track { id, first: self.n_frames, last: self.n_frames, parent });
        id
    }

    /// The tracks so far, by number.
    #[must_use]
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }
}
