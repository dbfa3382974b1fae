//! What the numbers of a page mean: shades of gray, or colors.

use ndarray::{Array3, Axis, Zip};

use super::blocks::Pixels;
use super::page::{Color, Page};
use crate::decode::source::Source;
use crate::{Depth, Result};

/// Makes colors of the numbers of a page.
pub(super) fn resolve_colors(pixels: &mut Pixels, page: &Page, source: &Source<'_>) -> Result<()> {
    match (&page.color, pixels.depth.full_scale()) {
        (Color::Plain, None) => {}
        (Color::Plain, Some(_)) => spread(&mut pixels.values, page.bits),
        (Color::Inverted, Some(white)) => {
            spread(&mut pixels.values, page.bits);
            pixels.values.mapv_inplace(|value| white - value);
        }
        (Color::Palette(table), Some(_)) => {
            pixels.values = look_up(&pixels.values, table);
            pixels.depth = Depth::U8;
        }
        (Color::Ycbcr, Some(_)) => rgb_from_ycbcr(&mut pixels.values),
        (Color::Inverted | Color::Palette(_) | Color::Ycbcr, None) => {
            let feature = "zero as white or colors in samples that are no integers of 1 to 16 bits";
            return Err(source.unsupported(feature, "plain gray or RGB"));
        }
    }
    Ok(())
}

/// Spreads values of fewer than 8 bits over `0..=255`.
fn spread(values: &mut Array3<f32>, bits: u64) {
    if bits < 8 {
        let largest = (1u8 << bits) - 1;
        values.mapv_inplace(|value| value * 255.0 / f32::from(largest));
    }
}

/// The colors of the indices in the first channel.
fn look_up(indices: &Array3<f32>, table: &[[u8; 3]]) -> Array3<f32> {
    let (_, height, width) = indices.dim();
    let mut rgb = Array3::zeros((3, height, width));
    let indices = indices.index_axis(Axis(0), 0);
    for (channel, mut plane) in rgb.outer_iter_mut().enumerate() {
        // The table has an entry for each index of its number of bits.
        let color = |index: f32| f32::from(table[index as usize][channel]);
        Zip::from(&mut plane).and(indices).for_each(|to, &index| *to = color(index));
    }
    rgb
}

/// The full-range transform of JFIF 1.02 (ITU-R BT.601), rounded and clamped to `0..=255`.
fn rgb_from_ycbcr(values: &mut Array3<f32>) {
    let clamp = |value: f32| value.round().clamp(0.0, 255.0);
    for mut pixel in values.lanes_mut(Axis(0)) {
        let (luma, blue, red) = (pixel[0], pixel[1] - 128.0, pixel[2] - 128.0);
        pixel[0] = clamp(luma + 1.402 * red);
        pixel[1] = clamp(luma - 0.344_136 * blue - 0.714_136 * red);
        pixel[2] = clamp(luma + 1.772 * blue);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gray_has_no_color_differences() {
        let mut values = Array3::from_elem((3, 1, 1), 128.0);
        values[[0, 0, 0]] = 77.0;
        rgb_from_ycbcr(&mut values);
        assert_eq!(values, Array3::from_elem((3, 1, 1), 77.0));
    }
}
