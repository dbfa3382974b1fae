//! The run: epochs, validation, checkpoints, and the best weights at the end; of whatever task.

use std::path::Path;
use std::time::Instant;

use candle::Tensor;
use micrograph_nn::{Mode, Optimizer, OptimizerStep};
use serde::{Deserialize, Serialize};

use crate::checkpoint::{self, Running, State};
use crate::keep::Keep;
use crate::loader::in_order;
use crate::origin::Origin;
use crate::plan::Appearance;
use crate::stepper::Stepper;
use crate::task::{Pace, StepLoss, Task};
use crate::{EpochRecord, Error, Event, History, Result, RunFolder, Surroundings};

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

/// Of which data and settings a run is, and where it stands.
pub(crate) type Origins<T> = Origin<<T as Task>::Settings>;
type StateOf<T> = State<<T as Task>::Settings, <T as Task>::Measured>;

/// A run of a task.
pub(crate) struct Run<'a, T: Task> {
    task: T,
    around: &'a Surroundings<'a>,
    keep: Option<Keep<'a>>,
    stepper: Stepper,
    state: StateOf<T>,
    /// Weights of the best epoch, where no folder keeps them.
    best: Vec<(String, Tensor)>,
}

/// A run whose epochs are over; the task has the weights of the best one.
pub(crate) struct Trained<T: Task> {
    pub(crate) task: T,
    pub(crate) history: History<T::Measured>,
    pub(crate) ended: Ended,
    /// Wall-clock seconds of the epochs, over all processes of the run.
    pub(crate) seconds: f64,
    /// Since when the clock runs on.
    pub(crate) finishing: Instant,
}

