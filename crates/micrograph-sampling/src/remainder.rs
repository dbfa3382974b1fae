//! Whole numbers in given proportions.

/// Divides `total` in the proportions of `shares` by the method of the largest remainder.
///
/// Each part is within one of its exact share and the parts sum to `total`; of equal remainders
/// the first wins. `shares` are finite, at least 0, and not all 0.
pub(crate) fn largest_remainder(shares: &[f64], total: usize) -> Vec<usize> {
    let sum: f64 = shares.iter().sum();
    let exact: Vec<f64> = shares.iter().map(|share| total as f64 * (share / sum)).collect();
    let mut parts: Vec<usize> = exact.iter().map(|exact| exact.floor() as usize).collect();
    let mut order: Vec<usize> = (0..shares.len()).filter(|&i| shares[i] > 0.0).collect();
    order.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()));
    let left = total.saturating_sub(parts.iter().sum());
    for part in order.into_iter().take(left) {
        parts[part] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_those_of_the_textbook_example() {
        // Wikipedia, "Quota method", Hare quota: 100 000 votes, 10 seats.
        let votes = [47_000.0, 16_000.0, 15_900.0, 12_000.0, 6_000.0, 3_100.0];
        assert_eq!(largest_remainder(&votes, 10), [5, 2, 1, 1, 1, 0]);
    }
}
