//! What lies in the ice: the object, what makes it uncertain, and its neighbors.

use std::f32::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};

use super::canvas::Canvas;
use super::config::{LiposomeConfig, Problem};
use super::curve::ClosedCurve;
use super::ice::{CarbonEdge, Ice};
use super::membrane::{Arc, Lamella};
use super::optics::Optics;
use super::size::Diameters;
use super::vesicle::Vesicle;

/// A field of view around one liposome at the origin.
#[derive(Debug)]
pub(super) struct Specimen {
    /// The liposome that the image is of.
    pub(super) object: Vesicle,
    others: Vec<Vesicle>,
    ice: Vec<Ice>,
    carbon: Option<CarbonEdge>,
    /// How much of the usual contrast is left.
    pub(super) clarity: f32,
}

/// Why an expert would not decide.
#[derive(Debug, Clone, Copy)]
enum Doubt {
    /// Another liposome lies over it.
    Overlap,
    /// A piece of ice covers part of it.
    Ice,
    /// The evidence is faint: a second lamella or a content that may not be one.
    Faint,
}

impl Specimen {
    /// Draws a specimen whose object belongs to `class`.
    pub(super) fn draw(rng: &mut ChaCha8Rng, problem: Problem, class: u32) -> Self {
        let diameter = Diameters::of(problem, class).draw(rng);
        let mut specimen = Self {
            object: vesicle(rng, problem, diameter, [0.0; 2]),
            others: Vec::new(),
            ice: Vec::new(),
            carbon: None,
            clarity: 1.0,
        };
        let object = &mut specimen.object;
        match (problem, class) {
            (Problem::Lamellarity, 0) => add_lamellae(rng, object),
            (Problem::Lamellarity, 2) => {}
            (Problem::Encapsulation, 0) => {}
            (Problem::Encapsulation, 1) => {
                let strength = rng.random_range(0.45..1.25);
                object.fill(rng, strength);
            }
            _ => specimen.add_doubt(rng, problem),
        }
        specimen
    }

    fn add_doubt(&mut self, rng: &mut ChaCha8Rng, problem: Problem) {
        // Apart from what is in doubt, the object is like any other of its problem.
        if rng.random_bool(0.5) {
            match problem {
                Problem::Lamellarity => self.object.add_onion(rng, 1),
                Problem::Encapsulation => self.object.fill(rng, 0.8),
            }
        }
        match rng.random_range(0.0..1.0) {
            chance if chance < 0.4 => self.cover(rng, problem, Doubt::Overlap),
            chance if chance < 0.75 => self.cover(rng, problem, Doubt::Ice),
            _ => self.cover(rng, problem, Doubt::Faint),
        }
    }

    fn cover(&mut self, rng: &mut ChaCha8Rng, problem: Problem, doubt: Doubt) {
        let radius = self.object.outline().mean_radius();
        match doubt {
            Doubt::Overlap => {
                for _ in 0..if rng.random_bool(0.75) { 1 } else { 2 } {
                    let diameter = 2.0 * radius * rng.random_range(0.55..1.25);
                    let apart = (radius + 0.5 * diameter) * rng.random_range(0.3..0.8);
                    let center = somewhere(rng, apart);
                    self.others.push(neighbor(rng, problem, diameter, center));
                }
            }
            Doubt::Ice => {
                for _ in 0..rng.random_range(1..=2) {
                    let size = radius * rng.random_range(0.35..0.85);
                    let apart = radius * rng.random_range(0.2..0.95);
                    let center = somewhere(rng, apart);
                    self.ice.push(Ice::new(rng, center, size));
                }
            }
            Doubt::Faint => {
                self.clarity = rng.random_range(0.5..0.75);
                self.object.lamellae.truncate(1);
                self.object.cargo.clear();
                match problem {
                    Problem::Lamellarity => add_trace(rng, &mut self.object),
                    Problem::Encapsulation => self.object.fill(rng, 0.2),
                }
            }
        }
    }

    /// Puts liposomes, specks of ice and now and then the carbon film around the object.
    ///
    /// Neighbors keep a distance of 1 to 40 nm from it, except that one in twelve lies a little
    /// over its rim, whatever the class.
    pub(super) fn add_surroundings(&mut self, rng: &mut ChaCha8Rng, config: &LiposomeConfig) {
        let n = Poisson::new(config.neighbors).map_or(0.0, |count| count.sample(rng));
        for _ in 0..n as usize {
            self.add_neighbor(rng, config.problem);
        }
        let radius = self.object.outline().max_radius();
        if rng.random_bool(0.2) {
            for _ in 0..rng.random_range(1..=3) {
                let size = rng.random_range(1.5_f32..7.0);
                let apart = radius + rng.random_range(-12.0..60.0);
                let center = somewhere(rng, apart);
                self.ice.push(Ice::new(rng, center, size));
            }
        }
        if rng.random_bool(0.07) {
            self.carbon = Some(CarbonEdge {
                distance: radius + rng.random_range(8.0..45.0),
                direction: rng.random_range(0.0..TAU),
                transmission: rng.random_range(0.86..0.95),
            });
        }
    }

