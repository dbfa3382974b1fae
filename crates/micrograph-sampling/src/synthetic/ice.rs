//! What lies over and around liposomes: pieces of ice, and the edge of the carbon film.

use std::f32::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use super::curve::{ClosedCurve, Distortion};
use super::noise::FractalNoise;
use super::optics::{Optics, chord, sample};

/// A piece of crystalline ice on the film: a dark blob.
#[derive(Debug, Clone)]
pub(super) struct Ice {
    outline: ClosedCurve,
    /// The negative logarithm of the share of electrons that pass its middle.
    opacity: f32,
}

impl Ice {
    /// A piece of about `radius` nm.
    pub(super) fn new(rng: &mut ChaCha8Rng, center: [f32; 2], radius: f32) -> Self {
        let distortion = Distortion {
            ellipticity: rng.random_range(0.0..0.22),
            axis: rng.random_range(0.0..TAU),
            harmonics: rng.random_range(0.02..0.07),
            roughness: rng.random_range(0.04..0.2),
        };
        let outline = ClosedCurve::new(rng, center, radius, distortion);
        // Small pieces are thin.
        let opacity = rng.random_range(0.12_f32..0.75) * (radius / 16.0).min(1.0);
        Self { outline, opacity }
    }

    pub(super) fn paint(&self, rng: &mut ChaCha8Rng, canvas: &mut Canvas, optics: &Optics) {
        let reach = self.outline.max_radius() + 20.0;
        if !canvas.shows(self.outline.center, reach) {
            return;
        }
        let radius = self.outline.mean_radius();
        let texture = FractalNoise::new(rng, 0.5 * radius + 4.0, 3);
        let image = optics.image(&sample(radius + 1.0, |r| 0.8 * chord(radius, r)));
        canvas.draw(self.outline.center, reach, |pixel| {
            let depth = self.outline.locate(pixel.y, pixel.x).depth_nm;
            *pixel.contrast += image.at(radius - depth);
            if depth > 0.0 {
                // Flatter than a ball: such pieces are plates and clumps.
                let thickness = (chord(radius, radius - depth.min(radius)) / (2.0 * radius)).sqrt();
                let uneven = 1.0 + 0.7 * texture.at(pixel.y, pixel.x);
                *pixel.transmission *= (-self.opacity * thickness * uneven).exp();
            }
        });
    }
}

/// The holey carbon film where it crosses the image.
#[derive(Debug, Clone, Copy)]
pub(super) struct CarbonEdge {
    /// The distance of the edge from the centre of the object, nm.
    pub(super) distance: f32,
    /// The direction in which the film lies, radians from x towards y.
    pub(super) direction: f32,
    /// The share of electrons that pass it.
    pub(super) transmission: f32,
}

impl CarbonEdge {
    pub(super) fn paint(self, rng: &mut ChaCha8Rng, canvas: &mut Canvas, optics: &Optics) {
        const HALF_WIDTH_NM: f32 = 30.0;
        let bends = FractalNoise::new(rng, 90.0, 3);
        let grain = FractalNoise::new(rng, 3.5, 2);
        let image = optics.image(&sample(HALF_WIDTH_NM, |_| 10.0));
        let (sin, cos) = self.direction.sin_cos();
        canvas.draw([0.0; 2], canvas.reach(), |pixel| {
            let beyond =
                pixel.x * cos + pixel.y * sin - self.distance + 8.0 * bends.at(pixel.y, pixel.x);
            *pixel.contrast += image.at((HALF_WIDTH_NM - beyond).max(0.0));
            if beyond > 0.0 {
                let rise = (beyond / 6.0).min(1.0);
                let passed = 1.0 - rise * (1.0 - self.transmission);
                *pixel.transmission *= passed * (1.0 + 0.12 * grain.at(pixel.y, pixel.x));
            }
        });
    }
}
