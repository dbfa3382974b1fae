//! The task of telling classes of images apart: an epoch's batches, a step's loss, validation.

use candle::{DType, Tensor};
use micrograph_augment::Recipe;
use micrograph_metrics::{Scored, evaluate, predicted};
use micrograph_model::{batch, probabilities};
use micrograph_nn::{ClassificationNetwork, Mode, Parameters};
use micrograph_ops::{CrossEntropyConfig, softmax_cross_entropy};
use ndarray::{Array2, Axis, concatenate};

use crate::loader::{Batch, Source, for_each_batch};
use crate::plan::{Appearance, epoch_batches};
use crate::task::{Pace, StepLoss, Task};
use crate::{
    EpochRecord, Error, Event, Prepared, Result, Surroundings, TrainConfig, ValidationRecord,
};

/// What every step of a run uses.
pub(crate) struct Classification<'a> {
    pub(crate) prepared: &'a Prepared,
    pub(crate) config: &'a TrainConfig,
    pub(crate) network: Box<dyn ClassificationNetwork>,
    pub(crate) loss: CrossEntropyConfig,
    pub(crate) around: &'a Surroundings<'a>,
}

impl Task for Classification<'_> {
    type Settings = TrainConfig;
    type Measured = ValidationRecord;
    type Batch = Batch;

    fn parameters(&self) -> &Parameters {
        self.network.parameters()
    }

    fn pace(&self) -> Pace<'_> {
        self.config.pace()
    }

    fn plan(&self, epoch: u64) -> Result<Vec<Vec<Appearance>>> {
        epoch_batches(self.prepared, self.config, epoch)
    }

    fn batch(&self, plan: &[Appearance], epoch: u64) -> Result<Batch> {
        let augment = Some((&self.config.augment, self.config.seed, epoch));
        self.source(augment).batch(plan)
    }

    fn loss(&self, inputs: &Batch, mode: Mode) -> Result<StepLoss> {
        let labels: Vec<u32> =
            inputs.samples.iter().map(|&index| self.prepared.labels[index]).collect();
        let device = &self.around.device;
        let xs = batch(self.network.as_ref(), &inputs.inputs, device)?;
        let xs = xs.to_dtype(self.config.precision.dtype())?;
        let logits = self.network.forward(&xs, mode)?.to_dtype(DType::F32)?;
        let target = Tensor::new(labels.as_slice(), device)?;
        let loss = softmax_cross_entropy(&logits, &target, &self.loss)?;
        let rows = logits.to_vec2::<f32>()?;
        let rows = Array2::from_shape_fn(logits.dims2()?, |(i, j)| f64::from(rows[i][j]));
        let right = predicted(rows.view()).iter().zip(&labels).filter(|(a, b)| a == b).count();
        Ok(StepLoss { loss, right, samples: labels.len() })
    }

    fn validate(&self, epoch: usize) -> Result<Option<ValidationRecord>> {
        let Prepared { dataset, validation, labels, .. } = self.prepared;
        if validation.is_empty() {
            return Ok(None);
        }
        let order: Vec<Appearance> =
            validation.iter().map(|&sample| Appearance { sample, copy: 0 }).collect();
        let mut parts = Vec::new();
        for_each_batch(
            self.source(None),
            &order,
            self.config.batch_size,
            self.around.threads,
            |inputs| {
                if self.around.stopping() {
                    return Err(Error::Interrupted);
                }
                let row = probabilities(self.network.as_ref(), &inputs.inputs, &self.around.device);
                parts.push(row.map_err(|error| match error {
                    micrograph_model::Error::NotFinite => Error::WeightsDiverged { epoch },
                    other => other.into(),
                })?);
                Ok(())
            },
        )?;
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
    fn improves(&self, new: &ValidationRecord, old: &ValidationRecord) -> bool {
        self.config.monitor.improves(new, old)
    }

    fn event(record: &EpochRecord) -> Event<'_> {
        Event::Record(record)
    }
}

impl Classification<'_> {
    fn source<'s>(&'s self, augment: Option<(&'s Recipe, u64, u64)>) -> Source<'s> {
        let Prepared { dataset, preprocessing, .. } = self.prepared;
        Source { dataset, preprocessing, augment }
    }
}
