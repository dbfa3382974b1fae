//! Tails of the distributions that tests need.
//!
//! `statrs` 0.19 has them to 1e-10 (its `erfc`); these agree with SciPy to 1e-12.

use libm::{erfc, lgamma};

/// The chance that a chi-squared variable of one degree of freedom is at least `x >= 0`:
/// `erfc(sqrt(x / 2))`.
pub(crate) fn chi_squared_tail(x: f64) -> f64 {
    erfc((x / 2.0).sqrt())
}

/// The chance that Student's t with `df > 0` degrees of freedom is at least as far from 0 as `t`:
/// the regularized incomplete beta function `I_x(df/2, 1/2)` at `x = df / (df + t^2)`.
pub(crate) fn student_two_sided(t: f64, df: f64) -> f64 {
    let square = t * t;
    // The complement without cancellation, for the larger of the two sides.
    incomplete_beta(df / 2.0, 0.5, df / (df + square), square / (df + square))
}

/// The chance that of `n` tosses of a fair coin at most `k <= n` show heads.
pub(crate) fn fair_coin_tail(k: usize, n: usize) -> f64 {
    let (k, n) = (k as f64, n as f64);
    let ln_choose = lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
    let mut term = (ln_choose - n * std::f64::consts::LN_2).exp();
    let (mut sum, mut heads) = (term, k);
    // Downwards from the largest term: C(n, i - 1) = C(n, i) i / (n - i + 1).
    while heads > 0.0 && term > sum * f64::EPSILON {
        term *= heads / (n - heads + 1.0);
        sum += term;
        heads -= 1.0;
    }
    sum.min(1.0)
}

/// `I_x(a, b)`, with `y = 1 - x` given apart; a continued fraction on the side where it converges
/// quickly (DLMF 8.17.22).
fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    let front = (lgamma(a + b) - lgamma(a) - lgamma(b) + a * x.ln() + b * y.ln()).exp();
    let value = if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, y) / b
    };
    value.clamp(0.0, 1.0)
}

/// The continued fraction of `I_x(a, b)` by Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..500 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for numerator in [even, odd] {
            d = 1.0 / away(1.0 + numerator * d);
            c = away(1.0 + numerator / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use micrograph_testkit::assert_close;

    use super::*;

    #[test]
    fn tails_are_those_of_scipy() {
        // scipy.stats.chi2.sf(x, 1)
        let got = [0.0, 0.5, 3.841_458_820_694_124, 40.0].map(chi_squared_tail);
        assert_close(
            &got,
            &[1.0, 0.479_500_122_186_953_4, 0.05, 2.539_628_589_470_863e-10],
            0.0,
            1e-12,
        );
        // 2 * scipy.stats.t.sf(t, df)
        let got = [(0.0, 4.0), (0.3, 1.0), (2.776_445_105_197_779, 4.0), (-12.0, 9.0), (60.0, 4.0)]
            .map(|(t, df)| student_two_sided(t, df));
        let expected =
            [1.0, 0.814_452_841_844_515_4, 0.05, 7.699_886_222_985_65e-7, 4.621_068_727_635_13e-7];
        assert_close(&got, &expected, 0.0, 1e-11);
        // scipy.stats.binom.cdf(k, n, 0.5)
        let got = [(0, 0), (3, 12), (12, 24), (480, 1000)].map(|(k, n)| fair_coin_tail(k, n));
        let expected = [1.0, 0.072_998_046_875, 0.580_590_128_898_620_6, 0.108_724_146_602_070_75];
        assert_close(&got, &expected, 0.0, 1e-11);
    }
}
