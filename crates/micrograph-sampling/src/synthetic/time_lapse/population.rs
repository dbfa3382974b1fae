//! The lives of cells: where they are in each frame, and when they divide.

use std::f32::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::config::TimeLapseConfig;
use super::crowd::{Crowd, part};
use crate::random::{Purpose, stream};

/// Frames over which a cell rounds up before it divides, and flattens after.
const ROUNDING: f32 = 4.0;

/// The greatest radius of a cell, as a multiple of the usual.
const LARGEST: f32 = 1.15;

/// How far apart cells settle at least, in radii.
const ROOM: f32 = 2.3;

/// The largest number of cells; beyond it none divides.
const MOST_CELLS: usize = 20_000;

/// A cell in one frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// The center (y, x) in pixels.
    pub(super) center: [f32; 2],
    /// The radius of a disk of its area.
    pub(super) radius: f32,
    /// The direction of its long axis, radians.
    pub(super) axis: f32,
    /// How far it has rounded up: 0 flat, 1 a ball.
    pub(super) round: f32,
}

/// One cell from its birth to its division.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) id: u32,
    pub(super) parent: Option<u32>,
    /// The frame of its first moment.
    pub(super) first: usize,
    pub(super) moments: Vec<Moment>,
}

/// All cells of a sequence.
#[derive(Debug, Clone)]
pub(super) struct Population {
    pub(super) lives: Vec<Life>,
}

/// A cell that is alive while the sequence is planned.
struct Alive {
    /// Its place in the list of lives.
    life: usize,
    rng: ChaCha8Rng,
    now: Moment,
    heading: f32,
    /// The radius to which it grows.
    grown: f32,
    born: Option<usize>,
    /// The frame of the division.
    divides: f32,
}

impl Population {
    pub(super) fn new(config: &TimeLapseConfig, seed: u64) -> Self {
        let mut population = Self { lives: Vec::new() };
        let mut alive: Vec<Alive> = Vec::new();
        let mut crowd = Crowd::new(ROOM * LARGEST * config.radius_px as f32);
        for _ in 0..config.n_cells {
            let cell = population.settle(config, seed, (&alive, &crowd));
            crowd.add(alive.len(), cell.now.center);
            alive.push(cell);
        }
        for frame in 0..config.n_frames {
            alive = population.divide(config, seed, frame, alive);
            for cell in &alive {
                population.lives[cell.life].moments.push(cell.now);
            }
            for cell in &mut alive {
                cell.step(config, frame + 1);
            }
            let mut moments: Vec<&mut Moment> =
                alive.iter_mut().map(|cell| &mut cell.now).collect();
            part(&mut moments);
        }
        population
    }

    fn begin(&mut self, parent: Option<u32>, first: usize) -> usize {
        let id = self.lives.len() as u32 + 1;
        self.lives.push(Life { id, parent, first, moments: Vec::new() });
        self.lives.len() - 1
    }

    /// A cell of the first frame, where there is room.
    fn settle(
        &mut self,
        config: &TimeLapseConfig,
        seed: u64,
        (others, crowd): (&[Alive], &Crowd),
    ) -> Alive {
        let life = self.begin(None, 0);
        let mut rng = stream(Purpose::Cells, seed, life as u64, 0);
        let grown = config.radius_px as f32 * rng.random_range(0.85..LARGEST);
        let mut center = config.middle();
        for _ in 0..64 {
            let place = [0, 1].map(|axis| {
                let size = [config.height, config.width][axis] as f32;
                rng.random_range(0.0..size)
            });
            center = inside(config, place, grown);
            let free = |other: usize| distance(center, others[other].now.center) > ROOM * grown;
            if crowd.around(center).all(free) {
                break;
            }
        }
        let axis = rng.random_range(0.0..TAU);
        let heading = rng.random_range(0.0..TAU);
        let divides = rng.random_range(0.0..config.cycle_frames as f32) + ROUNDING;
        let now = Moment { center, radius: grown, axis, round: 0.0 };
        Alive { life, rng, now, heading, grown, born: None, divides }
    }

