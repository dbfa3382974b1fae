//! Measures of segmentation against scikit-image and the papers' formulas.

use micrograph_metrics::segmentation::{
    EmptyFrames, Frames, IOU_THRESHOLDS, Information, Overlaps, PredictedBackground, RandSums,
    SurfaceDistances, aggregated_jaccard, det_score, instance_curve, matched_objects,
    panoptic_quality, pixel_counts, seg_score,
};
use micrograph_metrics::{Counts, Error};
use micrograph_testkit::golden;
use ndarray::{Array2, array};
use proptest::prelude::*;
use serde::Deserialize;

use crate::assert_score;

#[derive(Deserialize)]
struct Case {
    name: String,
    shape: [usize; 2],
    truth: Vec<u32>,
    predicted: Vec<u32>,
    found: Vec<f64>,
    aji: Option<f64>,
    pq: Option<f64>,
    sq: Option<f64>,
    seg: Option<f64>,
    det: [usize; 4],
    adapted_rand_error: Option<f64>,
    variation_bits: Option<[f64; 2]>,
    v_rand: Option<f64>,
    rand_split: Option<f64>,
    rand_merge: Option<f64>,
    v_info: Option<f64>,
    info_split: Option<f64>,
    info_merge: Option<f64>,
}

impl Case {
    fn overlaps(&self) -> Overlaps {
        let array = |labels: &[u32]| Array2::from_shape_vec(self.shape, labels.to_vec()).unwrap();
        Overlaps::new(array(&self.truth).view(), array(&self.predicted).view()).unwrap()
    }
}

fn cases() -> Vec<Case> {
    golden(env!("CARGO_MANIFEST_DIR"), "segmentation.json")
}

#[test]
fn objects_are_those_of_the_formulas() {
    for case in cases() {
        let (name, overlaps) = (&case.name, [case.overlaps()]);
        let thresholds: Vec<f64> = [0.1, 0.3].into_iter().chain(IOU_THRESHOLDS).collect();
        let curve = instance_curve(&overlaps, &thresholds).unwrap();
        let found: Vec<f64> = curve.iter().map(|point| point.counts.tp).collect();
        assert_eq!(found, case.found, "{name}");
        assert_score(name, aggregated_jaccard(&overlaps), case.aji);
        let quality = panoptic_quality(&overlaps);
        assert_score(name, quality.quality, case.pq);
        assert_score(name, quality.segmentation, case.sq);
        assert_score(name, seg_score(&overlaps), case.seg);
        let det = det_score(&overlaps);
        assert_eq!([det.n_truth, det.splits, det.missed, det.made_up], case.det, "{name}");
    }
}

#[test]
fn partitions_are_those_of_scikit_image_and_of_the_challenge() {
    for case in cases() {
        let (name, overlaps) = (&case.name, case.overlaps());
        let regions = PredictedBackground::Region;
        let error = RandSums::new(&overlaps, regions).adapted_rand_error();
        assert_score(name, error, case.adapted_rand_error);
        if let Some(expected) = case.variation_bits {
            let got = Information::new(&overlaps, regions).variation();
            for (got, expected) in got.into_iter().zip(expected) {
                assert_score(name, Some(got / std::f64::consts::LN_2), Some(expected));
            }
        }
        let alone = PredictedBackground::Singletons;
        let sums = RandSums::new(&overlaps, alone);
        assert_score(name, sums.v_rand(), case.v_rand);
        assert_score(name, sums.split(), case.rand_split);
        assert_score(name, sums.merge(), case.rand_merge);
        let information = Information::new(&overlaps, alone);
        assert_score(name, information.v_info(), case.v_info.filter(|v| !v.is_nan()));
        assert_score(name, information.split(), case.info_split.filter(|v| !v.is_nan()));
        assert_score(name, information.merge(), case.info_merge.filter(|v| !v.is_nan()));
    }
}

#[test]
fn images_are_pooled_or_averaged() {
    // One object found of one; none of three.
    let one = Overlaps::new(array![[1, 1]].view(), array![[1, 1]].view()).unwrap();
    let three = Overlaps::new(array![[1, 2, 3]].view(), array![[0, 0, 0]].view()).unwrap();
    let empty = Overlaps::new(array![[0]].view(), array![[0]].view()).unwrap();
    let point = instance_curve(&[one, three, empty], &[0.5]).unwrap()[0];
    assert_eq!(point.counts.iou(), Some(0.25));
    assert_eq!((point.mean.mean, point.mean.n_undefined), (Some(0.5), 1));
}

#[test]
fn frames_without_cells_follow_the_rule_that_was_asked_for() {
    let mut frames = Frames::default();
    assert_eq!(frames.pooled().f1, None);
    assert_eq!(frames.per_frame(EmptyFrames::Thesis).f1, None);
    frames.push(Counts { tp: 8.0, fp: 0.0, fn_: 2.0, tn: 90.0 });
    frames.push(Counts { tn: 100.0, ..Counts::default() });
    let left_out = frames.per_frame(EmptyFrames::LeftOut);
    assert_eq!((left_out.f1, left_out.white_pixel_accuracy), (Some(16.0 / 18.0), Some(0.8)));
    let thesis = frames.per_frame(EmptyFrames::Thesis);
    assert_eq!((thesis.f1, thesis.white_pixel_accuracy), (Some(8.0 / 18.0), Some(0.9)));
    assert_eq!((thesis.precision, thesis.recall), (Some(0.5), Some(0.4)));
    assert_eq!(frames.pooled().error_rate_percent, Some(1.0));
    let text = serde_json::to_string(&frames).unwrap();
    assert_eq!(serde_json::from_str::<Frames>(&text).unwrap(), frames);
}

