//! All of a run's state in one file, written atomically.
//!
//! The tensors are safetensors entries `network/NAME`, `optimizer/NAME` and, of weights that are
//! averaged, `average/NAME`; everything else is JSON under the metadata key `state`, and a SHA-256 over all
//! of it stands under `sha256`: a flipped bit must not go on unseen in the weights.
//! There are no generator states: everything random is a function of (seed, epoch, step, sample).

use std::collections::HashMap;
use std::path::Path;

use candle::safetensors::Load;
use candle::{Device, Tensor};
use micrograph_image::{hex, write_atomically};
use micrograph_nn::{LossScale, Parameters};
use safetensors::tensor::TensorView;
use safetensors::{SafeTensors, View};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::origin::Origin;
use crate::run_folder::io;
use crate::stepper::Stepper;
use crate::{Error, History, Precision, Result};

const STATE: &str = "state";
const SHA256: &str = "sha256";
const NETWORK: &str = "network";
/// The checkpoint of the last step, and that of the best epoch.
pub(crate) const LAST: &str = "last.safetensors";
pub(crate) const BEST: &str = "best.safetensors";
const FORMAT: u32 = 3;

/// Where a run of the settings `S` stands, apart from tensors; `V` is measured after each epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State<S, V> {
    pub(crate) format: u32,
    /// Finished epochs.
    pub(crate) history: History<V>,
    /// Finished steps of the epoch that is under way.
    pub(crate) step_in_epoch: usize,
    /// Finished steps of the run.
    pub(crate) global_step: u64,
    /// Sums over the finished steps of the epoch.
    pub(crate) running: Running,
    /// What the loss of the next step is multiplied by.
    pub(crate) loss_scale: LossScale,
    /// Of which run it is.
    pub(crate) origin: Origin<S>,
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

impl<S, V> State<S, V> {
    pub(crate) fn new(origin: Origin<S>, precision: Precision) -> Self {
        Self {
            format: FORMAT,
            history: History::default(),
            step_in_epoch: 0,
            global_step: 0,
            running: Running::default(),
            loss_scale: precision.loss_scale(),
            origin,
            seconds: 0.0,
        }
    }
}

/// Writes the whole state to `path`.
pub(crate) fn save<S: Serialize, V: Serialize>(
    path: &Path,
    state: &State<S, V>,
    parameters: &Parameters,
    stepper: &Stepper,
) -> Result<()> {
    refuse_infinite(parameters, state.history.epochs.len() + 1)?;
    let text = serde_json::to_string(state)
        .map_err(|error| Error::Parse { path: path.into(), reason: error.to_string() })?;
    write(path, text, parameters, stepper)
}

fn write(path: &Path, text: String, parameters: &Parameters, stepper: &Stepper) -> Result<()> {
    let named = |prefix: &'static str, tensors: Vec<(String, Tensor)>| {
        tensors.into_iter().map(move |(name, tensor)| (format!("{prefix}/{name}"), tensor))
    };
    let parts = std::iter::once((NETWORK, parameters.to_tensors())).chain(stepper.state());
    let tensors: Vec<(String, Tensor)> =
        parts.flat_map(|(prefix, tensors)| named(prefix, tensors)).collect();
    let sha256 = digest(&text, tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)));
    let metadata = HashMap::from([(STATE.to_owned(), text), (SHA256.to_owned(), sha256)]);
    let bytes = safetensors::serialize(tensors, Some(metadata)).map_err(candle::Error::from)?;
    Ok(write_atomically(path, |file| file.write_all(&bytes))?)
}

/// A state from which no run can go on must not replace one from which it can.
fn refuse_infinite(parameters: &Parameters, epoch: usize) -> Result<()> {
    for (_, variable) in parameters.iter().chain(parameters.buffers()) {
        let sum = variable.as_tensor().abs()?.sum_all()?.to_scalar::<f32>()?;
        if !sum.is_finite() {
            return Err(Error::WeightsDiverged { epoch });
        }
    }
    Ok(())
}

