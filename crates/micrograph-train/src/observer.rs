//! What a run tells while it works, and how it is told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use candle::Device;

use crate::{EpochRecord, PixelRecord};

/// Something happened; a program shows it, a library ignores it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Work of `total` parts begins: reading samples, predicting.
    Began {
        /// What is done, such as `reading`.
        task: &'a str,
        /// The number of parts.
        total: usize,
    },
    /// One more part of the work that began last is done.
    Advanced,
    /// That work is done.
    Ended,
    /// An epoch begins; its steps follow as [`Event::Step`].
    Epoch {
        /// Counted from 1.
        epoch: usize,
        /// How many there will be at most, when that is known.
        epochs: Option<usize>,
        /// Steps of this epoch.
        steps: usize,
        /// Steps that a checkpoint has already.
        done: usize,
    },
    /// A batch is done.
    Step {
        /// Mean loss of the epoch so far.
        loss: f64,
    },
    /// An epoch is done.
    Record(&'a EpochRecord),
    /// An epoch of a segmentation is done.
    PixelRecord(&'a EpochRecord<PixelRecord>),
    /// Another part of the work begins, such as `fold 2 of 5`, or was done before.
    Phase(&'a str),
    /// A sentence for the user: a warning or a notice.
    Notice(&'a str),
}

/// Receives the events of a run, from any thread.
pub trait Observer: Sync {
    /// Called at each event; must return quickly.
    fn event(&self, event: Event<'_>);
}

/// Ignores everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Observer for Quiet {
    fn event(&self, _: Event<'_>) {}
}

/// Passes on all but notices: those of samples that were told of already.
pub(crate) struct WithoutNotices<'a>(pub(crate) &'a dyn Observer);

impl Observer for WithoutNotices<'_> {
    fn event(&self, event: Event<'_>) {
        if !matches!(event, Event::Notice(_)) {
            self.0.event(event);
        }
    }
}

/// What surrounds a run: threads, events, the wish to stop, none of which changes its result; and
/// the device, whose sums have bits of their own.
#[derive(Clone)]
pub struct Surroundings<'a> {
    /// On what networks run, the CPU by default; see `DeviceName` of micrograph-model.
    pub device: Device,
    /// Decoding threads, at least 1.
    pub threads: usize,
    /// Who hears of progress.
    pub observer: &'a dyn Observer,
    /// Time between checkpoints within an epoch; one is written after each epoch in any case.
    pub checkpoint_every: Duration,
    /// Set to true, the run stops at the next step and saves its state.
    pub stop: Arc<AtomicBool>,
}

impl Default for Surroundings<'_> {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let checkpoint_every = Duration::from_secs(60);
        let (device, stop) = (Device::Cpu, Arc::default());
        Self { device, threads, observer: &Quiet, checkpoint_every, stop }
    }
}

impl std::fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").field("threads", &self.threads).finish_non_exhaustive()
    }
}

impl Surroundings<'_> {
    pub(crate) fn tell(&self, event: Event<'_>) {
        self.observer.event(event);
    }

    pub(crate) fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
