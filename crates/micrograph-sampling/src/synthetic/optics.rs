//! The microscope: contrast transfer of a weak phase object.

use std::f32::consts::{PI, TAU};

/// Electron wavelength at 200 kV.
const WAVELENGTH_NM: f32 = 0.002_508;
/// Interaction constant at 200 kV: radians of phase for each volt and nm of projected potential.
const INTERACTION: f32 = 0.007_29;
/// The share of amplitude contrast, a usual value for ice-embedded specimens.
const AMPLITUDE_CONTRAST: f32 = 0.1;
/// The spacing of profiles.
pub(super) const STEP_NM: f32 = 0.25;
/// How far a point spreads in the image: fringes beyond are lost in the envelope.
const REACH_NM: f32 = 20.0;

/// A quantity that depends on the distance from a centre or an axis alone.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    /// Samples every [`STEP_NM`] from distance 0.
    samples: Vec<f32>,
}

impl Profile {
    /// The value at a distance in nm, by linear interpolation; 0 beyond the end.
    pub(super) fn at(&self, distance_nm: f32) -> f32 {
        let position = distance_nm.abs() / STEP_NM;
        let i = position as usize;
        match self.samples.get(i..i + 2) {
            Some(&[near, far]) => near + (position - i as f32) * (far - near),
            _ => 0.0,
        }
    }
}

/// A microscope at one defocus.
///
/// A structure that is straight over [`REACH_NM`] is imaged by a convolution across it with the
/// line spread function, the cosine transform of the contrast transfer function
/// `sin(gamma(k) + asin(w)) * exp(-2 (pi s k)^2)`, `gamma(k) = pi * wavelength * defocus * k^2`,
/// with amplitude contrast `w` and blur `s`. Spherical aberration is left out: below 0.5 / nm it
/// adds less than 0.01 rad at 2 mm.
#[derive(Debug)]
pub(super) struct Optics {
    /// The line spread function every [`STEP_NM`] from 0, times the step.
    line_spread: Vec<f32>,
}

impl Optics {
    pub(super) fn new(defocus_nm: f32, blur_nm: f32) -> Self {
        const N_FREQUENCIES: usize = 96;
        const MAX_FREQUENCY: f32 = 0.6;
        let dk = MAX_FREQUENCY / N_FREQUENCIES as f32;
        let transfer: Vec<(f32, f32)> = (0..N_FREQUENCIES)
            .map(|i| {
                let k = (i as f32 + 0.5) * dk;
                let gamma = PI * WAVELENGTH_NM * defocus_nm * k * k;
                let envelope = (-2.0 * (PI * blur_nm * k).powi(2)).exp();
                (k, (gamma + AMPLITUDE_CONTRAST.asin()).sin() * envelope)
            })
            .collect();
        let n = (REACH_NM / STEP_NM) as usize;
        let spread = |i: usize| {
            let x = i as f32 * STEP_NM;
            // A raised cosine ends the fringes smoothly.
            let window = 0.5 + 0.5 * (PI * i as f32 / n as f32).cos();
            let sum: f32 = transfer.iter().map(|(k, ctf)| ctf * (TAU * k * x).cos()).sum();
            window * 2.0 * dk * sum * STEP_NM
        };
        Self { line_spread: (0..n).map(spread).collect() }
    }

    /// The contrast (relative change of intensity) of a projected potential in V nm, given every
    /// [`STEP_NM`] from the centre outwards.
    pub(super) fn image(&self, potential: &[f32]) -> Profile {
        let reach = self.line_spread.len();
        // Mirrored at the centre and continued by zeros, so that one loop serves all samples.
        let mirrored = potential.iter().take(reach).skip(1).rev();
        let mut padded = vec![0.0; reach.saturating_sub(potential.len())];
        padded.extend(mirrored.chain(potential));
        padded.resize(potential.len() + 3 * reach, 0.0);
        let n = potential.len() + reach;
        let from = |start: usize| &padded[start..start + n];
        let mut samples: Vec<f32> =
            from(reach - 1).iter().map(|center| self.line_spread[0] * center).collect();
        for (d, spread) in self.line_spread.iter().enumerate().skip(1) {
            let sides = from(reach - 1 - d).iter().zip(from(reach - 1 + d));
            for (sample, (left, right)) in samples.iter_mut().zip(sides) {
                *sample += spread * (left + right);
            }
        }
        samples.iter_mut().for_each(|sample| *sample *= -2.0 * INTERACTION);
        Profile { samples }
    }
}

/// The length in nm of the ray that passes a ball of `radius` at `distance` from its centre.
pub(super) fn chord(radius: f32, distance: f32) -> f32 {
    2.0 * (radius * radius - distance * distance).max(0.0).sqrt()
}

/// `value` at each sample of a profile up to `end_nm`.
pub(super) fn sample(end_nm: f32, value: impl Fn(f32) -> f32) -> Vec<f32> {
    (0..=(end_nm / STEP_NM) as usize).map(|i| value(i as f32 * STEP_NM)).collect()
}
