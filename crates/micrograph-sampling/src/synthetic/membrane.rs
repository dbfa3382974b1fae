//! Lipid bilayers: shells of two dense leaflets, projected along the beam.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use super::curve::ClosedCurve;
use super::optics::{Optics, Profile, chord, sample};

/// Potential of the head groups over that of ice.
const HEAD_VOLT: f32 = 1.5;
/// Potential of the hydrocarbon tails over that of ice.
const TAIL_VOLT: f32 = -0.1;

/// The cross-section of a bilayer: head groups, tails, head groups.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bilayer {
    /// From the mid-plane to the outer face.
    pub(super) half_thickness_nm: f32,
    /// The thickness of each layer of head groups.
    head_nm: f32,
}

impl Bilayer {
    /// A bilayer 4.4 to 5.2 nm thick with head groups of 0.9 to 1.2 nm, so that the leaflets' centres are
    /// 3.2 to 4.3 nm apart.
    pub(super) fn draw(rng: &mut ChaCha8Rng) -> Self {
        Self { half_thickness_nm: rng.random_range(2.2..2.6), head_nm: rng.random_range(0.9..1.2) }
    }

    /// The image of a spherical bilayer whose mid-plane has this radius, over the distance from
    /// the sphere's centre.
    fn image(self, radius: f32, optics: &Optics) -> Profile {
        let tail = self.half_thickness_nm - self.head_nm;
        let shell = |from: f32, to: f32, r: f32| {
            chord((radius + to).max(0.0), r) - chord((radius + from).max(0.0), r)
        };
        optics.image(&sample(radius + self.half_thickness_nm + 1.0, |r| {
            let heads =
                shell(tail, self.half_thickness_nm, r) + shell(-self.half_thickness_nm, -tail, r);
            HEAD_VOLT * heads + TAIL_VOLT * shell(-tail, tail, r)
        }))
    }
}

/// The part of a turn over which an incomplete lamella runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arc {
    pub(super) start: f32,
    /// Above 0, below 1.
    pub(super) extent: f32,
}

impl Arc {
    /// 1 on the arc, 0 off it, and between over a fiftieth of a turn.
    fn weight(self, turn: f32) -> f32 {
        const END: f32 = 0.02;
        let along = (turn - self.start).rem_euclid(1.0);
        let from_end = along.min(self.extent - along);
        (from_end / END).clamp(0.0, 1.0)
    }
}

/// One bilayer of a liposome.
#[derive(Debug, Clone)]
pub(super) struct Lamella {
    /// The mid-plane where it is seen edge-on.
    pub(super) curve: ClosedCurve,
    /// Where it runs, if not all around.
    pub(super) arc: Option<Arc>,
    /// Its contrast, relative to that of a clean bilayer in thin ice.
    pub(super) strength: f32,
}

impl Lamella {
    pub(super) fn paint(&self, canvas: &mut Canvas, bilayer: Bilayer, optics: &Optics) {
        let reach = self.curve.max_radius() + 20.0;
        if !canvas.shows(self.curve.center, reach) {
            return;
        }
        let radius = self.curve.mean_radius();
        let image = bilayer.image(radius, optics);
        canvas.draw(self.curve.center, reach, |pixel| {
            let place = self.curve.locate(pixel.y, pixel.x);
            let weight = self.arc.map_or(1.0, |arc| arc.weight(place.turn));
            *pixel.contrast += self.strength * weight * image.at(radius - place.depth_nm);
        });
    }
}
