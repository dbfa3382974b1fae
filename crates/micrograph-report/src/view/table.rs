//! Further tables.

use crate::Table;
use crate::format::UNDEFINED;

/// A table with a width common to all rows.
pub(super) struct TableView {
    pub(super) title: String,
    pub(super) caption: String,
    pub(super) header: Vec<HeadCell>,
    pub(super) rows: Vec<Vec<BodyCell>>,
}

/// The head of a column.
pub(super) struct HeadCell {
    pub(super) text: String,
    /// The class of the style sheet: `number` or `text`.
    pub(super) style: &'static str,
}

/// A cell.
pub(super) struct BodyCell {
    pub(super) text: String,
    pub(super) style: &'static str,
}

/// The table with short rows filled up, and the columns that hold only numbers known as such.
pub(super) fn view(table: &Table) -> TableView {
    let n_columns = table.rows.iter().map(Vec::len).max().unwrap_or(0).max(table.header.len());
    let text = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
    let style = |column: usize| {
        let numeric = table.rows.iter().all(|row| row.get(column).is_none_or(|c| is_number(c)));
        if numeric && !table.rows.is_empty() { "number" } else { "text" }
    };
    let styles: Vec<_> = (0..n_columns).map(style).collect();
    let columns = || styles.iter().copied().enumerate();
    TableView {
        title: table.title.clone(),
        caption: table.caption.clone(),
        header: columns()
            .map(|(column, style)| HeadCell { text: text(&table.header, column), style })
            .collect(),
        rows: (table.rows.iter())
            .map(|row| {
                columns()
                    .map(|(column, style)| BodyCell { text: text(row, column), style })
                    .collect()
            })
            .collect(),
    }
}

/// Whether a cell is aligned as a number: digits with the usual signs and units of this house,
/// an undefined value, or nothing.
fn is_number(cell: &str) -> bool {
    let cell = cell.trim();
    let allowed = |c: char| c.is_ascii_digit() || c.is_whitespace() || ".,-−+±%–/()e<>".contains(c);
    cell.is_empty()
        || [UNDEFINED, "-", "—"].contains(&cell)
        || (cell.contains(|c: char| c.is_ascii_digit()) && cell.chars().all(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_numbers_are_found_and_short_rows_filled_up() {
        let row = |cells: &[&str]| cells.iter().map(ToString::to_string).collect();
        let view = view(&Table {
            title: String::new(),
            caption: String::new(),
            header: row(&["augmentation", "F1"]),
            rows: vec![row(&["none", "0.71 ± 0.02", "3"]), row(&["rotation", "–"])],
        });
        let styles: Vec<_> = view.header.iter().map(|head| head.style).collect();
        assert_eq!(styles, ["text", "number", "number"]);
        assert_eq!(view.header[2].text, "");
        assert_eq!(view.rows[1].len(), 3);
    }

    #[test]
    fn words_are_no_numbers() {
        assert!(is_number("1,234.5") && is_number("−0.12") && is_number("87.3 %") && is_number(""));
        assert!(!is_number("LipNet-4") && !is_number("e") && !is_number("12 s"));
    }
}
