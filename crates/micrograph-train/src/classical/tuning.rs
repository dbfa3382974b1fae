//! Settings that are chosen for the training rows, and what the report says of the choice.

use micrograph_classic::{Candidates, Pipeline, Samples, Setting, Tried, Tuned, Tuning};
use micrograph_report::Table;

use super::balance::Rows;
use crate::{Error, Event, Prepared, Result, Surroundings, TrainConfig};

/// Combinations in the table.
const SHOWN: usize = 20;

/// The settings of `pipeline` that suit rows of training samples best, where the run's settings ask
/// for a search and the method has something to choose.
///
/// Rows compete as they are: of repeated and mixed ones, some would be tested by what they were made
/// of. Of a network's embedding nothing tells what a choice is worth, since the network was trained
/// on these very samples.
pub(super) fn tuned(
    pipeline: &Pipeline,
    Rows { x, labels, groups }: &Rows,
    (prepared, config): (&Prepared, &TrainConfig),
    around: &Surroundings<'_>,
) -> Result<Option<Tuned>> {
    let Some(tuning) = &config.tuning else { return Ok(None) };
    if has_nothing_to_choose(pipeline, tuning) {
        let model = config.model_name();
        around.tell(Event::Notice(&format!("tuning: {model} has no settings to search for")));
        return Ok(None);
    }
    let mut tuning = tuning.clone();
    if config.head.is_some() {
        tuning.outer_folds = 0;
    }
    let samples = Samples::new(x.view(), labels, prepared.dataset.classes.len())?;
    let samples = match groups {
        Some(groups) => samples.with_groups(groups)?,
        None => samples,
    };
    let candidates = pipeline.candidates(&tuning, x.ncols(), config.seed)?.len();
    around.tell(Event::Began { task: "choosing settings", total: tuning.fits(candidates) });
    let mut go_on = || {
        around.tell(Event::Advanced);
        !around.stopping()
    };
    let tuned = pipeline.tuned_watched(&samples, &tuning, config.seed, &mut go_on);
    around.tell(Event::Ended);
    match tuned {
        Err(micrograph_classic::Error::Stopped) => Err(Error::Interrupted),
        tuned => Ok(Some(tuned?)),
    }
}

fn has_nothing_to_choose(pipeline: &Pipeline, tuning: &Tuning) -> bool {
    tuning.candidates == Candidates::Default && pipeline.default_grid(1).is_empty()
}

/// Refuses candidates that the classical model of `prepared` cannot have.
pub(crate) fn check_tuning(prepared: &Prepared, config: &TrainConfig) -> Result<()> {
    let (Some(tuning), Some(pipeline)) = (&config.tuning, prepared.model.pipeline()) else {
        return Ok(());
    };
    Ok(pipeline.candidates(tuning, 1, config.seed).map(drop)?)
}

/// What each fold has chosen.
pub(crate) fn table_of_folds(tuned: &[Tuned]) -> Option<Table> {
    let settings = settings(tuned.first()?);
    let row = |(fold, tuned): (usize, &Tuned)| {
        let best = &tuned.tried[tuned.best];
        let score = best.score.map_or(String::new(), |score| format!("{score:.4}"));
        [fold.to_string()].into_iter().chain(values(best, &settings)).chain([score]).collect()
    };
    Some(Table {
        title: "Settings that were chosen".into(),
        caption:
            "Each fold chose for itself, by a cross-validation on its training samples, whose \
                  mean score stands here; what the choices are worth, the scores out of fold tell."
                .into(),
        header: head("fold", &settings),
        rows: (1..).zip(tuned).map(row).collect(),
    })
}

/// The best of what was tried.
pub(crate) fn table_of_tried(tuned: &Tuned) -> Table {
    let mut order: Vec<usize> = (0..tuned.tried.len()).collect();
    let score = |place: usize| tuned.tried[place].score.unwrap_or(f64::NEG_INFINITY);
    order.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
    let settings = settings(tuned);
    let row = |(rank, &place): (usize, &usize)| {
        let tried = &tuned.tried[place];
        let score = match (&tried.score, &tried.error) {
            (Some(score), _) => format!("{score:.4}"),
            (None, error) => error.clone().unwrap_or_default(),
        };
        [rank.to_string()].into_iter().chain(values(tried, &settings)).chain([score]).collect()
    };
    let worth = match tuned.worth() {
        Some(worth) => format!(
            " A choice made in this way reached {worth:.4} on samples that had no say in it: what \
             to expect, where the score of the best is a little too good."
        ),
        None => " The score of the best is too good; other samples tell what it is worth.".into(),
    };
    Table {
        title: "Settings that were tried".into(),
        caption: format!(
            "The {} best of {}, by their mean score in a cross-validation on the training \
             samples; the first was taken.{worth}",
            order.len().min(SHOWN),
            tuned.tried.len(),
        ),
        header: head("rank", &settings),
        rows: (1..).zip(order.iter().take(SHOWN)).map(row).collect(),
    }
}

/// The settings among whose values the choice was.
fn settings(tuned: &Tuned) -> Vec<Setting> {
    tuned.tried.first().map(|tried| tried.values.keys().copied().collect()).unwrap_or_default()
}

fn head(first: &str, settings: &[Setting]) -> Vec<String> {
    let names = settings.iter().map(name);
    [first.to_owned()].into_iter().chain(names).chain(["score".to_owned()]).collect()
}

fn values(tried: &Tried, settings: &[Setting]) -> Vec<String> {
    let value = |setting| tried.values.get(setting).map_or(String::new(), number);
    settings.iter().map(value).collect()
}

/// As in settings.
fn name(setting: &Setting) -> String {
    toml::Value::try_from(setting)
        .ok()
        .and_then(|value| value.as_str().map(|name| name.replace('_', " ")))
        .unwrap_or_default()
}

/// In four digits, or all before the point: `0.0009766`, `100`, `12345`.
fn number(value: &f64) -> String {
    let digits = (3 - value.abs().log10().floor().max(-9.0) as i32).max(0) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits_or_all_before_the_point() {
        let written: Vec<String> =
            [0.0, 1.0 / 1024.0, 0.25, 100.0, 12_345.0].iter().map(number).collect();
        assert_eq!(written, ["0", "0.0009766", "0.25", "100", "12345"]);
    }
}
