//! What the tags of a page say about its samples.

use std::io::{Read, Seek};

use super::directory::{Directory, TiffFile, invalid};
use crate::decode::samples::Stored;
use crate::decode::source::Source;
use crate::{PixelSize, Result, Shape, pixel_size};

/// The tags that are read here, by their numbers in TIFF 6.0.
pub(super) mod tag {
    pub(in crate::decode::tiff) const IMAGE_WIDTH: u16 = 256;
    pub(in crate::decode::tiff) const IMAGE_LENGTH: u16 = 257;
    pub(in crate::decode::tiff) const BITS_PER_SAMPLE: u16 = 258;
    pub(in crate::decode::tiff) const COMPRESSION: u16 = 259;
    pub(in crate::decode::tiff) const PHOTOMETRIC_INTERPRETATION: u16 = 262;
    pub(in crate::decode::tiff) const IMAGE_DESCRIPTION: u16 = 270;
    pub(in crate::decode::tiff) const SAMPLES_PER_PIXEL: u16 = 277;
    pub(in crate::decode::tiff) const X_RESOLUTION: u16 = 282;
    pub(in crate::decode::tiff) const Y_RESOLUTION: u16 = 283;
    pub(in crate::decode::tiff) const PLANAR_CONFIGURATION: u16 = 284;
    pub(in crate::decode::tiff) const COLOR_MAP: u16 = 320;
    pub(in crate::decode::tiff) const TILE_WIDTH: u16 = 322;
    pub(in crate::decode::tiff) const TILE_LENGTH: u16 = 323;
    pub(in crate::decode::tiff) const EXTRA_SAMPLES: u16 = 338;
}

/// What the numbers of a page mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Color {
    /// Zero is white.
    Inverted,
    /// Zero is black; any number of channels.
    Plain,
    /// Indices into a table of red, green, blue.
    Palette(Vec<[u8; 3]>),
    /// Luma and two color differences, as in JPEG.
    Ycbcr,
}

/// Where the channels of a pixel stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Planes {
    /// One after the other.
    Together,
    /// Each channel in strips or tiles of its own.
    Apart,
}

/// A page whose sizes have been checked.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) color: Color,
    pub(super) bits: u64,
    pub(super) planes: Planes,
    /// What is stored, and which channels are kept: of a palette image, the one of the indices.
    pub(super) stored: Stored,
}

impl Page {
    /// Whether a channel of alpha is left out.
    pub(super) fn drops_alpha(&self) -> bool {
        self.stored.kept.len() < self.stored.channels
    }

    /// How many channels the image has.
    pub(super) fn channels(&self) -> usize {
        match self.color {
            Color::Palette(_) => 3,
            _ => self.stored.kept.len(),
        }
    }

    /// Reads the tags of a page and checks them, sizes first.
    pub(super) fn read<R: Read + Seek>(
        file: &mut TiffFile<R>,
        directory: &Directory,
        source: &Source<'_>,
    ) -> Result<Self> {
        let mut tags = Tags { file, directory, source };
        let stored_channels = tags.number(tag::SAMPLES_PER_PIXEL, Some(1))?;
        let height = tags.number(tag::IMAGE_LENGTH, None)?;
        let width = tags.number(tag::IMAGE_WIDTH, None)?;
        let shape = source.check(stored_channels, height, width)?;
        tags.check_blocks(stored_channels, height)?;
        let planes = match tags.number(tag::PLANAR_CONFIGURATION, Some(1))? {
            2 => Planes::Apart,
            _ => Planes::Together,
        };
        let bits = tags.number(tag::BITS_PER_SAMPLE, Some(1))?;
        if !matches!(bits, 1 | 2 | 4 | 8 | 16 | 32 | 64) {
            return Err(source.unsupported(format!("{bits} bits a sample"), "8 or 16 bits"));
        }
        let (color, n_color) = tags.color(bits, shape.channels)?;
        if matches!(color, Color::Palette(_)) {
            source.check(3, height, width)?;
        }
        let mut kept = tags.kept(shape.channels, n_color)?;
        if matches!(color, Color::Palette(_) | Color::Ycbcr) {
            kept.truncate(n_color);
        }
        let Shape { channels, height, width } = shape;
        Ok(Self { color, bits, planes, stored: Stored { height, width, channels, kept } })
    }
}

/// The pixel size that the description of a page tells; none where it cannot be read.
pub(super) fn pixel_size_nm<R: Read + Seek>(
    file: &mut TiffFile<R>,
    directory: &Directory,
) -> Option<PixelSize> {
    let description = file.text(directory, tag::IMAGE_DESCRIPTION).ok()??;
    let mut resolution = |tag| file.ratio(directory, tag).ok().flatten();
    let (x, y) = (resolution(tag::X_RESOLUTION), resolution(tag::Y_RESOLUTION));
    pixel_size::from_description(&description, x.zip(y))
}

