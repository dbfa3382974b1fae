//! Test-time augmentation: the mean prediction over symmetric copies.

use ndarray::{Array3, Axis};
use serde::{Deserialize, Serialize};

/// Which copies of an input a prediction is averaged over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TestTime {
    /// The input alone.
    #[default]
    None,
    /// The input and its mirror image left to right: for images with an up and a down.
    Flip,
    /// The eight symmetries of the square: for images without an orientation.
    Dihedral,
}

/// One symmetry of the square: `quarter_turns` counter-clockwise, after an optional left-right flip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    flipped: bool,
    quarter_turns: u8,
}

const fn view(flipped: bool, quarter_turns: u8) -> View {
    View { flipped, quarter_turns }
}

const VIEWS: [View; 8] = [
    view(false, 0),
    view(true, 0),
    view(false, 1),
    view(true, 1),
    view(false, 2),
    view(true, 2),
    view(false, 3),
    view(true, 3),
];

impl TestTime {
    pub(crate) fn views(self) -> &'static [View] {
        match self {
            Self::None => &VIEWS[..1],
            Self::Flip => &VIEWS[..2],
            Self::Dihedral => &VIEWS,
        }
    }
}

impl std::str::FromStr for TestTime {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "none" => Ok(Self::None),
            "flip" => Ok(Self::Flip),
            "dihedral" => Ok(Self::Dihedral),
            other => Err(format!("expected none, flip or dihedral, got `{other}`")),
        }
    }
}

impl View {
    /// The transformed copy; a quarter turn of an input that is not square exchanges its sides.
    pub(crate) fn apply(self, xs: &Array3<f32>) -> Array3<f32> {
        let mut seen = xs.view();
        if self.flipped {
            seen.invert_axis(Axis(2));
        }
        for _ in 0..self.quarter_turns {
            seen.swap_axes(1, 2);
            seen.invert_axis(Axis(1));
        }
        seen.as_standard_layout().into_owned()
    }

    /// What [`apply`](Self::apply) has made `xs` of.
    pub(crate) fn undo(self, xs: &Array3<f32>) -> Array3<f32> {
        let mut seen = xs.view();
        for _ in 0..self.quarter_turns {
            seen.invert_axis(Axis(1));
            seen.swap_axes(1, 2);
        }
        if self.flipped {
            seen.invert_axis(Axis(2));
        }
        seen.as_standard_layout().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_quarter_turn_is_that_of_numpy_rot90() {
        let xs = array![[[1., 2.], [3., 4.]]];
        assert_eq!(view(false, 1).apply(&xs), array![[[2., 4.], [1., 3.]]]);
        assert_eq!(view(true, 0).apply(&xs), array![[[2., 1.], [4., 3.]]]);
    }

    #[test]
    fn what_was_done_can_be_undone() {
        let xs = Array3::from_shape_fn((2, 3, 4), |(c, y, x)| (c * 12 + y * 4 + x) as f32);
        assert!(VIEWS.iter().all(|view| view.undo(&view.apply(&xs)) == xs));
    }

    #[test]
    fn the_eight_views_are_all_different() {
        let xs = array![[[1., 2.], [3., 4.]]];
        let seen: Vec<_> = VIEWS.iter().map(|v| v.apply(&xs)).collect();
        for i in 0..8 {
            for j in 0..i {
                assert_ne!(seen[i], seen[j], "views {i} and {j}");
            }
        }
    }
}
