//! Measures that need geometry, and tracks.

use micrograph_segment::{
    Connectivity, Error, Slice, Track, Tracker, isbi2012, label_components, link_frames,
    surface_distances, thin_borders, warping_error,
};
use micrograph_testkit::{assert_close, golden};
use ndarray::{Array2, ArrayView2, array};
use serde::Deserialize;

use super::mask;

#[derive(Deserialize)]
struct Golden {
    shape: [usize; 2],
    truth: String,
    probability: Vec<f32>,
    hausdorff: f64,
    hausdorff_95: f64,
    boundary_f: f64,
    thinned: String,
    warped: String,
    warping_error: f64,
    steps: Steps,
    v_rand: f64,
    v_info: f64,
    pixel_error: f64,
}

#[derive(Deserialize)]
struct Steps {
    v_rand: f64,
    v_info: f64,
    pixel_error: f64,
}

impl Golden {
    fn read() -> Self {
        golden(env!("CARGO_MANIFEST_DIR"), "measures.json")
    }

    fn mask(&self, digits: &str) -> Array2<bool> {
        let bits = digits.bytes().map(|digit| digit == b'1').collect();
        Array2::from_shape_vec(self.shape, bits).unwrap()
    }

    fn probability(&self) -> Array2<f32> {
        Array2::from_shape_vec(self.shape, self.probability.clone()).unwrap() / 64.0
    }

    fn predicted(&self) -> Array2<bool> {
        self.probability().mapv(|p| f64::from(p) > 0.45)
    }
}

#[test]
fn outlines_are_as_far_apart_as_for_scikit_image() {
    let golden = Golden::read();
    let truth = golden.mask(&golden.truth);
    let distances = surface_distances(truth.view(), golden.predicted().view()).unwrap();
    assert_close(&[distances.hausdorff().unwrap()], &[golden.hausdorff], 1e-12, 0.0);
    let percentile = distances.hausdorff_percentile(95.0).unwrap().unwrap();
    let f = distances.boundary_f(1.5).unwrap().unwrap();
    assert_close(&[percentile, f], &[golden.hausdorff_95, golden.boundary_f], 1e-9, 0.0);
}

#[test]
fn borders_are_thinned_to_one_pixel_between_two_regions() {
    let golden = Golden::read();
    let (labels, n) = label_components(golden.predicted().view(), Connectivity::Four);
    let thinned = thin_borders(labels.view());
    assert_eq!(thinned.mapv(|label| label > 0), golden.mask(&golden.thinned));
    assert_eq!(thinned.iter().max(), Some(&n));
    for ((y, x), &label) in thinned.indexed_iter().filter(|&(_, &label)| label == 0) {
        let sides = [(y.wrapping_sub(1), x), (y, x.wrapping_sub(1)), (y, x + 1), (y + 1, x)];
        let mut beside: Vec<u32> = sides
            .iter()
            .filter_map(|&at| thinned.get(at).copied())
            .filter(|&l| l > label)
            .collect();
        beside.sort_unstable();
        beside.dedup();
        assert!(beside.len() != 1, "{y}, {x} parts nothing");
    }
    assert!(thinned.iter().zip(&labels).all(|(&grown, &label)| label == 0 || grown == label));
}

#[test]
fn warping_is_that_of_simple_points() {
    let golden = Golden::read();
    let truth = golden.mask(&golden.truth);
    let warping = warping_error(truth.view(), golden.predicted().view()).unwrap();
    assert_eq!(warping.warped, golden.mask(&golden.warped));
    assert_close(&[warping.error], &[golden.warping_error], 1e-12, 0.0);
    let shifted = warping_error(
        mask(&[".....", ".##..", ".##..", "....."]).view(),
        mask(&[".....", "..##.", "..##.", "....."]).view(),
    );
    assert_eq!(shifted.unwrap().error, 0.0, "a shift is no error");
}

#[test]
fn the_scores_of_the_challenge_are_at_their_best_thresholds() {
    let golden = Golden::read();
    let (truth, probability) = (golden.mask(&golden.truth), golden.probability());
    let slice = Slice { truth: truth.view(), probability: probability.view() };
    let scores = isbi2012(&[slice]).unwrap();
    for (best, value, step) in [
        (scores.v_rand, golden.v_rand, golden.steps.v_rand),
        (scores.v_info, golden.v_info, golden.steps.v_info),
        (scores.pixel_error, golden.pixel_error, golden.steps.pixel_error),
    ] {
        let best = best.unwrap();
        assert_close(&[best.value, best.threshold], &[value, step / 10.0], 1e-9, 0.0);
    }
}

