//! Tiled TIFFs of any size, tile by tile.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use tiff::TiffResult;
use tiff::encoder::TiffEncoder;
use tiff::tags::Tag;

/// Writes a gray TIFF of `height x width` pixels in square tiles, of 16 bits where asked for, else 8, with
/// no more than a tile in memory: `value` tells a pixel by row and column.
///
/// # Panics
/// When the file cannot be written, or a size does not fit 32 bits.
pub fn write_tiled_tiff(
    path: &Path,
    [height, width]: [usize; 2],
    (tile, bits): (usize, u16),
    value: impl Fn(usize, usize) -> u16,
) {
    let written = write(path, [height, width], (tile, bits), &value);
    written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn write(
    path: &Path,
    [height, width]: [usize; 2],
    (tile, bits): (usize, u16),
    value: &dyn Fn(usize, usize) -> u16,
) -> TiffResult<()> {
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = TiffEncoder::new_big(file)?;
    let mut page = encoder.image_directory()?;
    let mut offsets = Vec::new();
    for top in (0..height).step_by(tile) {
        for left in (0..width).step_by(tile) {
            // What reaches beyond the image is 0.
            let pixel = |at: usize| {
                let (y, x) = (top + at / tile, left + at % tile);
                if y < height && x < width { value(y, x) } else { 0 }
            };
            let words: Vec<u16> = (0..tile * tile).map(pixel).collect();
            let offset = if bits == 8 {
                let bytes: Vec<u8> = words.into_iter().map(|word| word.min(255) as u8).collect();
                page.write_data(&bytes[..])?
            } else {
                page.write_data(&words[..])?
            };
            offsets.push(offset);
        }
    }
    let bytes = (tile * tile * usize::from(bits / 8)) as u64;
    page.write_tag(Tag::TileByteCounts, &vec![bytes; offsets.len()][..])?;
    page.write_tag(Tag::TileOffsets, &offsets[..])?;
    page.write_tag(Tag::TileWidth, u32::try_from(tile)?)?;
    page.write_tag(Tag::TileLength, u32::try_from(tile)?)?;
    page.write_tag(Tag::ImageWidth, u32::try_from(width)?)?;
    page.write_tag(Tag::ImageLength, u32::try_from(height)?)?;
    page.write_tag(Tag::BitsPerSample, bits)?;
    page.write_tag(Tag::SamplesPerPixel, 1_u16)?;
    page.write_tag(Tag::Compression, 1_u16)?;
    page.write_tag(Tag::PhotometricInterpretation, 1_u16)?;
    page.finish()
}
