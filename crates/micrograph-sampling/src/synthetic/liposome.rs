//! One image and its mask.

use ndarray::{Array2, Array3};
use rand::RngExt;

use super::background;
use super::canvas::Canvas;
use super::config::LiposomeConfig;
use super::detector::{Exposure, log_uniform};
use super::optics::Optics;
use super::specimen::Specimen;
use crate::random::{Purpose, stream};
use crate::{Error, Result};

/// A synthetic micrograph of one liposome.
#[derive(Debug, Clone, PartialEq)]
pub struct Liposome {
    /// The image `(1, h, w)`: whole gray levels from 0 to 255.
    pub pixels: Array3<f32>,
    /// The liposome up to the outer face of its membrane `(h, w)`; its box is the image without
    /// the surroundings.
    pub mask: Array2<bool>,
    /// The index of its class in [`Problem::classes`](super::Problem::classes).
    pub class: u32,
    /// The width of a pixel in the specimen.
    pub pixel_size_nm: f64,
}

/// Draws the image `index` of a class.
///
/// The object is in the centre, with `surround_px` pixels around its box, in which parts of other
/// liposomes may be seen. Size, shape, contrast, defocus, dose and gray level differ from image to
/// image. The same arguments give the same bits on one machine; each `index` is independent.
///
/// # Errors
/// Those of [`LiposomeConfig::validate`], and [`Error::Class`] for a class that the problem has not.
///
/// # Example
/// ```
/// use micrograph_sampling::synthetic::{LiposomeConfig, Problem, liposome};
///
/// let config = LiposomeConfig::new(Problem::Encapsulation);
/// let full = liposome(&config, 1, 2024, 0)?;
/// assert_eq!(full.pixels.dim().0, 1);
/// assert!(full.pixels.iter().all(|&gray| (0.0..=255.0).contains(&gray)));
/// assert!(full.mask.iter().filter(|&&inside| inside).count() > 1000);
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
pub fn liposome(config: &LiposomeConfig, class: u32, seed: u64, index: u64) -> Result<Liposome> {
    config.validate()?;
    let n_classes = config.problem.classes().len();
    if class as usize >= n_classes {
        return Err(Error::Class { class, problem: config.problem, n_classes });
    }
    // Problems and classes of one seed and index have nothing in common.
    let kind = (config.problem as u64) << 32 | u64::from(class);
    let stream = |purpose| stream(purpose, seed, index, kind);

    let mut specimen = Specimen::draw(&mut stream(Purpose::Geometry), config.problem, class);
    specimen.add_surroundings(&mut stream(Purpose::Neighbors), config);

    let mut rng = stream(Purpose::Optics);
    let defocus = log_uniform(&mut rng, config.defocus_nm);
    let optics = Optics::new(defocus, rng.random_range(0.4..0.9));
    let exposure = Exposure::draw(&mut rng, config);
    // Thick ice and inelastic scattering take contrast away.
    let contrast = log_uniform(&mut rng, [0.65, 1.6]);

    let pixel_size = config.pixel_size_nm as f32;
    let margin = specimen.object.bilayer.half_thickness_nm;
    let (mut canvas, mask) =
        Canvas::around(specimen.outline(), margin, pixel_size, config.surround_px);
    let mut rng = stream(Purpose::Background);
    specimen.paint(&mut rng, &mut canvas, &optics);
    canvas.contrast.iter_mut().for_each(|value| *value *= contrast);
    background::paint(&mut rng, &mut canvas);
    let gray = exposure.record(&mut stream(Purpose::Detector), &canvas);

    let size = (canvas.height, canvas.width);
    let pixels = Array3::from_shape_fn((1, size.0, size.1), |(_, y, x)| gray[y * size.1 + x]);
    Ok(Liposome { pixels, mask, class, pixel_size_nm: config.pixel_size_nm })
}
