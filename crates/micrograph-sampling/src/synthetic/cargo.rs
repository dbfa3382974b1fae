//! What is inside: crystals of doxorubicin, or a dense precipitate.

use std::f32::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use super::curve::{ClosedCurve, Distortion};
use super::noise::FractalNoise;
use super::optics::{Optics, chord, sample};

/// Potential of the drug over that of ice.
const DRUG_VOLT: f32 = 1.6;

/// A drug inside a liposome.
#[derive(Debug, Clone)]
pub(super) enum Cargo {
    /// A bundle of fibers seen from the side: the bar of the coffee bean.
    Rod(Rod),
    /// A bundle seen from its end, or a precipitate that fills the lumen.
    Core(Core),
}

/// A tapered, slightly bent bar.
#[derive(Debug, Clone)]
pub(super) struct Rod {
    center: [f32; 2],
    axis: f32,
    half_length: f32,
    half_width: f32,
    /// How far the middle is off the line between the ends, nm.
    bend: f32,
    /// The distance of the fibers, nm, and the phase of their pattern.
    fibers: (f32, f32),
    strength: f32,
}

/// A dense body with an outline of its own.
#[derive(Debug, Clone)]
pub(super) struct Core {
    outline: ClosedCurve,
    /// The relative strength of the granular texture.
    grain: f32,
    strength: f32,
}

impl Cargo {
    /// A rod across the lumen within `membrane`, parallel to `axis`, `aside` nm off the centre.
    pub(super) fn rod(
        rng: &mut ChaCha8Rng,
        membrane: &ClosedCurve,
        axis: f32,
        aside: f32,
        strength: f32,
    ) -> Self {
        let lumen = membrane.radius_towards(axis).min(membrane.radius_towards(axis + TAU / 2.0));
        let lumen = (lumen - 3.0).max(6.0);
        let chord = (1.0 - (aside / lumen).powi(2)).max(0.1).sqrt();
        let half_length = lumen * chord * rng.random_range(0.78..1.0);
        let half_width = (membrane.min_radius() * rng.random_range(0.2..0.4)).clamp(4.0, 15.0);
        Self::Rod(Rod {
            center: [
                membrane.center[0] + aside * axis.cos(),
                membrane.center[1] - aside * axis.sin(),
            ],
            axis,
            half_length,
            half_width,
            bend: half_length * rng.random_range(-0.12..0.12),
            fibers: (rng.random_range(2.6..4.2), rng.random_range(0.0..TAU)),
            strength,
        })
    }

    /// A bundle seen from its end.
    pub(super) fn end_on(rng: &mut ChaCha8Rng, membrane: &ClosedCurve, strength: f32) -> Self {
        let lumen = membrane.min_radius();
        let radius = lumen * rng.random_range(0.35..0.62);
        let room = (lumen - radius - 5.0).max(0.0) * rng.random_range(0.0..1.0);
        let angle: f32 = rng.random_range(0.0..TAU);
        let [y, x] = membrane.center;
        let distortion = Distortion {
            ellipticity: rng.random_range(0.0..0.12),
            axis: angle,
            harmonics: 0.03,
            roughness: 0.04,
        };
        let center = [y + room * angle.sin(), x + room * angle.cos()];
        let outline = ClosedCurve::new(rng, center, radius, distortion);
        Self::Core(Core { outline, grain: 0.5, strength: 1.25 * strength })
    }

    /// A precipitate that fills most of the lumen.
    pub(super) fn precipitate(rng: &mut ChaCha8Rng, membrane: &ClosedCurve, strength: f32) -> Self {
        let gap = (membrane.mean_radius() * rng.random_range(0.04..0.2)).max(4.0);
        let outline = membrane.inset(rng, gap, 0.25, 5.0);
        Self::Core(Core { outline, grain: rng.random_range(0.6..1.2), strength })
    }

    pub(super) fn paint(&self, rng: &mut ChaCha8Rng, canvas: &mut Canvas, optics: &Optics) {
        match self {
            Self::Rod(rod) => rod.paint(canvas, optics),
            Self::Core(core) => core.paint(rng, canvas, optics),
        }
    }
}

impl Rod {
    fn paint(&self, canvas: &mut Canvas, optics: &Optics) {
        let width = self.half_width;
        let image =
            optics.image(&sample(width + 1.0, |r| self.strength * DRUG_VOLT * chord(width, r)));
        let (sin, cos) = self.axis.sin_cos();
        let reach = self.half_length + width + 15.0;
        canvas.draw(self.center, reach, |pixel| {
            let (dy, dx) = (pixel.y - self.center[0], pixel.x - self.center[1]);
            let along = (dx * cos + dy * sin) / self.half_length;
            let across = dy * cos - dx * sin - self.bend * (0.5 - along * along);
            let taper = (1.0 - along.powi(4)).max(0.0).sqrt();
            let beyond = (along.abs() - 1.0).max(0.0) * self.half_length;
            // Depth in the bar: from its flank, or from its tip.
            let depth = width * taper - across.hypot(beyond);
            let fibers = (TAU * across / self.fibers.0 + self.fibers.1).cos();
            let inside = (depth / 2.0).clamp(0.0, 1.0);
            let from_axis = width - depth;
            let thickness = chord(width, from_axis) * (1.0 + 0.35 * fibers * inside);
            *pixel.contrast += image.at(from_axis);
            *pixel.transmission *= (-self.strength * thickness / 150.0).exp();
        });
    }
}

impl Core {
    fn paint(&self, rng: &mut ChaCha8Rng, canvas: &mut Canvas, optics: &Optics) {
        let radius = self.outline.mean_radius();
        let texture = FractalNoise::new(rng, 7.0, 3);
        let image = optics
            .image(&sample(radius + 1.0, |r| 0.5 * self.strength * DRUG_VOLT * chord(radius, r)));
        canvas.draw(self.outline.center, self.outline.max_radius() + 15.0, |pixel| {
            let depth = self.outline.locate(pixel.y, pixel.x).depth_nm;
            let thickness = chord(radius, radius - depth.min(radius));
            *pixel.contrast += image.at(radius - depth);
            if thickness > 0.0 {
                let granules = 1.0 + self.grain * texture.at(pixel.y, pixel.x);
                *pixel.transmission *= (-self.strength * thickness * granules / 330.0).exp();
            }
        });
    }
}
