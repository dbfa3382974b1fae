//! How numbers read on the page.

/// What stands for an undefined number.
pub(crate) const UNDEFINED: &str = "–";

/// A score with three decimals: `0.944`, `−0.120`, or an en dash when undefined.
pub(crate) fn score(value: Option<f64>) -> String {
    match value.filter(|value| value.is_finite()) {
        Some(value) => signed(format!("{value:.3}")),
        None => UNDEFINED.into(),
    }
}

/// A fraction as a percentage with one decimal and a narrow space: `94.2 %`.
pub(crate) fn percent(fraction: f64) -> String {
    if fraction.is_finite() {
        format!("{:.1}\u{202f}%", 100.0 * fraction)
    } else {
        UNDEFINED.into()
    }
}

/// A percentage that does not round a rare class away: `0.59 %`, `0.004 %`.
pub(crate) fn share(fraction: f64) -> String {
    let percent = 100.0 * fraction;
    match percent {
        p if !p.is_finite() => UNDEFINED.into(),
        p if p == 0.0 || p >= 10.0 => format!("{p:.1}\u{202f}%"),
        p if p >= 0.1 => format!("{p:.2}\u{202f}%"),
        p => format!("{p:.3}\u{202f}%"),
    }
}

/// A count with separated thousands: `14,169`; weighted counts keep one decimal: `2,325.4`.
pub(crate) fn count(value: f64) -> String {
    if !value.is_finite() {
        return UNDEFINED.into();
    }
    let tenths = (value * 10.0).round() / 10.0;
    let text = if tenths.fract() == 0.0 { format!("{tenths:.0}") } else { format!("{tenths:.1}") };
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) if digits.chars().any(|digit| digit != '0' && digit != '.') => ("−", digits),
        Some(digits) => ("", digits),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut out = String::from(sign);
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A loss of any size with about four significant digits: `0.2034`, `12.35`, `1.00e-5`.
pub(crate) fn quantity(value: f64) -> String {
    let size = value.abs();
    let text = match size {
        _ if !value.is_finite() => return UNDEFINED.into(),
        0.0 => "0".into(),
        s if !(1e-3..1e6).contains(&s) => format!("{value:.2e}"),
        s if s < 10.0 => format!("{value:.4}"),
        s if s < 1000.0 => format!("{value:.2}"),
        _ => return count(value.round()),
    };
    signed(text)
}

/// A learning rate without trailing zeros: `0.001`, `2.5e-5`.
pub(crate) fn rate(value: f64) -> String {
    match value {
        v if !v.is_finite() => UNDEFINED.into(),
        v if v == 0.0 || v.abs() >= 1e-3 => signed(trimmed(format!("{v:.6}"))),
        v => {
            let text = format!("{v:.2e}");
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            signed(format!("{}e{exponent}", trimmed(mantissa.into())))
        }
    }
}

/// A length of time: `0.84 s`, `8.3 s`, `3 min 12 s`, `1 h 05 min`.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() || s < 0.0 => UNDEFINED.into(),
        s if s > 0.0 && s < 0.005 => "<0.01\u{a0}s".into(),
        s if s < 0.995 => format!("{s:.2}\u{a0}s"),
        s if s < 59.95 => format!("{s:.1}\u{a0}s"),
        s if s < 3599.5 => {
            let whole = s.round();
            format!("{}\u{a0}min {:02}\u{a0}s", (whole / 60.0).floor(), whole % 60.0)
        }
        s => {
            let minutes = (s / 60.0).round();
            format!("{}\u{a0}h {:02}\u{a0}min", count((minutes / 60.0).floor()), minutes % 60.0)
        }
    }
}

/// A difference of two shares in percentage points, without a unit: `6.9`, `−1.2`.
pub(crate) fn points(difference: f64) -> String {
    if !difference.is_finite() {
        return UNDEFINED.into();
    }
    let text = format!("{:.1}", 100.0 * difference);
    signed(if text == "-0.0" { "0.0".into() } else { text })
}

/// A p value with two digits: `0.43`, `0.012`, `<0.001`.
pub(crate) fn p_number(p: f64) -> String {
    match p {
        p if !p.is_finite() => UNDEFINED.into(),
        p if p < 0.001 => "<0.001".into(),
        p if p < 0.0995 => format!("{p:.3}"),
        p => format!("{p:.2}"),
    }
}

