//! The run: epochs, validation, checkpoints, and the best weights at the end.

use std::path::Path;
use std::time::Instant;

use candle::Tensor;
use micrograph_model::bundle::sha256_hex;
use micrograph_model::{Classifier, bundle};
use micrograph_nn::{Network, Optimizer};
use micrograph_ops::CrossEntropyConfig;
use serde::{Deserialize, Serialize};

use crate::checkpoint::{self, Running, State};
use crate::epoch::Step;
use crate::keep::Keep;
use crate::manifest::manifest;
use crate::origin::OfRun;
use crate::ready::Ready;
use crate::{
    EpochRecord, Error, Event, History, Prepared, Result, RunFolder, Surroundings, TrainConfig,
    classical,
};

/// Whether a run begins or goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// From seeded weights.
    New,
    /// From the last checkpoint of the folder; from the beginning when there is none yet.
    Resume,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ended {
    /// The number of epochs was reached.
    Epochs,
    /// The best epoch lay `patience` epochs back.
    Patience,
    /// The time was used up.
    MaxMinutes,
    /// A classical model knows no epochs: it was fitted.
    Fitted,
}

/// A finished run.
#[derive(Debug)]
pub struct Fitted {
    /// The classifier with the weights of the best epoch.
    pub classifier: Classifier,
    /// Epoch by epoch.
    pub history: History,
    /// Why it ended.
    pub ended: Ended,
    /// Wall-clock seconds, over all processes of the run.
    pub seconds: f64,
}

/// Trains the network, or fits the classical model, of `prepared`; of a network with a head, first the
/// one, then the other.
///
/// With a folder, the bundle stands there at the end. Of a network the state is saved after each epoch
/// and every so often within; the fit of a classical model is one step, which begins again.
///
/// # Errors
/// [`Error::Stopped`] after a stop from outside, with the state saved; [`Error::Diverged`];
/// [`Error::DataChanged`] when a resumed run finds other data; errors of reading and writing.
pub fn fit(
    prepared: &Prepared,
    config: &TrainConfig,
    folder: Option<(&RunFolder, Start)>,
    around: &Surroundings<'_>,
) -> Result<Fitted> {
    if config.model.is_classical() {
        return classical::fit(prepared, config, folder, around);
    }
    let Ready { network, optimizer, loss } = Ready::new(prepared, config, &around.device)?;
    let mut run = Run {
        prepared,
        config,
        around,
        keep: folder.map(|(folder, _)| Keep::new(folder, around.checkpoint_every)).transpose()?,
        loss,
        network,
        optimizer,
        state: State::new(OfRun::new(prepared, config, &around.device)),
        best: Vec::new(),
    };
    if let Some((folder, start)) = folder {
        run.begin(folder, start)?;
    }
    let ended = run.epochs()?;
    run.finish(ended)
}

struct Run<'a> {
    prepared: &'a Prepared,
    config: &'a TrainConfig,
    around: &'a Surroundings<'a>,
    keep: Option<Keep<'a>>,
    loss: CrossEntropyConfig,
    network: Box<dyn Network>,
    optimizer: Optimizer,
    state: State,
    /// Weights of the best epoch, where no folder keeps them.
    best: Vec<(String, Tensor)>,
}

