//! What a user should know of the data, a sentence each.

use std::collections::BTreeMap;

use micrograph_image::{Dataset, Depth, Normalization, ResizeMode};

use crate::TrainConfig;
use crate::scan::Scanned;

/// Of the samples that were read.
pub(crate) fn of_samples(
    dataset: &Dataset,
    scanned: &[Option<Scanned>],
    config: &TrainConfig,
) -> Vec<String> {
    let input = &config.input;
    let mut told = counted(scanned);
    if config.takes_features() {
        told.extend(mixed_units(dataset, scanned));
        told.extend(mixed_depths(dataset, scanned, OF_FEATURES));
        let fate = "they are measured whole, the others inside theirs";
        told.extend(partial_masks(dataset, scanned, fate));
    } else {
        told.extend(mixed_depths(dataset, scanned, scaling(input.normalization)));
        let fate = format!(
            "they are seen whole, the others cut out by theirs (input mode {})",
            input.mode
        );
        told.extend(partial_masks(dataset, scanned, &fate));
        told.extend(scaled_down(dataset, scanned, config));
        if config.features().is_some() {
            told.extend(mixed_units(dataset, scanned));
        }
    }
    told
}

/// How many objects are not seen at their own size, where that is asked for.
fn scaled_down(
    dataset: &Dataset,
    scanned: &[Option<Scanned>],
    config: &TrainConfig,
) -> Option<String> {
    if config.input.resize != ResizeMode::Native {
        return None;
    }
    let most = config.input_size();
    let read =
        || dataset.samples.iter().zip(scanned).filter_map(|(s, seen)| Some((s, seen.as_ref()?)));
    let longest = |seen: &Scanned| seen.object.0.max(seen.object.1);
    let larger: Vec<_> = read().filter(|(_, seen)| longest(seen) > most).collect();
    let (first, _) = larger.first()?;
    let largest = larger.iter().map(|(_, seen)| longest(seen)).max()?;
    Some(format!(
        "{} of {} objects are larger than {most} x {most} pixels, such as {}, and are scaled down to \
         that; --input-size {} keeps the size of all",
        larger.len(),
        read().count(),
        first.id,
        largest.next_multiple_of(ResizeMode::STEP)
    ))
}

/// How many images lack a mask, where others have one.
fn partial_masks(dataset: &Dataset, scanned: &[Option<Scanned>], fate: &str) -> Option<String> {
    let read = dataset.samples.iter().zip(scanned).filter(|(_, scanned)| scanned.is_some());
    let (masked, bare): (Vec<_>, Vec<_>) = read.partition(|(sample, _)| sample.mask.is_some());
    let total = masked.len() + bare.len();
    let (first, _) = bare.first().filter(|_| !masked.is_empty())?;
    Some(format!(
        "{} of {total} images have no mask, such as {}: {fate}; give all images masks, or none",
        bare.len(),
        first.id
    ))
}

/// One sentence for each kind of notice, with the number of files.
fn counted(scanned: &[Option<Scanned>]) -> Vec<String> {
    let mut counts = BTreeMap::<String, usize>::new();
    for notice in scanned.iter().flatten().flat_map(|sample| &sample.notices) {
        *counts.entry(notice.to_string()).or_default() += 1;
    }
    counts.into_iter().map(|(text, count)| format!("{text} ({count} images)")).collect()
}

/// How many images have which bit depth, where they differ, and what the scaling makes of it.
fn mixed_depths(dataset: &Dataset, scanned: &[Option<Scanned>], scaling: &str) -> Option<String> {
    let names = [(Depth::U8, "8-bit"), (Depth::U16, "16-bit"), (Depth::F32, "floating-point")];
    let kinds: Vec<String> = names
        .into_iter()
        .filter_map(|(depth, name)| {
            let has = |sample: &&Option<Scanned>| sample.as_ref().is_some_and(|s| s.depth == depth);
            let first = scanned.iter().position(|sample| has(&sample))?;
            let count = scanned.iter().filter(has).count();
            Some(format!("{count} {name} (such as {})", dataset.samples[first].id))
        })
        .collect();
    (kinds.len() > 1).then(|| format!("bit depths differ: {}; {scaling}", kinds.join(", ")))
}

/// What features make of images of different depths.
const OF_FEATURES: &str = "histograms cover each object's own range, and features of intensity are \
                           on the scale of the files, so that the depth shows: convert all images \
                           to one depth";

/// How many images lack a pixel size, where others have one.
fn mixed_units(dataset: &Dataset, scanned: &[Option<Scanned>]) -> Option<String> {
    let read =
        || dataset.samples.iter().zip(scanned).filter_map(|(s, seen)| Some((s, seen.as_ref()?)));
    let without: Vec<_> = read().filter(|(_, seen)| !seen.has_pixel_size).collect();
    let total = read().count();
    let (first, _) = without.first().filter(|_| without.len() < total)?;
    Some(format!(
        "{} of {total} images do not tell the size of a pixel, such as {}: lengths of all are \
         measured in pixels; give all a pixel size (OME or ImageJ TIFF) to have nanometers",
        without.len(),
        first.id
    ))
}

/// What the scaling makes of images of different depths.
fn scaling(normalization: Normalization) -> &'static str {
    match normalization {
        Normalization::ImageZScore => {
            "each image is scaled by its own mean and deviation, whatever its depth"
        }
        Normalization::PercentileClip { .. } => {
            "each image is scaled by its own percentiles, whatever its depth"
        }
        Normalization::UnitRange => {
            "8-bit values are divided by 255, 16-bit values by 65535, floating-point images are \
             scaled by their own range: images of 12 bits in 16 stay dark"
        }
        Normalization::Subtract { .. } => {
            "one value is subtracted on the scale of the files, so that the depth shows"
        }
        Normalization::DatasetZScore | Normalization::Whitening => {
            "all are scaled by one mean and deviation on the scale of the files, so that the depth \
             shows; set normalization = \"image_z_score\" or \"unit_range\" under [train.input]"
        }
    }
}

/// What the costs mean for the loss, with the classes by name: their order could be mistaken.
pub(crate) fn of_costs(dataset: &Dataset, config: &TrainConfig) -> Option<String> {
    let weights = config.costs.as_ref()?.class_weights();
    let what = match (config.model.is_classical(), &config.head) {
        (true, _) => "the fit",
        (false, None) => "the loss",
        (false, Some(_)) => "the loss and the fit of the last layer",
    };
    let of_class = |(name, weight): (&String, f64)| format!("{name} {weight:.2}");
    let weights: Vec<String> = dataset.classes.iter().zip(weights).map(of_class).collect();
    Some(format!("by their costs the classes weigh in {what}: {}", weights.join(", ")))
}
