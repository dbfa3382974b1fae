//! What a cross-validation has done so far, on disk.
//!
//! ```text
//! RUN/folds/origin.json                of which data and settings, and how many folds
//! RUN/folds/early-stopping/            the run that picks the number of epochs
//! RUN/folds/measuring/                 how long it took to measure the features of all samples
//! RUN/folds/fold-1/                    model, metrics.jsonl and checkpoint/ as in a training run
//! RUN/folds/fold-1/result.json         once the phase is done; its checkpoint/ then goes
//! ```

use std::path::Path;

use candle::Device;
use micrograph_classic::Tuned;
use micrograph_model::bundle::sha256_hex;
use ndarray::Array2;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::FoldPlan;
use crate::evaluate::group_numbers;
use crate::origin::OfFolds;
use crate::run_folder::io;
use crate::{
    Error, Event, Fitted, History, Predictions, Readable, Result, RunFolder, Start, Surroundings,
    TrainConfig,
};

const RESULT: &str = "result.json";

/// The run that picks the number of epochs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EpochsResult {
    pub(super) epochs: usize,
    /// Wall-clock time, over all processes.
    pub(super) seconds: f64,
    pub(super) history: History,
}

/// A fold: what its network says of its test samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FoldResult {
    /// Wall-clock time of training, over all processes.
    pub(super) seconds: f64,
    /// Of predicting its test samples.
    pub(super) predict_seconds: f64,
    /// The most memory that the process held, where the system tells.
    pub(super) peak_bytes: Option<u64>,
    /// Epoch by epoch.
    pub(super) history: History,
    /// The search for the settings of a classical model, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tuned: Option<Tuned>,
    /// Indices into the data set.
    samples: Vec<usize>,
    /// One row a sample, one column a class.
    probabilities: Vec<Vec<f64>>,
}

impl FoldResult {
    pub(super) fn new(
        fitted: Fitted,
        (predictions, predict_seconds): (&Predictions, f64),
        peak_bytes: Option<u64>,
    ) -> Self {
        let rows = predictions.probabilities.rows();
        let probabilities = rows.into_iter().map(|row| row.to_vec()).collect();
        let Fitted { seconds, history, tuned, .. } = fitted;
        let samples = predictions.samples.clone();
        Self { seconds, predict_seconds, peak_bytes, history, tuned, samples, probabilities }
    }

    /// As they were predicted for `test`.
    pub(super) fn predictions(self, readable: &Readable, test: &[usize]) -> Result<Predictions> {
        let dataset = readable.dataset();
        let shape = (test.len(), dataset.classes.len());
        let values: Vec<f64> = self.probabilities.into_iter().flatten().collect();
        let probabilities = Array2::from_shape_vec(shape, values);
        let (true, Ok(probabilities)) = (self.samples == test, probabilities) else {
            let problem = "a fold was made by another version; remove the folder folds of the run to \
                           do all of them again";
            return Err(Error::Data { path: dataset.source.clone(), problem: problem.into() });
        };
        Ok(Predictions {
            classes: dataset.classes.clone(),
            ids: test.iter().map(|&index| dataset.samples[index].id.clone()).collect(),
            truth: readable.labels_of(test),
            probabilities,
            groups: group_numbers(dataset, test),
            objects: Vec::new(),
            notices: Vec::new(),
            samples: self.samples,
        })
    }
}

/// The folder of the phases; without one nothing is kept.
#[derive(Debug)]
pub(super) struct Ledger<'a> {
    run: Option<&'a Path>,
    folds: Option<RunFolder>,
}