    /// Places one neighbor where it meets no other, in one of a few attempts.
    fn add_neighbor(&mut self, rng: &mut ChaCha8Rng, problem: Problem) {
        let common = match problem {
            Problem::Lamellarity => 2,
            Problem::Encapsulation => 1,
        };
        let diameter = Diameters::of(problem, common).draw(rng);
        let radius = self.object.outline().max_radius();
        let gap = match rng.random_bool(1.0 / 12.0) {
            true => -rng.random_range(0.05..0.3) * diameter.min(radius),
            false => rng.random_range(1.0..40.0),
        };
        for _ in 0..4 {
            let center = somewhere(rng, radius + 0.55 * diameter + gap);
            let is_free = |other: &Vesicle| {
                let [y, x] = other.outline().center;
                let apart = (center[0] - y).hypot(center[1] - x);
                apart > other.outline().max_radius() + 0.55 * diameter
            };
            if self.others.iter().all(is_free) {
                self.others.push(neighbor(rng, problem, diameter, center));
                return;
            }
        }
    }

    /// The outline of the object, at the mid-plane of its membrane.
    pub(super) fn outline(&self) -> &ClosedCurve {
        self.object.outline()
    }

    pub(super) fn paint(&self, rng: &mut ChaCha8Rng, canvas: &mut Canvas, optics: &Optics) {
        self.object.paint(rng, canvas, optics);
        self.others.iter().for_each(|other| other.paint(rng, canvas, optics));
        // Ice and carbon keep their darkness where membranes are faint.
        canvas.contrast.iter_mut().for_each(|contrast| *contrast *= self.clarity);
        self.ice.iter().for_each(|ice| ice.paint(rng, canvas, optics));
        if let Some(carbon) = self.carbon {
            carbon.paint(rng, canvas, optics);
        }
    }
}

/// A liposome of the problem with one lamella and nothing inside.
fn vesicle(rng: &mut ChaCha8Rng, problem: Problem, diameter: f32, center: [f32; 2]) -> Vesicle {
    let longest = match problem {
        Problem::Lamellarity => 0.12,
        // Loading elongates liposomes, and emptying does not always make them round again.
        Problem::Encapsulation => 0.2,
    };
    let ellipticity = longest * rng.random_range(0.0_f32..1.0).powf(1.5);
    let mut vesicle = Vesicle::unilamellar(rng, center, diameter, ellipticity);
    if problem == Problem::Encapsulation && rng.random_bool(0.07) {
        vesicle.add_onion(rng, 1);
    }
    vesicle
}

/// A liposome of the kinds that make up the problem's samples.
fn neighbor(rng: &mut ChaCha8Rng, problem: Problem, diameter: f32, center: [f32; 2]) -> Vesicle {
    let mut vesicle = vesicle(rng, problem, diameter, center);
    match problem {
        Problem::Lamellarity if rng.random_bool(0.15) => add_lamellae(rng, &mut vesicle),
        Problem::Encapsulation if rng.random_bool(0.8) => {
            let strength = rng.random_range(0.45..1.25);
            vesicle.fill(rng, strength);
        }
        _ => {}
    }
    vesicle
}

/// Makes a liposome multilamellar: parallel lamellae, vesicles inside, or both.
fn add_lamellae(rng: &mut ChaCha8Rng, vesicle: &mut Vesicle) {
    let kind: f32 = rng.random_range(0.0..1.0);
    if kind < 0.72 {
        let n = 1 + rng.random_range(0.0_f32..2.4).powf(1.6) as usize;
        vesicle.add_onion(rng, n);
    }
    if kind >= 0.6 {
        vesicle.add_nested(rng);
    }
    if vesicle.lamellae.len() < 2 && !vesicle.add_nested(rng) {
        vesicle.add_onion(rng, 1);
    }
}

/// Adds a second lamella over a part of the circumference, so faint that it may not be one.
fn add_trace(rng: &mut ChaCha8Rng, vesicle: &mut Vesicle) {
    let outline = vesicle.outline();
    let gap = rng.random_range(6.5..11.0_f32).min(0.4 * outline.min_radius());
    let curve = vesicle.outline().inset(rng, gap, 0.3, 4.0);
    let arc = Arc { start: rng.random_range(0.0..1.0), extent: rng.random_range(0.25..0.6) };
    let strength = rng.random_range(0.4..0.8);
    vesicle.lamellae.push(Lamella { curve, arc: Some(arc), strength });
}

/// A point (y, x) at a distance from the origin, in any direction.
fn somewhere(rng: &mut ChaCha8Rng, distance: f32) -> [f32; 2] {
    let angle: f32 = rng.random_range(0.0..TAU);
    [distance * angle.sin(), distance * angle.cos()]
}
