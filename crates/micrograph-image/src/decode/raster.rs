//! PNG and BMP, and the pixels of JPEG, through the crate `image`.

use std::io::{BufRead, Read, Seek};

use ::image::codecs::bmp::BmpDecoder;
use ::image::codecs::png::PngDecoder;
use ::image::{ImageDecoder, ImageError};

use super::format::Format;
use super::samples::{Sample, Stored};
use super::source::Source;
use crate::{Depth, Error, Image, Notice, Result, Shape};

/// Reads the shape of a PNG or BMP from its header.
pub(super) fn probe(mut reader: impl BufRead + Seek, source: &Source<'_>) -> Result<Shape> {
    check_size(&mut reader, source)?;
    let stored = match source.format {
        Format::Bmp => open_bmp(reader, source)?.1,
        _ => stored(&open_png(reader, source)?),
    };
    Ok(stored.shape())
}

/// Decodes a PNG or BMP.
pub(super) fn read(mut reader: impl BufRead + Seek, source: &Source<'_>) -> Result<Image> {
    check_size(&mut reader, source)?;
    if source.format == Format::Bmp {
        let (decoder, stored) = open_bmp(reader, source)?;
        return decode(decoder, &stored, source);
    }
    let decoder = open_png(reader, source)?;
    let stored = stored(&decoder);
    decode(decoder, &stored, source)
}

/// What is stored where the decoder's color type says so: all channels but alpha are kept.
pub(super) fn stored(decoder: &impl ImageDecoder) -> Stored {
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    let channels = usize::from(color.channel_count());
    let kept = (0..channels - usize::from(color.has_alpha())).collect();
    let (height, width) = (height as usize, width as usize);
    Stored { height, width, channels, kept }
}

/// Decodes the kept channels of an image whose sizes have been checked.
pub(super) fn decode(
    decoder: impl ImageDecoder,
    stored: &Stored,
    source: &Source<'_>,
) -> Result<Image> {
    let color = decoder.color_type();
    let depth = match color.bytes_per_pixel() / color.channel_count() {
        1 => Depth::U8,
        _ => Depth::U16,
    };
    let n_bytes = usize::try_from(decoder.total_bytes()).map_err(|error| source.damaged(error))?;
    let mut bytes = vec![0; n_bytes];
    decoder.read_image(&mut bytes).map_err(|error| failure(error, source))?;
    let pixels = match depth {
        Depth::U8 => stored.planes(&bytes, Sample::to_f32),
        _ => {
            let (words, _) = bytes.as_chunks::<2>();
            stored.planes(words, |word| u16::from_ne_bytes(word).to_f32())
        }
    };
    let notices = if color.has_alpha() { vec![Notice::AlphaDropped] } else { Vec::new() };
    Ok(Image { pixels, depth, pixel_size_nm: None, notices })
}

/// The error of a decoder of the crate `image`.
pub(super) fn failure(error: ImageError, source: &Source<'_>) -> Error {
    match error {
        ImageError::Unsupported(error) => {
            source.unsupported(format!("an unusual variant ({error})"), "PNG with 8 or 16 bits")
        }
        error => source.damaged(error),
    }
}

fn open_png<R: BufRead + Seek>(reader: R, source: &Source<'_>) -> Result<PngDecoder<R>> {
    let mut limits = ::image::Limits::default();
    limits.max_alloc = Some(source.max_bytes(2));
    PngDecoder::with_limits(reader, limits).map_err(|error| failure(error, source))
}

/// Opens a bitmap. The format has no gray images, so one whose palette is gray throughout counts as
/// one.
fn open_bmp<R: BufRead + Seek>(reader: R, source: &Source<'_>) -> Result<(BmpDecoder<R>, Stored)> {
    let decoder = BmpDecoder::new(reader).map_err(|error| failure(error, source))?;
    let mut stored = stored(&decoder);
    let is_gray = |palette: &[[u8; 3]]| palette.iter().all(|[r, g, b]| r == g && g == b);
    if decoder.get_palette().is_some_and(is_gray) {
        stored.kept.truncate(1);
    }
    Ok((decoder, stored))
}

/// Checks the sizes in the header before a decoder sees them, and rewinds.
fn check_size(reader: &mut (impl BufRead + Seek), source: &Source<'_>) -> Result<()> {
    let mut header = Vec::with_capacity(HEADER);
    let refused = |error| Error::Read { path: source.path.into(), source: error };
    reader.by_ref().take(HEADER as u64).read_to_end(&mut header).map_err(refused)?;
    reader.rewind().map_err(refused)?;
    let size = match source.format {
        Format::Bmp => bmp_size(&header),
        _ => png_size(&header),
    };
    match size {
        Some((height, width)) => source.check(1, height, width).map(drop),
        None => Err(source.damaged("the file ends within its header")),
    }
}

/// How many bytes of a file hold its sizes.
const HEADER: usize = 26;

/// Height and width in the chunk that comes first in every PNG.
fn png_size(header: &[u8]) -> Option<(u64, u64)> {
    let number = |at: usize| {
        let bytes = header.get(at..)?.first_chunk::<4>()?;
        Some(u64::from(u32::from_be_bytes(*bytes)))
    };
    Some((number(20)?, number(16)?))
}

/// Height and width in any of the headers that a bitmap may have.
fn bmp_size(header: &[u8]) -> Option<(u64, u64)> {
    const CORE_HEADER: u8 = 12;
    if *header.get(14)? == CORE_HEADER {
        let number = |at: usize| {
            let bytes = header.get(at..)?.first_chunk::<2>()?;
            Some(u64::from(u16::from_le_bytes(*bytes)))
        };
        return Some((number(20)?, number(18)?));
    }
    // Rows may be counted negatively: they then run from the top.
    let number = |at: usize| {
        let bytes = header.get(at..)?.first_chunk::<4>()?;
        Some(u64::from(i32::from_le_bytes(*bytes).unsigned_abs()))
    };
    Some((number(22)?, number(18)?))
}
