//! Tables for a terminal.

use std::fmt;

use crate::Table;

impl Table {
    /// Adds a row of a name, scores to three decimals (undefined as `-`) and a last cell.
    pub fn push_scores(
        &mut self,
        name: impl fmt::Display,
        scores: impl IntoIterator<Item = Option<f64>>,
        last: &str,
    ) {
        let show = |score: Option<f64>| score.map_or("-".to_owned(), |score| format!("{score:.3}"));
        let mut row = vec![name.to_string()];
        row.extend(scores.into_iter().map(show));
        row.push(last.to_owned());
        self.rows.push(row);
    }
}

/// Title, caption and rows with aligned columns, the first to the left, the others to the right.
///
/// ```
/// use micrograph_report::Table;
///
/// let cells = |row: [&str; 2]| row.map(str::to_owned).to_vec();
/// let table = Table {
///     title: "Networks".into(),
///     caption: "F1".into(),
///     header: cells(["network", "full"]),
///     rows: vec![cells(["LipNet-1", "0.8"]), cells(["LipNet-4c", "0.75"])],
/// };
/// assert_eq!(
///     table.to_string(),
///     "Networks: F1\n  network    full\n  LipNet-1    0.8\n  LipNet-4c  0.75\n"
/// );
/// ```
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.title, self.caption)?;
        let rows = || std::iter::once(&self.header).chain(&self.rows);
        let columns = rows().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            rows().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
        };
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        for row in rows() {
            let mut line = String::new();
            for (column, &width) in widths.iter().enumerate() {
                let cell = row.get(column).map_or("", String::as_str);
                if column == 0 {
                    line += &format!("{cell:width$}");
                } else {
                    line += &format!("  {cell:>width$}");
                }
            }
            writeln!(f, "  {}", line.trim_end())?;
        }
        Ok(())
    }
}
