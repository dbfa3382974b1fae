//! Artificial liposomes as a data set on disk.

use std::path::{Path, PathBuf};

use micrograph_image::{Depth, write_mask_png, write_png};
use micrograph_sampling::synthetic::{LiposomeConfig, class_counts, liposome};
use rayon::prelude::*;

use crate::run_folder::io;
use crate::{Error, Event, Result, Surroundings};

/// More images than any disk is asked for on purpose.
const MOST: usize = 10_000_000;

/// Draws `n` liposomes into class folders below `out`: `CLASS/000017.png` beside
/// `CLASS/000017_mask.png`. Returns how many there are of each class.
///
/// Image `i` depends on (seed, i) alone. They are drawn beside `out` and take its name at the end, so
/// that a set which was stopped is never taken for a whole one.
///
/// # Errors
/// When `out` exists and is not empty, `n` is 0 or above ten million, a setting is out of range, or a
/// file cannot be written.
pub fn write_liposomes(
    out: &Path,
    config: &LiposomeConfig,
    n: usize,
    seed: u64,
    around: &Surroundings<'_>,
) -> Result<Vec<usize>> {
    if !(1..=MOST).contains(&n) {
        let (field, value, expected) = ("count", n.to_string(), "1 to 10000000 images");
        return Err(Error::Config { field, value, expected });
    }
    let counts = class_counts(config, n)?;
    if out.is_file() || out.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        let problem = "exists already and is not empty; choose another folder".into();
        return Err(Error::Data { path: out.to_path_buf(), problem });
    }
    let out = std::path::absolute(out).map_err(|source| io(out, source))?;
    let unfinished = unfinished(&out);
    if let Err(error) = draw(&unfinished, config, &counts, seed, around) {
        // Whatever of it cannot be removed has a name that says what it is.
        let _ = std::fs::remove_dir_all(&unfinished);
        return Err(error);
    }
    if out.is_dir() {
        std::fs::remove_dir(&out).map_err(|source| io(&out, source))?;
    }
    std::fs::rename(&unfinished, &out).map_err(|source| io(&out, source))?;
    Ok(counts)
}

/// A hidden folder beside `out`, of a name that no other process has.
fn unfinished(out: &Path) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!(".{name}-unfinished-{}", std::process::id()))
}

/// Draws `counts` images of each class into class folders below `folder`.
fn draw(
    folder: &Path,
    config: &LiposomeConfig,
    counts: &[usize],
    seed: u64,
    around: &Surroundings<'_>,
) -> Result<()> {
    let classes = config.problem.classes();
    for class in classes {
        let folder = folder.join(class);
        std::fs::create_dir_all(&folder).map_err(|source| io(&folder, source))?;
    }
    let objects: Vec<(u32, u64)> = counts
        .iter()
        .enumerate()
        .flat_map(|(class, &count)| std::iter::repeat_n(class as u32, count))
        .zip(0..)
        .collect();
    around.tell(Event::Began { task: "drawing", total: objects.len() });
    objects.par_iter().try_for_each(|&(class, index)| {
        if around.stopping() {
            return Err(Error::Interrupted);
        }
        let drawn = liposome(config, class, seed, index)?;
        let folder = folder.join(classes[class as usize]);
        write_png(&folder.join(format!("{index:06}.png")), drawn.pixels.view(), Depth::U8)?;
        write_mask_png(&folder.join(format!("{index:06}_mask.png")), drawn.mask.view())?;
        around.tell(Event::Advanced);
        Ok(())
    })?;
    around.tell(Event::Ended);
    Ok(())
}
