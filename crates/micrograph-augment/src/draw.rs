//! What happens to one image.

use serde::{Deserialize, Serialize};

use crate::stream::Operation;
use crate::{Key, Recipe, Steps};

/// What a recipe does to one appearance of one sample: the drawn values, fit for a log or a report.
///
/// The noise of single pixels and the vectors of a deformation are not in it; [`augment`](crate::augment)
/// draws them again from the key.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// By how much the content turns counterclockwise, in degrees.
    pub rotation_degrees: f64,
    /// How many quarter turns come on top of that.
    #[serde(default)]
    pub quarter_turns: u8,
    /// By how much the content moves down and to the right, in shares of the recipe's limit: each in
    /// `[-1, 1)`. [`Recipe::shift_px`] tells the pixels for a given size.
    pub shift: [f64; 2],
    /// The angle of shear, in radians.
    pub shear_radians: f64,
    /// The content is enlarged by one over this.
    pub zoom: f64,
    /// Whether left and right are exchanged.
    pub flip_horizontal: bool,
    /// Whether top and bottom are exchanged.
    pub flip_vertical: bool,
    /// What is added to each pixel, as a fraction of the full scale.
    pub brightness: f64,
    /// The factor on the distances from the image's mean.
    pub contrast: f64,
    /// The exponent.
    pub gamma: f64,
}

impl Recipe {
    /// Draws what happens to the appearance that `key` names.
    ///
    /// Each operation has a stream of its own: a change to one field leaves the draws of all others.
    ///
    /// ```
    /// use micrograph_augment::{Key, Recipe};
    /// let key = Key { seed: 1, epoch: 0, sample: 7, copy: 0 };
    /// let drawn = Recipe::thesis().draw(key);
    /// assert_eq!(drawn, Recipe::thesis().draw(key));
    /// assert_eq!(drawn.rotation_degrees.fract(), 0.0); // whole degrees
    /// let only_zoom = Recipe { zoom: [0.8, 1.0], ..Recipe::none() };
    /// assert_eq!(only_zoom.draw(key).zoom, drawn.zoom);
    /// ```
    #[must_use]
    pub fn draw(&self, key: Key) -> Drawn {
        let shift = |operation| match self.shift_fraction {
            0.0 => 0.0,
            _ => 2.0 * key.uniform(operation) - 1.0,
        };
        Drawn {
            rotation_degrees: self.draw_rotation(key),
            quarter_turns: match self.quarter_turns {
                true => (4.0 * key.uniform(Operation::QuarterTurns)) as u8,
                false => 0,
            },
            shift: [shift(Operation::ShiftVertical), shift(Operation::ShiftHorizontal)],
            shear_radians: draw_between(self.shear_radians, key, Operation::Shear),
            zoom: draw_between(self.zoom, key, Operation::Zoom),
            flip_horizontal: draw_event(self.flip_horizontal, key, Operation::FlipHorizontal),
            flip_vertical: draw_event(self.flip_vertical, key, Operation::FlipVertical),
            brightness: draw_between(
                [-self.brightness, self.brightness],
                key,
                Operation::Brightness,
            ),
            contrast: draw_between(self.contrast, key, Operation::Contrast),
            gamma: draw_between(self.gamma, key, Operation::Gamma),
        }
    }

    fn draw_rotation(&self, key: Key) -> f64 {
        if self.rotation_degrees == 0.0 {
            return 0.0;
        }
        let share = 2.0 * key.uniform(Operation::Rotation) - 1.0;
        spread(share, self.rotation_degrees, self.steps)
    }

    /// By how many pixels the content of an image of `(height, width)` moves down and to the right.
    ///
    /// With [`Steps::Whole`] these are whole numbers, all those within the limit equally likely.
    ///
    /// ```
    /// use micrograph_augment::{Drawn, Key, Recipe};
    /// let key = Key { seed: 1, epoch: 0, sample: 7, copy: 0 };
    /// let drawn = Drawn { shift: [-1.0, 0.99], ..Recipe::thesis().draw(key) };
    /// assert_eq!(Recipe::thesis().shift_px(&drawn, (40, 28)), [-4.0, 2.0]);
    /// ```
    #[must_use]
    pub fn shift_px(&self, drawn: &Drawn, (height, width): (usize, usize)) -> [f64; 2] {
        let [down, right] = drawn.shift;
        let pixels = |share, side| spread(share, self.shift_fraction * side as f64, self.steps);
        [pixels(down, height), pixels(right, width)]
    }
}

/// A number of `[-limit, limit]` for a share in `[-1, 1)`; if whole, one of the `2 floor(limit) + 1`
/// whole numbers, each for an equal part of the shares.
fn spread(share: f64, limit: f64, steps: Steps) -> f64 {
    match steps {
        Steps::Continuous => share * limit,
        Steps::Whole => {
            let largest = limit.floor();
            ((share + 1.0) / 2.0 * (2.0 * largest + 1.0)).floor().min(2.0 * largest) - largest
        }
    }
}

/// A number uniform in `[low, high)`; where both are the same, that one, and nothing is drawn.
fn draw_between([low, high]: [f64; 2], key: Key, operation: Operation) -> f64 {
    if low == high { high } else { low + (high - low) * key.uniform(operation) }
}

/// An event of that probability; nothing is drawn for an impossible one.
fn draw_event(probability: f64, key: Key, operation: Operation) -> bool {
    probability > 0.0 && key.uniform(operation) < probability
}
