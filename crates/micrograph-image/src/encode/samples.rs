//! Pixels to the samples of a file: pixel by pixel, rounded and clamped.

use ndarray::ArrayView3;

use crate::{Depth, Error, Format, Result};

/// Checks that there are pixels, that their numbers fit the format, and that all are finite.
///
/// Gives back height and width.
pub(super) fn check(pixels: ArrayView3<'_, f32>, format: Format) -> Result<[u32; 2]> {
    let sizes = check_sizes(pixels.dim(), format)?;
    let refused = |expected, got| Err(Error::Encode { format, expected, got });
    match pixels.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(sizes),
        Some(((channel, row, column), value)) => refused(
            "finite pixels",
            format!("{value} in channel {channel}, row {row}, column {column}"),
        ),
    }
}

/// Checks that there are pixels, and that their numbers fit the format. Gives back height and width.
pub(super) fn check_sizes(
    (channels, height, width): (usize, usize, usize),
    format: Format,
) -> Result<[u32; 2]> {
    let refused = |expected, got| Err(Error::Encode { format, expected, got });
    let sizes = [u32::try_from(height), u32::try_from(width)];
    let ([Ok(height @ 1..), Ok(width @ 1..)], 1..) = (sizes, channels) else {
        let got = format!("{channels} channels of {height} x {width} pixels");
        return refused("between 1 and 2^32 - 1 rows and columns", got);
    };
    Ok([height, width])
}

/// Samples of 8 bits.
pub(super) fn bytes(pixels: ArrayView3<'_, f32>) -> Vec<u8> {
    // The cast clamps.
    interleaved(pixels).map(|value| value.round() as u8).collect()
}

/// Samples of 16 bits.
pub(super) fn words(pixels: ArrayView3<'_, f32>) -> Vec<u16> {
    interleaved(pixels).map(|value| value.round() as u16).collect()
}

/// Samples of any depth as bytes, the lowest first.
pub(super) fn little_endian(pixels: ArrayView3<'_, f32>, depth: Depth) -> Vec<u8> {
    match depth {
        Depth::U8 => bytes(pixels),
        Depth::U16 => words(pixels).into_iter().flat_map(u16::to_le_bytes).collect(),
        Depth::F32 => interleaved(pixels).flat_map(f32::to_le_bytes).collect(),
    }
}

/// All channels of a pixel, then the next pixel.
fn interleaved(pixels: ArrayView3<'_, f32>) -> impl Iterator<Item = f32> {
    let pixels = pixels.permuted_axes([1, 2, 0]);
    pixels.into_iter().copied()
}
