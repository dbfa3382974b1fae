//! Draws a contact sheet: synthetic liposomes, a row for each class, all at one scale; or frames of a
//! time-lapse above their instances, with `time-lapse` the small preset and with `thesis` the large.
//!
//! `cargo run -p micrograph-sampling --example contact_sheet -- lamellarity sheet.png [seed]`

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use anyhow::Context;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{GrayImage, Luma, imageops};
use micrograph_sampling::synthetic::{
    Liposome, LiposomeConfig, Problem, TimeLapse, TimeLapseConfig, liposome,
};
use ndarray::{Array2, Axis};

const COLUMNS: u64 = 8;
const GAP: u32 = 4;
/// Gray levels are rounded to multiples of this: under the noise one cannot see it, and the file
/// is half as large.
const GRAY_STEP: f32 = 8.0;

fn main() -> anyhow::Result<()> {
    let usage = "usage: contact_sheet lamellarity|encapsulation|time-lapse|thesis FILE.png [SEED]";
    let mut arguments = std::env::args().skip(1);
    let kind = arguments.next().context(usage)?;
    let path = PathBuf::from(arguments.next().context(usage)?);
    let seed = arguments.next().map_or(Ok(1), |seed| seed.parse()).context(usage)?;

    let rows = match kind.as_str() {
        "time-lapse" => frames(&TimeLapseConfig::example(), seed, &[0, 8, 16, 23])?,
        "thesis" => frames(&TimeLapseConfig::thesis(), seed, &[0])?,
        problem => liposomes(problem.parse()?, seed)?,
    };
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let png = PngEncoder::new_with_quality(
        BufWriter::new(file),
        CompressionType::Best,
        FilterType::NoFilter, // which is best for noise
    );
    sheet(&rows).write_with_encoder(png)?;
    Ok(())
}

/// A row for each class.
fn liposomes(problem: Problem, seed: u64) -> anyhow::Result<Vec<Vec<GrayImage>>> {
    let config = LiposomeConfig { surround_px: 32, ..LiposomeConfig::new(problem) };
    let row = |class| -> anyhow::Result<Vec<GrayImage>> {
        let images: Result<Vec<_>, _> =
            (0..COLUMNS).map(|index| liposome(&config, class, seed, index)).collect();
        Ok(images?.iter().map(gray_image).collect())
    };
    (0_u32..).take(problem.classes().len()).map(row).collect()
}

/// Frames, and below them their instances, each in its own gray.
fn frames(
    config: &TimeLapseConfig,
    seed: u64,
    indices: &[usize],
) -> anyhow::Result<Vec<Vec<GrayImage>>> {
    let sequence = TimeLapse::new(config, seed)?;
    let (mut images, mut truths) = (Vec::new(), Vec::new());
    for &index in indices {
        let frame = sequence.frame(index);
        images.push(rounded(&frame.pixels.index_axis_move(Axis(0), 0)));
        truths.push(rounded(&frame.instances.mapv(|track| match track {
            0 => 0.0,
            track => 96.0 + (track * 56 % 160) as f32,
        })));
    }
    Ok(vec![images, truths])
}

fn gray_image(drawn: &Liposome) -> GrayImage {
    rounded(&drawn.pixels.index_axis(Axis(0), 0).to_owned())
}

/// The image in few gray levels.
fn rounded(pixels: &Array2<f32>) -> GrayImage {
    let (height, width) = pixels.dim();
    GrayImage::from_fn(width as u32, height as u32, |x, y| {
        let gray = pixels[[y as usize, x as usize]];
        Luma([((gray / GRAY_STEP).round() * GRAY_STEP) as u8])
    })
}

/// Images in rows of their own height and columns of one width, centered on white.
fn sheet(rows: &[Vec<GrayImage>]) -> GrayImage {
    let cell = rows.iter().flatten().map(|image| image.width() + GAP).max().unwrap_or(1);
    let heights = rows.iter().map(|row| row.iter().map(|image| image.height() + GAP).max());
    let heights: Vec<u32> = heights.map(|height| height.unwrap_or(1)).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(1);
    let size = (cell * columns as u32, heights.iter().sum());
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
