//! Elastic deformation: fields of random displacements.

use micrograph_image::{Affine, Border, Interpolation, warp};
use ndarray::{Array3, Axis};
use rand::RngExt;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

use crate::Key;
use crate::stream::Operation;

/// How an image is deformed: by which random field its output pixels are displaced.
///
/// ```toml
/// elastic = { grid = { nodes = 3, sigma_px = 10.0 } }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Elastic {
    /// Not at all.
    #[default]
    None,
    /// Uniform numbers of `[-1, 1)` at each pixel, smoothed by a Gaussian, times `alpha_px`.
    ///
    /// Source: Simard, Steinkraus, Platt, Best practices for convolutional neural networks, ICDAR 2003,
    /// section 2, without its normalization of the smoothed field, as most programs have it; it has 8 and
    /// 4 pixels for digits of 29 x 29 with that normalization.
    Gaussian {
        /// The factor, in pixels, 0 to 10000. The displacements have a standard deviation of about
        /// `alpha_px / (sigma_px sqrt(12 pi))`.
        alpha_px: f64,
        /// The standard deviation of the Gaussian, above 0 and at most 1000.
        sigma_px: f64,
    },
    /// Normal vectors at the nodes of a coarse grid over the output, with a cubic spline between them.
    ///
    /// Source: Ronneberger, Fischer, Brox, U-Net, MICCAI 2015, section 3.1: 3 x 3 nodes, 10 pixels,
    /// bicubic interpolation.
    Grid {
        /// Nodes on each side, the outermost of which lie in the corners: 2 to 64.
        nodes: usize,
        /// The standard deviation of each coordinate at the nodes, in pixels, above 0 and at most 1000.
        sigma_px: f64,
    },
}

impl Elastic {
    pub(crate) fn is_in_range(self) -> bool {
        let is_sigma = |sigma: f64| sigma > 0.0 && sigma <= 1000.0;
        match self {
            Self::None => true,
            Self::Gaussian { alpha_px, sigma_px } => {
                (0.0..=10_000.0).contains(&alpha_px) && is_sigma(sigma_px)
            }
            Self::Grid { nodes, sigma_px } => (2..=64).contains(&nodes) && is_sigma(sigma_px),
        }
    }

    /// The displacement of each pixel of an output of `(height, width)`, down and to the right, as
    /// `(2, height, width)`.
    pub(crate) fn field(self, key: Key, (height, width): (usize, usize)) -> Option<Array3<f32>> {
        let mut stream = key.stream(Operation::Elastic);
        match self {
            Self::None => None,
            Self::Gaussian { alpha_px, sigma_px } => {
                let noise = Array3::from_shape_simple_fn((2, height, width), || {
                    stream.random_range(-1.0_f32..1.0)
                });
                let mut field = gaussian(&noise, sigma_px);
                field.mapv_inplace(|value| value * alpha_px as f32);
                Some(field)
            }
            Self::Grid { nodes, sigma_px } => {
                let vectors = Array3::from_shape_simple_fn((2, nodes, nodes), || {
                    sigma_px as f32 * stream.sample::<f32, _>(StandardNormal)
                });
                Some(spline_between(&vectors, (height, width)))
            }
        }
    }
}

/// Values at the pixels of an output between those at the nodes of a grid over it.
fn spline_between(nodes: &Array3<f32>, (height, width): (usize, usize)) -> Array3<f32> {
    let (_, rows, columns) = nodes.dim();
    let step = |nodes: usize, pixels: usize| (nodes as f64 - 1.0) / (pixels as f64 - 1.0).max(1.0);
    let matrix = [[step(rows, height), 0.0], [0.0, step(columns, width)]];
    let affine = Affine { matrix, offset: [0.0; 2] };
    warp(nodes.view(), (height, width), &affine, Interpolation::CubicSpline, Border::Reflect)
}

/// Each plane smoothed by a Gaussian that is cut off at four standard deviations and reflected at the
/// border; `scipy.ndimage.gaussian_filter`.
fn gaussian(planes: &Array3<f32>, sigma: f64) -> Array3<f32> {
    if planes.is_empty() {
        return planes.clone();
    }
    let radius = (4.0 * sigma + 0.5) as usize;
    let weight = |offset: usize| (-0.5 * (offset as f64 / sigma).powi(2)).exp();
    let sum: f64 = 2.0 * (1..=radius).map(weight).sum::<f64>() + 1.0;
    let weights: Vec<f32> = (0..=radius).map(|offset| (weight(offset) / sum) as f32).collect();
    let mut smooth = planes.clone();
    for axis in [1, 2] {
        let mut line: Vec<f32> = Vec::new();
        for mut lane in smooth.lanes_mut(Axis(axis)) {
            let n = lane.len() as isize;
            let reflected = |place: isize| {
                let phase = place.rem_euclid(2 * n);
                lane[phase.min(2 * n - 1 - phase) as usize]
            };
            line.clear();
            line.extend((-(radius as isize)..n + radius as isize).map(reflected));
            for (value, around) in lane.iter_mut().zip(line.windows(2 * radius + 1)) {
                let (before, after) = (&around[..radius], &around[radius + 1..]);
                let pairs = before.iter().rev().zip(after).zip(&weights[1..]);
                let sides: f32 =
                    pairs.map(|((before, after), weight)| weight * (before + after)).sum();
                *value = weights[0] * around[radius] + sides;
            }
        }
    }
    smooth
}

#[cfg(test)]
mod tests {
    use micrograph_testkit::{assert_close, golden};

    use super::*;

    #[derive(serde::Deserialize)]
    struct Goldens {
        noise: Vec<f32>,
        shape: (usize, usize),
        sigma: f64,
        smooth: Vec<f64>,
        nodes: Vec<f32>,
        out: (usize, usize),
        field: Vec<f64>,
    }

    #[test]
    fn fields_are_scipys() {
        let goldens: Goldens = golden(env!("CARGO_MANIFEST_DIR"), "elastic.json");
        let doubles =
            |field: &Array3<f32>| field.iter().copied().map(f64::from).collect::<Vec<_>>();
        let (height, width) = goldens.shape;
        let noise = Array3::from_shape_vec((1, height, width), goldens.noise).unwrap();
        assert_close(&doubles(&gaussian(&noise, goldens.sigma)), &goldens.smooth, 1e-6, 0.0);
        let nodes = Array3::from_shape_vec((1, 3, 3), goldens.nodes).unwrap();
        // Single precision against double: 1e-6 of the values, which are up to 34.
        assert_close(&doubles(&spline_between(&nodes, goldens.out)), &goldens.field, 5e-5, 0.0);
    }
}
