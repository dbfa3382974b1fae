//! Paths made of a table's columns: `{image ID:03}.bmp`.

use csv::StringRecord;

use super::{ManifestProblem, TemplateProblem};

/// A template whose columns are known to stand in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dataset) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Value { column: usize, width: usize },
}

impl Template {
    /// Reads `text`; `column` gives the place of a name in the table.
    pub(in crate::dataset) fn parse(
        text: &str,
        column: impl Fn(&str) -> Result<usize, ManifestProblem>,
    ) -> Result<Self, ManifestProblem> {
        let fail = |problem| ManifestProblem::Template { template: text.to_owned(), problem };
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, braced) = rest.split_at(at);
            literal.push_str(before);
            if let Some(after) = braced.strip_prefix("{{") {
                literal.push('{');
                rest = after;
            } else if let Some(after) = braced.strip_prefix("}}") {
                literal.push('}');
                rest = after;
            } else if let Some(inside) = braced.strip_prefix('{') {
                let (field, after) =
                    inside.split_once('}').ok_or_else(|| fail(TemplateProblem::UnclosedBrace))?;
                let (name, width) = name_and_width(field).map_err(fail)?;
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                pieces.push(Piece::Value { column: column(name)?, width });
                rest = after;
            } else {
                return Err(fail(TemplateProblem::StrayBrace));
            }
        }
        literal.push_str(rest);
        pieces.push(Piece::Literal(literal));
        Ok(Self { pieces })
    }

    /// The path for one row, or the first of the template's columns that is empty in it.
    pub(in crate::dataset) fn render(&self, row: &StringRecord) -> Result<String, usize> {
        let mut path = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => path.push_str(text),
                Piece::Value { column, width } => match row.get(*column).map(str::trim) {
                    None | Some("") => return Err(*column),
                    Some(value) => path.push_str(&format!("{value:0>width$}")),
                },
            }
        }
        Ok(path)
    }
}

/// Splits `image ID:03` into `image ID` and 3. A colon before anything but digits is part of the
/// name.
fn name_and_width(field: &str) -> Result<(&str, usize), TemplateProblem> {
    let is_width = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (name, width) = match field.rsplit_once(':').filter(|(_, width)| is_width(width)) {
        None => (field, 0),
        Some((name, width)) => {
            let digits = width.strip_prefix('0').filter(|digits| matches!(digits.len(), 1 | 2));
            let parsed = digits.and_then(|digits| digits.parse().ok());
            (name, parsed.ok_or_else(|| TemplateProblem::Width(width.to_owned()))?)
        }
    };
    if name.is_empty() { Err(TemplateProblem::EmptyName) } else { Ok((name, width)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [&str; 3] = ["image ID", "ns:name", "empty"];

    fn parse(text: &str) -> Result<Template, ManifestProblem> {
        Template::parse(text, |name| {
            let found = COLUMNS.iter().position(|column| *column == name);
            found.ok_or_else(|| ManifestProblem::UnknownColumn {
                column: name.to_owned(),
                known: COLUMNS.map(str::to_owned).to_vec(),
                repair: "correct the name",
            })
        })
    }

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let row = StringRecord::from(vec![" 7 ", "été", ""]);
        assert_eq!(parse(template).unwrap().render(&row).unwrap(), expected);
    }

    #[track_caller]
    fn check_refused(template: &str, expected: &str) {
        assert_eq!(parse(template).unwrap_err().to_string(), expected);
    }

    #[test]
    fn fills_in_values() {
        check("{image ID:03}.bmp", "007.bmp");
        check("{image ID}.bmp", "7.bmp");
        check("a/{ns:name}_{image ID:02}.png", "a/été_07.png");
        check("{ns:name:05}", "00été");
        check("{ns:name:02}", "été");
        check("{{{image ID}}}", "{7}");
        check("plain", "plain");
        check("", "");
    }

    #[test]
    fn names_the_empty_column() {
        let row = StringRecord::from(vec!["7", "x", "  "]);
        assert_eq!(parse("{image ID}{empty}").unwrap().render(&row), Err(2));
    }

    #[test]
    fn refuses_what_it_cannot_read() {
        let unclosed = "template `{image ID.bmp`: `{` is not closed; write `{{` for a brace";
        check_refused("{image ID.bmp", unclosed);
        check_refused("a}", "template `a}`: `}` closes nothing; write `}}` for a brace");
        for nameless in ["{}", "{:03}"] {
            let problem = "`{}` names no column; write one between the braces";
            check_refused(nameless, &format!("template `{nameless}`: {problem}"));
        }
        for width in ["3", "0", "", "0999"] {
            let problem = "is no width; write a zero and one or two digits, such as `:03`";
            let template = format!("{{image ID:{width}}}");
            check_refused(&template, &format!("template `{template}`: `:{width}` {problem}"));
        }
        check_refused(
            "{id:03}.bmp",
            "expected a column `id`, but the table has `image ID`, `ns:name`, `empty`; \
             correct the name",
        );
    }
}
