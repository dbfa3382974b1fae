//! Contact sheets: small pictures inside the page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops::replace;
use image::{
    DynamicImage, GrayAlphaImage, GrayImage, ImageEncoder, ImageError, RgbImage, RgbaImage,
};
use ndarray::Array3;

use crate::{ContactSheet, Error, Result, Tile, Tone};

/// The longest side of a picture as it is stored; enough for the size at which it is shown.
const LONGEST_SIDE: u32 = 128;
const LONGEST_LARGE_SIDE: u32 = 512;

/// Up to this side a picture is enlarged enough that its pixels should be seen as such.
const PIXELATED_SIDE: u32 = 64;

/// A sheet of pictures.
pub(super) struct Sheet {
    pub(super) title: String,
    pub(super) caption: String,
    /// The classes of the style sheet.
    pub(super) style: &'static str,
    pub(super) strips: Vec<Strip>,
}

/// Pictures that stand together.
pub(super) struct Strip {
    /// What they have in common, as their heading; empty for nothing.
    pub(super) label: String,
    pub(super) tiles: Vec<Picture>,
}

/// A picture and its two lines of text.
pub(super) struct Picture {
    pub(super) data: String,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) alt: String,
    pub(super) label: String,
    pub(super) note: String,
    /// The classes of the style sheet.
    pub(super) style: String,
    /// What marks it besides the color; empty for nothing.
    pub(super) mark: &'static str,
}

/// The sheet with its pictures encoded.
pub(super) fn sheet(sheet: &ContactSheet) -> Result<Sheet> {
    let sides = sheet.tiles.iter().map(|tile| tile.pixels.dim());
    let ground = sides.fold([0; 2], |[h, w], (_, height, width)| [h.max(height), w.max(width)]);
    let (longest, style) =
        if sheet.large { (LONGEST_LARGE_SIDE, "sheet large") } else { (LONGEST_SIDE, "sheet") };
    let picture = |(index, tile)| picture(&sheet.title, index, tile, (ground, longest));
    let tiles = sheet.tiles.iter().enumerate().map(picture).collect::<Result<_>>()?;
    let strips =
        if sheet.by_label { strips(tiles) } else { vec![Strip { label: String::new(), tiles }] };
    Ok(Sheet { title: sheet.title.clone(), caption: sheet.caption.clone(), style, strips })
}

/// Cut where the label changes; it moves from the pictures to their heading.
fn strips(tiles: Vec<Picture>) -> Vec<Strip> {
    let mut strips: Vec<Strip> = Vec::new();
    for mut tile in tiles {
        let label = std::mem::take(&mut tile.label);
        match strips.last_mut().filter(|strip| strip.label == label) {
            Some(strip) => strip.tiles.push(tile),
            None => strips.push(Strip { label, tiles: vec![tile] }),
        }
    }
    strips
}

/// A tile in the middle of a `ground`, height and width, which all tiles of the sheet share,
/// and at most `longest` on each side.
fn picture(
    sheet: &str,
    index: usize,
    tile: &Tile,
    (ground, longest): ([usize; 2], u32),
) -> Result<Picture> {
    let (channels, height, width) = tile.pixels.dim();
    let shape = || Error::TileShape { sheet: sheet.into(), tile: index, channels, height, width };
    let image = reduced(centered(to_image(&tile.pixels).ok_or_else(shape)?, ground), longest);
    let png = encode(&image).map_err(|source| Error::Encode {
        sheet: sheet.into(),
        tile: index,
        source,
    })?;
    let (tone, mark, spoken) = match tile.tone {
        Tone::Neutral => ("neutral", "", ""),
        Tone::Good => ("good", "✓", "right: "),
        Tone::Bad => ("bad", "✗", "wrong: "),
    };
    let small = image.width().max(image.height()) <= PIXELATED_SIDE;
    Ok(Picture {
        data: STANDARD.encode(png),
        width: image.width(),
        height: image.height(),
        alt: format!("{spoken}{} {}", tile.label, tile.note).trim().to_string(),
        label: tile.label.clone(),
        note: tile.note.clone(),
        style: if small { format!("{tone} pixelated") } else { tone.into() },
        mark,
    })
}

/// Eight bits a sample; `None` unless the shape is that of a gray or an RGB picture.
fn to_image(pixels: &Array3<f32>) -> Option<DynamicImage> {
    let (channels, height, width) = pixels.dim();
    let (rows, columns) = (u32::try_from(height).ok()?, u32::try_from(width).ok()?);
    // NaN becomes 0, as every cast of it does.
    let byte = |value: &f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    let interleaved = pixels.view().permuted_axes([1, 2, 0]);
    let bytes: Vec<u8> = interleaved.iter().map(byte).collect();
    match (channels, bytes.is_empty()) {
        (1, false) => GrayImage::from_raw(columns, rows, bytes).map(DynamicImage::from),
        (3, false) => RgbImage::from_raw(columns, rows, bytes).map(DynamicImage::from),
        _ => None,
    }
}

