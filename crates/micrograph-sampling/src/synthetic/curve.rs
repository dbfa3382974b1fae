//! Closed curves: the outlines of membranes and of ice.

use std::f32::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::noise::FractalNoise;

/// Angles at which a curve is tabulated.
const N_ANGLES: usize = 256;

/// How far a curve is from a circle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Distortion {
    /// The relative elongation: half-axes `1 + e` and `1 - e`.
    pub(super) ellipticity: f32,
    /// The direction of the long axis, radians from x towards y.
    pub(super) axis: f32,
    /// The standard deviation of the third Fourier harmonic, relative to the radius; the `k`-th
    /// has `(3 / k)^1.5` times this, up to the seventh.
    pub(super) harmonics: f32,
    /// The amplitude of fractal Perlin noise along the curve, relative to the radius.
    pub(super) roughness: f32,
}

/// Where a point is with respect to a curve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The distance to the curve in nm, positive inside.
    pub(super) depth_nm: f32,
    /// The direction from the centre, as a fraction of a turn.
    pub(super) turn: f32,
}

/// A curve `r(angle)` about a centre: every ray from the centre meets it once.
#[derive(Debug, Clone)]
pub(super) struct ClosedCurve {
    /// The centre (y, x) in nm.
    pub(super) center: [f32; 2],
    radius: Vec<f32>,
    /// The cosine of the angle between the radius and the normal, which turns a distance along
    /// the ray into one along the normal.
    slope: Vec<f32>,
}

impl ClosedCurve {
    /// A distorted circle of about `radius` nm.
    pub(super) fn new(
        rng: &mut ChaCha8Rng,
        center: [f32; 2],
        radius: f32,
        distortion: Distortion,
    ) -> Self {
        let noise = FractalNoise::new(rng, 1.0, 3);
        let mut harmonics = [(0.0, 0.0); 5];
        for (k, (amplitude, phase)) in (3..).zip(&mut harmonics) {
            let normal: f32 = StandardNormal.sample(rng);
            *amplitude = distortion.harmonics * normal * (3.0 / k as f32).powf(1.5);
            *phase = rng.random_range(0.0..TAU);
        }
        let of_angle = |angle: f32| {
            let wave = |(k, (amplitude, phase)): (i32, &(f32, f32))| {
                amplitude * (k as f32 * angle + phase).cos()
            };
            let waves: f32 = (3..).zip(&harmonics).map(wave).sum();
            let ellipse = distortion.ellipticity * (2.0 * (angle - distortion.axis)).cos();
            let rough = distortion.roughness * noise.at(2.0 * angle.sin(), 2.0 * angle.cos());
            radius * (1.0 + ellipse + waves + rough).max(0.2)
        };
        Self::from_radius(center, (0..N_ANGLES).map(|i| of_angle(angle_of(i))).collect())
    }

    /// The curve that runs about `gap` nm inside this one, a little rounder, and off by about
    /// `wobble` of the gap along the way. Its radius stays above `least` nm.
    pub(super) fn inset(&self, rng: &mut ChaCha8Rng, gap: f32, wobble: f32, least: f32) -> Self {
        let noise = FractalNoise::new(rng, 1.0, 2);
        let mean = self.mean_radius();
        // The smaller a vesicle, the less its membrane bends.
        let amplitude = 2.0 * wobble * gap.min(0.12 * mean);
        let of_angle = |i: usize| {
            let angle = angle_of(i);
            let rough = amplitude * noise.at(angle.sin(), angle.cos());
            let rounder = mean + 0.85 * (self.radius[i] - mean);
            (rounder - gap - rough).max(least)
        };
        Self::from_radius(self.center, (0..N_ANGLES).map(of_angle).collect())
    }

    /// The curve of `N_ANGLES` radii at even steps of the angle, from x towards y.
    pub(super) fn from_radius(center: [f32; 2], mut radius: Vec<f32>) -> Self {
        let derivative = |i: usize| {
            let (next, last) = (radius[(i + 1) % N_ANGLES], radius[(i + N_ANGLES - 1) % N_ANGLES]);
            (next - last) * N_ANGLES as f32 / (2.0 * TAU)
        };
        let cosine = |i: usize| (1.0 + (derivative(i) / radius[i]).powi(2)).sqrt().recip();
        let mut slope: Vec<f32> = (0..N_ANGLES).map(cosine).collect();
        // One entry more spares the wrap-around when interpolating.
        slope.push(slope[0]);
        radius.push(radius[0]);
        Self { center, radius, slope }
    }

