//! Handcrafted features of samples, for a table.

use micrograph_features::{FeatureSet, FeatureTable, IntensityRange};
use micrograph_image::{
    Channels, Dataset, Depth, InputMode, Labelled, Normalizer, PixelSize, Preprocessing,
    ResizeMode, convert_channels,
};
use micrograph_model::{FeatureInput, Lengths};
use ndarray::Array2;

use crate::classical::feature_input;
use crate::loader::{guarded, in_order};
use crate::{Error, Event, Result, Surroundings, Unreadable};

/// Samples that a thread looks at before it hands them over.
const PIECE: usize = 4;

/// The features of the samples that could be read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SampleFeatures {
    /// Index of each sample in its data set, in the order asked for.
    pub samples: Vec<usize>,
    /// A sample a row.
    pub table: FeatureTable,
}

/// Measures the set of features called `name` of samples, with or without labels.
///
/// Each file is read twice: first for its type, its channels and the size of its pixels, which have
/// to be those of all. Lengths are in nanometers where every file tells the size of a pixel, else in
/// pixels.
///
/// # Errors
/// An unknown name; samples of different channels; the first sample that cannot be read or measured,
/// unless `unreadable` is to be skipped; then such samples are told of.
pub fn measure_features(
    (dataset, indices): (&Dataset, &[usize]),
    (name, channels): (&str, Channels),
    unreadable: Unreadable,
    around: &Surroundings<'_>,
) -> Result<SampleFeatures> {
    FeatureSet::preset(name, IntensityRange::Object)?;
    let seen = each(dataset, indices, ("reading", unreadable), around, |sample| {
        let image = dataset.read(sample)?.image;
        let n_channels = convert_channels(image.pixels.view(), channels).dim().0;
        Ok((n_channels, (image.depth, image.pixel_size_nm.is_some())))
    })?;
    let n_channels = same_channels(dataset, &seen)?;
    let kinds: Vec<(Depth, bool)> = seen.iter().map(|&(_, (_, kind))| kind).collect();
    let input = feature_input(name, n_channels, &kinds)?;
    tell_of_units(&kinds, &input, around);
    let preprocessing = Preprocessing {
        input_mode: InputMode::Crop,
        surround_px: 0,
        channels,
        n_channels,
        resize: ResizeMode::Stretch,
        size: [1; 2],
        normalizer: Normalizer::UnitRange,
    };
    let readable: Vec<usize> = seen.iter().map(|&(sample, _)| sample).collect();
    let rows = each(dataset, &readable, ("measuring", unreadable), around, |sample| {
        let Labelled { image, mask } = dataset.read(sample)?;
        let mask = mask.as_ref().map(|mask| mask.view());
        let measured = input.measure(&preprocessing, &image, mask).map_err(|source| {
            Error::Sample { sample: dataset.samples[sample].id.clone(), source: Box::new(source) }
        })?;
        Ok(measured.input.into_row())
    })?;
    let size = PixelSize { y_nm: 1.0, x_nm: 1.0 };
    let size = Some(size).filter(|_| input.lengths == Lengths::Nanometers);
    let columns = input.set.columns(n_channels, size)?;
    let mut values = Array2::zeros((rows.len(), columns.len()));
    for ((_, row), mut place) in rows.iter().zip(values.rows_mut()) {
        place.iter_mut().zip(row).for_each(|(place, value)| *place = *value);
    }
    let samples = rows.into_iter().map(|(sample, _)| sample).collect();
    Ok(SampleFeatures { samples, table: FeatureTable { columns, values } })
}

/// What `work` makes of each sample, on worker threads and in order.
fn each<T: Send>(
    dataset: &Dataset,
    indices: &[usize],
    (task, unreadable): (&str, Unreadable),
    around: &Surroundings<'_>,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<(usize, T)>> {
    around.tell(Event::Began { task, total: indices.len() });
    let piece = |samples: &[usize]| -> Vec<(usize, Result<T>)> {
        let one = |&sample: &usize| (sample, guarded(dataset, sample, || work(sample)));
        samples.iter().map(one).collect()
    };
    let mut done = Vec::new();
    in_order(indices, PIECE, around.threads, piece, |results| {
        for (sample, result) in results {
            if around.stopping() {
                return Err(Error::Interrupted);
            }
            around.tell(Event::Advanced);
            match result {
                Err(error) if unreadable == Unreadable::Skip => {
                    around.tell(Event::Notice(&format!("left out: {error}")));
                }
                result => done.push((sample, result?)),
            }
        }
        Ok(())
    })?;
    around.tell(Event::Ended);
    if done.is_empty() {
        let problem = format!("none of {} images could be read", indices.len());
        return Err(Error::Data { path: dataset.source.clone(), problem });
    }
    Ok(done)
}

/// What each sample has: channels, and its type with whether it tells the size of a pixel.
type Kind = (usize, (Depth, bool));

fn same_channels(dataset: &Dataset, seen: &[(usize, Kind)]) -> Result<usize> {
    let Some(&(first, (expected, _))) = seen.first() else { return Ok(1) };
    let Some(&(other, (got, _))) = seen.iter().find(|(_, (channels, _))| *channels != expected)
    else {
        return Ok(expected);
    };
    let id = |sample: usize| &dataset.samples[sample].id;
    let problem = format!(
        "{} has {got} channels, {} has {expected}; use --channels gray or rgb",
        id(other),
        id(first)
    );
    Err(Error::Data { path: dataset.source.clone(), problem })
}

fn tell_of_units(kinds: &[(Depth, bool)], input: &FeatureInput, around: &Surroundings<'_>) {
    let sized = kinds.iter().filter(|kind| kind.1).count();
    if input.lengths == Lengths::Pixels && sized > 0 {
        around.tell(Event::Notice(&format!(
            "{} of {} images do not tell the size of a pixel: lengths of all are measured in pixels",
            kinds.len() - sized,
            kinds.len()
        )));
    }
    if kinds.iter().any(|kind| kind.0 != kinds[0].0) {
        around.tell(Event::Notice(
            "bit depths differ: histograms cover each object's own range, and features of intensity \
             are on the scale of the files",
        ));
    }
}
