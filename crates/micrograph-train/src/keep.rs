//! When a run saves its state, and where.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use micrograph_nn::Parameters;
use serde::Serialize;

use crate::checkpoint::{self, State};
use crate::stepper::Stepper;
use crate::{Error, Result, RunFolder};

/// The checkpoints of a run with a folder.
pub(crate) struct Keep<'a> {
    pub(crate) folder: &'a RunFolder,
    /// After the last step that was saved.
    pub(crate) last: PathBuf,
    /// After the best epoch.
    pub(crate) best: PathBuf,
    /// Time between checkpoints within an epoch.
    every: Duration,
    saved: Instant,
}

impl<'a> Keep<'a> {
    pub(crate) fn new(folder: &'a RunFolder, every: Duration) -> Result<Self> {
        let checkpoints = folder.checkpoints()?;
        let (last, best) = (checkpoints.join(checkpoint::LAST), checkpoints.join(checkpoint::BEST));
        Ok(Self { folder, last, best, every, saved: Instant::now() })
    }

    /// After a step: saves when it is time to, or to stop.
    pub(crate) fn step<S: Serialize, V: Serialize>(
        &mut self,
        state: &State<S, V>,
        parameters: &Parameters,
        stepper: &Stepper,
        stopping: bool,
    ) -> Result<()> {
        if stopping {
            return Err(self.stop(state, parameters, stepper));
        }
        if self.saved.elapsed() >= self.every {
            checkpoint::save(&self.last, state, parameters, stepper)?;
            self.saved = Instant::now();
        }
        Ok(())
    }

    /// Saves, and gives the error that says how to go on; or that by which saving failed.
    pub(crate) fn stop<S: Serialize, V: Serialize>(
        &self,
        state: &State<S, V>,
        parameters: &Parameters,
        stepper: &Stepper,
    ) -> Error {
        match checkpoint::save(&self.last, state, parameters, stepper) {
            Err(error) => error,
            Ok(()) => Error::Stopped {
                path: self.folder.path().to_path_buf(),
                epoch: state.history.epochs.len() + 1,
                step: state.step_in_epoch,
            },
        }
    }

    /// After an epoch, which may be the best so far.
    pub(crate) fn epoch<S: Serialize, V: Serialize>(
        &mut self,
        state: &State<S, V>,
        parameters: &Parameters,
        stepper: &Stepper,
        better: bool,
    ) -> Result<()> {
        // The best first: a kill between the two leaves a last that repeats this epoch, and with
        // it the same best.
        if better {
            checkpoint::save(&self.best, state, parameters, stepper)?;
        }
        checkpoint::save(&self.last, state, parameters, stepper)?;
        self.saved = Instant::now();
        self.folder.write_metrics(&state.history.epochs)
    }
}
