use micrograph_sampling::{Error, block_hold_out, block_k_fold, leave_out_background};
use micrograph_testkit::golden;
use proptest::prelude::*;

#[derive(serde::Deserialize)]
struct Blocks {
    n: usize,
    k: usize,
    tests: Vec<Vec<usize>>,
}

#[test]
fn blocks_are_scikit_learns_folds_without_shuffling() {
    let cases: Vec<Blocks> = golden(env!("CARGO_MANIFEST_DIR"), "sklearn_blocks.json");
    for case in cases {
        let folds = block_k_fold(&vec![5; case.n], case.k, 0, 3).unwrap();
        let tests: Vec<_> = folds.into_iter().map(|fold| fold.test).collect();
        assert_eq!(tests, case.tests);
    }
}

#[test]
fn two_sequences_give_a_block_each() {
    let sequences: Vec<usize> = [0; 10].into_iter().chain([1; 20]).collect();
    let split = block_hold_out(&sequences, 0.2, 1, 0).unwrap();
    assert_eq!(split.test, [8, 9, 26, 27, 28, 29]);
    assert_eq!(split.gap, [7, 25]);
    assert_eq!(split.train.len(), 22);
    let short: Vec<usize> = [0; 2].into_iter().chain([1; 20]).collect();
    let split = block_hold_out(&short, 0.2, 1, 0).unwrap();
    assert_eq!(split.train[..2], [0, 1]); // too short to be cut
}

#[test]
fn what_cannot_be_cut_is_refused() {
    let refused = Error::TooFewSamples { samples: 5, parts: 2 };
    assert_eq!(block_hold_out(&[0; 5], 0.5, 2, 0), Err(refused.clone()));
    assert_eq!(block_k_fold(&[0; 5], 2, 3, 0), Err(refused));
    assert!(matches!(block_k_fold(&[0; 5], 1, 0, 0), Err(Error::TooFewFolds { folds: 1 })));
    for fraction in [0.0, 1.0, -0.5, f64::NAN] {
        assert!(matches!(block_hold_out(&[0; 5], fraction, 0, 0), Err(Error::Fraction { .. })));
    }
    assert!(block_hold_out(&[], 0.5, 0, 0).is_err());
    assert!(block_hold_out(&[1; 9], 0.2, usize::MAX, 0).is_err());
    assert!(leave_out_background(&[0.5, f64::NAN], 0.5).is_err());
    assert_eq!(leave_out_background(&[], 0.5), Ok(vec![]));
    assert_eq!(leave_out_background(&[0.0, 0.0, 0.0], 0.4), Ok(vec![0, 1]));
}

proptest! {
    #[test]
    fn no_window_of_one_part_shows_the_other(
        lengths in prop::collection::vec(1_usize..30, 1..4),
        k in 2_usize..6,
        half in 0_usize..4,
    ) {
        let sequences: Vec<usize> =
            lengths.iter().enumerate().flat_map(|(id, &n)| std::iter::repeat_n(id, n)).collect();
        let Ok(folds) = block_k_fold(&sequences, k, half, 1) else { return Ok(()) };
        let mut tested = vec![0; sequences.len()];
        for fold in folds {
            let n = fold.train.len() + fold.test.len() + fold.gap.len();
            prop_assert_eq!(n, sequences.len());
            for &test in &fold.test {
                tested[test] += 1;
                prop_assert!(!fold.gap.contains(&test));
                for &train in &fold.train {
                    prop_assert!(sequences[train] != sequences[test] || train.abs_diff(test) > half);
                }
            }
        }
        prop_assert!(tested.iter().all(|&n| n == 1));
    }
}
