//! Which frames are shown together.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Which frames a network sees at once: an odd number of them, the middle one of which has the mask.
///
/// A window never leaves its sequence. With [`Ends::Reflect`], for the sequence `a b c d` and a width
/// of 5:
///
/// ```
/// use micrograph_image::{Ends, TemporalWindow};
/// let five = TemporalWindow { width: 5, ..TemporalWindow::default() };
/// assert_eq!(five.frames(1, 0..4), Some(vec![1, 0, 1, 2, 3])); // b a b c d
/// assert_eq!(five.frames(0, 0..4), Some(vec![2, 1, 0, 1, 2])); // c b a b c
/// let repeat = TemporalWindow { ends: Ends::Repeat, ..five };
/// assert_eq!(repeat.frames(0, 0..4), Some(vec![0, 0, 0, 1, 2])); // a a a b c
/// let drop = TemporalWindow { ends: Ends::Drop, ..five };
/// assert_eq!(drop.frames(1, 0..4), None);
/// assert_eq!(TemporalWindow::five_copies().frames(1, 0..4), Some(vec![1; 5]));
/// ```
///
/// # Source
/// Network5 of the StemNet thesis, section 12, has a width of 5. Its published program looks for files
/// that never exist and so saw five copies of one frame, which is [`TemporalWindow::five_copies`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TemporalWindow {
    /// The number of frames: odd, from 1 to 999.
    pub width: usize,
    /// What stands before the first frame and after the last.
    pub ends: Ends,
    /// Which frames the neighbors are.
    pub neighbors: Neighbors,
}

/// What stands before the first frame of a sequence and after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// The sequence backwards, without its last frame once more: `c b | a b c d | c b`.
    #[default]
    Reflect,
    /// The frame at the end: `a a | a b c d | d d`.
    Repeat,
    /// Nothing: frames without a whole window are no samples.
    Drop,
}

/// Which frames stand beside the middle one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Neighbors {
    /// Those before and after it.
    #[default]
    Frames,
    /// Copies of it: the StemNet thesis's program, and a control that has all weights and no time.
    Copies,
}

/// Frames of a window, at most: what is wider is a slip.
const WIDEST: usize = 999;

impl Default for TemporalWindow {
    fn default() -> Self {
        Self { width: 1, ends: Ends::Reflect, neighbors: Neighbors::Frames }
    }
}

impl TemporalWindow {
    /// The window of Network5 as the StemNet thesis describes it.
    #[must_use]
    pub fn thesis() -> Self {
        Self { width: 5, ..Self::default() }
    }

    /// The window of Network5 as the StemNet thesis's program made it: one frame five times.
    #[must_use]
    pub fn five_copies() -> Self {
        Self { neighbors: Neighbors::Copies, ..Self::thesis() }
    }

    /// The frames before the middle one, which is also the gap that parts blocks of one sequence.
    pub fn half_width(&self) -> usize {
        match self.neighbors {
            Neighbors::Frames => self.width / 2,
            Neighbors::Copies => 0,
        }
    }

    /// Checks the width.
    ///
    /// # Errors
    /// [`Error::WindowWidth`] where it is even or above 999.
    pub fn validate(&self) -> Result<()> {
        let Self { width, .. } = *self;
        if width % 2 == 1 && width <= WIDEST { Ok(()) } else { Err(Error::WindowWidth { width }) }
    }

    /// The frames of the window around `frame`, the earliest first; `None` where it is dropped at an
    /// end, where `frame` does not lie in `sequence`, or where the width is above 999.
    ///
    /// An even width counts as the odd one below it.
    pub fn frames(&self, frame: usize, sequence: Range<usize>) -> Option<Vec<usize>> {
        if !sequence.contains(&frame) || self.width > WIDEST {
            return None;
        }
        let half = self.width.saturating_sub(1) / 2;
        if self.neighbors == Neighbors::Copies {
            return Some(vec![frame; 2 * half + 1]);
        }
        let n = sequence.len() as i128;
        let place = (frame - sequence.start) as i128;
        let window = (place - half as i128..=place + half as i128).map(|at| {
            let inside = match self.ends {
                Ends::Drop if !(0..n).contains(&at) => return None,
                Ends::Drop => at,
                Ends::Repeat => at.clamp(0, n - 1),
                Ends::Reflect if n == 1 => 0,
                Ends::Reflect => {
                    let phase = at.rem_euclid(2 * (n - 1));
                    phase.min(2 * (n - 1) - phase)
                }
            };
            Some(sequence.start + inside as usize)
        });
        window.collect()
    }
}