/// `p = 0.012`, `p < 0.001`.
pub(crate) fn p_value(p: f64) -> String {
    let number = p_number(p);
    match number.strip_prefix('<') {
        Some(bound) => format!("p\u{a0}<\u{a0}{bound}"),
        None => format!("p\u{a0}=\u{a0}{number}"),
    }
}

/// An amount of memory: `412 MiB`, `1.6 GiB`.
pub(crate) fn bytes(n: u64) -> String {
    let mebi = n as f64 / 1_048_576.0;
    match mebi {
        m if m < 9.95 => format!("{m:.1}\u{a0}MiB"),
        m if m < 1000.0 => format!("{m:.0}\u{a0}MiB"),
        m => format!("{:.1}\u{a0}GiB", m / 1024.0),
    }
}

/// `1 epoch`, `12 epochs`.
pub(crate) fn plural(n: usize, one: &str, many: &str) -> String {
    format!("{}\u{a0}{}", count(n as f64), if n == 1 { one } else { many })
}

/// The names in typographic quotes, as a list in a sentence: `“a”, “b” and “c”`.
pub(crate) fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(quoted).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// A name in typographic quotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("“{name}”")
}

/// With a capital in front, as a heading has it: `Validation`.
pub(crate) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// A hyphen in front of digits becomes a minus sign.
fn signed(text: String) -> String {
    text.replace('-', "−")
}

fn trimmed(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_person_writes_them() {
        assert_eq!(score(Some(0.94444)), "0.944");
        assert_eq!(score(Some(-0.12)), "−0.120");
        assert_eq!(score(Some(f64::NAN)), "–");
        assert_eq!(score(None), "–");
        assert_eq!(percent(0.9417), "94.2\u{202f}%");
        assert_eq!(share(84.0 / 14_169.0), "0.59\u{202f}%");
        assert_eq!(share(0.0), "0.0\u{202f}%");
        assert_eq!(count(14_169.0), "14,169");
        assert_eq!(count(2_325.44), "2,325.4");
        assert_eq!(count(-1_000.0), "−1,000");
        assert_eq!(count(-0.01), "0");
        assert_eq!(count(999.0), "999");
        assert_eq!(quantity(0.20344), "0.2034");
        assert_eq!(quantity(1.0e-5), "1.00e−5");
        assert_eq!(quantity(f64::INFINITY), "–");
        assert_eq!(rate(0.001), "0.001");
        assert_eq!(rate(2.5e-5), "2.5e−5");
    }

    #[test]
    fn differences_and_p_values_read_as_a_person_writes_them() {
        assert_eq!([0.0692, -0.012, -0.0001].map(points), ["6.9", "−1.2", "0.0"]);
        let p = [0.0, 0.000_99, 0.012_34, 0.0994, 0.0999, 0.434, 1.0, f64::NAN].map(p_number);
        assert_eq!(p, ["<0.001", "<0.001", "0.012", "0.099", "0.10", "0.43", "1.00", "–"]);
        assert_eq!(p_value(0.000_1), "p\u{a0}<\u{a0}0.001");
        assert_eq!(bytes(5 << 20), "5.0\u{a0}MiB");
        assert_eq!(bytes(1_717_986_918), "1.6\u{a0}GiB");
    }

    #[test]
    fn times_carry_over_at_the_minute_and_the_hour() {
        assert_eq!(duration(0.84), "0.84\u{a0}s");
        assert_eq!(duration(0.001), "<0.01\u{a0}s");
        assert_eq!(duration(59.96), "1\u{a0}min 00\u{a0}s");
        assert_eq!(duration(192.0), "3\u{a0}min 12\u{a0}s");
        assert_eq!(duration(3599.6), "1\u{a0}h 00\u{a0}min");
        assert_eq!(duration(f64::NAN), "–");
    }

    #[test]
    fn lists_read_as_a_sentence() {
        assert_eq!(quoted_list([]), "");
        assert_eq!(quoted_list(["a"]), "“a”");
        assert_eq!(quoted_list(["a", "b", "c"]), "“a”, “b” and “c”");
        assert_eq!(capitalized("5-fold"), "5-fold");
        assert_eq!(capitalized("über alle"), "Über alle");
        assert_eq!(plural(1, "epoch", "epochs"), "1\u{a0}epoch");
    }
}
