//! What a classical model sees of samples in the files, as rows of a matrix, measured once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use micrograph_image::{Labelled, Normalizer, Preprocessing};
use micrograph_model::{ClassicalInput, ModelConfig};
use ndarray::Array2;

use crate::loader::{guarded, in_order};
use crate::{Error, Event, Prepared, Result, Surroundings};

/// Samples that a thread measures before it hands them over.
const PIECE: usize = 4;
/// Numbers in a matrix at most: 8 GiB.
const MOST_NUMBERS: usize = 1 << 30;

/// The rows that were measured so far, for models and folds to come: what a sample's row is depends
/// on the input and the preprocessing alone.
#[derive(Debug, Default)]
pub(crate) struct Measured(Mutex<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    input: ClassicalInput,
    preprocessing: Preprocessing,
    rows: HashMap<usize, Vec<f64>>,
}

impl Measured {
    /// Forgets all rows: whoever comes next measures them anew.
    pub(crate) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Prepared {
    /// What the model sees of `samples`, a sample a row; of a network the features that it takes
    /// beside pixels, of one without any nothing. Samples that were measured before are not read
    /// again.
    pub(crate) fn rows(&self, samples: &[usize], around: &Surroundings<'_>) -> Result<Array2<f64>> {
        let Some(input) = self.classical_input() else { return Ok(Array2::default((0, 0))) };
        let mut kept = self.measured.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut preprocessing = self.preprocessing.clone();
        if self.model.features().is_some() {
            // Features are of the values in the file: what was fitted to a fold has no part in them.
            preprocessing.normalizer = Normalizer::UnitRange;
        }
        let of_these = |kept: &Kept| kept.input == input && kept.preprocessing == preprocessing;
        let kept = match kept.take().filter(of_these) {
            Some(those) => kept.insert(those),
            None => kept.insert(Kept { input, preprocessing, rows: HashMap::new() }),
        };
        let new: Vec<usize> =
            samples.iter().copied().filter(|sample| !kept.rows.contains_key(sample)).collect();
        self.measure(&new, &mut kept.rows, around)?;
        let width = samples.first().and_then(|first| kept.rows.get(first)).map_or(0, Vec::len);
        let mut matrix = Array2::zeros((samples.len(), width));
        for (sample, mut row) in samples.iter().zip(matrix.rows_mut()) {
            if let Some(values) = kept.rows.get(sample) {
                row.iter_mut().zip(values).for_each(|(place, value)| *place = *value);
            }
        }
        Ok(matrix)
    }

    /// What is measured of a sample for a classical model; `None` of a network.
    fn classical_input(&self) -> Option<ClassicalInput> {
        match &self.model {
            ModelConfig::Classical(classical) => Some(classical.input.clone()),
            // Of one that ends in a classical model, the features beside the network's.
            model => model.features().cloned().map(ClassicalInput::Features),
        }
    }

    /// Measures `samples`, a few a thread at a time.
    fn measure(
        &self,
        samples: &[usize],
        rows: &mut HashMap<usize, Vec<f64>>,
        around: &Surroundings<'_>,
    ) -> Result<()> {
        if samples.is_empty() {
            return Ok(());
        }
        let task = if self.model.features().is_some() { "measuring" } else { "reading pixels" };
        around.tell(Event::Began { task, total: samples.len() });
        let work = |piece: &[usize]| -> Vec<(usize, Result<Vec<f64>>)> {
            piece.iter().map(|&sample| (sample, self.row(sample))).collect()
        };
        let mut numbers = 0;
        in_order(samples, PIECE, around.threads, work, |piece| {
            for (sample, row) in piece {
                if around.stopping() {
                    return Err(Error::Interrupted);
                }
                let row = row?;
                numbers += row.len();
                if numbers > MOST_NUMBERS {
                    return Err(self.too_large(row.len()));
                }
                rows.insert(sample, row);
                around.tell(Event::Advanced);
            }
            Ok(())
        })?;
        around.tell(Event::Ended);
        Ok(())
    }

    fn row(&self, sample: usize) -> Result<Vec<f64>> {
        guarded(&self.dataset, sample, || {
            let Labelled { image, mask } = self.dataset.read(sample)?;
            let mask = mask.as_ref().map(|mask| mask.view());
            let prepared = match self.model.features() {
                Some(features) => features.measure(&self.preprocessing, &image, mask),
                None => self.model.prepare(&self.preprocessing, &image, mask),
            };
            let in_sample = |source| {
                let sample = self.dataset.samples[sample].id.clone();
                Error::Sample { sample, source: Box::new(source) }
            };
            let row = prepared.map_err(in_sample)?.input.into_row();
            match row.iter().position(|value| !value.is_finite()) {
                None => Ok(row),
                Some(place) => Err(Error::NotFinite {
                    sample: self.dataset.samples[sample].id.clone(),
                    column: self.column(place),
                    value: row[place],
                }),
            }
        })
    }

    /// The name of a column.
    pub(crate) fn column(&self, place: usize) -> String {
        if let Some(name) = self.model.features().and_then(|f| f.columns.get(place)) {
            return name.clone();
        }
        let [height, width] = self.preprocessing.size.map(|side| side.max(1));
        let (channel, y, x) = (place / (height * width), place / width % height, place % width);
        format!("channel {channel}, row {y}, column {x}")
    }

    fn too_large(&self, width: usize) -> Error {
        let problem = format!(
            "its samples have {width} numbers each, more than {MOST_NUMBERS} in all: lower \
             --input-size, or take features"
        );
        Error::Data { path: self.dataset.source.clone(), problem }
    }
}
