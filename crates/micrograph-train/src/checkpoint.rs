//! All of a run's state in one file, written atomically.
//!
//! The tensors of network and optimizer are safetensors entries `network/NAME` and
//! `optimizer/NAME`; everything else is JSON under the metadata key `state`.
//! There are no generator states: everything random is a function of (seed, epoch, step, sample).

use std::collections::HashMap;
use std::path::Path;

use candle::{Device, Tensor};
use micrograph_image::write_atomically;
use micrograph_model::bundle::tensors_from_bytes;
use micrograph_nn::{Network, Optimizer};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use crate::run_folder::io;
use crate::{Error, History, Result, TrainConfig};

const STATE: &str = "state";
const FORMAT: u32 = 1;

/// Where a run stands, apart from tensors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) format: u32,
    /// Finished epochs.
    pub(crate) history: History,
    /// Finished steps of the epoch that is under way.
    pub(crate) step_in_epoch: usize,
    /// Finished steps of the run.
    pub(crate) global_step: u64,
    /// Sums over the finished steps of the epoch.
    pub(crate) running: Running,
    /// Of training and validation samples.
    pub(crate) fingerprint: String,
    /// The settings that may not change, as JSON.
    pub(crate) settings: String,
    /// Wall-clock time of the run, over all its processes.
    pub(crate) seconds: f64,
}

/// Sums over the batches of an epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) loss: f64,
    pub(crate) right: usize,
    pub(crate) samples: usize,
    pub(crate) seconds: f64,
}

impl State {
    pub(crate) fn new(fingerprint: &str, config: &TrainConfig) -> Self {
        let fingerprint = fingerprint.to_owned();
        Self { format: FORMAT, fingerprint, settings: fixed_settings(config), ..Self::default() }
    }
}

/// All settings but those that only say when a run ends. The number of epochs says more than that
/// where the schedule is spread over it.
fn fixed_settings(config: &TrainConfig) -> String {
    let fixed = TrainConfig {
        epochs: None,
        schedule_epochs: config.horizon().filter(|_| config.schedule.needs_epochs()),
        max_minutes: None,
        patience: None,
        ..config.clone()
    };
    serde_json::to_string(&fixed).unwrap_or_default()
}

/// Writes the whole state to `path`.
pub(crate) fn save(
    path: &Path,
    state: &State,
    network: &dyn Network,
    optimizer: &Optimizer,
) -> Result<()> {
    refuse_infinite(network, state)?;
    let named = |prefix: &'static str, tensors: Vec<(String, Tensor)>| {
        tensors.into_iter().map(move |(name, tensor)| (format!("{prefix}/{name}"), tensor))
    };
    let tensors: Vec<(String, Tensor)> = named("network", network.parameters().to_tensors())
        .chain(named("optimizer", optimizer.state()))
        .collect();
    let text = serde_json::to_string(state)
        .map_err(|error| Error::Parse { path: path.into(), reason: error.to_string() })?;
    let metadata = HashMap::from([(STATE.to_owned(), text)]);
    let bytes = safetensors::serialize(tensors, Some(metadata)).map_err(candle::Error::from)?;
    Ok(write_atomically(path, |file| file.write_all(&bytes))?)
}

/// A state from which no run can go on must not replace one from which it can.
fn refuse_infinite(network: &dyn Network, state: &State) -> Result<()> {
    for (_, variable) in network.parameters().iter() {
        let sum = variable.as_tensor().abs()?.sum_all()?.to_scalar::<f32>()?;
        if !sum.is_finite() {
            return Err(Error::WeightsDiverged { epoch: state.history.epochs.len() + 1 });
        }
    }
    Ok(())
}

/// Reads the state of `path` into network and optimizer.
pub(crate) fn load(path: &Path, network: &dyn Network, optimizer: &mut Optimizer) -> Result<State> {
    let bytes = std::fs::read(path).map_err(|source| io(path, source))?;
    let damaged = |reason: &dyn std::fmt::Display| Error::Parse {
        path: path.to_path_buf(),
        reason: format!("damaged checkpoint ({reason}); start the run again with --overwrite"),
    };
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| damaged(&error))?;
    let text = header
        .metadata()
        .as_ref()
        .and_then(|metadata| metadata.get(STATE))
        .ok_or_else(|| damaged(&"no state"))?;
    let state: State = serde_json::from_str(text).map_err(|error| damaged(&error))?;
    if state.format != FORMAT {
        return Err(damaged(&format!("format {}, expected {FORMAT}", state.format)));
    }
    let mut parts: [HashMap<String, Tensor>; 2] = Default::default();
    for (name, tensor) in tensors_from_bytes(&bytes, path, &Device::Cpu)? {
        match name.split_once('/') {
            Some(("network", name)) => parts[0].insert(name.to_owned(), tensor),
            Some(("optimizer", name)) => parts[1].insert(name.to_owned(), tensor),
            _ => return Err(damaged(&format!("unexpected tensor `{name}`"))),
        };
    }
    network.parameters().load(&parts[0]).map_err(|error| damaged(&error))?;
    optimizer.restore(&parts[1]).map_err(|error| damaged(&error))?;
    Ok(state)
}
