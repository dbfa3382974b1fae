//! Fractal Perlin noise (Perlin, "An image synthesizer", 1985).

use fastnoise_lite::{FastNoiseLite, FractalType, NoiseType};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A random smooth function of the plane: octaves of Perlin noise, each of twice the frequency and
/// half the amplitude of the one before. Values lie in about -0.7 to 0.7, around 0.
pub(super) struct FractalNoise {
    octaves: FastNoiseLite,
}

impl FractalNoise {
    /// Noise whose coarsest features are about `feature` units of its coordinates across.
    pub(super) fn new(rng: &mut ChaCha8Rng, feature: f32, n_octaves: i32) -> Self {
        let mut octaves = FastNoiseLite::with_seed(rng.random());
        octaves.set_noise_type(Some(NoiseType::Perlin));
        octaves.set_fractal_type(Some(FractalType::FBm));
        octaves.set_fractal_octaves(Some(n_octaves));
        octaves.set_frequency(Some(1.0 / feature));
        Self { octaves }
    }

    /// The value at a point.
    pub(super) fn at(&self, y: f32, x: f32) -> f32 {
        self.octaves.get_noise_2d(x, y)
    }

    /// The values at the pixels of a grid, interpolated linearly between every fourth.
    ///
    /// For features much larger than four pixels this cannot be told from the noise itself, and
    /// costs a twelfth.
    pub(super) fn on_grid(&self, height: usize, width: usize) -> Vec<f32> {
        const STEP: usize = 4;
        let (rows, columns) = (height / STEP + 2, width / STEP + 2);
        let node = |i: usize| self.at(((i / columns) * STEP) as f32, ((i % columns) * STEP) as f32);
        let nodes: Vec<f32> = (0..rows * columns).map(node).collect();
        let mut values = Vec::with_capacity(height * width);
        for y in 0..height {
            let down = (y % STEP) as f32 / STEP as f32;
            let line: Vec<f32> = (0..columns)
                .map(|column| {
                    let above = nodes[y / STEP * columns + column];
                    let below = nodes[(y / STEP + 1) * columns + column];
                    above + down * (below - above)
                })
                .collect();
            values.extend((0..width).map(|x| {
                let right = (x % STEP) as f32 / STEP as f32;
                line[x / STEP] + right * (line[x / STEP + 1] - line[x / STEP])
            }));
        }
        values
    }
}