/// The tags of a page while they are read.
struct Tags<'a, R> {
    file: &'a mut TiffFile<R>,
    directory: &'a Directory,
    source: &'a Source<'a>,
}

impl<R: Read + Seek> Tags<'_, R> {
    /// The number of a tag; one without a default must be there.
    fn number(&mut self, tag: u16, default: Option<u64>) -> Result<u64> {
        let number = self.file.number_of(self.directory, tag);
        let number = number.map_err(|error| self.source.damaged(error))?.or(default);
        number.ok_or_else(|| self.source.damaged(format!("its required tag {tag} is missing")))
    }

    fn numbers(&mut self, tag: u16) -> Result<Option<Vec<u64>>> {
        self.file.numbers(self.directory, tag).map_err(|error| self.source.damaged(error))
    }

    /// Refuses numbers of strips and sizes of tiles that the decoder would multiply beyond what a
    /// number or the memory holds.
    fn check_blocks(&mut self, channels: u64, height: u64) -> Result<()> {
        /// 16384 x 16384 gray pixels.
        const LARGEST_TILE: u64 = 1 << 28;
        let tile_width = self.number(tag::TILE_WIDTH, Some(1))?;
        let tile_length = self.number(tag::TILE_LENGTH, Some(1))?;
        let samples = tile_width.checked_mul(tile_length).and_then(|n| n.checked_mul(channels));
        let strips = height.checked_mul(channels);
        if samples.is_none_or(|n| n > LARGEST_TILE) || strips.is_none_or(|n| n > u32::MAX.into()) {
            let feature =
                format!("tiles of {tile_width} x {tile_length} pixels or {height} strips");
            return Err(self.source.unsupported(feature, "tiles of 512 x 512 pixels"));
        }
        Ok(())
    }

    /// What the samples mean, and how many of them do not count as extra.
    fn color(&mut self, bits: u64, channels: usize) -> Result<(Color, usize)> {
        const MODERN_JPEG: u64 = 7;
        let interpretation = self.number(tag::PHOTOMETRIC_INTERPRETATION, None)?;
        let (color, n_color) = match interpretation {
            0 => (Color::Inverted, 1),
            1 => (Color::Plain, 1),
            2 => (Color::Plain, 3),
            3 => (Color::Palette(self.palette(bits)?), 1),
            6 if self.number(tag::COMPRESSION, Some(1))? == MODERN_JPEG && bits == 8 => {
                (Color::Ycbcr, 3)
            }
            other => {
                let feature = match other {
                    5 => "CMYK colors".to_owned(),
                    6 => "YCbCr colors not compressed as JPEG".to_owned(),
                    8..=10 => "Lab colors".to_owned(),
                    other => format!("the photometric interpretation {other}"),
                };
                return Err(self.source.unsupported(feature, "gray or RGB"));
            }
        };
        if channels < n_color {
            let what = format!("its colors need {n_color} channels, but it has {channels}");
            return Err(self.source.damaged(what));
        }
        Ok((color, n_color))
    }

    /// The color table, from 16 bits a color to 8.
    fn palette(&mut self, bits: u64) -> Result<Vec<[u8; 3]>> {
        let map = self.numbers(tag::COLOR_MAP)?.unwrap_or_default();
        let n_colors = 1usize << bits.min(16);
        if bits > 16 || map.len() != 3 * n_colors {
            let what = format!("its color map has {} entries for {bits} bits", map.len());
            return Err(self.source.damaged(invalid(what)));
        }
        // Some writers put numbers of 8 bits there; libtiff tells them in the same way.
        let shift = if map.iter().any(|&color| color > 255) { 8 } else { 0 };
        let color = |index: usize| (map[index] >> shift) as u8;
        Ok((0..n_colors)
            .map(|i| [color(i), color(n_colors + i), color(2 * n_colors + i)])
            .collect())
    }

    /// The channels to keep: all but those that the file calls alpha.
    ///
    /// RGB with a fourth channel and no word about it has alpha, as libtiff takes it. Extra channels
    /// of unspecified meaning are data.
    fn kept(&mut self, channels: usize, n_color: usize) -> Result<Vec<usize>> {
        /// Associated and unassociated alpha.
        const ALPHA: [u64; 2] = [1, 2];
        let unsaid: &[u64] = if channels == 4 && n_color == 3 { &ALPHA[1..] } else { &[] };
        let extra = self.numbers(tag::EXTRA_SAMPLES)?.unwrap_or_else(|| unsaid.to_vec());
        let n_first = channels.saturating_sub(extra.len());
        let is_alpha = |channel: &usize| {
            let meaning = channel.checked_sub(n_first).and_then(|index| extra.get(index));
            *channel >= n_color && meaning.is_some_and(|meaning| ALPHA.contains(meaning))
        };
        Ok((0..channels).filter(|channel| !is_alpha(channel)).collect())
    }
}
