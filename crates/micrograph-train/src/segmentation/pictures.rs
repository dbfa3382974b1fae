//! Pictures of frames for the report: outlines of truth and prediction, and heat maps.

use micrograph_report::{ContactSheet, Tile, Tone};
use micrograph_segment::{Connectivity, border_pixels};
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis};

use super::SegmentationData;
use crate::Result;

/// Frames shown at most.
pub(super) const SHOWN: usize = 6;
/// Orange, sky blue and white: told apart with any color vision.
const PREDICTED: [f32; 3] = [0.90, 0.55, 0.0];
const TRUE: [f32; 3] = [0.34, 0.71, 0.91];
const BOTH: [f32; 3] = [1.0, 1.0, 1.0];
/// From no to full probability: dark violet over red to light yellow.
const HEAT: [[f32; 3]; 5] = [
    [0.0, 0.0, 0.02],
    [0.34, 0.06, 0.43],
    [0.74, 0.22, 0.33],
    [0.98, 0.55, 0.04],
    [0.99, 1.0, 0.64],
];

/// What is shown of a frame.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) index: usize,
    /// Classes by their greatest probability.
    pub(super) predicted: Array2<u8>,
    /// The probability of the foreground.
    pub(super) foreground: Array2<f32>,
}

/// The outlines of truth and prediction over each frame.
pub(super) fn overlays(data: &SegmentationData, pictures: &[Picture]) -> Result<ContactSheet> {
    let mut tiles = Vec::new();
    for Picture { index, predicted, .. } in pictures {
        let frame = data.frame(*index)?;
        let truth = frame.labels.as_ref().map(|labels| &labels.classes);
        let mut pixels = gray(frame.pixels.view());
        outline(&mut pixels, truth.map(|truth| truth.view()), predicted.view());
        tiles.push(tile(data, *index, pixels));
    }
    Ok(ContactSheet {
        title: "Outlines".into(),
        caption: "Blue: outlines of the truth. Orange: of the prediction. White: of both.".into(),
        by_label: false,
        large: true,
        tiles,
    })
}

/// The probability of the foreground of each frame.
pub(super) fn heat_maps(data: &SegmentationData, pictures: &[Picture]) -> ContactSheet {
    let of = |picture: &Picture| tile(data, picture.index, heat(picture.foreground.view()));
    ContactSheet {
        title: "Probability of the foreground".into(),
        caption: "Dark: 0. Light yellow: 1.".into(),
        by_label: false,
        large: true,
        tiles: pictures.iter().map(of).collect(),
    }
}

fn tile(data: &SegmentationData, index: usize, pixels: Array3<f32>) -> Tile {
    let note = data.dataset.frames[index].id.clone();
    Tile { pixels, label: String::new(), note, tone: Tone::Neutral }
}

/// The first channel as red, green and blue alike, from its least value to its greatest.
fn gray(pixels: ArrayView3<'_, f32>) -> Array3<f32> {
    let plane = pixels.index_axis(Axis(0), 0);
    let range = |(low, high): (f32, f32), &x: &f32| (low.min(x), high.max(x));
    let (low, high) = plane.iter().fold((f32::INFINITY, f32::NEG_INFINITY), range);
    let span = high - low;
    let shown = |x: f32| if span > 0.0 { (x - low) / span } else { 0.5 };
    let (height, width) = plane.dim();
    Array3::from_shape_fn((3, height, width), |(_, y, x)| shown(plane[[y, x]]))
}

fn outline(
    pixels: &mut Array3<f32>,
    truth: Option<ArrayView2<'_, u8>>,
    predicted: ArrayView2<'_, u8>,
) {
    let border = |classes: ArrayView2<'_, u8>| {
        border_pixels(classes.mapv(u32::from).view(), Connectivity::Four)
    };
    let mut paint = |places: Vec<[usize; 2]>, color: [f32; 3]| {
        for [y, x] in places {
            let there = [0, 1, 2].map(|c| pixels[[c, y, x]]);
            let color = if there == TRUE && color == PREDICTED { BOTH } else { color };
            (0..3).for_each(|c| pixels[[c, y, x]] = color[c]);
        }
    };
    paint(truth.map(border).unwrap_or_default(), TRUE);
    paint(border(predicted), PREDICTED);
}

fn heat(foreground: ArrayView2<'_, f32>) -> Array3<f32> {
    let (height, width) = foreground.dim();
    let last = HEAT.len() - 1;
    Array3::from_shape_fn((3, height, width), |(c, y, x)| {
        let place = foreground[[y, x]].clamp(0.0, 1.0) * last as f32;
        let below = (place as usize).min(last - 1);
        let part = place - below as f32;
        HEAT[below][c] * (1.0 - part) + HEAT[below + 1][c] * part
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// Channel 1, not the background: what is surely foreground is light.
    #[test]
    fn the_foreground_is_hot() {
        let shown = heat(array![[0.0, 1.0]].view());
        let color = |x: usize| [0, 1, 2].map(|c| shown[[c, 0, x]]);
        assert_eq!((color(0), color(1)), (HEAT[0], HEAT[4]));
    }

    #[test]
    fn outlines_that_agree_are_white() {
        let mut pixels = Array3::zeros((3, 1, 5));
        let (truth, predicted) = (array![[0, 1, 0, 1, 0]], array![[0, 1, 0, 0, 0]]);
        outline(&mut pixels, Some(truth.view()), predicted.view());
        let color = |x: usize| [0, 1, 2].map(|c| pixels[[c, 0, x]]);
        assert_eq!((color(1), color(3), color(4)), (BOTH, TRUE, [0.0; 3]));
    }
}