/// In the middle of a transparent ground, where that is larger; an odd pixel of a margin lies below
/// and to the right.
fn centered(image: DynamicImage, [height, width]: [usize; 2]) -> DynamicImage {
    let [rows, columns] = [height, width].map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    if (image.height(), image.width()) == (rows, columns) {
        return image;
    }
    let place = |ground: u32, own: u32| i64::from(ground.saturating_sub(own) / 2);
    let (x, y) = (place(columns, image.width()), place(rows, image.height()));
    if image.color().has_color() {
        let mut canvas = RgbaImage::new(columns, rows);
        replace(&mut canvas, &image.to_rgba8(), x, y);
        canvas.into()
    } else {
        let mut canvas = GrayAlphaImage::new(columns, rows);
        replace(&mut canvas, &image.to_luma_alpha8(), x, y);
        canvas.into()
    }
}

/// At most `longest` on each side, by averaging; never enlarged.
fn reduced(image: DynamicImage, longest: u32) -> DynamicImage {
    if image.width().max(image.height()) <= longest {
        return image;
    }
    image.thumbnail(longest, longest)
}

fn encode(image: &DynamicImage) -> Result<Vec<u8>, ImageError> {
    let mut png = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive);
    let color = image.color().into();
    encoder.write_image(image.as_bytes(), image.width(), image.height(), color)?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use ndarray::arr3;

    use super::*;

    #[test]
    fn pixels_outside_the_range_are_clamped_and_nan_is_black() {
        let pixels = arr3(&[[[-1.0, 0.5], [2.0, f32::NAN]]]);
        assert_eq!(to_image(&pixels).unwrap().as_bytes(), [0, 128, 255, 0]);
    }

    #[test]
    fn channels_are_interleaved() {
        let pixels = arr3(&[[[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 0.0]]]);
        assert_eq!(to_image(&pixels).unwrap().as_bytes(), [255, 0, 0, 0, 255, 0]);
    }

    #[test]
    fn long_pictures_are_reduced_and_keep_their_proportions() {
        let picture = to_image(&Array3::from_elem((1, 512, 256), 0.5)).unwrap();
        let reduced = reduced(picture, LONGEST_SIDE);
        assert_eq!((reduced.width(), reduced.height()), (64, 128));
    }

    #[test]
    fn a_small_picture_of_a_sheet_stays_small_on_a_transparent_ground() {
        let small = to_image(&Array3::from_elem((1, 1, 2), 1.0)).unwrap();
        let shown = centered(small.clone(), [3, 4]);
        assert_eq!((shown.height(), shown.width()), (3, 4));
        let opaque: Vec<usize> = shown
            .as_bytes()
            .chunks(2)
            .enumerate()
            .filter_map(|(i, pixel)| (pixel == [255, 255]).then_some(i))
            .collect();
        assert_eq!(opaque, [5, 6]);
        assert_eq!(centered(small.clone(), [1, 2]), small);
        let color = to_image(&Array3::from_elem((3, 2, 2), 0.5)).unwrap();
        assert_eq!(centered(color, [2, 3]).color(), image::ColorType::Rgba8);
    }

    #[test]
    fn a_picture_of_another_shape_is_refused_with_its_place() {
        for shape in [(2, 4, 4), (1, 0, 4), (0, 4, 4)] {
            let pixels = Array3::zeros(shape);
            let tile = Tile { pixels, label: String::new(), note: String::new(), tone: Tone::Bad };
            let sheet = sheet(&ContactSheet {
                title: "samples".into(),
                caption: String::new(),
                by_label: false,
                large: false,
                tiles: vec![tile],
            });
            let message = sheet.err().unwrap().to_string();
            assert!(message.starts_with("sheet 'samples', tile 0: expected"), "{message}");
        }
    }

    #[test]
    fn by_label_a_row_ends_where_the_label_changes() {
        let tile = |label: &str| Tile {
            pixels: Array3::zeros((1, 2, 2)),
            label: label.into(),
            note: "file".into(),
            tone: Tone::Neutral,
        };
        let mut plan = ContactSheet {
            title: String::new(),
            caption: String::new(),
            by_label: true,
            large: false,
            tiles: ["full", "full", "empty"].map(tile).to_vec(),
        };
        let rows = |plan: &ContactSheet| -> Vec<(String, usize)> {
            let view = sheet(plan).unwrap();
            view.strips.into_iter().map(|strip| (strip.label, strip.tiles.len())).collect()
        };
        assert_eq!(rows(&plan), [("full".into(), 2), ("empty".into(), 1)]);
        plan.by_label = false;
        assert_eq!(rows(&plan), [(String::new(), 3)]);
    }
}