impl<'a> Ledger<'a> {
    /// Begins a ledger, or goes on with one of the same data and settings.
    pub(super) fn open(
        folder: Option<(&'a RunFolder, Start)>,
        readable: &Readable,
        config: &TrainConfig,
        (plan, device): (FoldPlan, &Device),
    ) -> Result<Self> {
        let Some((run, start)) = folder else { return Ok(Self { run: None, folds: None }) };
        let folds = run.folds(start)?;
        let origin = OfFolds::new(readable, (config, plan), device);
        origin.begin(&folds, &readable.dataset().source)?;
        Ok(Self { run: Some(run.path()), folds: Some(folds) })
    }

    /// The result of a phase: as it was recorded, else as `work` makes it, which is then recorded.
    ///
    /// `work` is given the folder in which it keeps its state.
    pub(super) fn phase<T: Serialize + DeserializeOwned>(
        &self,
        folder: &str,
        name: &str,
        around: &Surroundings<'_>,
        work: impl FnOnce(Option<(&RunFolder, Start)>) -> Result<T>,
    ) -> Result<T> {
        let (Some(run), Some(folds)) = (self.run, &self.folds) else {
            around.tell(Event::Phase(name));
            return work(None);
        };
        let part = folds.part(folder)?;
        let result = match recorded(&part.path().join(RESULT))? {
            Some(result) => {
                around.tell(Event::Phase(&format!("{name}: done before")));
                result
            }
            None => {
                around.tell(Event::Phase(name));
                let result = work(Some((&part, Start::Resume))).map_err(|error| {
                    // The fold's own folder is not one that can be resumed.
                    let error = if error.is_stop() { Error::Interrupted } else { error };
                    error.stopped_in(name, run, "crossval")
                })?;
                let sha256 = digest(&result);
                part.write_json(RESULT, &Record { sha256, result: &result })?;
                result
            }
        };
        part.remove_checkpoints()?;
        Ok(result)
    }

    /// Refuses a fold that trained for another number of epochs than was picked: with a limit in
    /// minutes, early stopping that is done again may pick another.
    pub(super) fn refuse_other_epochs(
        &self,
        fold: usize,
        result: &FoldResult,
        epochs: usize,
    ) -> Result<()> {
        let (found, Some(run)) = (result.history.epochs.len(), self.run) else { return Ok(()) };
        if found == epochs {
            return Ok(());
        }
        let folder = run.join("folds").join(format!("fold-{fold}"));
        let problem = format!(
            "was trained for {found} epochs, but early stopping has picked {epochs}; remove this \
             folder to do this part of the work again"
        );
        Err(Error::Data { path: folder, problem })
    }
}

/// A result and the SHA-256 of its JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record<T> {
    sha256: String,
    result: T,
}

fn recorded<T: Serialize + DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    if !path.is_file() {
        return Ok(None);
    }
    let text = std::fs::read(path).map_err(|source| io(path, source))?;
    let record: Record<T> = serde_json::from_slice(&text).map_err(|error| damaged(path, &error))?;
    if digest(&record.result) != record.sha256 {
        return Err(damaged(path, &"its checksum is another"));
    }
    Ok(Some(record.result))
}

fn digest(result: &impl Serialize) -> String {
    sha256_hex(&serde_json::to_vec(result).unwrap_or_default())
}

fn damaged(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    let folder = path.parent().unwrap_or(path).display();
    let reason =
        format!("is damaged ({reason}); remove {folder} to do this part of the work again");
    Error::Parse { path: path.to_path_buf(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A digit in the file is not what was written.
    #[test]
    fn a_damaged_result_is_told_with_its_repair() {
        let folder = micrograph_testkit::temporary_folder();
        let path = folder.path().join(RESULT);
        let result = FoldResult {
            seconds: 0.1 + 0.2,
            predict_seconds: 0.7,
            peak_bytes: Some(1 << 40),
            history: History::default(),
            tuned: None,
            samples: vec![3],
            probabilities: vec![vec![1.0 / 3.0, 2.0 / 3.0]],
        };
        let record = Record { sha256: digest(&result), result: &result };
        crate::write_json(&path, &record).unwrap();
        assert_eq!(recorded::<FoldResult>(&path).unwrap(), Some(result));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("0.333", "0.433")).unwrap();
        let message = recorded::<FoldResult>(&path).unwrap_err().to_string();
        assert!(message.contains("checksum") && message.contains("remove"), "{message}");
    }
}