#[test]
fn distances_of_absent_borders_are_undefined() {
    let none = SurfaceDistances::new(vec![], vec![]).unwrap();
    assert_eq!((none.hausdorff(), none.mean(), none.boundary_f(2.0)), (None, None, Ok(None)));
    let missed = SurfaceDistances::new(vec![f64::INFINITY; 3], vec![]).unwrap();
    assert_eq!((missed.hausdorff(), missed.boundary_f(2.0)), (None, Ok(Some(0.0))));
    assert_eq!(missed.hausdorff_percentile(95.0), Ok(None));
}

#[test]
fn percentiles_are_those_of_numpy() {
    let distances = SurfaceDistances::new(vec![3.0, 0.0, 1.0, 7.0], vec![2.0]).unwrap();
    // numpy.percentile([0, 1, 3, 7], 95) is 6.4, and of 50 it is 2.
    assert_score("95", distances.hausdorff_percentile(95.0).unwrap(), Some(6.4));
    assert_eq!(distances.hausdorff_percentile(50.0), Ok(Some(2.0)));
    assert_eq!(distances.hausdorff_percentile(100.0), Ok(distances.hausdorff()));
}

#[test]
fn errors_say_what_was_expected() {
    let (small, wide) = (array![[0_u32, 1]], array![[0_u32, 1, 2]]);
    let error = Overlaps::new(small.view(), wide.view()).unwrap_err().to_string();
    let message = "expected a prediction of 1 x 2 pixels, as the truth has, got 1 x 3; resize or crop it to the truth";
    assert_eq!(error, message);
    let (mask, column) = (array![[true]], array![[true], [false]]);
    assert!(matches!(pixel_counts(mask.view(), column.view()), Err(Error::MaskShape { .. })));
    let overlaps = Overlaps::new(small.view(), small.view()).unwrap();
    for iou in [0.0, -1.0, 1.1, f64::NAN] {
        assert!(matches!(matched_objects(&overlaps, iou), Err(Error::IouThreshold { .. })));
    }
    let negative = SurfaceDistances::new(vec![0.0, -1.0], vec![]);
    assert_eq!(negative, Err(Error::Distance { index: 1, value: -1.0 }));
    let some = SurfaceDistances::new(vec![1.0], vec![1.0]).unwrap();
    assert!(matches!(some.boundary_f(f64::NAN), Err(Error::Distance { .. })));
    assert!(matches!(some.hausdorff_percentile(101.0), Err(Error::Percentile { .. })));
}

fn label_images() -> impl Strategy<Value = [Array2<u32>; 2]> {
    (0_usize..7, 0_usize..7).prop_flat_map(|(height, width)| {
        let labels = move || prop::collection::vec(0_u32..5, height * width);
        let array = move |labels| Array2::from_shape_vec((height, width), labels).unwrap();
        (labels(), labels()).prop_map(move |(a, b)| [array(a), array(b)])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn scores_lie_between_nothing_and_all([truth, predicted] in label_images()) {
        let overlaps = Overlaps::new(truth.view(), predicted.view()).unwrap();
        prop_assert_eq!(overlaps.n_pixels(), truth.len() as u64);
        let alone = PredictedBackground::Singletons;
        let images = [overlaps.clone()];
        for score in [
            aggregated_jaccard(&images),
            panoptic_quality(&images).quality,
            seg_score(&images),
            det_score(&images).score(),
            RandSums::new(&overlaps, alone).v_rand(),
            Information::new(&overlaps, alone).v_info(),
        ].into_iter().flatten() {
            prop_assert!((-1e-12..=1.0 + 1e-12).contains(&score), "{}", score);
        }
    }

    #[test]
    fn the_truth_itself_is_perfect([truth, _] in label_images()) {
        // Other numbers for the same objects.
        let renamed = truth.mapv(|label| if label > 0 { 9 - label } else { 0 });
        let overlaps = [Overlaps::new(truth.view(), renamed.view()).unwrap()];
        let any = overlaps[0].n_truth() > 0;
        let perfect = any.then_some(1.0);
        prop_assert_eq!(aggregated_jaccard(&overlaps), perfect);
        prop_assert_eq!(panoptic_quality(&overlaps).quality, perfect);
        prop_assert_eq!(seg_score(&overlaps), perfect);
        prop_assert_eq!(det_score(&overlaps).score(), perfect);
        prop_assert_eq!(RandSums::new(&overlaps[0], PredictedBackground::Region).v_rand(), perfect);
        for point in instance_curve(&overlaps, &IOU_THRESHOLDS).unwrap() {
            prop_assert_eq!(point.counts.iou(), perfect);
        }
    }
}

#[test]
fn distances_that_are_read_are_checked_and_infinite_ones_come_back() {
    let missed = SurfaceDistances::new(vec![f64::INFINITY, 2.0], vec![]).unwrap();
    let written = serde_json::to_string(&missed).unwrap();
    assert_eq!(serde_json::from_str::<SurfaceDistances>(&written).unwrap(), missed);
    let unsorted = serde_json::from_str::<SurfaceDistances>(r#"{"truth":[3,1],"predicted":[0]}"#);
    assert_eq!(unsorted.unwrap().hausdorff(), Some(3.0));
    let negative = serde_json::from_str::<SurfaceDistances>(r#"{"truth":[-1],"predicted":[]}"#);
    assert!(negative.is_err());
}
