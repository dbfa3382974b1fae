//! One pass over training samples, and one over validation samples.

use std::time::Instant;

use candle::{DType, Tensor};
use micrograph_metrics::{Scored, evaluate, predicted};
use micrograph_model::{batch, probabilities};
use micrograph_nn::{Mode, Network, Optimizer, OptimizerStep};
use micrograph_ops::{CrossEntropyConfig, softmax_cross_entropy};
use ndarray::{Array2, Axis, concatenate};

use crate::checkpoint::{Running, State};
use crate::loader::{Batch, Source, for_each_batch};
use crate::plan::{Appearance, epoch_order};
use crate::{Error, Event, Prepared, Result, Surroundings, TrainConfig, ValidationRecord};

/// What every step of a run uses.
pub(crate) struct Step<'a> {
    pub(crate) prepared: &'a Prepared,
    pub(crate) config: &'a TrainConfig,
    pub(crate) network: &'a dyn Network,
    pub(crate) loss: CrossEntropyConfig,
    /// Counted from 1.
    pub(crate) epoch: usize,
    pub(crate) around: &'a Surroundings<'a>,
}

impl Step<'_> {
    /// Trains the rest of the epoch that `state` stands in; `after_step` may save or stop.
    pub(crate) fn train(
        &self,
        state: &mut State,
        optimizer: &mut Optimizer,
        mut after_step: impl FnMut(&mut State, &Optimizer) -> Result<()>,
    ) -> Result<()> {
        let epoch = state.history.epochs.len();
        let Prepared { dataset, preprocessing, train, labels, .. } = self.prepared;
        let order = epoch_order(train, labels, self.config, epoch as u64)?;
        let steps = order.len().div_ceil(self.config.batch_size);
        self.around.tell(Event::Epoch {
            epoch: epoch + 1,
            epochs: self.config.epochs,
            steps,
            done: state.step_in_epoch,
        });
        let augment = Some((&self.config.augment, self.config.seed, epoch as u64));
        let source = Source { dataset, preprocessing, augment };
        let rest = &order[(state.step_in_epoch * self.config.batch_size).min(order.len())..];
        let mut began = Instant::now();
        for_each_batch(source, rest, self.config.batch_size, self.around.threads, |batch| {
            let rate = self.rate(epoch, state.step_in_epoch, steps);
            // On a thread of the pool operations begin at once; another one would wake it for each.
            rayon::scope(|_| self.step(&batch, rate, state, optimizer))?;
            state.running.seconds += began.elapsed().as_secs_f64();
            began = Instant::now();
            let Running { loss, samples, .. } = state.running;
            self.around.tell(Event::Step { loss: loss / samples as f64 });
            after_step(state, optimizer)
        })
    }

    /// The learning rate of a step.
    pub(crate) fn rate(&self, epoch: usize, step: usize, steps: usize) -> f64 {
        let position = epoch as f64 + step as f64 / steps.max(1) as f64;
        self.config.schedule.rate(self.config.learning_rate, position, self.config.horizon())
    }

    fn step(
        &self,
        inputs: &Batch,
        rate: f64,
        state: &mut State,
        optimizer: &mut Optimizer,
    ) -> Result<()> {
        let epoch = state.history.epochs.len();
        let labels: Vec<u32> =
            inputs.samples.iter().map(|&index| self.prepared.labels[index]).collect();
        let device = &self.around.device;
        let xs = batch(self.network, &inputs.inputs, device)?;
        let xs = xs.to_dtype(self.config.precision.dtype())?;
        let mode =
            Mode::Train { seed: self.config.seed, epoch: epoch as u64, step: state.global_step };
        let logits = self.network.forward(&xs, mode)?.to_dtype(DType::F32)?;
        let target = Tensor::new(labels.as_slice(), device)?;
        let loss = softmax_cross_entropy(&logits, &target, &self.loss)?;
        let value = f64::from(loss.to_scalar::<f32>()?);
        if !value.is_finite() {
            let step = state.step_in_epoch + 1;
            return Err(Error::Diverged { value, epoch: epoch + 1, step, rate });
        }
        let mut gradients = state.loss_scale.scaled(&loss)?.backward()?;
        let step = OptimizerStep { rate, clip_norm: self.config.clip_norm };
        state.loss_scale.step(optimizer, self.network.parameters(), &mut gradients, step)?;
        let rows = logits.to_vec2::<f32>()?;
        let rows = Array2::from_shape_fn(logits.dims2()?, |(i, j)| f64::from(rows[i][j]));
        let right = predicted(rows.view()).iter().zip(&labels).filter(|(a, b)| a == b).count();
        state.running.loss += value * labels.len() as f64;
        state.running.right += right;
        state.running.samples += labels.len();
        state.step_in_epoch += 1;
        state.global_step += 1;
        Ok(())
    }

    /// Measures the validation part; `None` when there is none.
    pub(crate) fn validate(&self) -> Result<Option<ValidationRecord>> {
        let Prepared { dataset, preprocessing, validation, labels, .. } = self.prepared;
        if validation.is_empty() {
            return Ok(None);
        }
        let source = Source { dataset, preprocessing, augment: None };
        let order: Vec<Appearance> =
            validation.iter().map(|&sample| Appearance { sample, copy: 0 }).collect();
        let mut parts = Vec::new();
        for_each_batch(source, &order, self.config.batch_size, self.around.threads, |inputs| {
            if self.around.stopping() {
                return Err(Error::Interrupted);
            }
            let epoch = self.epoch;
            let row = probabilities(self.network, &inputs.inputs, &self.around.device);
            parts.push(row.map_err(|error| match error {
                micrograph_model::Error::NotFinite => Error::WeightsDiverged { epoch },
                other => other.into(),
            })?);
            Ok(())
        })?;
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        let all = concatenate(Axis(0), &views).unwrap_or_default();
        let truth: Vec<u32> = validation.iter().map(|&index| labels[index]).collect();
        let measured = evaluate(&Scored {
            classes: &dataset.classes,
            truth: &truth,
            probabilities: all.view(),
            weights: None,
            groups: None,
        })?;
        Ok(Some(ValidationRecord {
            loss: measured.log_loss,
            accuracy: measured.accuracy,
            balanced_accuracy: measured.balanced_accuracy,
            auroc: measured.auroc,
        }))
    }
}
