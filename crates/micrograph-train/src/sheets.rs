//! Contact sheets for the report: samples, worst errors, augmentation.

use micrograph_augment::Key;
use micrograph_image::{Dataset, Depth, Labelled, Normalizer, Preprocessing, ResizeMode};
use micrograph_model::ModelConfig;
use micrograph_report::{ContactSheet, Tile, Tone};
use ndarray::{Array3, Axis};

use crate::loader::augmented;
use crate::{Predictions, Prepared, Result, TrainConfig};

/// Pictures in a row of a sheet.
const PER_CLASS: usize = 8;
/// Errors shown at most.
const WORST: usize = 24;
/// Copies on the augmentation sheet.
const COPIES: usize = 17;
/// Standard deviations between the mean of a picture and its black or white.
const SPREAD: f32 = 2.5;

/// The first samples of each class among `indices`, as the model's geometry sees them.
pub(crate) fn samples(
    dataset: &Dataset,
    indices: &[usize],
    (model, preprocessing): (&ModelConfig, &Preprocessing),
    which: &str,
) -> Result<ContactSheet> {
    let mut tiles = Vec::new();
    for (class, name) in (0..).zip(&dataset.classes) {
        let of_class = indices.iter().filter(|&&index| dataset.samples[index].label == Some(class));
        for &index in of_class.take(PER_CLASS) {
            let pixels = seen(dataset, index, preprocessing)?;
            let note = dataset.samples[index].id.clone();
            tiles.push(Tile { pixels, label: name.clone(), note, tone: Tone::Neutral });
        }
    }
    let size = pixels_in_words(preprocessing);
    Ok(ContactSheet {
        title: "Samples".into(),
        caption: format!(
            "{which} by class, {}.",
            if !model.takes_pixels() {
                format!("at {size}; the model measures the originals")
            } else {
                let stretched = stretched(preprocessing);
                format!("at {size}, as the model sees them{stretched}")
            }
        ),
        by_label: true,
        large: false,
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
        caption: match total {
            1 => "The one wrong prediction.".into(),
            2..=WORST => format!(
                "All {total} wrong predictions, first those that gave the true class the least \
                 probability."
            ),
            _ => format!(
                "The {WORST} of {total} wrong predictions that gave the true class the least \
                 probability."
            ),
        },
        by_label: false,
        large: false,
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
    let shown = preprocessing.geometry(&image, mask.as_ref().map(|mask| mask.view()))?;
    let sample = &dataset.samples[index];
    let tile = |pixels, label: String, note: &str| Tile {
        pixels: displayable(pixels, image.depth, &preprocessing.normalizer),
        label,
        note: note.to_owned(),
        tone: Tone::Neutral,
    };
    let mut tiles = vec![tile(shown.pixels.clone(), "original".into(), &sample.id)];
    for copy in 0..COPIES as u64 {
        let key = Key { seed: config.seed, epoch: 0, sample: sample.key(), copy };
        let drawn = augmented(&config.augment, key, &shown, image.depth)?;
        tiles.push(tile(drawn, format!("copy {}", copy + 1), ""));
    }
    Ok(Some(ContactSheet {
        title: "Augmentation".into(),
        caption: format!(
            "One training image and random copies of it, as this run draws them: {}.",
            config.augment
        ),
        by_label: false,
        large: false,
        tiles,
    }))
}

fn seen(dataset: &Dataset, index: usize, preprocessing: &Preprocessing) -> Result<Array3<f32>> {
    let Labelled { image, mask, .. } = dataset.read(index)?;
    let shown = preprocessing.geometry(&image, mask.as_ref().map(|mask| mask.view()))?;
    Ok(displayable(shown.pixels, image.depth, &preprocessing.normalizer))
}

/// Whether the network sees each image on a scale of its own.
fn is_own_scale(normalizer: &Normalizer) -> bool {
    matches!(normalizer, Normalizer::ImageZScore | Normalizer::PercentileClip { .. })
}

/// Such as `28 × 28 pixels`.
fn pixels_in_words(preprocessing: &Preprocessing) -> String {
    let [height, width] = preprocessing.size;
    match preprocessing.resize {
        ResizeMode::Native => {
            format!("their own size (what exceeds {height} × {width} pixels is scaled down)")
        }
        _ => format!("{height} × {width} pixels"),
    }
}

fn stretched(preprocessing: &Preprocessing) -> &'static str {
    if is_own_scale(&preprocessing.normalizer) {
        "; each has a scale of brightness of its own here, as it has for the model"
    } else {
        ""
    }
}

/// Into `[0, 1]`, and of other than 1 or 3 channels the first.
///
/// Where the network sees each image on a scale of its own, mean ± [`SPREAD`] standard deviations;
/// else by the type's full scale for 8 bit, and by the image's own range for other types. All
/// channels alike, so that colors stay what they are.
fn displayable(pixels: Array3<f32>, depth: Depth, normalizer: &Normalizer) -> Array3<f32> {
    let mut pixels = match pixels.len_of(Axis(0)) {
        1 | 3 => pixels,
        _ => pixels.index_axis(Axis(0), 0).insert_axis(Axis(0)).to_owned(),
    };
    let (low, high) = match depth {
        _ if is_own_scale(normalizer) => {
            let (mean, spread) = (pixels.mean().unwrap_or(0.0), SPREAD * pixels.std(0.0));
            (mean - spread, mean + spread)
        }
        Depth::U8 => (0.0, 255.0),
        _ => pixels
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x))),
    };
    let span = high - low;
    pixels.mapv_inplace(|x| if span > 0.0 { (x - low) / span } else { 0.5 });
    pixels
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_picture_is_shown_on_the_scale_on_which_the_network_sees_it() {
        let pixels = array![[[100.0_f32, 110.0]]];
        let shown = |normalizer| displayable(pixels.clone(), Depth::U8, &normalizer);
        assert_eq!(shown(Normalizer::UnitRange), array![[[100.0 / 255.0, 110.0 / 255.0]]]);
        // One deviation of five on either side, of the 2.5 that reach black and white.
        assert_eq!(shown(Normalizer::ImageZScore), array![[[0.3, 0.7]]]);
    }

    #[test]
    fn a_picture_of_one_value_is_gray_and_many_channels_show_the_first() {
        let pixels = Array3::from_elem((4, 1, 2), 7.0);
        let shown = displayable(pixels, Depth::U16, &Normalizer::ImageZScore);
        assert_eq!(shown, array![[[0.5, 0.5]]]);
    }
}
