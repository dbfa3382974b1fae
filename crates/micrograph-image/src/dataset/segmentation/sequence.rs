//! Which images of a folder follow each other.

use std::collections::{BTreeMap, BTreeSet};

use super::FrameOrder;
use super::problem::{SegmentationProblem, first_of};
use super::roles::stem;

/// A name as the text around its last number.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Numbered<'a> {
    before: &'a str,
    number: u64,
    digits: usize,
    after: &'a str,
}

fn numbered(name: &str) -> Option<Numbered<'_>> {
    let stem = stem(name);
    let end = stem.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = stem[..end]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |last| last + stem[last..].chars().next().map_or(1, char::len_utf8));
    let number = stem[start..end].parse().ok()?;
    Some(Numbered { before: &stem[..start], number, digits: end - start, after: &stem[end..] })
}

/// Numbers that other parts of a data set have, by the text around them.
pub(super) type Elsewhere = BTreeSet<(String, u64)>;

/// The text around the last number of a name, and that number.
pub(super) fn place(name: &str) -> Option<(String, u64)> {
    numbered(name).map(|name| (format!("{}*{}", name.before, name.after), name.number))
}

/// What happens where a number is missing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gaps<'a> {
    /// It is an error, unless another part has the number: then the sequence ends there.
    Refused(&'a Elsewhere),
    /// The sequence ends there.
    Part,
}

/// The names of one folder as runs of indices into `names`, each of which follow each other.
pub(super) fn runs(
    names: &[&str],
    order: FrameOrder,
    gaps: Gaps<'_>,
) -> Result<Vec<Vec<usize>>, SegmentationProblem> {
    if order == FrameOrder::Independent {
        return Ok((0..names.len()).map(|index| vec![index]).collect());
    }
    let mut groups: BTreeMap<(&str, &str), Vec<(u64, usize)>> = BTreeMap::new();
    let mut runs = Vec::new();
    for (index, name) in names.iter().enumerate() {
        match numbered(name) {
            Some(Numbered { before, number, after, .. }) => {
                groups.entry((before, after)).or_default().push((number, index));
            }
            None => runs.push(vec![index]),
        }
    }
    for mut members in groups.into_values() {
        members.sort_unstable();
        match step(&members, order) {
            Some(step) => runs.extend(unbroken(names, &members, step, gaps)?),
            None => runs.extend(members.into_iter().map(|(_, index)| vec![index])),
        }
    }
    // Names come in natural order, and so do their runs.
    runs.sort_unstable_by_key(|run| run.first().copied());
    Ok(runs)
}

/// By how much the numbers of a sequence grow; `None` where the members are no sequence.
fn step(members: &[(u64, usize)], order: FrameOrder) -> Option<u64> {
    let differences: Vec<u64> = members.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    if differences.is_empty() || differences.contains(&0) {
        return None;
    }
    // Two numbers alone tell no step.
    let step = if members.len() > 2 { differences.iter().copied().fold(0, gcd) } else { 1 };
    // One less than there would be without a gap.
    let steps = differences.iter().sum::<u64>() / step;
    let dense = 2 * members.len() as u64 > steps;
    (dense || order == FrameOrder::Sequence).then_some(step)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Cuts a sequence where numbers are missing, or refuses it.
fn unbroken(
    names: &[&str],
    members: &[(u64, usize)],
    step: u64,
    gaps: Gaps<'_>,
) -> Result<Vec<Vec<usize>>, SegmentationProblem> {
    /// More are counted, but not named.
    const NAMED: u64 = 8;
    let mut runs: Vec<Vec<usize>> = Vec::new();
    let (mut missing, mut count) = (Vec::new(), 0);
    let mut last = None;
    for &(number, index) in members {
        let before = last.replace(number).filter(|&before| before + step != number);
        match (before, runs.last_mut()) {
            (None, Some(run)) => run.push(index),
            _ => runs.push(vec![index]),
        }
        let Some(before) = before else { continue };
        let lacking = (number - before) / step - 1;
        let numbers = (1..=lacking.min(NAMED)).map(|nth| before + nth * step);
        let absent: Vec<u64> = match gaps {
            Gaps::Part => continue,
            Gaps::Refused(elsewhere) => {
                let around = place(names[index]).map(|(around, _)| around).unwrap_or_default();
                numbers.filter(|&number| !elsewhere.contains(&(around.clone(), number))).collect()
            }
        };
        count += if absent.is_empty() { 0 } else { lacking.max(absent.len() as u64) };
        missing.extend(absent.into_iter().map(|number| like(names[index], number)));
    }
    match (members.first(), members.last()) {
        (Some(&(_, first)), Some(&(_, last))) if !missing.is_empty() => {
            Err(SegmentationProblem::MissingFrames {
                first: names[first].to_owned(),
                last: names[last].to_owned(),
                count: usize::try_from(count).unwrap_or(usize::MAX),
                names: first_of(&missing),
            })
        }
        _ => Ok(runs),
    }
}

/// The name with another number, of as many digits.
fn like(name: &str, number: u64) -> String {
    let ending = &name[stem(name).len()..];
    numbered(name).map_or_else(String::new, |parts| {
        format!("{}{number:0width$}{}{ending}", parts.before, parts.after, width = parts.digits)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Result<Vec<Vec<usize>>, String> {
        let nowhere = Elsewhere::new();
        let found = runs(names, FrameOrder::Auto, Gaps::Refused(&nowhere));
        found.map_err(|problem| problem.to_string())
    }

    #[test]
    fn numbers_make_sequences() {
        assert_eq!(of(&["t0.tif", "t1.tif", "t2.tif"]), Ok(vec![vec![0, 1, 2]]));
        assert_eq!(of(&["a_1.png", "a_2.png", "b_1.png"]), Ok(vec![vec![0, 1], vec![2]]));
        assert_eq!(of(&["t000.png", "t010.png", "t020.png"]), Ok(vec![vec![0, 1, 2]]));
        assert_eq!(of(&["x.png", "y.png"]), Ok(vec![vec![0], vec![1]]));
        // Few of many: images that were picked out.
        assert_eq!(of(&["3.png", "7.png", "40.png"]), Ok(vec![vec![0], vec![1], vec![2]]));
        assert_eq!(of(&["é1.png", "é2.png"]), Ok(vec![vec![0, 1]]));
        assert_eq!(of(&["99999999999999999999999.png"]), Ok(vec![vec![0]]));
        assert_eq!(of(&["0.png", "18446744073709551615.png"]), Ok(vec![vec![0], vec![1]]));
    }

    #[test]
    fn a_missing_number_is_named() {
        let expected = "expected all frames from t08.tif to t11.tif, but 1 is missing: t10.tif; \
            restore them, or say that the images do not follow each other (`order = \"independent\"`)";
        assert_eq!(of(&["t08.tif", "t09.tif", "t11.tif"]), Err(expected.to_owned()));
        let names = ["t08.tif", "t09.tif", "t11.tif"];
        assert_eq!(runs(&names, FrameOrder::Auto, Gaps::Part), Ok(vec![vec![0, 1], vec![2]]));
        let elsewhere = Elsewhere::from([("t*".to_owned(), 10)]);
        assert_eq!(
            runs(&names, FrameOrder::Auto, Gaps::Refused(&elsewhere)),
            Ok(vec![vec![0, 1], vec![2]])
        );
    }
}
