//! The section of what was run: small tables of names and values.

use crate::FactGroup;

/// A hash is at least as long as an MD5 in hexadecimal.
const SHORTEST_HASH: usize = 32;

/// A table.
pub(super) struct Group {
    pub(super) title: String,
    pub(super) rows: Vec<Row>,
}

/// A row of it.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) value: String,
    /// Whether the value is set as code.
    pub(super) is_code: bool,
}

/// The tables that have a row.
pub(super) fn groups(groups: &[FactGroup]) -> Vec<Group> {
    let filled = groups.iter().filter(|group| !group.facts.is_empty());
    filled.map(view).collect()
}

fn view(group: &FactGroup) -> Group {
    let rows = group.facts.iter().map(|fact| Row {
        label: fact.label.clone(),
        value: fact.value.clone(),
        is_code: is_code(&fact.value),
    });
    Group { title: group.title.clone(), rows: rows.collect() }
}

/// A command line or a hash.
fn is_code(value: &str) -> bool {
    value.contains(" --")
        || (value.len() >= SHORTEST_HASH && value.chars().all(|c| c.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fact;

    #[test]
    fn command_lines_and_hashes_are_code_and_numbers_are_not() {
        assert!(is_code("micrograph train --seed 1"));
        assert!(is_code(&"0f".repeat(16)));
        assert!(!is_code("0.001") && !is_code("28 - 32") && !is_code(&"0f".repeat(15)));
    }

    #[test]
    fn a_group_without_facts_is_left_out() {
        let group = |facts| FactGroup { title: "Run".into(), facts };
        assert_eq!(groups(&[group(Vec::new()), group(vec![Fact::new("Seed", 1)])]).len(), 1);
    }
}
