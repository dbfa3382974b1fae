//! One pass over samples before training.

use std::sync::atomic::{AtomicUsize, Ordering};

use micrograph_image::{Dataset, Depth, Labelled, Normalizer, Notice, TrainingMoments};
use ndarray::Axis;

use crate::loader::guarded;
use crate::{Error, Event, Result, Surroundings, TrainConfig};

/// What one look at a sample gives.
#[derive(Debug)]
pub(crate) struct Scanned {
    /// Channels after the conversion that the settings ask for.
    pub(crate) channels: usize,
    /// Of the file.
    pub(crate) depth: Depth,
    /// Whether its file tells the size of a pixel.
    pub(crate) has_pixel_size: bool,
    /// Height and width of what the input mode cuts out.
    pub(crate) object: (usize, usize),
    /// SHA-256 of the content.
    pub(crate) digest: [u8; 32],
    /// Sums over its pixels.
    pub(crate) moments: TrainingMoments,
    pub(crate) notices: Vec<Notice>,
}

/// Decodes each of `indices` on the threads of `around`; results are in the order of `indices`.
pub(crate) fn scan(
    dataset: &Dataset,
    indices: &[usize],
    config: &TrainConfig,
    around: &Surroundings<'_>,
) -> Result<Vec<Result<Scanned>>> {
    on_threads("reading", indices, around, |index| {
        guarded(dataset, index, || look_at(dataset, index, config))
    })
}

/// Does `work` on each of `indices` on the threads of `around`; results are in the order of
/// `indices`.
pub(crate) fn on_threads<R: Send>(
    task: &str,
    indices: &[usize],
    around: &Surroundings<'_>,
    work: impl Fn(usize) -> R + Sync,
) -> Result<Vec<R>> {
    around.tell(Event::Began { task, total: indices.len() });
    let next = AtomicUsize::new(0);
    let mut slots: Vec<(usize, R)> = std::thread::scope(|scope| {
        let worker = || {
            let mut done = Vec::new();
            while !around.stopping() {
                let position = next.fetch_add(1, Ordering::Relaxed);
                let Some(&index) = indices.get(position) else { break };
                done.push((position, work(index)));
                around.tell(Event::Advanced);
            }
            done
        };
        let workers: Vec<_> = (0..around.threads.max(1)).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    around.tell(Event::Ended);
    if slots.len() < indices.len() {
        return Err(Error::Interrupted);
    }
    slots.sort_unstable_by_key(|(position, _)| *position);
    Ok(slots.into_iter().map(|(_, result)| result).collect())
}

fn look_at(dataset: &Dataset, index: usize, config: &TrainConfig) -> Result<Scanned> {
    let Labelled { image, mask } = dataset.read(index)?;
    let in_sample = |source: micrograph_image::Error| Error::Sample {
        sample: dataset.samples[index].id.clone(),
        source: Box::new(source.into()),
    };
    // Sums are over what the network will see: at one size, a large image counts no more than a small
    // one.
    let size = config.input_size();
    let (own, unfitted) = (image.pixels.len_of(Axis(0)), Normalizer::UnitRange);
    let preprocessing = config.input.preprocessing(own, size, unfitted);
    let mask = mask.as_ref().map(|mask| mask.view());
    let shown = preprocessing.geometry(&image, mask).map_err(in_sample)?;
    let mut moments = TrainingMoments::default();
    moments.push(shown.pixels.view()).map_err(in_sample)?;
    Ok(Scanned {
        channels: shown.pixels.len_of(Axis(0)),
        depth: image.depth,
        has_pixel_size: image.pixel_size_nm.is_some(),
        object: shown.object.into(),
        digest: dataset.digest(index)?,
        moments,
        notices: image.notices,
    })
}
