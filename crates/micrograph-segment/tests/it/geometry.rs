//! Distances and components against SciPy; outlines against area and turning.

use micrograph_segment::{
    Beyond, Connectivity, distance_transform, label_components, outer_outline,
};
use micrograph_testkit::golden;
use ndarray::Array2;
use serde::Deserialize;

use super::mask;

#[derive(Deserialize)]
struct Case {
    name: String,
    shape: [usize; 2],
    mask: Vec<u8>,
    nothing: Vec<u32>,
    background: Vec<u32>,
    four: Vec<u32>,
    eight: Vec<u32>,
}

impl Case {
    fn mask(&self) -> Array2<bool> {
        let object = self.mask.iter().map(|&value| value == 1).collect();
        Array2::from_shape_vec(self.shape, object).unwrap()
    }
}

fn cases() -> Vec<Case> {
    golden(env!("CARGO_MANIFEST_DIR"), "geometry.json")
}

#[test]
fn distances_are_those_of_scipy_to_the_bit() {
    for case in cases() {
        for (beyond, expected) in
            [(Beyond::Nothing, &case.nothing), (Beyond::Background, &case.background)]
        {
            let got = distance_transform(case.mask().view(), beyond);
            let expected: Vec<f64> = expected.iter().map(|&d| f64::from(d).sqrt()).collect();
            assert_eq!(got.into_raw_vec_and_offset().0, expected, "{}, {beyond:?}", case.name);
        }
    }
}

#[test]
fn without_background_distances_end_at_the_border_or_nowhere() {
    let full = mask(&["###", "###", "###"]);
    let inside = distance_transform(full.view(), Beyond::Background);
    assert_eq!((inside[[1, 1]], inside[[0, 2]]), (2.0, 1.0));
    let endless = distance_transform(full.view(), Beyond::Nothing);
    assert!(endless.iter().all(|&d| d == f64::INFINITY));
    let none = Array2::from_elem((0, 4), true);
    assert_eq!(distance_transform(none.view(), Beyond::Background).dim(), (0, 4));
}

#[test]
fn components_are_numbered_as_by_scipy() {
    for case in cases() {
        for (connectivity, expected) in
            [(Connectivity::Four, &case.four), (Connectivity::Eight, &case.eight)]
        {
            let (labels, n) = label_components(case.mask().view(), connectivity);
            assert_eq!(n, expected.iter().copied().max().unwrap(), "{}", case.name);
            assert_eq!(labels.as_slice().unwrap(), expected, "{}, {connectivity:?}", case.name);
        }
    }
}

/// Twice the area within a closed polygon, positive where it runs clockwise on the screen.
fn twice_the_area(corners: &[[usize; 2]]) -> i64 {
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).map(|(a, b)| (a[1] * b[0]) as i64 - (b[1] * a[0]) as i64).sum()
}

#[test]
fn an_outline_encloses_the_object_with_its_holes_filled() {
    let ring = mask(&[".###.", ".#.##", ".###."]);
    let corners = outer_outline(ring.view());
    assert_eq!(twice_the_area(&corners), 2 * 10);
    assert_eq!(corners.len(), 14, "one step a pixel side");
}

#[test]
fn an_outline_walks_around_corners_that_touch_and_ignores_other_objects() {
    let touching = mask(&["#..#", ".#..", "...#"]);
    let corners = outer_outline(touching.view());
    assert_eq!(twice_the_area(&corners), 2 * 2);
    assert_eq!(corners.len(), 8);
    assert_eq!(corners.iter().filter(|&&corner| corner == [1, 1]).count(), 2);
    assert!(outer_outline(mask(&["..", ".."]).view()).is_empty());
}