/// SHA-256 over the state and the tensors, by name.
fn digest<'a, V: View>(state: &str, tensors: impl Iterator<Item = (&'a str, V)>) -> String {
    let mut hash = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    field(state.as_bytes());
    let mut tensors: Vec<(&str, V)> = tensors.collect();
    tensors.sort_by_key(|(name, _)| *name);
    for (name, tensor) in tensors {
        field(name.as_bytes());
        field(format!("{:?} {:?}", tensor.dtype(), tensor.shape()).as_bytes());
        field(&tensor.data());
    }
    hex(&hash.finalize())
}

/// Reads the tensors of `path` into parameters and stepper, and gives its state.
pub(crate) fn load<S: DeserializeOwned, V: DeserializeOwned>(
    path: &Path,
    parameters: &Parameters,
    stepper: &mut Stepper,
) -> Result<State<S, V>> {
    let bytes = std::fs::read(path).map_err(|source| io(path, source))?;
    let (state, tensors) = parse(&bytes).map_err(|reason| damaged(path, &reason))?;
    let state: State<S, V> = serde_json::from_str(&state).map_err(|e| damaged(path, &e))?;
    if state.format != FORMAT {
        let reason = format!("format {}, expected {FORMAT}", state.format);
        return Err(damaged(path, &reason));
    }
    let mut parts: HashMap<String, HashMap<String, Tensor>> = HashMap::new();
    for (name, tensor) in tensors {
        let tensor = tensor.load(&Device::Cpu)?;
        let (part, name) = name.split_once('/').unwrap_or_default();
        parts.entry(part.to_owned()).or_default().insert(name.to_owned(), tensor);
    }
    let network = parts.remove(NETWORK).unwrap_or_default();
    parameters.load(&network).map_err(|error| damaged(path, &error))?;
    stepper.restore(parts, parameters).map_err(|error| damaged(path, &error))?;
    Ok(state)
}

type Tensors<'a> = Vec<(String, TensorView<'a>)>;

/// The tensors of a whole file and the text of its state, or what is wrong with it.
fn parse(bytes: &[u8]) -> Result<(String, Tensors<'_>), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| text(&error))?;
    let mut metadata = header.metadata().clone().ok_or("no state")?;
    let state = metadata.remove(STATE).ok_or("no state")?;
    let expected = metadata.remove(SHA256).ok_or("no checksum")?;
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| text(&error))?.tensors();
    let found = digest(&state, tensors.iter().map(|(name, view)| (name.as_str(), view)));
    if found != expected {
        return Err(format!("its content has the SHA-256 {found}, expected {expected}"));
    }
    Ok((state, tensors))
}

pub(crate) fn damaged(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    let folder = path.parent().unwrap_or(path);
    let best = folder.join(BEST);
    let from_best = if best != path && best.is_file() {
        format!("copy {} over it to go on from the best epoch, or ", best.display())
    } else {
        String::new()
    };
    let reason = format!(
        "damaged checkpoint ({reason}); {from_best}remove the folder {} to begin again, with the \
         same result",
        folder.display()
    );
    Error::Parse { path: path.to_path_buf(), reason }
}

#[cfg(test)]
mod tests {
    use candle::DType;
    use micrograph_nn::{
        AdamConfig, Architecture, InputSize, LipNetConfig, Mode, Optimizer, OptimizerConfig,
        OptimizerStep, Penalty, SegNetConfig, SegmentationNetwork, SegmenterConfig, build,
    };

    use super::*;
    use crate::{TrainConfig, ValidationRecord};

    type OfRun = State<TrainConfig, ValidationRecord>;

