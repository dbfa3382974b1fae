//! Contact sheets for the report: samples, worst errors, augmentation.

use micrograph_augment::{Key, augment};
use micrograph_image::{Dataset, Depth, Image, Labelled, Preprocessing};
use micrograph_report::{ContactSheet, Tile, Tone};
use ndarray::{Array3, Axis};

use crate::loader::full_scale;
use crate::{Predictions, Prepared, Result, TrainConfig};

/// Pictures in a row of a sheet.
const PER_CLASS: usize = 8;
/// Errors shown at most.
const WORST: usize = 24;
/// Copies on the augmentation sheet.
const COPIES: usize = 15;

/// The first training samples of each class, as the network's geometry sees them.
pub(crate) fn samples(prepared: &Prepared) -> Result<ContactSheet> {
    let Prepared { dataset, train, labels, preprocessing, .. } = prepared;
    let mut tiles = Vec::new();
    for (class, name) in dataset.classes.iter().enumerate() {
        let of_class = train.iter().filter(|&&index| labels[index] as usize == class);
        for &index in of_class.take(PER_CLASS) {
            let pixels = seen(dataset, index, preprocessing)?;
            let note = dataset.samples[index].id.clone();
            tiles.push(Tile { pixels, label: name.clone(), note, tone: Tone::Neutral });
        }
    }
    let [height, width] = preprocessing.size;
    Ok(ContactSheet {
        title: "Samples".into(),
        caption: format!(
            "Training images by class, cut out and resized as the network sees them ({height}x{width} pixels)."
        ),
        tiles,
    })
}

/// Wrong predictions, those with the least probability for the true class first.
pub(crate) fn worst_errors(
    dataset: &Dataset,
    preprocessing: &Preprocessing,
    predictions: &Predictions,
) -> Result<Option<ContactSheet>> {
    let predicted = micrograph_metrics::predicted(predictions.probabilities.view());
    let mut wrong: Vec<(usize, f64)> = (0..predictions.truth.len())
        .filter(|&i| predicted[i] != predictions.truth[i])
        .map(|i| (i, predictions.probabilities[[i, predictions.truth[i] as usize]]))
        .collect();
    wrong.sort_by(|a, b| a.1.total_cmp(&b.1));
    let total = wrong.len();
    wrong.truncate(WORST);
    let tiles = wrong
        .into_iter()
        .map(|(i, probability)| {
            let name = |class: u32| &predictions.classes[class as usize];
            Ok(Tile {
                pixels: seen(dataset, predictions.samples[i], preprocessing)?,
                label: format!("{} taken for {}", name(predictions.truth[i]), name(predicted[i])),
                note: format!("p(true) = {probability:.3}  {}", predictions.ids[i]),
                tone: Tone::Bad,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok((!tiles.is_empty()).then(|| ContactSheet {
        title: "Worst errors".into(),
        caption: format!(
            "The {} of {total} wrong predictions that gave the true class the least probability.",
            tiles.len()
        ),
        tiles,
    }))
}

/// One training sample and augmented copies of it, exactly as the first epoch would draw them.
pub(crate) fn augmentation(
    prepared: &Prepared,
    config: &TrainConfig,
) -> Result<Option<ContactSheet>> {
    let Some(&index) = prepared.train.first() else { return Ok(None) };
    let Prepared { dataset, preprocessing, .. } = prepared;
    let Labelled { image, mask, .. } = dataset.read(index)?;
    let (pixels, mask) = preprocessing.geometry(&image, mask.as_ref().map(|mask| mask.view()))?;
    let full_scale = full_scale(image.depth, &pixels);
    let sample = &dataset.samples[index];
    let mut tiles = vec![tile(&image, pixels.clone(), "original", &sample.id)];
    for copy in 0..COPIES as u64 {
        let key = Key { seed: config.seed, epoch: 0, sample: sample.key(), copy };
        let mask = mask.as_ref().map(|mask| mask.view());
        let (drawn, _) = augment(&config.augment, key, pixels.view(), mask, full_scale)?;
        tiles.push(tile(&image, drawn, &format!("copy {copy}"), ""));
    }
    Ok(Some(ContactSheet {
        title: "Augmentation".into(),
        caption:
            "One training image and random copies of it, as the recipe of this run draws them."
                .into(),
        tiles,
    }))
}

fn tile(image: &Image, pixels: Array3<f32>, label: &str, note: &str) -> Tile {
    let pixels = displayable(pixels, image.depth);
    Tile { pixels, label: label.into(), note: note.into(), tone: Tone::Neutral }
}

fn seen(dataset: &Dataset, index: usize, preprocessing: &Preprocessing) -> Result<Array3<f32>> {
    let Labelled { image, mask, .. } = dataset.read(index)?;
    let (pixels, _) = preprocessing.geometry(&image, mask.as_ref().map(|mask| mask.view()))?;
    Ok(displayable(pixels, image.depth))
}

/// Into `[0, 1]`: by the type's full scale for 8 bit, else by the image's own range; of other than
/// 1 or 3 channels the first is shown.
fn displayable(pixels: Array3<f32>, depth: Depth) -> Array3<f32> {
    let mut pixels = match pixels.len_of(Axis(0)) {
        1 | 3 => pixels,
        _ => pixels.index_axis(Axis(0), 0).insert_axis(Axis(0)).to_owned(),
    };
    let (low, high) = match depth {
        Depth::U8 => (0.0, 255.0),
        _ => pixels
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x))),
    };
    let span = if high > low { high - low } else { 1.0 };
    pixels.mapv_inplace(|x| (x - low) / span);
    pixels
}
