//! One frame: cells over the scene, phase contrast, camera.

use ndarray::{Array2, Array3};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

use super::super::detector::{blur, count};
use super::cell::{Body, Shape};
use super::{TimeLapse, TimeLapseFrame};
use crate::random::{Purpose, stream};

/// Gray levels of the background.
const GRAY: f32 = 118.0;

pub(super) fn draw(sequence: &TimeLapse, index: usize) -> TimeLapseFrame {
    let config = &sequence.config;
    let (height, width) = (config.height, config.width);
    let mut phase = sequence.scene.phase.clone();
    sequence.scene.drift(config, index, &mut phase);
    let instances = draw_cells(sequence, index, &mut phase);

    // The phase ring takes away what is wide: cells are dark in a bright halo.
    let mut wide = phase.clone();
    blur(&mut wide, (height, width), (0.32 * config.radius_px as f32).clamp(2.0, 10.0));
    let mut rng = stream(Purpose::Detector, sequence.seed, index as u64, 1);
    let flicker: f32 = StandardNormal.sample(&mut rng);
    let lamp = 1.0 + 0.008 * flicker;
    let contrast = 0.85 * config.contrast as f32;
    let photons = config.photons_per_pixel as f32;
    let mut seen: Vec<f32> = phase
        .iter()
        .zip(&wide)
        .zip(&sequence.scene.light)
        .map(|((phase, wide), light)| {
            // Of a part of what is wide, a little is left.
            let edge = 1.0 - contrast * (phase - 0.97 * wide);
            let expected = photons * lamp * light * edge.clamp(0.04, 2.6);
            count(&mut rng, expected) / photons
        })
        .collect();
    blur(&mut seen, (height, width), rng.random_range(0.6..0.75));
    let gray = |y: usize, x: usize| {
        let value = GRAY * seen[y * width + x] + 0.5;
        f32::from(value.clamp(0.0, 255.0) as u8)
    };
    let pixels = Array3::from_shape_fn((1, height, width), |(_, y, x)| gray(y, x));
    TimeLapseFrame { pixels, instances }
}

/// Adds the phase of the cells, and returns which of them is at each pixel: of several, the one
/// that is deeper there.
fn draw_cells(sequence: &TimeLapse, index: usize, phase: &mut [f32]) -> Array2<u32> {
    let config = &sequence.config;
    let (height, width) = (config.height, config.width);
    let index = index.min(config.n_frames - 1);
    let mut instances = Array2::zeros((height, width));
    let mut depths = Array2::from_elem((height, width), 0.0_f32);
    for (number, life) in sequence.population.lives.iter().enumerate() {
        let Some(age) = index.checked_sub(life.first) else {
            continue;
        };
        let Some(&moment) = life.moments.get(age) else {
            continue;
        };
        let body = Body::new(sequence.seed, number as u64);
        let shape = body.at(moment, age as f32);
        for (y, x) in pixels_of(&shape, (height, width)) {
            let seen = shape.at(y as f32, x as f32);
            phase[y * width + x] += seen.phase;
            if seen.depth > depths[[y, x]] {
                depths[[y, x]] = seen.depth;
                instances[[y, x]] = life.id;
            }
        }
    }
    instances
}

/// The pixels of the image in the square around a shape.
fn pixels_of(
    shape: &Shape<'_>,
    (height, width): (usize, usize),
) -> impl Iterator<Item = (usize, usize)> + use<> {
    let (center, reach) = shape.extent();
    let range = |axis: usize, size: usize| {
        let bound = |value: f32| (value.max(0.0) as usize).min(size);
        bound(center[axis] - reach)..bound(center[axis] + reach + 1.0)
    };
    let (rows, columns) = (range(0, height), range(1, width));
    rows.flat_map(move |y| columns.clone().map(move |x| (y, x)))
}
