//! TIFF with any number of channels and pages.

use std::path::Path;

use ndarray::ArrayView3;

use super::tiff_writer::{TiffPage, TiffWriter};
use crate::{Depth, Error, Format, PixelSize, Result};

/// Writes a TIFF, in the way of [`write_atomically`](crate::write_atomically) and with [`TiffWriter`].
///
/// Three channels are RGB, any other number are gray and further channels of unspecified meaning.
/// Integers are rounded to the nearest, halves away from zero, and clamped to the range of `depth`.
/// The pixel size is written as ImageJ does it, and [`read`](crate::read()) finds it again to 8
/// digits.
///
/// # Shapes
/// - `pages`: one or more of `(c, h, w)`, each with sizes of its own
///
/// # Errors
/// [`Error::Encode`] for no page, no pixels, more than 65535 channels, a pixel that is NaN or
/// infinite, or a pixel size that is not between 1e-8 nm and 4 m; [`Error::Write`] naming `path`.
///
/// # Example
/// ```
/// use micrograph_image::{Depth, Limits, PixelSize, read, write_tiff};
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("height.tif");
/// let pixels = ndarray::array![[[0.25, -1.5]]]; // (c, h, w)
/// let size = PixelSize { y_nm: 0.5, x_nm: 0.25 };
/// write_tiff(&path, &[pixels.view()], Depth::F32, Some(size))?;
/// let image = read(&path, &Limits::default())?;
/// assert_eq!(image.pixels, pixels);
/// assert_eq!(image.pixel_size_nm, Some(size));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_tiff(
    path: &Path,
    pages: &[ArrayView3<'_, f32>],
    depth: Depth,
    pixel_size_nm: Option<PixelSize>,
) -> Result<()> {
    let calibration = pixel_size_nm.map(|size| Calibration::new(size, pages.len())).transpose()?;
    let layouts = pages.iter().map(|page| {
        let (channels, height, width) = page.dim();
        TiffPage { channels, height, width, depth }
    });
    let mut tiff = TiffWriter::with_calibration(path, layouts.collect(), calibration)?;
    for (index, page) in pages.iter().enumerate() {
        tiff.push(index, page.view())?;
    }
    tiff.finish()
}

/// A pixel size in the way of ImageJ: a unit in the description, pixels in a unit as a fraction.
#[derive(Debug)]
pub(super) struct Calibration {
    pub(super) description: String,
    /// Pixels in a nanometer, numerator and denominator.
    pub(super) x: [u32; 2],
    pub(super) y: [u32; 2],
}

impl Calibration {
    fn new(size: PixelSize, n_pages: usize) -> Result<Self> {
        let pages = match n_pages {
            1 => String::new(),
            n => format!("images={n}\nslices={n}\n"),
        };
        let description = format!("ImageJ=1.54f\n{pages}unit=nm\n");
        Ok(Self { description, x: pixels_per_nm(size.x_nm)?, y: pixels_per_nm(size.y_nm)? })
    }
}

/// `1 / size`, with as many digits as 32 bits hold.
fn pixels_per_nm(size_nm: f64) -> Result<[u32; 2]> {
    let powers = (0..=9).rev().map(|power| 10_u32.pow(power));
    let fraction = |n: u32| (n, (size_nm * f64::from(n)).round());
    let in_range = |&(_, d): &(u32, f64)| (1.0..=f64::from(u32::MAX)).contains(&d);
    match powers.map(fraction).find(in_range) {
        Some((n, d)) => Ok([n, d as u32]),
        None => Err(Error::Encode {
            format: Format::Tiff,
            expected: "a pixel size between 1e-8 nm and 4e9 nm",
            got: format!("{size_nm} nm"),
        }),
    }
}
