//! The training of a segmenter: from prepared frames to the network with the best weights.

use std::collections::BTreeMap;

use candle::{DType, Device};
use micrograph_image::IGNORE;
use micrograph_model::bundle::Kind;
use micrograph_model::{FORMAT, Provenance, Segmenter, SegmenterManifest};
use micrograph_nn::{Optimizer, SegmentationLoss};

use super::task::Segmenting;
use super::{PixelRecord, SegmentationConfig, SegmentationData};
use crate::origin::{MayChange, Origin, Processor};
use crate::trainer::{Trained, train};
use crate::{Ended, Error, History, Result, RunFolder, Start, Surroundings};

/// A finished run of segmentation.
#[derive(Debug)]
pub struct FittedSegmenter {
    /// The segmenter with the weights of the best epoch.
    pub segmenter: Segmenter,
    /// Epoch by epoch.
    pub history: History<PixelRecord>,
    /// Why it ended.
    pub ended: Ended,
    /// Wall-clock seconds, over all processes of the run.
    pub seconds: f64,
}

/// Trains the network of `config` on the frames of `data`.
///
/// With a folder, the bundle stands there at the end, and the state is saved after each epoch and
/// every so often within.
///
/// # Errors
/// [`Error::Stopped`] after a stop from outside, with the state saved; [`Error::Diverged`];
/// [`Error::DataChanged`] when a resumed run finds other data; errors of reading and writing.
pub fn fit_segmenter(
    data: &SegmentationData,
    config: &SegmentationConfig,
    folder: Option<(&RunFolder, Start)>,
    around: &Surroundings<'_>,
) -> Result<FittedSegmenter> {
    let (task, optimizer) = ready(data, config, around)?;
    let origin = origin(data, config, &around.device);
    let trained = train(task, (optimizer, origin), (&data.dataset.source, folder), around)?;
    let Trained { task, history, ended, seconds, finishing } = trained;
    let manifest = manifest(data, config, &history);
    let mut segmenter = Segmenter::new(manifest, task.network, around.device.clone());
    if let Some((folder, _)) = folder {
        folder.write_metrics(&history.epochs)?;
        segmenter.save(folder.path(), data.seen.clone())?;
    }
    let seconds = seconds + finishing.elapsed().as_secs_f64();
    Ok(FittedSegmenter { segmenter, history, ended, seconds })
}

/// Refuses what [`fit_segmenter`] would refuse before its first step, and, where a run is to go on in
/// `folder`, other data or settings than it was begun with.
///
/// # Errors
/// As [`fit_segmenter`].
pub fn check_segmentation(
    data: &SegmentationData,
    config: &SegmentationConfig,
    folder: Option<&RunFolder>,
    around: &Surroundings<'_>,
) -> Result<()> {
    ready(data, config, around)?;
    let Some(folder) = folder else { return Ok(()) };
    origin(data, config, &around.device).check(folder, &data.dataset.source).map(drop)
}

fn ready<'a>(
    data: &'a SegmentationData,
    config: &'a SegmentationConfig,
    around: &'a Surroundings<'a>,
) -> Result<(Segmenting<'a>, Optimizer)> {
    config.validate()?;
    config.precision.check(&around.device)?;
    if config.patience.is_some() && data.validation.is_empty() {
        return Err(Error::Config {
            field: "patience",
            value: "set".into(),
            expected: "nothing without a validation part: no epoch can be told to be better",
        });
    }
    let network = data.network.build(config.seed, DType::F32, &around.device)?;
    let optimizer = Optimizer::new(config.optimizer.clone(), network.parameters())?;
    let ignore_index = Some(u32::from(IGNORE));
    let loss = SegmentationLoss { ignore_index, ..config.loss.clone() };
    let loss = loss.fit(data.network.n_classes, &data.class_pixels)?;
    Ok((Segmenting { data, config, network, loss, around }, optimizer))
}

fn origin(
    data: &SegmentationData,
    config: &SegmentationConfig,
    device: &Device,
) -> Origin<SegmentationConfig> {
    let fingerprint = data.fingerprint.clone();
    let settings = SegmentationConfig {
        epochs: None,
        schedule_epochs: config.horizon().filter(|_| config.schedule.needs_epochs()),
        max_minutes: None,
        patience: None,
        test_time: None,
        ..config.clone()
    };
    Origin { fingerprint, processor: Processor::of(device), settings }
}

impl MayChange for SegmentationConfig {
    const WHAT: &str =
        "epochs without a schedule that is spread over them, max_minutes and patience alone";
}

/// The manifest of the best epoch's weights, without their digest.
fn manifest(
    data: &SegmentationData,
    config: &SegmentationConfig,
    history: &History<PixelRecord>,
) -> SegmenterManifest {
    let best = history.best.and_then(|index| history.epochs.get(index));
    let mut metrics = BTreeMap::new();
    if let Some(record) = best.and_then(|best| best.validation.as_ref()) {
        metrics.insert("validation_loss".to_owned(), record.loss);
        metrics.insert("validation_error_rate".to_owned(), record.error_rate);
        let f1 = record.f1.map(|f1| ("validation_f1".to_owned(), f1));
        metrics.extend(f1.into_iter().chain(record.iou.map(|v| ("validation_iou".to_owned(), v))));
    }
    SegmenterManifest {
        kind: Kind::Segmenter,
        format: FORMAT,
        micrograph: env!("CARGO_PKG_VERSION").to_owned(),
        classes: data.dataset.table.names(),
        masks: data.dataset.masks,
        table: data.dataset.table.clone(),
        weights_sha256: String::new(),
        test_time: config.copies(),
        network: data.network.clone(),
        input: data.input.clone(),
        training: Provenance {
            seed: config.seed,
            epochs: best.map_or(0, |record| record.epoch),
            data_fingerprint: data.fingerprint.clone(),
            training_samples: vec![data.train.len()],
            masked_samples: data.train.len(),
        },
        metrics,
    }
}
