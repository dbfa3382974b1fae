//! Settings that are chosen for the training rows, and what the report says of the choice.

use micrograph_classic::{Pipeline, Samples, Setting, Tried, Tuned};
use micrograph_report::Table;

use crate::{Event, Result, Surroundings, TrainConfig};

/// Combinations in the table.
const SHOWN: usize = 20;

/// The settings of `pipeline` that suit `samples` best, where the run's settings ask for a search
/// and the method has something to choose.
pub(super) fn tuned(
    pipeline: &Pipeline,
    samples: &Samples<'_>,
    config: &TrainConfig,
    around: &Surroundings<'_>,
) -> Result<Option<Tuned>> {
    let Some(tuning) = &config.tuning else { return Ok(None) };
    if pipeline.default_grid(samples.x().ncols()).is_empty() {
        return Ok(None);
    }
    around.tell(Event::Began { task: "choosing settings", total: 1 });
    let tuned = pipeline.tuned(samples, tuning, config.seed)?;
    around.tell(Event::Advanced);
    around.tell(Event::Ended);
    Ok(Some(tuned))
}

/// The best of what was tried.
pub(crate) fn table(tuned: &Tuned) -> Table {
    let mut order: Vec<usize> = (0..tuned.tried.len()).collect();
    let score = |place: usize| tuned.tried[place].score.unwrap_or(f64::NEG_INFINITY);
    order.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
    let settings: Vec<Setting> =
        tuned.tried.first().map(|tried| tried.values.keys().copied().collect()).unwrap_or_default();
    let row = |&place: &usize| {
        let Tried { values, score, error } = &tuned.tried[place];
        let value = |setting: &Setting| values.get(setting).map_or(String::new(), number);
        let score = match (score, error) {
            (Some(score), _) => format!("{score:.4}"),
            (None, error) => error.clone().unwrap_or_default(),
        };
        settings.iter().map(value).chain([score]).collect()
    };
    let worth = tuned.worth().map_or(String::new(), |worth| {
        format!(
            " A choice made in this way reached {worth:.4} on samples that had no say in it: what \
             to expect, where the score of the best is a little too good."
        )
    });
    Table {
        title: "Settings that were tried".into(),
        caption: format!(
            "The {} best of {}, by their mean score in a cross-validation on the training \
             samples; the first was taken.{worth}",
            order.len().min(SHOWN),
            tuned.tried.len(),
        ),
        header: settings.iter().map(name).chain(["score".to_owned()]).collect(),
        rows: order.iter().take(SHOWN).map(row).collect(),
    }
}

/// As in settings.
fn name(setting: &Setting) -> String {
    toml::Value::try_from(setting)
        .ok()
        .and_then(|value| value.as_str().map(|name| name.replace('_', " ")))
        .unwrap_or_default()
}

/// In at most four digits: `0.0009766`, `100`.
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
    fn numbers_have_four_digits_at_most() {
        let written: Vec<String> =
            [0.0, 1.0 / 1024.0, 0.25, 100.0, 12_345.0].iter().map(number).collect();
        assert_eq!(written, ["0", "0.0009766", "0.25", "100", "12345"]);
    }
}
