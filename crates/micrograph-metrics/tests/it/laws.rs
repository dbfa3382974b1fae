//! Laws that hold for any input.

use micrograph_metrics::{
    ConfusionMatrix, Counts, EmptyClass, Scored, auroc, average_precision, evaluate, macro_average,
    roc_curve,
};
use ndarray::Array2;
use proptest::prelude::*;

use crate::{assert_score, names};

/// Outcomes, scores on a coarse grid (so that many tie), and small whole weights.
fn ranked() -> impl Strategy<Value = Vec<(bool, f64, u8)>> {
    prop::collection::vec((any::<bool>(), (-3_i8..4).prop_map(f64::from), 0_u8..4), 1..40)
}

/// A matrix of 1 to 5 classes with small counts.
fn matrix() -> impl Strategy<Value = ConfusionMatrix> {
    (1_usize..6).prop_flat_map(|k| {
        let rows =
            prop::collection::vec(prop::collection::vec((0_u8..9).prop_map(f64::from), k), k);
        rows.prop_map(move |rows| ConfusionMatrix::from_rows(names(k), &rows).unwrap())
    })
}

/// Labels and probabilities, in tenths, of 2 to 4 classes.
fn scored() -> impl Strategy<Value = (Vec<u32>, Array2<f64>)> {
    (2_usize..5, 1_usize..20).prop_flat_map(|(k, n)| {
        let truth = prop::collection::vec(0..k as u32, n);
        let raw = prop::collection::vec(1_u8..10, n * k);
        (truth, raw).prop_map(move |(truth, raw)| {
            let mut values = Array2::from_shape_vec((n, k), raw).unwrap().mapv(f64::from);
            values.rows_mut().into_iter().for_each(|mut row| row /= row.sum());
            (truth, values)
        })
    })
}

