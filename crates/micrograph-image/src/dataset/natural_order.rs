//! The order in which people number things.

use std::cmp::Ordering;

/// Compares two names with their runs of digits read as numbers: `img2` stands before `img10`.
///
/// Everything else is compared byte by byte, so upper case stands before lower case, as in
/// Python's `sorted`.
/// Numbers may have any length; names that differ in leading zeros alone are told apart by their
/// bytes, so `Equal` means the same name and the order is total.
///
/// ```
/// use micrograph_image::natural_order;
/// let mut names = ["10", "9", "b", "1", "01", "B"];
/// names.sort_by(|left, right| natural_order(left, right));
/// assert_eq!(names, ["01", "1", "9", "10", "B", "b"]);
/// ```
pub fn natural_order(left: &str, right: &str) -> Ordering {
    let (mut l, mut r) = (left.as_bytes(), right.as_bytes());
    loop {
        let ordering = match (l.first(), r.first()) {
            (None, None) => return left.cmp(right),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit() => {
                let (number_l, rest_l) = split_number(l);
                let (number_r, rest_r) = split_number(r);
                (l, r) = (rest_l, rest_r);
                // Without leading zeros the longer number is the greater one.
                number_l.len().cmp(&number_r.len()).then_with(|| number_l.cmp(number_r))
            }
            (Some(a), Some(b)) => {
                (l, r) = (&l[1..], &r[1..]);
                a.cmp(b)
            }
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
}

/// The leading digits without their leading zeros, and what follows them.
fn split_number(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let zeros = digits.iter().take_while(|&&byte| byte == b'0').count();
    (&digits[zeros..], rest)
}