/// Begins or goes on, and trains until the run ends.
///
/// With a folder, the state is saved there after each epoch and every so often within.
pub(crate) fn train<'a, T: Task>(
    task: T,
    (optimizer, origin): (Optimizer, Origins<T>),
    (source, folder): (&Path, Option<(&'a RunFolder, Start)>),
    around: &'a Surroundings<'a>,
) -> Result<Trained<T>> {
    let keep = folder.map(|(folder, _)| Keep::new(folder, around.checkpoint_every)).transpose()?;
    let Pace { precision, weight_average, .. } = task.pace();
    let state = State::new(origin, precision);
    let stepper = Stepper::new(optimizer, weight_average, task.parameters())?;
    let mut run = Run { task, around, keep, stepper, state, best: Vec::new() };
    if let Some((folder, start)) = folder {
        run.begin(folder, start, source)?;
    }
    let ended = run.epochs()?;
    let finishing = Instant::now();
    run.load_best()?;
    let Run { task, state, .. } = run;
    let State { history, seconds, .. } = state;
    Ok(Trained { task, history, ended, seconds, finishing })
}

impl<T: Task> Run<'_, T> {
    /// Goes on with what stands in the folder, or notes there with what the run begins.
    fn begin(&mut self, folder: &RunFolder, start: Start, source: &Path) -> Result<()> {
        let origin = self.state.origin.clone();
        let noted = start == Start::Resume && origin.check(folder, source)?;
        let last = self.keep.as_ref().map(|keep| keep.last.clone()).filter(|last| last.is_file());
        if let (Start::Resume, Some(last)) = (start, last) {
            let state = self.load_later(&last)?;
            origin.compare(state.origin.clone(), &last, source)?;
            self.state = state;
        }
        if noted { Ok(()) } else { origin.write(folder) }
    }

    /// The state of the last step. A kill after a better epoch may have left that epoch's alone, and
    /// its weights are in place already: then the run goes on behind it.
    fn load_later(&mut self, last: &Path) -> Result<StateOf<T>> {
        let parameters = self.task.parameters();
        let state: StateOf<T> = checkpoint::load(last, parameters, &mut self.stepper)?;
        let best = self.keep.as_ref().map(|keep| &keep.best).filter(|best| best.is_file());
        let Some(best) = best else { return Ok(state) };
        match checkpoint::load::<T::Settings, T::Measured>(best, parameters, &mut self.stepper) {
            Ok(later) if later.history.epochs.len() > state.history.epochs.len() => Ok(later),
            _ => checkpoint::load(last, parameters, &mut self.stepper),
        }
    }

    fn ended(&self) -> Option<Ended> {
        let pace = self.task.pace();
        let done = self.state.history.epochs.len();
        let minutes = self.state.seconds / 60.0;
        if self.state.step_in_epoch > 0 {
            None
        } else if pace.epochs.is_some_and(|epochs| done >= epochs) {
            Some(Ended::Epochs)
        } else if self.state.history.is_stale(pace.patience) {
            Some(Ended::Patience)
        } else if done > 0 && pace.max_minutes.is_some_and(|limit| minutes >= limit) {
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
        let before = self.state.seconds;
        self.steps((before, began))?;
        let validating = Instant::now();
        let epoch = self.state.history.epochs.len() + 1;
        let task = &self.task;
        let measured = self.stepper.kept(task.parameters(), || task.validate(epoch))?;
        let validation = measured.map_err(|error| match (error, &self.keep) {
            (Error::Interrupted, Some(keep)) => {
                keep.stop(&self.state, self.task.parameters(), &self.stepper)
            }
            (error, _) => error,
        })?;
        let Running { loss, right, samples, seconds } = self.state.running;
        let record = EpochRecord {
            epoch,
            train_loss: loss / samples.max(1) as f64,
            train_accuracy: right as f64 / samples.max(1) as f64,
            validation,
            learning_rate: self.task.pace().rate((epoch - 1) as f64),
            seconds: seconds + validating.elapsed().as_secs_f64(),
        };
        self.around.tell(T::event(&record));
        self.state.seconds = before + began.elapsed().as_secs_f64();
        self.close_epoch(record)
    }

    /// Trains the rest of the epoch that the state stands in; `clock` is what the run had taken
    /// before, and since when.
    fn steps(&mut self, clock: (f64, Instant)) -> Result<()> {
        let Self { task, around, keep, stepper, state, .. } = self;
        let (task, around): (&T, &Surroundings<'_>) = (task, around);
        let pace = task.pace();
        let epoch = state.history.epochs.len();
        let plan = task.plan(epoch as u64)?;
        let (steps, done) = (plan.len(), state.step_in_epoch);
        around.tell(Event::Epoch { epoch: epoch + 1, epochs: pace.epochs, steps, done });
        let mut began = Instant::now();
        // Pieces of one batch each.
        let work = |batches: &[Vec<Appearance>]| task.batch(&batches.concat(), epoch as u64);
        in_order(&plan[done.min(steps)..], 1, around.threads, work, |batch| {
            let batch = batch?;
            let position = epoch as f64 + state.step_in_epoch as f64 / steps.max(1) as f64;
            let step = OptimizerStep { rate: pace.rate(position), clip_norm: pace.clip_norm };
            // On a thread of the pool operations begin at once; another one would wake it for each.
            rayon::scope(|_| one_step(task, &batch, step, state, stepper))?;
            state.running.seconds += began.elapsed().as_secs_f64();
            began = Instant::now();
            let Running { loss, samples, .. } = state.running;
            around.tell(Event::Step { loss: loss / samples.max(1) as f64 });
            state.seconds = clock.0 + clock.1.elapsed().as_secs_f64();
            match keep.as_mut() {
                Some(keep) => keep.step(state, task.parameters(), stepper, around.stopping()),
                None if around.stopping() => Err(Error::Interrupted),
                None => Ok(()),
            }
        })
    }

    fn close_epoch(&mut self, record: EpochRecord<T::Measured>) -> Result<()> {
        let Self { task, keep, stepper, state, best, .. } = self;
        let better = state.history.push(record, |new, old| task.improves(new, old));
        state.running = Running::default();
        state.step_in_epoch = 0;
        match keep {
            Some(keep) => keep.epoch(state, task.parameters(), stepper, better)?,
            None if better => *best = stepper.snapshot(task.parameters())?,
            None => {}
        }
        Ok(())
    }

    /// Takes the weights of the best epoch again.
    fn load_best(&mut self) -> Result<()> {
        let Some(keep) = &self.keep else {
            let best = std::mem::take(&mut self.best);
            return Ok(self.task.parameters().load(&best.into_iter().collect())?);
        };
        let kept: StateOf<T> =
            checkpoint::load(&keep.best, self.task.parameters(), &mut self.stepper)?;
        let (found, expected) = (kept.history.epochs.len(), self.state.history.best_epoch());
        if Some(found) == expected {
            return self.stepper.put(self.task.parameters());
        }
        let expected = expected.unwrap_or(0);
        let reason = format!("is of epoch {found}, but the best is {expected}");
        Err(checkpoint::damaged(&keep.best, &reason))
    }
}

/// Forward, backward, and the optimizer; sums up what the epoch is told of.
fn one_step<T: Task>(
    task: &T,
    batch: &T::Batch,
    step: OptimizerStep,
    state: &mut StateOf<T>,
    stepper: &mut Stepper,
) -> Result<()> {
    let epoch = state.history.epochs.len();
    let (seed, number) = (task.pace().seed, state.global_step);
    let StepLoss { loss, right, samples } =
        task.loss(batch, Mode::Train { seed, epoch: epoch as u64, step: number })?;
    let value = f64::from(loss.to_scalar::<f32>()?);
    if !value.is_finite() {
        let number = state.step_in_epoch + 1;
        return Err(Error::Diverged { value, epoch: epoch + 1, step: number, rate: step.rate });
    }
    let mut gradients = state.loss_scale.scaled(&loss)?.backward()?;
    let numbered = (step, number + 1);
    stepper.step(task.parameters(), (&mut state.loss_scale, &mut gradients), numbered)?;
    state.running.loss += value * samples as f64;
    state.running.right += right;
    state.running.samples += samples;
    state.step_in_epoch += 1;
    state.global_step += 1;
    Ok(())
}
