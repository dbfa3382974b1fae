//! What the values of masks stand for, where nobody says.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::path::Path;
use std::thread;

use super::labels::{MaskValue, values};
use super::locate::refused;
use super::problem::SegmentationProblem;
use super::reading::labels_of;
use super::{ClassTable, Frame, MOST_CLASSES, MaskKind, SegmentationOptions, table};
use crate::{Depth, Limits, Result};

/// What a mask holds.
#[derive(Debug, Default)]
struct Seen {
    values: BTreeSet<MaskValue>,
    wide: bool,
    /// Pixels that are not 0, and white ones.
    foreground: u64,
    white: u64,
}

/// Decodes all masks of `frames` and settles kind and classes.
pub(super) fn settle(
    frames: &[&Frame],
    options: &SegmentationOptions,
) -> Result<(MaskKind, ClassTable)> {
    let seen = look(frames, &options.limits)?;
    let union: Vec<MaskValue> = seen
        .iter()
        .flat_map(|seen| &seen.values)
        .copied()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    if union.is_empty() {
        return Ok((MaskKind::Classes, ClassTable::binary(255)));
    }
    if let Some(table) = options.preferred.as_ref().filter(|table| table.has_all(&union)) {
        return Ok((MaskKind::Classes, table.clone()));
    }
    if options.masks == MaskKind::Auto && looks_like_instances(&seen, &union) {
        return Ok((MaskKind::Instances, ClassTable::objects()));
    }
    match table::from_values(&union) {
        Ok(table) => Ok((MaskKind::Classes, table)),
        Err(problem) => Err(culprit(frames, &seen, problem, &options.limits)),
    }
}

/// See [`MaskKind::Auto`].
fn looks_like_instances(seen: &[Seen], union: &[MaskValue]) -> bool {
    if union.iter().any(|value| value.gray().is_none()) {
        return false;
    }
    let wide = seen.iter().any(|seen| seen.wide);
    let foreground: u64 = seen.iter().map(|seen| seen.foreground).sum();
    let white: u64 = seen.iter().map(|seen| seen.white).sum();
    // Masks that were smoothed or compressed with loss hold many values, but are mostly white.
    let is_white = 2 * white > foreground;
    (wide && union.len() > 2 || union.len() > MOST_CLASSES) && !is_white
}

/// The mask with a value that the others do not have, if most masks are clear.
fn culprit(
    frames: &[&Frame],
    seen: &[Seen],
    problem: SegmentationProblem,
    limits: &Limits,
) -> crate::Error {
    let mask = frames.iter().find_map(|frame| frame.mask.as_ref());
    let path = mask.map(|mask| mask.path.as_path()).unwrap_or(Path::new(""));
    let folder = path.parent().unwrap_or(path).to_owned();
    let tables = seen.iter().map(|seen| {
        let values: Vec<MaskValue> = seen.values.iter().copied().collect();
        (values.len() > 1).then(|| table::from_values(&values).ok()).flatten()
    });
    let tables: Vec<Option<ClassTable>> = tables.collect();
    let votes =
        |table: &ClassTable| tables.iter().flatten().filter(|other| *other == table).count();
    let best = tables.iter().flatten().max_by_key(|table| votes(table));
    match best.filter(|best| 2 * votes(best) >= tables.len()) {
        Some(best) => {
            let known = best.indices_by_value();
            let is_known = |value: &MaskValue| known.iter().any(|(known, _)| known == value);
            let bad = frames.iter().zip(seen).find(|(_, seen)| !seen.values.iter().all(is_known));
            // Read again, to say where.
            let labels = bad
                .and_then(|(frame, _)| frame.mask.as_ref())
                .map(|mask| labels_of(mask, MaskKind::Classes, best, limits));
            labels.and_then(Result::err).unwrap_or_else(|| refused(&folder, problem))
        }
        None => refused(&folder, problem),
    }
}

/// Looks into the masks, on as many threads as there are; the result does not depend on them.
fn look(frames: &[&Frame], limits: &Limits) -> Result<Vec<Seen>> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let each = frames.len().div_ceil(threads).max(1);
    let look_into = |frames: &[&Frame]| -> Vec<Result<Seen>> {
        frames.iter().map(|frame| seen(frame, limits)).collect()
    };
    let parts: Vec<Vec<Result<Seen>>> = thread::scope(|scope| {
        let workers: Vec<_> =
            frames.chunks(each).map(|part| scope.spawn(move || look_into(part))).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    parts.into_iter().flatten().collect()
}

fn seen(frame: &Frame, limits: &Limits) -> Result<Seen> {
    let Some(mask) = &frame.mask else { return Ok(Seen::default()) };
    let image = mask.read(limits)?;
    let expected = "whole numbers".to_owned();
    let values = values(&image)
        .map_err(|problem| refused(&mask.path, SegmentationProblem::of_mask(problem, expected)))?;
    let mut seen = Seen { wide: image.depth != Depth::U8, ..Seen::default() };
    let mut last = None;
    for &value in &values {
        if last != Some(value) {
            seen.values.insert(value);
            last = Some(value);
        }
    }
    let full_scale = if seen.wide { 65535 } else { 255 };
    for value in values.iter().filter(|&&value| value != MaskValue::Gray(0)) {
        seen.foreground += 1;
        seen.white += u64::from(*value == MaskValue::Gray(full_scale));
    }
    Ok(seen)
}
