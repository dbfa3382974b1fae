//! Batches, decoded and augmented on worker threads ahead of the network.
//!
//! Workers take whole batches by number and hand them over through a bounded queue; the consumer
//! puts them back into order.
//! A sample's augmentation depends on its key alone, so that batches are the same bits for any
//! number of workers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::Receiver;
use micrograph_augment::{Key, Recipe, augment, augment_object};
use micrograph_image::{Dataset, Depth, Preprocessing, Shown};
use ndarray::Array3;

use crate::plan::Appearance;
use crate::{Error, Result};

/// Prepared inputs and where they come from.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) inputs: Vec<Array3<f32>>,
    pub(crate) samples: Vec<usize>,
}

/// How samples of a data set become inputs.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) preprocessing: &'a Preprocessing,
    /// Recipe, seed and epoch; `None` leaves samples as they are.
    pub(crate) augment: Option<(&'a Recipe, u64, u64)>,
}

impl Source<'_> {
    /// One prepared sample, `(c, h, w)`.
    fn prepare(&self, appearance: Appearance) -> Result<Array3<f32>> {
        let labeled = self.dataset.read(appearance.sample)?;
        let mask = labeled.mask.as_ref().map(|mask| mask.view());
        let sample = &self.dataset.samples[appearance.sample];
        let in_sample = |source: micrograph_image::Error| Error::Sample {
            sample: sample.id.clone(),
            source: Box::new(source.into()),
        };
        let depth = labeled.image.depth;
        let mut shown = self.preprocessing.geometry(&labeled.image, mask).map_err(in_sample)?;
        if let Some((recipe, seed, epoch)) = self.augment {
            let key = Key { seed, epoch, sample: sample.key(), copy: appearance.copy };
            shown.pixels = augmented(recipe, key, &shown, depth)?;
        }
        self.preprocessing.normalizer.apply(&mut shown.pixels, depth).map_err(in_sample)?;
        Ok(shown.pixels)
    }

    pub(crate) fn batch(&self, appearances: &[Appearance]) -> Result<Batch> {
        let input = |&a: &Appearance| guarded(self.dataset, a.sample, || self.prepare(a));
        let inputs = appearances.iter().map(input).collect::<Result<_>>()?;
        Ok(Batch { inputs, samples: appearances.iter().map(|a| a.sample).collect() })
    }
}

/// Runs `work` on a sample; a panic of a decoder becomes an error that names it. Without this a
/// worker would die with its batch, and the run would wait for it for ever.
pub(crate) fn guarded<T>(
    dataset: &Dataset,
    index: usize,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    guarded_as(&dataset.samples[index].id, work)
}

/// As [`guarded`], for the sample called `id`.
pub(crate) fn guarded_as<T>(id: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let message = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("panic").to_owned();
        Err(Error::Panicked { sample: id.to_owned(), message })
    })
}

/// One augmented copy; an object that was cut out stays on its background.
pub(crate) fn augmented(
    recipe: &Recipe,
    key: Key,
    shown: &Shown,
    depth: Depth,
) -> Result<Array3<f32>> {
    let pixels = shown.pixels.view();
    let full_scale = full_scale(depth, &shown.pixels);
    Ok(match (&shown.mask, &shown.background) {
        (Some(mask), Some(background)) => {
            augment_object(recipe, key, (pixels, mask.view()), background, full_scale)?.0
        }
        // What becomes of a mask does not matter where nothing is cut out.
        _ => augment(recipe, key, pixels, None, full_scale)?.0,
    })
}

/// The span that intensity augmentation calls 1: the type's, or the image's own for float data.
pub(crate) fn full_scale(depth: Depth, pixels: &Array3<f32>) -> f32 {
    depth.full_scale().unwrap_or_else(|| {
        let (low, high) = pixels
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), &x| (l.min(x), h.max(x)));
        if high > low { high - low } else { 1.0 }
    })
}

/// Calls `consume` with each batch of `order` in order; `consume` ends the epoch early by an error.
///
/// At most `2 * threads + 1` batches exist at a time.
pub(crate) fn for_each_batch(
    source: Source<'_>,
    order: &[Appearance],
    batch_size: usize,
    threads: usize,
    mut consume: impl FnMut(Batch) -> Result<()>,
) -> Result<()> {
    let work = |appearances: &[Appearance]| source.batch(appearances);
    in_order(order, batch_size, threads, work, |batch| batch.and_then(&mut consume))
}

/// Does `work` on pieces of `items`, `size` long, on worker threads, and gives the results to
/// `consume` in order; an error of `consume` ends it all.
///
/// At most `2 * threads + 1` results exist at a time.
pub(crate) fn in_order<T: Sync, R: Send>(
    items: &[T],
    size: usize,
    threads: usize,
    work: impl Fn(&[T]) -> R + Sync,
    consume: impl FnMut(R) -> Result<()>,
) -> Result<()> {
    let pieces: Vec<&[T]> = items.chunks(size.max(1)).collect();
    let threads = threads.clamp(1, pieces.len().max(1));
    let (permits, permitted) = crossbeam_channel::bounded::<()>(2 * threads);
    let (hand_over, handed_over) = crossbeam_channel::unbounded();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (permits, hand_over) = (permits.clone(), hand_over.clone());
            let (pieces, next, work) = (&pieces, &next, &work);
            scope.spawn(move || {
                // A permit per piece bounds how far the workers run ahead; the numbers are taken
                // after it, so the piece that the consumer waits for always has one.
                while permits.send(()).is_ok() {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(piece) = pieces.get(number) else { break };
                    if hand_over.send((number, work(piece))).is_err() {
                        break;
                    }
                }
            });
        }
        drop((permits, hand_over));
        consume_in_order(pieces.len(), permitted, handed_over, consume)
    })
}

/// Gives `consume` the results by their numbers; when it ends early by an error, dropping both ends
/// lets the workers leave.
fn consume_in_order<R>(
    count: usize,
    permitted: Receiver<()>,
    handed_over: Receiver<(usize, R)>,
    mut consume: impl FnMut(R) -> Result<()>,
) -> Result<()> {
    let mut early = BTreeMap::new();
    for number in 0..count {
        while !early.contains_key(&number) {
            let Ok((got, result)) = handed_over.recv() else { break };
            early.insert(got, result);
        }
        let Some(result) = early.remove(&number) else { break };
        let _ = permitted.try_recv();
        consume(result)?;
    }
    drop((permitted, handed_over));
    Ok(())
}
