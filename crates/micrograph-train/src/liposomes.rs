//! Artificial liposomes as a data set on disk.

use std::path::{Path, PathBuf};

use micrograph_image::{Depth, real_path, write_mask_png, write_png};
use micrograph_sampling::synthetic::{LiposomeConfig, class_counts, liposome};
use rayon::prelude::*;

use crate::run_folder::io;
use crate::{Error, Event, Result, Surroundings};

/// More images than any disk is asked for on purpose.
const MOST: usize = 10_000_000;

/// Draws `n` liposomes into class folders below `out`: `CLASS/000017.png` beside
/// `CLASS/000017_mask.png`. Returns how many there are of each class.
///
/// Image `i` depends on (seed, i) alone. They are drawn in a folder of this call's own beside `out`,
/// which takes the name `out` at the end: a set that was stopped is never taken for a whole one, nor
/// mixed with another.
///
/// # Errors
/// When `out` exists and is not an empty folder, or one that cannot be replaced, such as the place of
/// a volume; `n` is 0 or above ten million, a setting is out of range, or a file cannot be written.
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
    let place = real_path(out).map_err(|source| io(out, source))?;
    let parent = place.parent().unwrap_or(&place);
    std::fs::create_dir_all(parent).map_err(|source| io(parent, source))?;
    make_room(out, &place)?;
    let unfinished = own_folder(&place)?;
    let done = draw(&unfinished, config, &counts, seed, around).and_then(|()| {
        // Another process may have been quicker.
        make_room(out, &place)?;
        std::fs::rename(&unfinished, &place).map_err(|source| io(&place, source))
    });
    if done.is_err() {
        // Whatever of it cannot be removed has a name that says what it is.
        let _ = std::fs::remove_dir_all(&unfinished);
    }
    done.map(|()| counts)
}

/// Removes an empty folder, whose name a new one is to take.
fn make_room(out: &Path, place: &Path) -> Result<()> {
    let refused = |problem: String| Err(Error::Data { path: out.to_path_buf(), problem });
    let empty = match place.read_dir().map(|mut entries| entries.next().is_none()) {
        Ok(empty) => empty,
        Err(_) if place.symlink_metadata().is_err() => return Ok(()),
        Err(error) => return refused(format!("exists already ({error}); choose another folder")),
    };
    if !empty {
        return refused("exists already and is not empty; choose another folder".into());
    }
    let removed = match std::env::current_dir() {
        Ok(here) if here == place => Err("it is the current folder".to_owned()),
        _ => std::fs::remove_dir(place).map_err(|error| error.to_string()),
    };
    removed.or_else(|why| {
        let below = out.join("images");
        refused(format!("cannot be replaced ({why}); give a folder in it: {}", below.display()))
    })
}

/// Makes a hidden folder beside `place`, of a name that nothing had.
fn own_folder(place: &Path) -> Result<PathBuf> {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let mut number = 1_u64;
    loop {
        let folder = place.with_file_name(format!(".{name}-unfinished-{number}"));
        match std::fs::create_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|()| folder.clone()).map_err(|source| io(&folder, source)),
        }
    }
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
        std::fs::create_dir(&folder).map_err(|source| io(&folder, source))?;
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

#[cfg(test)]
mod tests {
    use micrograph_sampling::synthetic::Problem;

    use super::*;

    fn draw_12(out: &Path, problem: Problem, seed: u64) -> Result<Vec<usize>> {
        let config = LiposomeConfig::new(problem);
        write_liposomes(out, &config, 12, seed, &Surroundings::default())
    }

    /// Names of all files below a folder, with their bytes.
    fn content(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let mut all = Vec::new();
        for class in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
            for file in class.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
                let bytes = std::fs::read(&file).unwrap();
                all.push((file.strip_prefix(folder).unwrap().to_path_buf(), bytes));
            }
        }
        all.sort();
        all
    }

    #[test]
    fn what_a_killed_process_left_is_not_taken_for_ones_own() {
        let folder = micrograph_testkit::temporary_folder();
        let out = folder.path().join("set");
        for suffix in [1, std::process::id()] {
            let class = folder.path().join(format!(".set-unfinished-{suffix}/other"));
            std::fs::create_dir_all(&class).unwrap();
            std::fs::write(class.join("000900.png"), "of another seed").unwrap();
        }
        draw_12(&out, Problem::Lamellarity, 1).unwrap();
        assert_eq!(content(&out).len(), 24);
        assert!(!out.join("other").exists());
        assert!(draw_12(&out, Problem::Lamellarity, 2).unwrap_err().to_string().contains("empty"));
        assert_eq!(folder.path().read_dir().unwrap().count(), 3, "nothing else is left");
    }

    #[test]
    fn of_two_at_once_one_is_whole_and_the_other_refused() {
        let folder = micrograph_testkit::temporary_folder();
        let (out, alone) = (folder.path().join("set"), folder.path().join("alone"));
        let problems = [Problem::Lamellarity, Problem::Encapsulation];
        let results = std::thread::scope(|scope| {
            problems
                .map(|problem| {
                    scope.spawn({
                        let out = &out;
                        move || draw_12(out, problem, 1)
                    })
                })
                .map(|thread| thread.join().unwrap())
        });
        let first = results.iter().position(Result::is_ok).expect("one of them");
        let message = results[1 - first].as_ref().unwrap_err().to_string();
        assert!(message.contains("is not empty; choose another folder"), "{message}");
        draw_12(&alone, problems[first], 1).unwrap();
        assert_eq!(content(&out), content(&alone));
        assert_eq!(folder.path().read_dir().unwrap().count(), 2, "nothing else is left");
    }

    #[test]
    fn an_empty_folder_is_replaced_also_through_a_link() {
        let folder = micrograph_testkit::temporary_folder();
        let out = folder.path().join("set");
        std::fs::create_dir(&out).unwrap();
        #[cfg(unix)]
        let given = folder.path().join("link");
        #[cfg(unix)]
        std::os::unix::fs::symlink(&out, &given).unwrap();
        #[cfg(not(unix))]
        let given = out.clone();
        draw_12(&given, Problem::Lamellarity, 1).unwrap();
        assert_eq!(content(&out).len(), 24);
    }
}
