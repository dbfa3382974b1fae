//! One cell as it is seen: its outline, which changes from frame to frame, and its thickness.

use std::f32::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::super::curve::ClosedCurve;
use super::super::noise::FractalNoise;
use super::population::Moment;
use crate::random::{Purpose, stream};

/// Angles at which an outline is tabulated.
const N_ANGLES: usize = 256;

/// What does not change in the life of a cell.
pub(super) struct Body {
    elongation: f32,
    /// Amplitude, phase and frequency (radians a frame) of the harmonics from the second on.
    waves: Vec<[f32; 3]>,
    texture: FractalNoise,
    /// Organelles: place (y, x) as a fraction of the radius along and across the axis, radius as a
    /// fraction, and strength.
    organelles: Vec<[f32; 4]>,
    nucleus: f32,
}

/// A cell in a frame, ready to be drawn.
pub(super) struct Shape<'a> {
    body: &'a Body,
    moment: Moment,
    outline: ClosedCurve,
    direction: (f32, f32),
}

/// What is seen of a cell at a point.
pub(super) struct Seen {
    /// The distance to the outline in pixels, positive inside.
    pub(super) depth: f32,
    /// The phase that its thickness adds.
    pub(super) phase: f32,
}

impl Body {
    /// The body of the cell `life` of a sequence.
    pub(super) fn new(seed: u64, life: u64) -> Self {
        let mut rng = stream(Purpose::Cells, seed, life, 1);
        let wave = |rng: &mut ChaCha8Rng, k: f32| {
            let normal: f32 = StandardNormal.sample(rng);
            let amplitude = 0.19 * (0.6 + 0.5 * normal.abs()) * (2.0 / k).powf(1.3);
            [amplitude, rng.random_range(0.0..TAU), rng.random_range(-0.35..0.35)]
        };
        let waves = (2..8).map(|k| wave(&mut rng, k as f32)).collect();
        let n_organelles = rng.random_range(5..14);
        let organelle = |rng: &mut ChaCha8Rng| {
            let (far, angle) =
                (0.75 * rng.random_range(0.05_f32..1.0).sqrt(), rng.random_range(0.0..TAU));
            let size = rng.random_range(0.05..0.12);
            // Most are dark, some bright as vacuoles are.
            let strength = if rng.random_range(0.0..1.0) < 0.75 { 1.0 } else { -0.8 };
            [far * angle.sin(), far * angle.cos(), size, strength * rng.random_range(0.4..1.3)]
        };
        Self {
            elongation: rng.random_range(0.1..0.75),
            waves,
            texture: FractalNoise::new(&mut rng, 0.45, 3),
            organelles: (0..n_organelles).map(|_| organelle(&mut rng)).collect(),
            nucleus: rng.random_range(0.32..0.42),
        }
    }

    /// The cell at a moment of its life, `age` frames after its birth.
    pub(super) fn at(&self, moment: Moment, age: f32) -> Shape<'_> {
        let flat = 1.0 - moment.round;
        let radius = |i: usize| {
            let angle = i as f32 / N_ANGLES as f32 * TAU - moment.axis;
            let stretch = 1.0 + flat * self.elongation;
            // An ellipse of the same area.
            let (sin, cos) = angle.sin_cos();
            let ellipse = ((cos / stretch).powi(2) + (sin * stretch).powi(2)).sqrt().recip();
            let waves: f32 = (2..)
                .zip(&self.waves)
                .map(|(k, [amplitude, phase, speed])| {
                    amplitude * (k as f32 * angle + phase + speed * age).cos()
                })
                .sum();
            // Protrusions are longer than bays are deep.
            let waves = flat * waves;
            moment.radius * ellipse * (waves - 0.04 * flat).exp().clamp(0.35, 2.6)
        };
        let outline = ClosedCurve::from_radius(moment.center, (0..N_ANGLES).map(radius).collect());
        Shape { body: self, moment, outline, direction: moment.axis.sin_cos() }
    }
}

impl Shape<'_> {
    /// The center and how far from it the cell can reach.
    pub(super) fn extent(&self) -> ([f32; 2], f32) {
        (self.moment.center, self.outline.max_radius() + 2.0)
    }

    /// The cell at the point (y, x).
    pub(super) fn at(&self, y: f32, x: f32) -> Seen {
        let depth = self.outline.locate(y, x).depth_nm;
        if depth < -1.0 {
            return Seen { depth, phase: 0.0 };
        }
        let (dy, dx) = (y - self.moment.center[0], x - self.moment.center[1]);
        let (sin, cos) = self.direction;
        let radius = self.moment.radius;
        // Along and across the axis, as fractions of the radius.
        let (along, across) = ((dx * cos + dy * sin) / radius, (dy * cos - dx * sin) / radius);
        let from = along.hypot(across);
        let rim = (0.5 + depth / 1.5).clamp(0.0, 1.0);
        let flat = 1.0 - self.moment.round;
        let grain = self.body.texture.at(across, along);
        let hill = (-(from / 0.75).powi(2)).exp();
        // The envelope of the nucleus, a dark line around a slightly brighter inside.
        let envelope = (-((from - self.body.nucleus) * radius / 1.1).powi(2)).exp();
        let within = if from < self.body.nucleus { -0.12 } else { 0.0 };
        let organelles: f32 = self
            .body
            .organelles
            .iter()
            .map(|[v, u, size, strength]| {
                let far = ((across - v).hypot(along - u) / size.max(0.9 / radius)).powi(2);
                if far > 9.0 { 0.0 } else { strength * (-far).exp() }
            })
            .sum();
        let spread = 0.55 + 0.5 * hill + 0.55 * grain + 0.3 * envelope + within + 0.8 * organelles;
        let sphere = (1.0 - (from * from).min(1.0)).sqrt();
        let ball = 0.5 + 2.6 * sphere + 0.8 * grain;
        Seen { depth, phase: rim * (flat * spread + self.moment.round * ball) }
    }
}
