use std::cmp::Ordering;

use micrograph_image::natural_order;
use proptest::prelude::*;

#[track_caller]
fn check_sorted(names: &[&str]) {
    for pair in names.windows(2) {
        assert_eq!(natural_order(pair[0], pair[1]), Ordering::Less, "{pair:?}");
    }
}

#[test]
fn numbers_count_by_value() {
    check_sorted(&["1", "2", "9", "10", "100"]);
    check_sorted(&["img1.png", "img2.png", "img10.png"]);
    check_sorted(&["a", "a1", "a1b", "a01c", "a2", "b"]);
    check_sorted(&["0", "00", "01", "1"]);
    check_sorted(&["2 x", "2a", "10"]);
    // More digits than any integer type holds.
    check_sorted(&[
        "9",
        "99999999999999999999999999999999999999998",
        "99999999999999999999999999999999999999999",
    ]);
}

#[test]
fn other_signs_stand_as_in_python() {
    check_sorted(&["-1", "B", "a", "á"]);
}

proptest! {
    #[test]
    fn is_a_total_order(a in "[ab01]{0,5}", b in "[ab01]{0,5}", c in "[ab01]{0,5}") {
        let le = |x: &str, y: &str| natural_order(x, y) != Ordering::Greater;
        prop_assert_eq!(natural_order(&a, &b), natural_order(&b, &a).reverse());
        prop_assert_eq!(natural_order(&a, &b) == Ordering::Equal, a == b);
        prop_assert!(!(le(&a, &b) && le(&b, &c)) || le(&a, &c));
    }

    #[test]
    fn agrees_with_integers(a: u64, b: u64) {
        prop_assert_eq!(natural_order(&format!("x{a}"), &format!("x{b}")), a.cmp(&b));
    }
}
