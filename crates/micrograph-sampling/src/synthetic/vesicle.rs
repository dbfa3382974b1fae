//! A liposome as it lies in the ice: its lamellae and what they enclose.

use std::f32::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use super::cargo::Cargo;
use super::curve::{ClosedCurve, Distortion};
use super::membrane::{Arc, Bilayer, Lamella};
use super::optics::Optics;

/// Bilayers do not come closer than this, mid-plane to mid-plane.
const LEAST_GAP_NM: f32 = 6.5;
/// The least radius of curvature of a bilayer.
const LEAST_RADIUS_NM: f32 = 11.0;

/// A liposome.
#[derive(Debug, Clone)]
pub(super) struct Vesicle {
    pub(super) bilayer: Bilayer,
    /// From the outside in; the first is the outline.
    pub(super) lamellae: Vec<Lamella>,
    pub(super) cargo: Vec<Cargo>,
}

impl Vesicle {
    /// A liposome with one complete bilayer.
    pub(super) fn unilamellar(
        rng: &mut ChaCha8Rng,
        center: [f32; 2],
        diameter: f32,
        ellipticity: f32,
    ) -> Self {
        let distortion = Distortion {
            ellipticity,
            axis: rng.random_range(0.0..TAU),
            harmonics: 0.006 + 0.03 * rng.random_range(0.0_f32..1.0).powi(2),
            roughness: rng.random_range(0.01..0.07),
        };
        let bilayer = Bilayer::draw(rng);
        let radius = 0.5 * diameter - bilayer.half_thickness_nm;
        let curve = ClosedCurve::new(rng, center, radius, distortion);
        let lamellae = vec![Lamella { curve, arc: None, strength: 1.0 }];
        Self { bilayer, lamellae, cargo: Vec::new() }
    }

    /// The outermost mid-plane.
    pub(super) fn outline(&self) -> &ClosedCurve {
        &self.lamellae[0].curve
    }

    /// The direction of the longest diameter, radians from x towards y.
    pub(super) fn long_axis(&self) -> f32 {
        let length = |&a: &f32| {
            self.outline().radius_towards(a) + self.outline().radius_towards(a + TAU / 2.0)
        };
        let angles = (0..32).map(|i| i as f32 * TAU / 64.0);
        angles.max_by(|a, b| length(a).total_cmp(&length(b))).unwrap_or(0.0)
    }

    /// Adds lamellae inside, in parallel as in an onion: at most `n`, as space permits. Each
    /// spacing differs, and some lamellae end part of the way round.
    pub(super) fn add_onion(&mut self, rng: &mut ChaCha8Rng, n: usize) {
        let spacing = rng.random_range(7.0_f32..15.0);
        let wobble = rng.random_range(0.05..0.3);
        for i in 0..n {
            let gap = (spacing * rng.random_range(0.65_f32..1.7)).max(LEAST_GAP_NM);
            let Some(last) = self.lamellae.last() else { return };
            if last.curve.min_radius() - gap < LEAST_RADIUS_NM {
                return;
            }
            let curve = last.curve.inset(rng, gap, wobble, LEAST_RADIUS_NM - 4.0);
            // The second lamella mostly closes, so that there are two to be counted.
            let chance = if i == 0 { 0.06 } else { 0.22 };
            let arc = rng.random_bool(chance).then(|| Arc {
                start: rng.random_range(0.0..1.0),
                extent: rng.random_range(0.55..0.92),
            });
            self.lamellae.push(Lamella { curve, arc, strength: rng.random_range(0.75..1.05) });
        }
    }

    /// Adds a smaller vesicle inside, anywhere; `false` when there is no room for one.
    pub(super) fn add_nested(&mut self, rng: &mut ChaCha8Rng) -> bool {
        let Some(last) = self.lamellae.last() else { return false };
        let room = last.curve.min_radius() - LEAST_GAP_NM;
        if room < LEAST_RADIUS_NM + 2.0 {
            return false;
        }
        let radius = (room * rng.random_range(0.42..0.95)).max(LEAST_RADIUS_NM);
        let distance = (room - radius).max(0.0) * rng.random_range(0.3..1.0);
        let angle: f32 = rng.random_range(0.0..TAU);
        let [y, x] = last.curve.center;
        let distortion = Distortion {
            ellipticity: rng.random_range(0.0..0.08),
            axis: rng.random_range(0.0..TAU),
            harmonics: 0.015,
            roughness: 0.03,
        };
        let center = [y + distance * angle.sin(), x + distance * angle.cos()];
        let curve = ClosedCurve::new(rng, center, 0.96 * radius, distortion);
        self.lamellae.push(Lamella { curve, arc: None, strength: rng.random_range(0.8..1.05) });
        true
    }

    /// Adds drug: a rod or several, one seen end-on, or a precipitate.
    pub(super) fn fill(&mut self, rng: &mut ChaCha8Rng, strength: f32) {
        let Some(lumen) = self.lamellae.last().map(|lamella| lamella.curve.clone()) else {
            return;
        };
        let kind: f32 = rng.random_range(0.0..1.0);
        if kind < 0.62 {
            let axis = self.long_axis() + rng.random_range(-0.25..0.25);
            let n_rods = if rng.random_bool(0.78) { 1 } else { 2 };
            for i in 0..n_rods {
                let side = if n_rods == 1 { 0.0 } else { 2.0 * i as f32 - 1.0 };
                let aside = lumen.min_radius() * (0.3 * side + rng.random_range(-0.12..0.12));
                let axis = axis + rng.random_range(-0.2..0.2);
                self.cargo.push(Cargo::rod(rng, &lumen, axis, aside, strength));
            }
        } else if kind < 0.78 {
            self.cargo.push(Cargo::end_on(rng, &lumen, strength));
        } else {
            self.cargo.push(Cargo::precipitate(rng, &lumen, strength));
        }
    }

    pub(super) fn paint(&self, rng: &mut ChaCha8Rng, canvas: &mut Canvas, optics: &Optics) {
        for lamella in &self.lamellae {
            lamella.paint(canvas, self.bilayer, optics);
        }
        for cargo in &self.cargo {
            cargo.paint(rng, canvas, optics);
        }
    }
}
