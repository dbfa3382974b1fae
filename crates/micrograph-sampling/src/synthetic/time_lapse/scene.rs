//! What does not move: light, debris, and the edge of the well.

use std::f32::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::super::detector::blur;
use super::super::noise::FractalNoise;
use super::config::TimeLapseConfig;
use crate::random::{Purpose, stream};

/// The empty field, row by row.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    /// The light that falls on each pixel; 1 on average.
    pub(super) light: Vec<f32>,
    /// The phase that debris and dust add.
    pub(super) phase: Vec<f32>,
    /// Specks that drift: place in the first frame, way in a frame, radius, strength.
    drifting: Vec<([f32; 2], [f32; 2], f32, f32)>,
}

impl Scene {
    pub(super) fn new(config: &TimeLapseConfig, seed: u64) -> Self {
        let mut rng = stream(Purpose::Background, seed, 0, 1);
        let light = light(&mut rng, config);
        let mut scene = Self { light, phase: grain(&mut rng, config), drifting: Vec::new() };
        let mut rng = stream(Purpose::Neighbors, seed, 0, 1);
        for _ in 0..config.n_debris {
            let at = place(&mut rng, config);
            debris(&mut rng, config, at, &mut scene.phase);
        }
        for _ in 0..config.n_drifting {
            let at = place(&mut rng, config);
            let heading: f32 = rng.random_range(0.0..TAU);
            let speed = rng.random_range(1.0..9.0);
            let way = [speed * heading.sin(), speed * heading.cos()];
            let (radius, strength) = (rng.random_range(1.5..4.5), rng.random_range(0.8..2.2));
            scene.drifting.push((at, way, radius, strength));
        }
        scene
    }

    /// Adds the drifting specks of a frame.
    pub(super) fn drift(&self, config: &TimeLapseConfig, frame: usize, phase: &mut [f32]) {
        let size = [config.height as f32, config.width as f32];
        for &(from, way, radius, strength) in &self.drifting {
            // They come back on the other side.
            let at = [0, 1].map(|axis| {
                let margin = size[axis] + 40.0;
                (from[axis] + way[axis] * frame as f32 + 20.0).rem_euclid(margin) - 20.0
            });
            speck(config, at, radius, strength, phase);
        }
    }
}

fn place(rng: &mut ChaCha8Rng, config: &TimeLapseConfig) -> [f32; 2] {
    [rng.random_range(0.0..config.height as f32), rng.random_range(0.0..config.width as f32)]
}

/// Uneven light with the shade and the bright line along the edge of the well.
fn light(rng: &mut ChaCha8Rng, config: &TimeLapseConfig) -> Vec<f32> {
    let (height, width) = (config.height, config.width);
    let side = height.max(width) as f32;
    let clouds = FractalNoise::new(rng, 0.7 * side, 2).on_grid(height, width);
    let ripple = FractalNoise::new(rng, 0.12 * side, 3).on_grid(height, width);
    let tilt: [f32; 2] = [rng.random_range(-0.05..0.05), rng.random_range(-0.05..0.05)];
    let wobble = FractalNoise::new(rng, 0.8, 2);
    let [middle_y, middle_x] = config.middle();
    let well = config.well_px();
    let breadth = (0.012 * side).max(2.5);
    let mut light = Vec::with_capacity(height * width);
    for y in 0..height {
        for x in 0..width {
            let (dy, dx) = (y as f32 - middle_y, x as f32 - middle_x);
            let from = dy.hypot(dx);
            let vignette = -0.07 * (2.0 * from / side).powi(2);
            let slope = (tilt[0] * dy + tilt[1] * dx) * 2.0 / side;
            let i = y * width + x;
            let mut value = 1.02 + vignette + slope + 0.05 * clouds[i] + 0.02 * ripple[i];
            if well.is_finite() {
                let turn = if from > 0.0 { [dy / from, dx / from] } else { [0.0, 1.0] };
                let edge = well + 0.7 * breadth * wobble.at(2.0 * turn[0], 2.0 * turn[1]);
                value += rim((from - edge) / breadth);
            }
            light.push(value.max(0.05));
        }
    }
    light
}

/// The light across the wall of a well, from the inside outwards in breadths of the wall: a gentle
/// shade, a bright line, the dark wall, a second bright line, and the dull plane outside.
fn rim(u: f32) -> f32 {
    let bell = |center: f32, width: f32| (-((u - center) / width).powi(2)).exp();
    let outside = 0.10 / (1.0 + (-3.0 * (u - 1.5)).exp());
    -0.08 * bell(-3.2, 2.4) + 0.34 * bell(-0.9, 0.55) - 0.48 * bell(0.5, 0.8)
        + 0.24 * bell(2.2, 0.6)
        - outside
}

/// Fine dust: weak phase noise with features of a few pixels.
fn grain(rng: &mut ChaCha8Rng, config: &TimeLapseConfig) -> Vec<f32> {
    let size = (config.height, config.width);
    let mut noise: Vec<f32> = (0..size.0 * size.1).map(|_| StandardNormal.sample(rng)).collect();
    blur(&mut noise, size, 1.6);
    // Blurred white noise has a deviation of 1 / (2 sqrt(pi) 1.6).
    noise.iter_mut().for_each(|value| *value *= 0.03 * 5.7);
    noise
}

/// One piece of debris: a speck, or a clump of a few; some are bright.
fn debris(rng: &mut ChaCha8Rng, config: &TimeLapseConfig, at: [f32; 2], phase: &mut [f32]) {
    let clump = rng.random_range(0.0..1.0) < 0.25;
    let n = if clump { rng.random_range(4..14) } else { rng.random_range(1..3) };
    let reach = if clump { rng.random_range(3.0..9.0) } else { 1.5 };
    for _ in 0..n {
        let off: [f32; 2] = [StandardNormal.sample(rng), StandardNormal.sample(rng)];
        let at = [at[0] + reach * off[0], at[1] + reach * off[1]];
        let radius = rng.random_range(0.7..2.2);
        let sign = if rng.random_range(0.0..1.0) < 0.8 { 1.0 } else { -0.6 };
        speck(config, at, radius, sign * rng.random_range(0.15..1.1), phase);
    }
}

/// A round speck of Gaussian profile.
fn speck(config: &TimeLapseConfig, at: [f32; 2], radius: f32, strength: f32, phase: &mut [f32]) {
    let reach = 3.0 * radius;
    let range = |axis: usize, size: usize| {
        let bound = |value: f32| (value.max(0.0) as usize).min(size);
        bound(at[axis] - reach)..bound(at[axis] + reach + 1.0)
    };
    for y in range(0, config.height) {
        for x in range(1, config.width) {
            let far = (y as f32 - at[0]).powi(2) + (x as f32 - at[1]).powi(2);
            phase[y * config.width + x] += strength * (-far / (radius * radius)).exp();
        }
    }
}