    /// The running statistics of batch normalization go with the weights, though no optimizer, with
    /// whatever penalty or clipping, knows them.
    #[test]
    fn buffers_are_saved_and_no_step_changes_them() {
        let build = |seed| -> Box<dyn SegmentationNetwork> {
            let config = SegmenterConfig::new(SegNetConfig { maps: 1 }.into(), 1, 2);
            config.build(seed, DType::F32, &Device::Cpu).unwrap()
        };
        let buffers = |parameters: &Parameters| -> Vec<(String, Vec<f32>)> {
            let numbers = |tensor: &Tensor| tensor.to_vec1::<f32>().unwrap();
            parameters.buffers().map(|(name, v)| (name.to_owned(), numbers(v))).collect()
        };
        let config = OptimizerConfig::Adam(AdamConfig {
            penalty: Penalty { l1: 0.1, l2: 0.1, ..Penalty::default() },
            ..AdamConfig::default()
        });
        let network = build(1);
        let parameters = network.parameters();
        let mut optimizer = Optimizer::new(config.clone(), parameters).unwrap();
        let first = buffers(parameters);
        assert_eq!(first.len(), 2 * (2 * 13 - 1)); // all convolutions but the last
        let pixels = Tensor::arange(0f32, 2048.0, &Device::Cpu).unwrap().sin().unwrap();
        let pixels = pixels.reshape((2, 1, 32, 32)).unwrap();
        let mode = Mode::Train { seed: 1, epoch: 0, step: 0 };
        let loss = network.forward(&pixels, mode).unwrap().sqr().unwrap().sum_all().unwrap();
        let seen = buffers(parameters);
        assert!(first.iter().zip(&seen).all(|(first, seen)| first != seen));
        let step = OptimizerStep { rate: 0.1, clip_norm: Some(1e-3) };
        optimizer.step(parameters, &loss.backward().unwrap(), step).unwrap();
        assert_eq!(buffers(parameters), seen);
        assert!(optimizer.state().iter().all(|(name, _)| !name.contains("running")));
        let stepper = Stepper::new(optimizer, None, parameters).unwrap();

        let folder = micrograph_testkit::temporary_folder();
        let path = folder.path().join(LAST);
        let state = OfRun::new(Origin::default(), Precision::default());
        save(&path, &state, parameters, &stepper).unwrap();
        let other = build(2);
        let optimizer = Optimizer::new(config, other.parameters()).unwrap();
        let mut restored = Stepper::new(optimizer, None, other.parameters()).unwrap();
        let _: OfRun = load(&path, other.parameters(), &mut restored).unwrap();
        assert_eq!(buffers(other.parameters()), seen);
        let evaluate = |network: &dyn SegmentationNetwork| {
            let logits = network.forward(&pixels, Mode::Evaluate).unwrap();
            logits.flatten_all().unwrap().to_vec1::<f32>().unwrap()
        };
        assert_eq!(evaluate(other.as_ref()), evaluate(network.as_ref()));

        // No run could go on from statistics that are not finite.
        let (_, buffer) = parameters.buffers().next().unwrap();
        buffer.set(&Tensor::full(f32::NAN, buffer.shape(), &Device::Cpu).unwrap()).unwrap();
        let refused = save(&path, &state, parameters, &stepper).unwrap_err();
        assert!(matches!(refused, Error::WeightsDiverged { epoch: 1 }));
    }

    /// Every byte of the header and a part of the others, one flipped bit at a time.
    #[test]
    fn a_flipped_bit_is_noticed_wherever_it_is() {
        let folder = micrograph_testkit::temporary_folder();
        let path = folder.path().join(LAST);
        let small = LipNetConfig {
            maps: 2,
            dense: 2,
            input_size: InputSize::square(8),
            ..LipNetConfig::new(Architecture::LipNet1, 1, 2)
        };
        let network = build(&small, 1, DType::F32, &Device::Cpu).unwrap();
        let optimizer = Optimizer::new(OptimizerConfig::default(), network.parameters()).unwrap();
        let mut stepper = Stepper::new(optimizer, Some(0.9), network.parameters()).unwrap();
        let state = OfRun::new(Origin::default(), Precision::default());
        let parameters = network.parameters();
        save(&path, &state, parameters, &stepper).unwrap();
        let read: OfRun = load(&path, parameters, &mut stepper).unwrap();
        assert_eq!(read, state);

        let whole = std::fs::read(&path).unwrap();
        let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
        for at in (0..header).chain((header..whole.len()).step_by(5)) {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(parse(&flipped).is_err(), "byte {at} of {}", whole.len());
        }
    }
}
