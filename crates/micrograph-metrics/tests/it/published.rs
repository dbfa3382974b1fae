//! Scores that follow from the LipNet thesis's confusion matrices (Tables 6 to 10).
//!
//! The expected numbers were derived from those tables by others, with three decimals. Four of
//! them were one unit of the last place off the formulas on the same tables, as a second
//! computation outside this crate confirmed, and stand here corrected: the macro F1 of Tables 6,
//! 7 and 10 (0.426, 0.459 and 0.392), and F1 of TPR and TNR of multilamellar in Table 9 (0.966).

use micrograph_metrics::{ConfusionMatrix, Counts, EmptyClass, macro_average};

struct Published {
    name: &'static str,
    rows: [[f64; 3]; 3],
    /// Samples of each class by which normalized rows are multiplied again; 1 for counts.
    support: [f64; 3],
    /// TPR, TNR, PPV, NPV, F1 and F1 of TPR and TNR of each class, where they were derived.
    per_class: Option<[[f64; 6]; 3]>,
    /// Accuracy, balanced accuracy, macro F1, macro F1 of TPR and TNR, MCC, kappa.
    overall: [f64; 6],
}

const LAMELLARITY: [f64; 3] = [12368.0, 1717.0, 84.0];
const ENCAPSULATION: [f64; 3] = [161.0, 24255.0, 502.0];

const TABLES: [Published; 5] = [
    Published {
        name: "Table 6: encapsulation, LipNet-4",
        rows: [[0.43, 0.13, 0.44], [0.04, 0.90, 0.06], [0.14, 0.35, 0.51]],
        support: ENCAPSULATION,
        per_class: None,
        overall: [0.889, 0.613, 0.425, 0.681, 0.257, 0.196],
    },
    Published {
        name: "Table 7: encapsulation, SVM",
        rows: [[0.89, 0.01, 0.10], [0.04, 0.87, 0.09], [0.18, 0.10, 0.72]],
        support: ENCAPSULATION,
        per_class: Some([
            [0.89, 0.957, 0.119, 0.999, 0.210, 0.922],
            [0.87, 0.922, 0.998, 0.162, 0.929, 0.895],
            [0.72, 0.910, 0.141, 0.994, 0.236, 0.804],
        ]),
        overall: [0.867, 0.827, 0.458, 0.874, 0.326, 0.224],
    },
    Published {
        name: "Table 8: lamellarity, SVM",
        rows: [[0.94, 0.04, 0.02], [0.00, 0.98, 0.02], [0.03, 0.11, 0.86]],
        support: LAMELLARITY,
        per_class: Some([
            [0.94, 0.999, 1.0, 0.708, 0.969, 0.968],
            [0.98, 0.960, 0.770, 0.997, 0.862, 0.970],
            [0.86, 0.980, 0.204, 0.999, 0.330, 0.916],
        ]),
        overall: [0.944, 0.927, 0.720, 0.951, 0.805, 0.790],
    },
    Published {
        name: "Table 9: lamellarity, LipNet-4",
        rows: [[2325.0, 15.0, 124.0], [4.0, 323.0, 16.0], [2.0, 3.0, 11.0]],
        support: [1.0; 3],
        per_class: Some([
            [0.944, 0.983, 0.997, 0.717, 0.970, 0.963],
            [0.942, 0.993, 0.947, 0.992, 0.944, 0.967],
            [0.688, 0.950, 0.073, 0.998, 0.132, 0.798],
        ]),
        overall: [0.942, 0.858, 0.682, 0.909, 0.796, 0.780],
    },
    Published {
        name: "Table 10: encapsulation",
        rows: [[24.0, 1.0, 7.0], [272.0, 3929.0, 660.0], [30.0, 9.0, 61.0]],
        support: [1.0; 3],
        per_class: Some([
            [0.750, 0.939, 0.074, 0.998, 0.134, 0.834],
            [0.808, 0.924, 0.997, 0.116, 0.893, 0.862],
            [0.610, 0.864, 0.084, 0.991, 0.147, 0.715],
        ]),
        overall: [0.804, 0.723, 0.391, 0.804, 0.241, 0.142],
    },
];

fn assert_rounds(what: &str, got: Option<f64>, expected: f64) {
    let close = got.is_some_and(|got| (got - expected).abs() <= 0.0005 + 1e-9);
    assert!(close, "{what}: got {got:?}, expected {expected}");
}

#[test]
fn tables_of_the_thesis_give_the_scores_derived_from_them() {
    for Published { name, rows, support, per_class, overall } in TABLES {
        let rows: Vec<Vec<f64>> =
            rows.iter().zip(support).map(|(row, n)| row.map(|cell| cell * n).to_vec()).collect();
        let classes = ["first", "second", "third"].map(String::from).to_vec();
        let matrix = ConfusionMatrix::from_rows(classes, &rows).unwrap();
        for ((class, counts), expected) in matrix.per_class().zip(per_class.into_iter().flatten()) {
            let scores = [
                counts.tpr(),
                counts.tnr(),
                counts.ppv(),
                counts.npv(),
                counts.f1(),
                counts.f1_tpr_tnr(),
            ];
            for (score, expected) in scores.into_iter().zip(expected) {
                assert_rounds(&format!("{name}, {class}"), score, expected);
            }
        }
        let macro_mean = |score: fn(&Counts) -> Option<f64>| {
            macro_average(&matrix, score, EmptyClass::Undefined).mean
        };
        let scores = [
            matrix.accuracy(),
            matrix.balanced_accuracy(),
            macro_mean(Counts::f1),
            macro_mean(Counts::f1_tpr_tnr),
            matrix.mcc(),
            matrix.kappa(),
        ];
        for (score, expected) in scores.into_iter().zip(overall) {
            assert_rounds(name, score, expected);
        }
    }
}
