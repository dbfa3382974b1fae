//! The task of telling classes of pixels apart: an epoch's crops, a step's loss, validation.

use candle::{DType, Tensor};
use micrograph_image::IGNORE;
use micrograph_model::{TestTime, Tiling, most_probable, pixel_probabilities};
use micrograph_nn::{Mode, Parameters, PixelLoss, SegmentationNetwork};
use micrograph_sampling::shuffle;
use ndarray::{Array2, Array3, ArrayView3};

use super::crops::{Crops, crops};
use super::sums::Sums;
use super::{PixelRecord, SegmentationConfig, SegmentationData};
use crate::plan::Appearance;
use crate::task::{Pace, StepLoss, Task};
use crate::{EpochRecord, Error, Event, Result, Surroundings};

/// What every step of a run uses.
pub(crate) struct Segmenting<'a> {
    pub(crate) data: &'a SegmentationData,
    pub(crate) config: &'a SegmentationConfig,
    pub(crate) network: Box<dyn SegmentationNetwork>,
    pub(crate) loss: PixelLoss,
    pub(crate) around: &'a Surroundings<'a>,
}

impl Task for Segmenting<'_> {
    type Settings = SegmentationConfig;
    type Measured = PixelRecord;
    type Batch = Crops;

    fn parameters(&self) -> &Parameters {
        self.network.parameters()
    }

    fn pace(&self) -> Pace<'_> {
        self.config.pace()
    }

    fn plan(&self, epoch: u64) -> Result<Vec<Vec<Appearance>>> {
        let of_frame = |&sample: &usize| {
            let crops = self.data.crops_of(sample, self.config) as u64;
            (0..crops).map(move |copy| Appearance { sample, copy })
        };
        let all: Vec<Appearance> = self.data.train.iter().flat_map(of_frame).collect();
        let mut order: Vec<usize> = (0..all.len()).collect();
        shuffle(&mut order, self.config.seed, epoch);
        let batch = |places: &[usize]| places.iter().map(|&place| all[place]).collect();
        let mut batches: Vec<Vec<Appearance>> =
            order.chunks(self.config.batch_size).map(batch).collect();
        // One crop alone is too little for the statistics of batch normalization.
        if self.config.batch_size > 1
            && let Some(single) = batches.pop_if(|batch| batch.len() == 1)
        {
            match batches.last_mut() {
                Some(before) => before.extend(single),
                None => batches.push(single),
            }
        }
        Ok(batches)
    }

    fn batch(&self, plan: &[Appearance], epoch: u64) -> Result<Crops> {
        crops(self.data, self.config, plan, epoch)
    }

    fn loss(&self, crops: &Crops, mode: Mode) -> Result<StepLoss> {
        let Crops { pixels, labels, weights, shape: (n, channels, height, width) } = crops;
        let device = &self.around.device;
        let xs = Tensor::from_slice(pixels, (*n, *channels, *height, *width), device)?;
        let xs = xs.to_dtype(self.config.precision.dtype())?;
        let logits = self.network.forward(&xs, mode)?.to_dtype(DType::F32)?;
        let target = Tensor::from_slice(labels, (*n, *height, *width), device)?;
        let weights = if weights.is_empty() {
            None
        } else {
            Some(Tensor::from_slice(weights, (*n, *height, *width), device)?)
        };
        let loss = self.loss.loss(&logits, &target, weights.as_ref())?;
        let (right, samples) = right(&logits, labels)?;
        Ok(StepLoss { loss, right, samples })
    }

    fn validate(&self, epoch: usize) -> Result<Option<PixelRecord>> {
        if self.data.validation.is_empty() {
            return Ok(None);
        }
        let mut sums = Sums::new(self.data.network.n_classes);
        for &index in &self.data.validation {
            if self.around.stopping() {
                return Err(Error::Interrupted);
            }
            let (xs, labels) = self.frame(index)?;
            let settings = (TestTime::None, Tiling::default());
            let device = &self.around.device;
            let probabilities =
                pixel_probabilities(self.network.as_ref(), xs.view(), settings, device).map_err(
                    |error| match error {
                        micrograph_model::Error::NotFinite => Error::WeightsDiverged { epoch },
                        other => other.into(),
                    },
                )?;
            sums.add(probabilities.view(), labels.view());
        }
        Ok(Some(sums.record()))
    }

    fn improves(&self, new: &PixelRecord, old: &PixelRecord) -> bool {
        self.config.monitor.improves(new, old)
    }

    fn event(record: &EpochRecord<PixelRecord>) -> Event<'_> {
        Event::PixelRecord(record)
    }
}

impl Segmenting<'_> {
    /// A whole frame with its neighbors, normalized, and its classes.
    fn frame(&self, index: usize) -> Result<(Array3<f32>, Array2<u8>)> {
        let window = self.data.window(index)?;
        let views: Vec<_> = window.iter().map(|frame| frame.pixels.view()).collect();
        let mut pixels = self.data.input.window_of(&views)?;
        let of: Vec<_> = window.iter().map(|frame| (&frame.normalizer, frame.depth)).collect();
        self.data.input.normalize(&mut pixels, &of)?;
        let frame = self.data.frame(index)?;
        let labels = frame.labels.as_ref().map(|labels| labels.classes.clone());
        Ok((pixels, labels.unwrap_or_default()))
    }
}

/// How many pixels have their most probable class, and of how many that is known.
fn right(logits: &Tensor, labels: &[u32]) -> Result<(usize, usize)> {
    let (_, k, height, width) = logits.dims4()?;
    let area = height * width;
    let logits = logits.flatten_all()?.to_vec1::<f32>()?;
    let (mut right, mut known) = (0, 0);
    for (image, labels) in logits.chunks(k * area).zip(labels.chunks(area)) {
        let Ok(image) = ArrayView3::from_shape((k, height, width), image) else { continue };
        let said = most_probable(image);
        let pairs = said.iter().zip(labels).filter(|(_, label)| **label != u32::from(IGNORE));
        for (&said, &label) in pairs {
            known += 1;
            right += usize::from(u32::from(said) == label);
        }
    }
    Ok((right, known))
}
