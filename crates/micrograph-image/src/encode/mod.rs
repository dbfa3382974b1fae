//! Images to files; every file is replaced as a whole or not at all.

mod samples;
mod tiff;
mod tiff_directory;
mod tiff_writer;

use std::path::Path;

use ::image::codecs::png::PngEncoder;
use ::image::{ExtendedColorType, ImageEncoder};
use ndarray::{ArrayView2, ArrayView3};

pub use self::tiff::write_tiff;
pub use self::tiff_writer::{TiffPage, TiffWriter};
use crate::{Depth, Error, Format, Result, write_atomically};

/// Writes a PNG with [`encode_png`] and [`write_atomically`].
///
/// # Errors
/// Those of [`encode_png`], and [`Error::Write`] naming `path`.
pub fn write_png(path: &Path, pixels: ArrayView3<'_, f32>, depth: Depth) -> Result<()> {
    let bytes = encode_png(pixels, depth)?;
    write_atomically(path, |file| file.write_all(&bytes))
}

/// Encodes a gray or RGB image as PNG.
///
/// A value is rounded to the nearest integer, halves away from zero, and clamped to the range of
/// `depth`.
///
/// # Shapes
/// - `pixels`: `(1, h, w)` or `(3, h, w)`
///
/// # Errors
/// [`Error::Encode`] for another number of channels, no pixels, [`Depth::F32`] (which PNG does not
/// have) or a pixel that is NaN or infinite.
///
/// # Example
/// ```
/// use micrograph_image::{Depth, encode_png};
/// let pixels = ndarray::Array3::from_elem((3, 2, 2), 200.0);
/// let png = encode_png(pixels.view(), Depth::U8)?;
/// assert_eq!(&png[..4], b"\x89PNG");
/// assert!(encode_png(pixels.view(), Depth::F32).is_err());
/// # Ok::<(), micrograph_image::Error>(())
/// ```
pub fn encode_png(pixels: ArrayView3<'_, f32>, depth: Depth) -> Result<Vec<u8>> {
    let (channels, ..) = pixels.dim();
    let refused = |expected, got: String| Err(Error::Encode { format: Format::Png, expected, got });
    let color = match (channels, depth) {
        (1, Depth::U8) => ExtendedColorType::L8,
        (1, Depth::U16) => ExtendedColorType::L16,
        (3, Depth::U8) => ExtendedColorType::Rgb8,
        (3, Depth::U16) => ExtendedColorType::Rgb16,
        (_, Depth::F32) => return refused("samples of 8 or 16 bits", "32-bit floats".to_owned()),
        (channels, _) => return refused("1 or 3 channels", format!("{channels}")),
    };
    let [height, width] = samples::check(pixels, Format::Png)?;
    let bytes = match depth {
        Depth::U8 => samples::bytes(pixels),
        _ => samples::words(pixels).into_iter().flat_map(u16::to_ne_bytes).collect(),
    };
    let mut png = Vec::new();
    match PngEncoder::new(&mut png).write_image(&bytes, width, height, color) {
        Ok(()) => Ok(png),
        Err(error) => refused("an image that the encoder takes", error.to_string()),
    }
}

/// Writes a mask as a gray 8-bit PNG: 255 where the object is, else 0.
///
/// # Errors
/// Those of [`write_png`].
pub fn write_mask_png(path: &Path, mask: ArrayView2<'_, bool>) -> Result<()> {
    let pixels = mask.mapv(|object| if object { 255.0 } else { 0.0 });
    write_png(path, pixels.insert_axis(ndarray::Axis(0)).view(), Depth::U8)
}