#[test]
fn measures_of_nothing_are_undefined_and_none_breaks() {
    for size in [(0, 0), (0, 3), (1, 1), (2, 5)] {
        for (a, b) in [(false, false), (true, false), (false, true), (true, true)] {
            let (truth, predicted) = (Array2::from_elem(size, a), Array2::from_elem(size, b));
            let distances = surface_distances(truth.view(), predicted.view()).unwrap();
            let both = a && b && !truth.is_empty();
            assert_eq!(distances.hausdorff(), both.then_some(0.0));
            let warping = warping_error(truth.view(), predicted.view()).unwrap();
            assert!((0.0..=1.0).contains(&warping.error));
            let probability = Array2::from_elem(size, if b { f32::NAN } else { 0.7 });
            let slice = Slice { truth: truth.view(), probability: probability.view() };
            let scores = isbi2012(&[slice]).unwrap();
            assert_eq!(scores.v_rand.is_some(), a && !truth.is_empty());
        }
    }
    assert_eq!(isbi2012(&[]).unwrap().v_info, None);
    let (one, other) = (Array2::from_elem((2, 2), true), Array2::from_elem((2, 3), true));
    assert!(matches!(surface_distances(one.view(), other.view()), Err(Error::Shape { .. })));
    assert!(matches!(warping_error(one.view(), other.view()), Err(Error::Shape { .. })));
    let probability = Array2::zeros((2, 3));
    let slice = Slice { truth: one.view(), probability: probability.view() };
    assert!(matches!(isbi2012(&[slice]), Err(Error::Shape { .. })));
}

#[test]
fn of_two_that_share_as_much_the_larger_overlap_wins() {
    let before = array![[1, 0, 2, 2], [0, 0, 2, 2]];
    let after = array![[7, 7, 7, 7], [7, 7, 7, 7]];
    let links = link_frames(before.view(), after.view(), 0.5).unwrap();
    assert_eq!(links.iter().map(|link| link.previous).collect::<Vec<_>>(), [2]);
    assert!(link_frames(before.view(), after.view(), f64::NAN).is_err());
    assert!(link_frames(before.view(), array![[1]].view(), 0.5).is_err());
}

#[test]
fn a_tracker_ends_begins_and_divides_tracks() {
    let mut tracker = Tracker::new(0.25).unwrap();
    let frames: [Array2<u32>; 4] = [
        array![[3, 3, 3, 3, 0, 0, 0, 8]],
        array![[2, 2, 2, 2, 0, 0, 0, 0]],
        array![[1, 1, 0, 5, 5, 0, 0, 0]],
        array![[1, 1, 0, 0, 5, 0, 9, 9]],
    ];
    let named: Vec<Array2<u32>> =
        frames.iter().map(|frame| tracker.push(frame.view()).unwrap()).collect();
    assert_eq!(named[1], array![[1, 1, 1, 1, 0, 0, 0, 0]]);
    assert_eq!(named[2], array![[3, 3, 0, 4, 4, 0, 0, 0]]);
    assert_eq!(named[3], array![[3, 3, 0, 0, 4, 0, 5, 5]]);
    let track = |id, first, last, parent| Track { id, first, last, parent };
    let expected = [
        track(1, 0, 1, None),
        track(2, 0, 0, None),
        track(3, 2, 3, Some(1)),
        track(4, 2, 3, Some(1)),
        track(5, 3, 3, None),
    ];
    assert_eq!(tracker.tracks(), expected);
    let other = Array2::zeros((2, 2));
    assert!(tracker.push(ArrayView2::from(&other)).is_err());
    assert_eq!(tracker.tracks(), expected, "an error changes nothing");
    assert!(Tracker::new(2.0).is_err());
}

#[test]
fn a_speck_that_a_cell_has_run_over_does_not_take_its_place() {
    let before = array![[1, 1, 1, 1, 1, 1, 2]];
    let after = array![[0, 0, 3, 3, 3, 3, 3]];
    let links = link_frames(before.view(), after.view(), 0.3).unwrap();
    assert_eq!((links.len(), links[0].previous, links[0].current), (1, 1, 3));
    assert_eq!(links[0].share, 0.8);
}

/// A truth that must grow far, upwards and to the left.
#[test]
fn warping_grows_through_the_whole_difference() {
    let truth = Array2::from_shape_fn((40, 40), |(y, x)| y >= 38 && x >= 38);
    let predicted = Array2::from_shape_fn((40, 40), |(y, x)| y >= 1 && x >= 1);
    let warping = warping_error(truth.view(), predicted.view()).unwrap();
    assert_eq!((warping.error, warping.warped), (0.0, predicted));
}
