//! The empty field: uneven ice and the grain of amorphous matter.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::canvas::Canvas;
use super::detector::blur;
use super::noise::FractalNoise;

/// Makes the ice uneven and grainy.
///
/// Its thickness follows fractal Perlin noise with features of 150 to 500 px, and changes the
/// transmission by 2 to 10 %. The grain is white noise between two Gaussian blurs, which is how
/// amorphous matter looks near the first maximum of contrast transfer, of 0.5 to 2 %.
pub(super) fn paint(rng: &mut ChaCha8Rng, canvas: &mut Canvas) {
    let feature = rng.random_range(150.0..500.0);
    let ice = FractalNoise::new(rng, feature, 4);
    let unevenness = rng.random_range(0.04..0.2);
    let thickness = ice.on_grid(canvas.height, canvas.width);
    for (transmission, thickness) in canvas.transmission.iter_mut().zip(&thickness) {
        *transmission *= 1.0 - unevenness * thickness;
    }
    let size = (canvas.height, canvas.width);
    let mut fine: Vec<f32> = (0..size.0 * size.1).map(|_| StandardNormal.sample(rng)).collect();
    blur(&mut fine, size, 0.8);
    let mut coarse = fine.clone();
    blur(&mut coarse, size, 1.6);
    // The difference of the two has a standard deviation of about 0.2.
    let strength = rng.random_range(0.005..0.02) / 0.2;
    for ((contrast, fine), coarse) in canvas.contrast.iter_mut().zip(&fine).zip(&coarse) {
        *contrast += strength * (fine - coarse);
    }
}
