//! Draws a contact sheet of synthetic liposomes: a row for each class, all at one scale.
//!
//! `cargo run -p micrograph-sampling --example contact_sheet -- lamellarity sheet.png [seed]`

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use anyhow::Context;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{GrayImage, Luma, imageops};
use micrograph_sampling::synthetic::{Liposome, LiposomeConfig, Problem, liposome};

const COLUMNS: u64 = 8;
const GAP: u32 = 4;
/// Gray levels are rounded to multiples of this: under the noise one cannot see it, and the file
/// is half as large.
const GRAY_STEP: f32 = 8.0;

fn main() -> anyhow::Result<()> {
    let usage = "usage: contact_sheet lamellarity|encapsulation FILE.png [SEED]";
    let mut arguments = std::env::args().skip(1);
    let problem: Problem = arguments.next().context(usage)?.parse()?;
    let path = PathBuf::from(arguments.next().context(usage)?);
    let seed = arguments.next().map_or(Ok(1), |seed| seed.parse()).context(usage)?;

    let config = LiposomeConfig { surround_px: 32, ..LiposomeConfig::new(problem) };
    let mut rows = Vec::new();
    for class in (0_u32..).take(problem.classes().len()) {
        let images: Result<Vec<_>, _> =
            (0..COLUMNS).map(|index| liposome(&config, class, seed, index)).collect();
        rows.push(images?.iter().map(gray_image).collect::<Vec<_>>());
    }
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let png = PngEncoder::new_with_quality(
        BufWriter::new(file),
        CompressionType::Best,
        FilterType::NoFilter, // which is best for noise
    );
    sheet(&rows).write_with_encoder(png)?;
    Ok(())
}

fn gray_image(drawn: &Liposome) -> GrayImage {
    let (_, height, width) = drawn.pixels.dim();
    GrayImage::from_fn(width as u32, height as u32, |x, y| {
        let gray = drawn.pixels[[0, y as usize, x as usize]];
        Luma([((gray / GRAY_STEP).round() * GRAY_STEP) as u8])
    })
}

/// Images in rows of their own height and columns of one width, centered on white.
fn sheet(rows: &[Vec<GrayImage>]) -> GrayImage {
    let cell = rows.iter().flatten().map(|image| image.width() + GAP).max().unwrap_or(1);
    let heights = rows.iter().map(|row| row.iter().map(|image| image.height() + GAP).max());
    let heights: Vec<u32> = heights.map(|height| height.unwrap_or(1)).collect();
    let size = (cell * COLUMNS as u32, heights.iter().sum());
    let mut sheet = GrayImage::from_pixel(size.0, size.1, Luma([255]));
    let mut top = 0;
    for (row, height) in rows.iter().zip(heights) {
        for (column, image) in (0_u32..).zip(row) {
            let left = column * cell + (cell - image.width()) / 2;
            let above = top + (height - image.height()) / 2;
            imageops::replace(&mut sheet, image, i64::from(left), i64::from(above));
        }
        top += height;
    }
    sheet
}
