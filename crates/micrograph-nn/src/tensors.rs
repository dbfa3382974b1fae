//! Do tensors from outside fit the ones they are to replace?

use std::collections::{HashMap, HashSet};

use candle::Tensor;

use crate::{Error, Result};

/// [`Error::Mismatch`] unless `given` has exactly the names, shapes and types of `expected`.
pub(crate) fn check_tensors<'a>(
    what: &'static str,
    expected: impl Iterator<Item = (&'a str, &'a Tensor)>,
    given: &HashMap<String, Tensor>,
) -> Result<(), Error> {
    let mut problems = Vec::new();
    let mut known = HashSet::new();
    for (name, tensor) in expected {
        known.insert(name);
        match given.get(name) {
            None => problems.push(format!("missing `{name}`")),
            Some(found) if kind(found) != kind(tensor) => {
                problems.push(format!("`{name}` is {}, expected {}", kind(found), kind(tensor)));
            }
            Some(_) => {}
        }
    }
    let mut unexpected: Vec<&str> =
        given.keys().map(String::as_str).filter(|name| !known.contains(name)).collect();
    unexpected.sort_unstable();
    problems.extend(unexpected.iter().map(|name| format!("unexpected `{name}`")));
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::Mismatch { what, problems: problems.join(", ") })
}

fn kind(tensor: &Tensor) -> String {
    format!("{} {:?}", tensor.dtype().as_str(), tensor.dims())
}