impl Run<'_> {
    /// Goes on with what stands in the folder, or notes there with what the run begins.
    fn begin(&mut self, folder: &RunFolder, start: Start) -> Result<()> {
        let (origin, dataset) = (self.state.origin.clone(), &self.prepared.dataset);
        let noted = start == Start::Resume && origin.check(folder, dataset)?;
        let last = self.keep.as_ref().map(|keep| keep.last.clone()).filter(|last| last.is_file());
        if let (Start::Resume, Some(last)) = (start, last) {
            let state = self.load_later(&last)?;
            origin.compare(state.origin.clone(), &last, dataset)?;
            self.state = state;
        }
        if noted { Ok(()) } else { origin.write(folder) }
    }

    /// The state of the last step. A kill after a better epoch may have left that epoch's alone, and
    /// its weights are in place already: then the run goes on behind it.
    fn load_later(&mut self, last: &Path) -> Result<State> {
        let network = self.network.as_ref();
        let state = checkpoint::load(last, network, &mut self.optimizer)?;
        let best = self.keep.as_ref().map(|keep| &keep.best).filter(|best| best.is_file());
        let Some(best) = best else { return Ok(state) };
        match checkpoint::load(best, network, &mut self.optimizer) {
            Ok(later) if later.history.epochs.len() > state.history.epochs.len() => Ok(later),
            _ => checkpoint::load(last, network, &mut self.optimizer),
        }
    }

    fn ended(&self) -> Option<Ended> {
        let done = self.state.history.epochs.len();
        let minutes = self.state.seconds / 60.0;
        if self.state.step_in_epoch > 0 {
            None
        } else if self.config.epochs.is_some_and(|epochs| done >= epochs) {
            Some(Ended::Epochs)
        } else if self.state.history.is_stale(self.config.patience) {
            Some(Ended::Patience)
        } else if done > 0 && self.config.max_minutes.is_some_and(|limit| minutes >= limit) {
            Some(Ended::MaxMinutes)
        } else {
            None
        }
    }

    fn epochs(&mut self) -> Result<Ended> {
        loop {
            if let Some(ended) = self.ended() {
                return Ok(ended);
            }
            self.epoch()?;
        }
    }

    fn epoch(&mut self) -> Result<()> {
        let began = Instant::now();
        let Self { prepared, config, around, keep, network, optimizer, state, .. } = self;
        let network = network.as_ref();
        let epoch = state.history.epochs.len() + 1;
        let loss = self.loss.clone();
        let step = Step { prepared, config, network, loss, epoch, around };
        let before = state.seconds;
        step.train(state, optimizer, |state, optimizer| {
            state.seconds = before + began.elapsed().as_secs_f64();
            match keep.as_mut() {
                Some(keep) => keep.step(state, network, optimizer, around.stopping()),
                None if around.stopping() => Err(Error::Interrupted),
                None => Ok(()),
            }
        })?;
        let validating = Instant::now();
        let validation = step.validate().map_err(|error| match (error, &keep) {
            (Error::Interrupted, Some(keep)) => keep.stop(state, network, optimizer),
            (error, _) => error,
        })?;
        let Running { loss, right, samples, seconds } = state.running;
        let record = EpochRecord {
            epoch,
            train_loss: loss / samples as f64,
            train_accuracy: right as f64 / samples as f64,
            validation,
            learning_rate: step.rate(epoch - 1, 0, 1),
            seconds: seconds + validating.elapsed().as_secs_f64(),
        };
        around.tell(Event::Record(&record));
        self.state.seconds = before + began.elapsed().as_secs_f64();
        self.close_epoch(record)
    }

    fn close_epoch(&mut self, record: EpochRecord) -> Result<()> {
        let Self { keep, network, optimizer, state, best, .. } = self;
        let better = state.history.push(record, self.config.monitor);
        state.running = Running::default();
        state.step_in_epoch = 0;
        match keep {
            Some(keep) => keep.epoch(state, network.as_ref(), optimizer, better)?,
            None if better => *best = network.parameters().snapshot()?,
            None => {}
        }
        Ok(())
    }

    fn finish(mut self, ended: Ended) -> Result<Fitted> {
        let began = Instant::now();
        self.load_best()?;
        let Self { prepared, config, around, network, state, keep, .. } = self;
        let (history, folder) = (state.history, keep.map(|keep| keep.folder));
        let stopped = |error: Error| match folder {
            Some(folder) => error.stopped_in("the fit of the last layer", folder.path(), "train"),
            None => error,
        };
        let mut manifest = manifest(prepared, config, &history);
        let predictor = classical::fit_head(prepared, config, network, around).map_err(stopped)?;
        if config.head.is_some() {
            let measured = classical::validated(prepared, &predictor, around);
            manifest.metrics = measured.map_err(stopped)?;
        }
        match folder {
            Some(folder) => {
                folder.write_metrics(&history.epochs)?;
                manifest = bundle::save(folder.path(), &manifest, &predictor, &prepared.seen)?;
            }
            None => {
                manifest.weights_sha256 = sha256_hex(&predictor.to_bytes(&prepared.seen)?);
            }
        }
        let classifier = Classifier::new(manifest, predictor, around.device.clone());
        let seconds = state.seconds + began.elapsed().as_secs_f64();
        Ok(Fitted { classifier, history, ended, seconds })
    }

    /// Takes the weights of the best epoch again.
    fn load_best(&mut self) -> Result<()> {
        let Some(keep) = &self.keep else {
            let best = std::mem::take(&mut self.best);
            return Ok(self.network.parameters().load(&best.into_iter().collect())?);
        };
        let kept = checkpoint::load(&keep.best, self.network.as_ref(), &mut self.optimizer)?;
        let (found, expected) = (kept.history.epochs.len(), self.state.history.best_epoch());
        if Some(found) == expected {
            return Ok(());
        }
        let expected = expected.unwrap_or(0);
        let reason = format!("is of epoch {found}, but the best is {expected}");
        Err(checkpoint::damaged(&keep.best, &reason))
    }
}
