//! Holm's correction for several comparisons.

use crate::{Error, Result};

/// The p values of `m` tests, raised so that the chance of even one false finding among them stays
/// below the level at which they are read.
///
/// In ascending order `p_(1) <= ... <= p_(m)`, the adjusted value of rank `j` is
/// `max over i <= j of min(1, (m - i + 1) p_(i))`. Never larger than Bonferroni's `m p`, with the
/// same guarantee, whatever the tests have to do with one another. An undefined p value stays so,
/// and is none of the `m`.
///
/// # Errors
/// [`Error::PValue`] for a value outside `[0, 1]`, or NaN.
///
/// # Source
/// Holm, Scandinavian Journal of Statistics 6 (1979); as `multipletests(method="holm")` of
/// statsmodels and `p.adjust` of R.
///
/// # Example
/// ```
/// use micrograph_metrics::holm;
///
/// let adjusted = holm(&[Some(0.01), Some(0.04), None, Some(0.03)])?;
/// // 3 * 0.01; 2 * 0.03; then 1 * 0.04, but no less than the one before.
/// assert_eq!(adjusted, [Some(0.03), Some(0.06), None, Some(0.06)]);
/// # Ok::<(), micrograph_metrics::Error>(())
/// ```
pub fn holm(p_values: &[Option<f64>]) -> Result<Vec<Option<f64>>> {
    let mut ranked = Vec::new();
    for (index, p_value) in p_values.iter().enumerate() {
        match *p_value {
            Some(value) if (0.0..=1.0).contains(&value) => ranked.push((value, index)),
            Some(value) => return Err(Error::PValue { index, value }),
            None => {}
        }
    }
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut adjusted = vec![None; p_values.len()];
    let mut least = 0.0_f64;
    for (rank, &(value, index)) in ranked.iter().enumerate() {
        least = least.max(((ranked.len() - rank) as f64 * value).min(1.0));
        adjusted[index] = Some(least);
    }
    Ok(adjusted)
}
