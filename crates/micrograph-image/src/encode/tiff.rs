//! TIFF with any number of channels and pages, tag by tag.

use std::io::{Cursor, Seek, Write};
use std::path::Path;

use ::tiff::encoder::{Rational, TiffEncoder, TiffKind, TiffKindBig, TiffKindStandard};
use ::tiff::tags::{
    CompressionMethod, PhotometricInterpretation, PlanarConfiguration, ResolutionUnit,
    SampleFormat, Tag,
};
use ::tiff::{TiffError, TiffResult};
use ndarray::ArrayView3;

use super::samples;
use crate::{Depth, Error, Format, PixelSize, Result, write_atomically};

/// Writes an uncompressed TIFF, in the way of [`write_atomically`].
///
/// Three channels are RGB, any other number are gray and further channels of unspecified meaning.
/// Integers are rounded to the nearest, halves away from zero, and clamped to the range of `depth`.
/// The pixel size is written as ImageJ does it, and [`read`](crate::read()) finds it again to 8
/// digits. From 4 GB on the file is a BigTIFF, which ImageJ opens with Bio-Formats alone.
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
    let refused = |expected, got| Error::Encode { format: Format::Tiff, expected, got };
    if pages.is_empty() {
        return Err(refused("at least one page", "none".to_owned()));
    }
    for page in pages {
        samples::check(page.view(), Format::Tiff)?;
        if u16::try_from(page.dim().0).is_err() {
            return Err(refused("at most 65535 channels", page.dim().0.to_string()));
        }
    }
    let calibration = pixel_size_nm.map(|size| Calibration::new(size, pages.len())).transpose()?;
    let calibration = calibration.as_ref();

    /// What offsets of 4 bytes can address, less what is not pixels.
    const CLASSIC: usize = 4_000_000_000;
    let n_samples: usize = pages.iter().map(|page| page.len()).sum();
    let mut bytes = Cursor::new(Vec::new());
    let encoded = if n_samples.saturating_mul(bytes_per_sample(depth)) < CLASSIC {
        encode::<TiffKindStandard>(&mut bytes, pages, depth, calibration)
    } else {
        encode::<TiffKindBig>(&mut bytes, pages, depth, calibration)
    };
    encoded.map_err(|error: TiffError| {
        refused("an image that the encoder takes", error.to_string())
    })?;
    write_atomically(path, |file| file.write_all(bytes.get_ref()))
}

/// A pixel size in the way of ImageJ: a unit in the description, pixels in a unit as a fraction.
struct Calibration {
    description: String,
    x: Rational,
    y: Rational,
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
fn pixels_per_nm(size_nm: f64) -> Result<Rational> {
    let powers = (0..=9).rev().map(|power| 10_u32.pow(power));
    let fraction = |n: u32| (n, (size_nm * f64::from(n)).round());
    let in_range = |&(_, d): &(u32, f64)| (1.0..=f64::from(u32::MAX)).contains(&d);
    match powers.map(fraction).find(in_range) {
        Some((n, d)) => Ok(Rational { n, d: d as u32 }),
        None => Err(Error::Encode {
            format: Format::Tiff,
            expected: "a pixel size between 1e-8 nm and 4e9 nm",
            got: format!("{size_nm} nm"),
        }),
    }
}

fn bytes_per_sample(depth: Depth) -> usize {
    match depth {
        Depth::U8 => 1,
        Depth::U16 => 2,
        Depth::F32 => 4,
    }
}

fn encode<K: TiffKind>(
    to: impl Write + Seek,
    pages: &[ArrayView3<'_, f32>],
    depth: Depth,
    calibration: Option<&Calibration>,
) -> TiffResult<()> {
    let mut encoder = TiffEncoder::<_, K>::new_generic(to)?;
    pages.iter().try_for_each(|page| write_page(&mut encoder, page.view(), depth, calibration))
}

/// Writes a page as one strip.
fn write_page<W: Write + Seek, K: TiffKind>(
    encoder: &mut TiffEncoder<W, K>,
    pixels: ArrayView3<'_, f32>,
    depth: Depth,
    calibration: Option<&Calibration>,
) -> TiffResult<()> {
    let (channels, height, width) = pixels.dim();
    let color = match channels {
        3 => PhotometricInterpretation::RGB,
        _ => PhotometricInterpretation::BlackIsZero,
    };
    let format = match depth {
        Depth::U8 | Depth::U16 => SampleFormat::Uint,
        Depth::F32 => SampleFormat::IEEEFP,
    };
    let bits = 8 * bytes_per_sample(depth) as u16;

    let mut page = encoder.image_directory()?;
    let offset = match depth {
        Depth::U8 => page.write_data(&samples::bytes(pixels)[..])?,
        Depth::U16 => page.write_data(&samples::words(pixels)[..])?,
        Depth::F32 => page.write_data(&samples::floats(pixels)[..])?,
    };
    let n_bytes = (pixels.len() * bytes_per_sample(depth)) as u64;
    page.write_tag(Tag::StripOffsets, K::convert_offset(offset)?)?;
    page.write_tag(Tag::StripByteCounts, K::convert_offset(n_bytes)?)?;
    page.write_tag(Tag::RowsPerStrip, u32::try_from(height)?)?;
    page.write_tag(Tag::ImageWidth, u32::try_from(width)?)?;
    page.write_tag(Tag::ImageLength, u32::try_from(height)?)?;
    page.write_tag(Tag::BitsPerSample, &vec![bits; channels][..])?;
    page.write_tag(Tag::SampleFormat, &vec![format.to_u16(); channels][..])?;
    page.write_tag(Tag::SamplesPerPixel, u16::try_from(channels)?)?;
    page.write_tag(Tag::PlanarConfiguration, PlanarConfiguration::Chunky.to_u16())?;
    page.write_tag(Tag::PhotometricInterpretation, color.to_u16())?;
    page.write_tag(Tag::Compression, CompressionMethod::None.to_u16())?;
    if !matches!(channels, 1 | 3) {
        const UNSPECIFIED: u16 = 0;
        page.write_tag(Tag::ExtraSamples, &vec![UNSPECIFIED; channels - 1][..])?;
    }
    if let Some(Calibration { description, x, y }) = calibration {
        page.write_tag(Tag::ImageDescription, description.as_str())?;
        page.write_tag(Tag::XResolution, x.clone())?;
        page.write_tag(Tag::YResolution, y.clone())?;
        page.write_tag(Tag::ResolutionUnit, ResolutionUnit::None.to_u16())?;
    }
    page.finish()
}