    /// The mean radius in nm.
    pub(super) fn mean_radius(&self) -> f32 {
        self.radius[..N_ANGLES].iter().sum::<f32>() / N_ANGLES as f32
    }

    /// The largest radius in nm.
    pub(super) fn max_radius(&self) -> f32 {
        self.radius.iter().copied().fold(0.0, f32::max)
    }

    /// The smallest radius in nm.
    pub(super) fn min_radius(&self) -> f32 {
        self.radius.iter().copied().fold(f32::INFINITY, f32::min)
    }

    /// The radius in a direction, radians from x towards y.
    pub(super) fn radius_towards(&self, angle: f32) -> f32 {
        let i = (angle.rem_euclid(TAU) / TAU * N_ANGLES as f32) as usize;
        self.radius[i.min(N_ANGLES)]
    }

    /// Where the point (y, x), in nm, is.
    pub(super) fn locate(&self, y: f32, x: f32) -> Place {
        let (dy, dx) = (y - self.center[0], x - self.center[1]);
        let turn = turn_towards(dy, dx);
        let position = turn * N_ANGLES as f32;
        let i = (position as usize).min(N_ANGLES - 1);
        let part = position - i as f32;
        let radius = self.radius[i] + part * (self.radius[i + 1] - self.radius[i]);
        let slope = self.slope[i] + part * (self.slope[i + 1] - self.slope[i]);
        Place { depth_nm: (radius - (dy * dy + dx * dx).sqrt()) * slope, turn }
    }
}

/// The direction of (y, x) as a fraction of a turn, 0 to 1, within 0.0001 radians.
///
/// A third of the time of drawing would go into `atan2`. The polynomial is that of Abramowitz and
/// Stegun, 4.4.47, for the arc tangent from 0 to 1.
fn turn_towards(y: f32, x: f32) -> f32 {
    let (low, high) = (y.abs().min(x.abs()), y.abs().max(x.abs()));
    let t = low / high.max(f32::MIN_POSITIVE);
    let t2 = t * t;
    let series = -0.330_299_5 + t2 * (0.180_141 + t2 * (-0.085_133 + t2 * 0.020_835_1));
    let octant = t * (0.999_866 + t2 * series) / TAU;
    let quadrant = if y.abs() > x.abs() { 0.25 - octant } else { octant };
    let half = if x < 0.0 { 0.5 - quadrant } else { quadrant };
    if y < 0.0 { 1.0 - half } else { half }
}

fn angle_of(i: usize) -> f32 {
    i as f32 / N_ANGLES as f32 * TAU
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_those_of_atan2() {
        for i in 0..1000 {
            let angle = i as f32 / 1000.0 * TAU;
            let turn = turn_towards(3.0 * angle.sin(), 3.0 * angle.cos());
            let error = (turn - i as f32 / 1000.0).rem_euclid(1.0);
            assert!(error.min(1.0 - error) * TAU < 1e-4, "{angle}: {turn}");
        }
        assert_eq!(turn_towards(0.0, 0.0), 0.0);
    }

    #[test]
    fn depth_is_the_distance_to_an_ellipse_near_its_border() {
        let radius = |i: usize| {
            let (sin, cos) = angle_of(i).sin_cos();
            ((cos / 60.0).powi(2) + (sin / 50.0).powi(2)).sqrt().recip()
        };
        let curve = ClosedCurve::from_radius([5.0, -3.0], (0..N_ANGLES).map(radius).collect());
        // From a point of the ellipse 4 nm along its normal, inwards and outwards.
        for i in 0..40 {
            let (sin, cos) = (i as f32 / 40.0 * TAU).sin_cos();
            let normal = [sin / 50.0, cos / 60.0];
            let length = normal[0].hypot(normal[1]);
            for depth in [4.0, -4.0] {
                let y = 5.0 + 50.0 * sin - depth * normal[0] / length;
                let x = -3.0 + 60.0 * cos - depth * normal[1] / length;
                assert!((curve.locate(y, x).depth_nm - depth).abs() < 0.1);
            }
        }
    }
}
