//! When a run saves its state, and where.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use micrograph_nn::{Network, Optimizer};

use crate::checkpoint::{self, State};
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
    pub(crate) fn step(
        &mut self,
        state: &State,
        network: &dyn Network,
        optimizer: &Optimizer,
        stopping: bool,
    ) -> Result<()> {
        if stopping {
            return Err(self.stop(state, network, optimizer));
        }
        if self.saved.elapsed() >= self.every {
            checkpoint::save(&self.last, state, network, optimizer)?;
            self.saved = Instant::now();
        }
        Ok(())
    }

    /// Saves, and gives the error that says how to go on; or that by which saving failed.
    pub(crate) fn stop(
        &self,
        state: &State,
        network: &dyn Network,
        optimizer: &Optimizer,
    ) -> Error {
        match checkpoint::save(&self.last, state, network, optimizer) {
            Err(error) => error,
            Ok(()) => Error::Stopped {
                path: self.folder.path().to_path_buf(),
                epoch: state.history.epochs.len() + 1,
                step: state.step_in_epoch,
            },
        }
    }

    /// After an epoch, which may be the best so far.
    pub(crate) fn epoch(
        &mut self,
        state: &State,
        network: &dyn Network,
        optimizer: &Optimizer,
        better: bool,
    ) -> Result<()> {
        // The best first: a kill between the two leaves a last that repeats this epoch, and with
        // it the same best.
        if better {
            checkpoint::save(&self.best, state, network, optimizer)?;
        }
        checkpoint::save(&self.last, state, network, optimizer)?;
        self.saved = Instant::now();
        self.folder.write_metrics(&state.history.epochs)
    }
}
