//! The neighbors of a pixel.

use serde::{Deserialize, Serialize};

/// Which pixels are neighbors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connectivity {
    /// Those that share a side.
    Four,
    /// Those that share a side or a corner.
    Eight,
}

/// Steps `(dy, dx)`: those over a side before those over a corner, each in reading order.
const STEPS: [(isize, isize); 8] =
    [(-1, 0), (0, -1), (0, 1), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)];

impl Connectivity {
    /// The steps to the neighbors, the near ones first.
    fn steps(self) -> &'static [(isize, isize)] {
        match self {
            Self::Four => &STEPS[..4],
            Self::Eight => &STEPS,
        }
    }

    /// Half of the steps: to those neighbors that come before a pixel in reading order.
    pub(crate) fn before(self) -> &'static [(isize, isize)] {
        match self {
            Self::Four => &[(-1, 0), (0, -1)],
            Self::Eight => &[(-1, -1), (-1, 0), (-1, 1), (0, -1)],
        }
    }

    /// The neighbors of `(y, x)` in an image of `(height, width)`, those over a side first.
    pub(crate) fn around(
        self,
        (y, x): (usize, usize),
        (height, width): (usize, usize),
    ) -> impl Iterator<Item = (usize, usize)> {
        self.steps().iter().filter_map(move |&(dy, dx)| {
            let v = y.checked_add_signed(dy).filter(|&v| v < height)?;
            let u = x.checked_add_signed(dx).filter(|&u| u < width)?;
            Some((v, u))
        })
    }
}
