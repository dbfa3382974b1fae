//! From flags to a data set and its surroundings.

use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use micrograph::image::{Dataset, Part};
use micrograph::train::Surroundings;

use crate::arguments::{CheckpointArguments, WorkArguments};
use crate::progress::{Progress, Verbosity};
use crate::signals::stop_flag;

/// More threads than any machine of today has cores would only take memory.
const MAX_THREADS: usize = 1024;

impl CheckpointArguments {
    /// Seconds as `--checkpoint-every` gives them.
    pub(crate) fn apply(&self, around: &mut Surroundings<'_>) -> Result<()> {
        let Some(seconds) = self.checkpoint_every else { return Ok(()) };
        around.checkpoint_every = Duration::try_from_secs_f64(seconds)
            .map_err(|_| anyhow!("--checkpoint-every {seconds}: expected seconds, 0 or more"))?;
        Ok(())
    }
}

impl WorkArguments {
    pub(crate) fn progress(&self) -> Progress {
        Progress::new(if self.quiet { Verbosity::Quiet } else { Verbosity::Normal })
    }

    /// Sets the threads of the whole process and catches Ctrl-C; called once a process.
    pub(crate) fn surroundings<'a>(&self, progress: &'a Progress) -> Result<Surroundings<'a>> {
        let device = self.device.open().map_err(|error| anyhow!("--device {error}"))?;
        if let Some(threads) = self.threads
            && !(1..=MAX_THREADS).contains(&threads)
        {
            bail!("--threads {threads}: expected 1 to {MAX_THREADS}");
        }
        let defaults = Surroundings::default();
        let threads = self.threads.unwrap_or(defaults.threads);
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
        Ok(Surroundings { device, threads, observer: progress, stop: stop_flag(), ..defaults })
    }
}

/// The samples to measure: of the named part, else of the test part, else all of data without parts;
/// with the name of the part.
pub(crate) fn part_to_measure(
    dataset: &Dataset,
    split: Option<&str>,
) -> Result<(&'static str, Vec<usize>)> {
    let place = dataset.source.display().to_string();
    part_of((&place, "samples"), &dataset.parts(), split, |part| dataset.indices(part))
}

/// Of data at `place` with `parts` of so many `things`, the part to measure.
pub(crate) fn part_of(
    (place, things): (&str, &str),
    parts: &[(Option<Part>, usize)],
    split: Option<&str>,
    indices: impl Fn(Option<Part>) -> Vec<usize>,
) -> Result<(&'static str, Vec<usize>)> {
    let whole = if things == "frames" { "all frames" } else { "all samples" };
    let names: Vec<String> = parts
        .iter()
        .filter_map(|(part, count)| part.map(|part| format!("{part} ({count})")))
        .collect();
    let wanted = match split {
        Some(name) => {
            Some(name.parse::<Part>().map_err(|error| anyhow::anyhow!("--split: {error}"))?)
        }
        None if names.is_empty() => None,
        None => Some(Part::Test),
    };
    let indices = indices(wanted);
    if !indices.is_empty() {
        return Ok((wanted.map_or(whole, Part::name), indices));
    }
    match wanted {
        Some(part) if names.is_empty() => {
            bail!("{place}: has no parts, so no `{part}`; leave --split out to measure all of it")
        }
        Some(part) => {
            bail!("{place}: has no part `{part}`; choose one with --split: {}", names.join(", "))
        }
        None => bail!("{place}: has no {things}"),
    }
}