    /// Replaces cells whose time has come by their daughters.
    fn divide(
        &mut self,
        config: &TimeLapseConfig,
        seed: u64,
        frame: usize,
        alive: Vec<Alive>,
    ) -> Vec<Alive> {
        let mut next = Vec::with_capacity(alive.len());
        let mut n = alive.len();
        for cell in alive {
            if frame == 0 || (frame as f32) < cell.divides || n >= MOST_CELLS {
                next.push(cell);
                continue;
            }
            n += 1;
            let mother = cell.now;
            for side in [-1.0_f32, 1.0] {
                let life = self.begin(Some(self.lives[cell.life].id), frame);
                let mut rng = stream(Purpose::Cells, seed, life as u64, 0);
                let radius = mother.radius / 2.0_f32.sqrt();
                let (sin, cos) = mother.axis.sin_cos();
                let step = side * 1.05 * radius;
                let center = [mother.center[0] + step * sin, mother.center[1] + step * cos];
                let center = inside(config, center, radius);
                let now = Moment { center, radius, axis: mother.axis + TAU / 4.0, round: 1.0 };
                let heading = mother.axis + if side < 0.0 { TAU / 2.0 } else { 0.0 };
                let grown = config.radius_px as f32 * rng.random_range(0.85..LARGEST);
                let cycle = config.cycle_frames as f32 * rng.random_range(0.8..1.2);
                let divides = frame as f32 + cycle;
                next.push(Alive { life, rng, now, heading, grown, born: Some(frame), divides });
            }
        }
        next
    }
}

impl Alive {
    /// Moves on to the next frame: a persistent random walk, slower while it is round.
    fn step(&mut self, config: &TimeLapseConfig, frame: usize) {
        let normal = |rng: &mut ChaCha8Rng| -> f32 { StandardNormal.sample(rng) };
        let since = self.born.map_or(f32::INFINITY, |born| frame as f32 - born as f32);
        let until = self.divides - frame as f32;
        let rounding = (1.0 - since / ROUNDING).max(1.0 - until / ROUNDING);
        self.now.round = rounding.clamp(0.0, 1.0);
        // From half the area to the whole within a third of a cycle; a ball covers less.
        let growth = (0.5 + 1.5 * since / config.cycle_frames as f32).min(1.0);
        let covered = 1.0 - 0.35 * self.now.round * f32::from(u8::from(until < ROUNDING));
        self.now.radius = self.grown * (growth * covered).sqrt();
        self.heading += 0.5 * normal(&mut self.rng);
        let speed = config.speed_px as f32 * (1.0 - 0.8 * self.now.round);
        let speed = speed * (1.0 + 0.4 * normal(&mut self.rng)).max(0.0);
        let (sin, cos) = self.heading.sin_cos();
        let to = [self.now.center[0] + speed * sin, self.now.center[1] + speed * cos];
        let kept = inside(config, to, self.now.radius);
        if distance(kept, to) > 0.5 {
            // At a border it turns towards the middle.
            let middle = config.middle();
            self.heading = (middle[0] - kept[0]).atan2(middle[1] - kept[1]);
        }
        self.now.center = kept;
        // The long axis follows the way.
        let off = (self.heading - self.now.axis + TAU / 4.0).rem_euclid(TAU / 2.0) - TAU / 4.0;
        self.now.axis += 0.15 * off + 0.05 * normal(&mut self.rng);
    }
}

/// The nearest place at which a cell lies in the well, and with its center in the image.
fn inside(config: &TimeLapseConfig, at: [f32; 2], radius: f32) -> [f32; 2] {
    let middle = config.middle();
    let reach = (config.well_px() - 1.3 * radius - 4.0).max(1.0);
    let from = distance(at, middle);
    let part = if from > reach { reach / from } else { 1.0 };
    [0, 1].map(|axis| {
        let size = [config.height, config.width][axis] as f32;
        (middle[axis] + part * (at[axis] - middle[axis])).clamp(1.0, size - 2.0)
    })
}

pub(super) fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}
