//! What a time-lapse shows.

use crate::{Error, Result};

/// The well in which cells lie.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Microwell {
    /// Its edge is not in the image.
    None,
    /// A round well around the middle of the image, whose radius is this fraction of the image's
    /// shorter side; above 0.71 of a square image nothing of its edge is left. 0.2 to 2.
    Round(f64),
}

/// How a time-lapse is drawn.
///
/// Build one with a preset and struct-update syntax.
///
/// ```
/// use micrograph_sampling::synthetic::TimeLapseConfig;
/// let config = TimeLapseConfig { n_cells: 12, ..TimeLapseConfig::example() };
/// assert!(config.validate().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimeLapseConfig {
    /// Rows of the image, 32 to 4096.
    pub height: usize,
    /// Columns of the image, 32 to 4096.
    pub width: usize,
    /// Frames, 1 to 10 000.
    pub n_frames: usize,
    /// Cells in the first frame, 0 to 2000.
    pub n_cells: usize,
    /// The radius of a disk of the area of a grown cell, in pixels, 3 to 200.
    pub radius_px: f64,
    /// How far a cell moves between frames on average, in pixels, 0 to 50.
    pub speed_px: f64,
    /// Frames between divisions on average, 8 to 100 000; more than there are frames for few.
    pub cycle_frames: f64,
    /// Specks of debris that lie still, 0 to 10 000.
    pub n_debris: usize,
    /// Specks that drift through the image, 0 to 1000.
    pub n_drifting: usize,
    /// The well.
    pub microwell: Microwell,
    /// How much cells stand out: 1 is usual, 0.1 to 3.
    pub contrast: f64,
    /// Photons that a pixel of the background counts, 20 to 1 000 000; the fewer, the noisier.
    pub photons_per_pixel: f64,
}

impl TimeLapseConfig {
    /// The proportions of the StemNet thesis: 1024 x 1024 pixels, of which about 0.1 % are cells.
    pub fn thesis() -> Self {
        Self {
            height: 1024,
            width: 1024,
            n_frames: 100,
            n_cells: 3,
            radius_px: 10.5,
            speed_px: 3.0,
            cycle_frames: 150.0,
            n_debris: 220,
            n_drifting: 3,
            microwell: Microwell::Round(0.56),
            contrast: 1.0,
            photons_per_pixel: 900.0,
        }
    }

    /// A small one for examples: 24 frames of 256 x 256 pixels, of which about 5 % are cells.
    pub fn example() -> Self {
        Self {
            height: 256,
            width: 256,
            n_frames: 24,
            n_cells: 7,
            radius_px: 11.5,
            speed_px: 2.5,
            cycle_frames: 60.0,
            n_debris: 22,
            n_drifting: 2,
            microwell: Microwell::Round(0.58),
            contrast: 1.0,
            photons_per_pixel: 900.0,
        }
    }

    /// Checks every field against its range.
    ///
    /// # Errors
    /// [`Error::Setting`] for the first field outside.
    pub fn validate(&self) -> Result<()> {
        let size = |n: usize| (32..=4096).contains(&n);
        let within = |value: f64, low: f64, high: f64| (low..=high).contains(&value);
        let well = match self.microwell {
            Microwell::None => true,
            Microwell::Round(radius) => within(radius, 0.2, 2.0),
        };
        let n = |value: usize| value.to_string();
        let x = |value: f64| value.to_string();
        let checks = [
            ("height", size(self.height), n(self.height), "32 to 4096"),
            ("width", size(self.width), n(self.width), "32 to 4096"),
            ("n_frames", (1..=10_000).contains(&self.n_frames), n(self.n_frames), "1 to 10000"),
            ("n_cells", self.n_cells <= 2000, n(self.n_cells), "at most 2000"),
            ("radius_px", within(self.radius_px, 3.0, 200.0), x(self.radius_px), "3 to 200"),
            ("speed_px", within(self.speed_px, 0.0, 50.0), x(self.speed_px), "0 to 50"),
            (
                "cycle_frames",
                within(self.cycle_frames, 8.0, 1e5),
                x(self.cycle_frames),
                "8 to 100000",
            ),
            ("n_debris", self.n_debris <= 10_000, n(self.n_debris), "at most 10000"),
            ("n_drifting", self.n_drifting <= 1000, n(self.n_drifting), "at most 1000"),
            ("microwell", well, format!("{:?}", self.microwell), "none, or a radius of 0.2 to 2"),
            ("contrast", within(self.contrast, 0.1, 3.0), x(self.contrast), "0.1 to 3"),
            (
                "photons_per_pixel",
                within(self.photons_per_pixel, 20.0, 1e6),
                x(self.photons_per_pixel),
                "20 to 1000000",
            ),
        ];
        match checks.into_iter().find(|&(_, holds, ..)| !holds) {
            Some((field, _, value, expected)) => Err(Error::Setting { field, value, expected }),
            None => Ok(()),
        }
    }

    /// The radius of the well in pixels, infinite without one.
    pub(super) fn well_px(&self) -> f32 {
        match self.microwell {
            Microwell::None => f32::INFINITY,
            Microwell::Round(part) => part as f32 * self.height.min(self.width) as f32,
        }
    }

    /// The middle of the image, `(y, x)`.
    pub(super) fn middle(&self) -> [f32; 2] {
        [self.height as f32 / 2.0, self.width as f32 / 2.0]
    }
}

impl Default for TimeLapseConfig {
    fn default() -> Self {
        Self::example()
    }
}