proptest! {
    #[test]
    fn auroc_is_the_share_of_pairs_ranked_right(samples in ranked()) {
        let (mut right, mut pairs) = (0.0, 0.0);
        for (_, high, weight) in samples.iter().filter(|sample| sample.0) {
            for (_, low, other) in samples.iter().filter(|sample| !sample.0) {
                let pair = f64::from(*weight) * f64::from(*other);
                pairs += pair;
                right += pair * if high > low { 1.0 } else if high == low { 0.5 } else { 0.0 };
            }
        }
        let (positive, score, weights) = split(&samples);
        prop_assume!(weights.iter().sum::<f64>() > 0.0);
        let got = auroc(&positive, &score, Some(&weights)).unwrap();
        assert_score("auroc", got, (pairs > 0.0).then(|| right / pairs));
    }

    #[test]
    fn a_whole_weight_is_so_many_copies(samples in ranked()) {
        let (positive, score, weights) = split(&samples);
        prop_assume!(weights.iter().sum::<f64>() > 0.0);
        let copies: Vec<(bool, f64, u8)> = samples
            .iter()
            .flat_map(|&(positive, score, n)| std::iter::repeat_n((positive, score, 1), n.into()))
            .collect();
        let (p, s, _) = split(&copies);
        let area = auroc(&positive, &score, Some(&weights)).unwrap();
        assert_score("auroc", area, auroc(&p, &s, None).unwrap());
        let area = average_precision(&positive, &score, Some(&weights)).unwrap();
        assert_score("average precision", area, average_precision(&p, &s, None).unwrap());
        prop_assert_eq!(roc_curve(&positive, &score, Some(&weights)), roc_curve(&p, &s, None));
    }

    #[test]
    fn the_opposite_score_has_the_complementary_area(samples in ranked()) {
        let (positive, score, _) = split(&samples);
        let opposite: Vec<f64> = score.iter().map(|score| -score).collect();
        let area = auroc(&positive, &score, None).unwrap();
        let complement = auroc(&positive, &opposite, None).unwrap().map(|area| 1.0 - area);
        assert_score("auroc", area, complement);
    }

    #[test]
    fn the_trapezoid_under_the_curve_is_the_auroc(samples in ranked()) {
        let (positive, score, _) = split(&samples);
        if let Ok(curve) = roc_curve(&positive, &score, None) {
            let trapezoid = |pair: &[micrograph_metrics::RocPoint]| {
                (pair[1].fpr - pair[0].fpr) * (pair[1].tpr + pair[0].tpr) / 2.0
            };
            let area: f64 = curve.points.windows(2).map(trapezoid).sum();
            assert_score("auroc", auroc(&positive, &score, None).unwrap(), Some(area));
            prop_assert_eq!(curve.points.last().map(|last| (last.fpr, last.tpr)), Some((1.0, 1.0)));
        }
    }

    #[test]
    fn the_counts_of_a_class_make_up_the_whole(matrix in matrix()) {
        for (class, counts) in matrix.per_class() {
            let Counts { tp, fp, fn_, tn } = counts;
            prop_assert_eq!(tp + fp + fn_ + tn, matrix.total());
            prop_assert_eq!(matrix.counts_named(class), Some(counts));
        }
        let hits: f64 = matrix.per_class().map(|(_, counts)| counts.tp).sum();
        prop_assert_eq!(matrix.accuracy(), (matrix.total() > 0.0).then(|| hits / matrix.total()));
    }

    #[test]
    fn scores_stay_in_their_ranges_and_do_not_depend_on_scale(matrix in matrix(), scale in 0.01..9.0) {
        let rows: Vec<Vec<f64>> =
            matrix.cells().rows().into_iter().map(|row| row.iter().map(|n| n * scale).collect()).collect();
        let scaled = ConfusionMatrix::from_rows(matrix.classes().to_vec(), &rows).unwrap();
        assert_score("mcc", matrix.mcc(), scaled.mcc());
        assert_score("kappa", matrix.kappa(), scaled.kappa());
        for score in [matrix.mcc(), matrix.kappa()].into_iter().flatten() {
            prop_assert!((-1.0 - 1e-12..=1.0 + 1e-12).contains(&score));
        }
        for score in [Counts::tpr, Counts::tnr, Counts::ppv, Counts::npv, Counts::f1, Counts::f1_tpr_tnr] {
            let mean = macro_average(&matrix, score, EmptyClass::Undefined);
            let other = macro_average(&scaled, score, EmptyClass::Undefined);
            assert_score("mean", mean.mean, other.mean);
            prop_assert_eq!(mean.n_undefined, other.n_undefined);
            prop_assert!(mean.mean.is_none_or(|mean| (0.0..=1.0 + 1e-12).contains(&mean)));
        }
    }

    #[test]
    fn phi_of_either_of_two_classes_is_the_mcc(cells in prop::array::uniform4(0_u8..9)) {
        let [a, b, c, d] = cells.map(f64::from);
        let matrix = ConfusionMatrix::from_rows(names(2), &[vec![a, b], vec![c, d]]).unwrap();
        assert_score("phi", matrix.phi(), matrix.mcc());
        for (_, counts) in matrix.per_class() {
            assert_score("phi", counts.phi(), matrix.mcc());
        }
    }

    #[test]
    fn the_order_of_samples_does_not_matter((truth, probabilities) in scored(), step in 1_usize..7) {
        let n = truth.len();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|sample| (sample * step) % n);
        let classes = names(probabilities.ncols());
        let got = evaluate(&Scored::new(&classes, &truth, probabilities.view())).unwrap();
        let truth: Vec<u32> = order.iter().map(|&sample| truth[sample]).collect();
        let probabilities = probabilities.select(ndarray::Axis(0), &order);
        let other = evaluate(&Scored::new(&classes, &truth, probabilities.view())).unwrap();
        prop_assert_eq!(got.confusion, other.confusion);
        assert_score("auroc", got.auroc, other.auroc);
        assert_score("auprc", got.auprc, other.auprc);
        assert_score("log_loss", Some(got.log_loss), Some(other.log_loss));
        assert_score("brier", Some(got.brier), Some(other.brier));
    }

    #[test]
    fn equal_weights_are_no_weights((truth, probabilities) in scored(), weight in 0.001..1000.0) {
        let classes = names(probabilities.ncols());
        let plain = Scored::new(&classes, &truth, probabilities.view());
        let weights = vec![weight; truth.len()];
        let got = evaluate(&Scored { weights: Some(&weights), ..plain }).unwrap();
        let plain = evaluate(&plain).unwrap();
        assert_score("auroc", got.auroc, plain.auroc);
        assert_score("auprc", got.auprc, plain.auprc);
        assert_score("mcc", got.mcc, plain.mcc);
        assert_score("kappa", got.kappa, plain.kappa);
        assert_score("macro_f1", Some(got.macro_f1), Some(plain.macro_f1));
        assert_score("log_loss", Some(got.log_loss), Some(plain.log_loss));
        for (got, plain) in got.per_class.iter().zip(&plain.per_class) {
            assert_score("tnr", got.tnr, plain.tnr);
            assert_score("npv", got.npv, plain.npv);
        }
    }
}

fn split(samples: &[(bool, f64, u8)]) -> (Vec<bool>, Vec<f64>, Vec<f64>) {
    let positive = samples.iter().map(|sample| sample.0).collect();
    let score = samples.iter().map(|sample| sample.1).collect();
    let weights = samples.iter().map(|sample| f64::from(sample.2)).collect();
    (positive, score, weights)
}
