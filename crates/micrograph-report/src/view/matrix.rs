//! A confusion matrix as a table with colored cells.

use crate::format::{UNDEFINED, count};

/// Names longer than this, or more classes than [`MOST_FLAT`], are written upwards over columns.
const LONGEST_FLAT: usize = 13;
const MOST_FLAT: usize = 6;

/// A table of truth (rows) by prediction (columns).
pub(super) struct Matrix {
    pub(super) title: String,
    pub(super) note: String,
    pub(super) columns: Vec<String>,
    /// Whether the heads of the columns are written upwards.
    pub(super) upright: bool,
    pub(super) rows: Vec<Row>,
}

/// A true class.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) cells: Vec<Cell>,
    /// The samples of the class, where the cells are counts.
    pub(super) total: Option<String>,
}

/// A cell of a matrix.
pub(super) struct Cell {
    pub(super) text: String,
    /// The share of its row, in percent: the strength of its color.
    pub(super) percent: u32,
    /// The classes of the style sheet: whether it is right, and how strong its color is.
    pub(super) style: String,
}

impl Matrix {
    /// A matrix of counts, colored by the share of their row.
    pub(super) fn of_counts(title: &str, classes: &[String], rows: &[Vec<f64>]) -> Self {
        let shares: Vec<_> = rows.iter().map(|row| shares(row)).collect();
        let totals = rows.iter().map(|row| Some(count(row.iter().sum()))).collect();
        let text = |truth: usize, predicted: usize| rows[truth].get(predicted).map(|n| count(*n));
        Self::new(title, classes, (&shares, totals), text)
    }

    /// A matrix of shares of the rows; a row is `None` where its class has no sample.
    pub(super) fn of_shares(title: &str, classes: &[String], rows: &[Option<Vec<f64>>]) -> Self {
        let totals = rows.iter().map(|_| None).collect();
        let text = |truth: usize, predicted: usize| {
            rows[truth].as_ref()?.get(predicted).map(|share| share_text(*share))
        };
        Self::new(title, classes, (rows, totals), text)
    }

    fn new(
        title: &str,
        classes: &[String],
        (shares, totals): (&[Option<Vec<f64>>], Vec<Option<String>>),
        text: impl Fn(usize, usize) -> Option<String>,
    ) -> Self {
        let cell = |truth: usize, predicted: usize| {
            let share = shares[truth].as_ref().and_then(|row| row.get(predicted).copied());
            let text = text(truth, predicted).unwrap_or_else(|| UNDEFINED.into());
            Cell::new(text, share, truth == predicted)
        };
        let rows = classes.iter().zip(totals).take(shares.len()).enumerate();
        Self {
            title: title.into(),
            note: String::new(),
            columns: classes.to_vec(),
            upright: classes.len() > MOST_FLAT
                || classes.iter().any(|name| name.chars().count() > LONGEST_FLAT),
            rows: rows
                .map(|(truth, (name, total))| Row {
                    name: name.clone(),
                    cells: (0..classes.len()).map(|predicted| cell(truth, predicted)).collect(),
                    total,
                })
                .collect(),
        }
    }
}

impl Cell {
    fn new(text: String, share: Option<f64>, right: bool) -> Self {
        let percent = share.map_or(0, |share| (100.0 * share.clamp(0.0, 1.0)).round() as u32);
        let kind = match share {
            None => "void",
            Some(0.0) => "none",
            Some(_) if right => "hit",
            Some(_) => "miss",
        };
        // Where the ink must change for contrast: from 63 % on the dark page, 77 % on the light.
        let ink = match percent {
            77.. => " strong",
            63.. => " middling",
            _ => "",
        };
        Self { text, percent, style: format!("{kind}{ink}") }
    }
}

/// Each cell by the sum of its row; `None` for a row of nothing.
fn shares(row: &[f64]) -> Option<Vec<f64>> {
    let sum: f64 = row.iter().sum();
    (sum > 0.0).then(|| row.iter().map(|cell| cell / sum).collect())
}

/// Two decimals, but neither nothing nor everything by rounding alone.
fn share_text(share: f64) -> String {
    match share {
        s if !s.is_finite() => UNDEFINED.into(),
        0.0 => "0".into(),
        s if s < 0.005 => "<0.01".into(),
        s if (0.995..1.0).contains(&s) => ">0.99".into(),
        s => format!("{s:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(n: usize) -> Vec<String> {
        (0..n).map(|index| format!("c{index}")).collect()
    }

    #[test]
    fn counts_are_colored_by_the_share_of_their_row() {
        let matrix = Matrix::of_counts("", &names(2), &[vec![1230.0, 0.0], vec![1.0, 3.0]]);
        let cells: Vec<_> = (matrix.rows.iter())
            .flat_map(|row| row.cells.iter().map(|cell| (cell.text.as_str(), cell.style.as_str())))
            .collect();
        assert_eq!(
            cells,
            [("1,230", "hit strong"), ("0", "none"), ("1", "miss"), ("3", "hit middling")]
        );
        assert_eq!(matrix.rows[1].total.as_deref(), Some("4"));
    }

    #[test]
    fn a_class_without_samples_has_undefined_shares_but_counts_of_zero() {
        let shares = Matrix::of_shares("", &names(2), &[Some(vec![0.999, 0.001]), None]);
        let text = |row: usize| shares.rows[row].cells.iter().map(|c| c.text.as_str());
        assert_eq!(text(0).collect::<Vec<_>>(), [">0.99", "<0.01"]);
        assert_eq!(text(1).collect::<Vec<_>>(), ["–", "–"]);
        let counts = Matrix::of_counts("", &names(1), &[vec![0.0]]);
        assert_eq!((counts.rows[0].cells[0].text.as_str()), "0");
        assert_eq!((counts.rows[0].cells[0].style.as_str()), "void");
    }

    #[test]
    fn many_or_long_names_are_written_upwards() {
        assert!(!Matrix::of_counts("", &names(6), &vec![vec![1.0; 6]; 6]).upright);
        assert!(Matrix::of_counts("", &names(7), &vec![vec![1.0; 7]; 7]).upright);
        assert!(Matrix::of_counts("", &["fourteen chars".into()], &[vec![1.0]]).upright);
    }
}
