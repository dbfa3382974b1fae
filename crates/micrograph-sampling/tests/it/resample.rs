//! Laws and edge cases of resampling.

use micrograph_sampling::{
    BorderlineConfig, Error, KMeansSmoteConfig, Labeled, Origin, ResampleWarning, Resampled,
    Resampler, SmoteConfig, Split, SupportVectors, SvmSmoteConfig, Target,
};
use ndarray::{Array2, Array3, ArrayView2, array, s};
use proptest::prelude::*;

/// Every second sample supports.
struct Halves;

impl SupportVectors for Halves {
    fn support_vectors(
        &self,
        x: ArrayView2<'_, f64>,
        _: &[u32],
        _: usize,
        _: u64,
    ) -> Result<Vec<usize>, String> {
        Ok((0..x.nrows()).step_by(2).collect())
    }
}

fn run(name: &str, x: &Array2<f64>, labels: &[u32], n_classes: usize) -> Resampled {
    let samples = Labeled::new(x.view(), labels, n_classes).unwrap();
    let samples = samples.with_support_vectors(&Halves);
    Resampler::by_name(name).unwrap().resample_labeled(&samples, 11).unwrap()
}

fn count(labels: &[u32], class: u32) -> usize {
    labels.iter().filter(|&&label| label == class).count()
}

/// Numbers that look random, in `[0, 1)`.
fn noise(shape: (usize, usize)) -> Array2<f64> {
    Array2::from_shape_fn(shape, |(row, column)| {
        ((row * 7919 + column * 104_729 + 1) as f64 * 0.618_033_988_749_895).fract()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever the classes, with many ties: each method answers, with rows that are what their
    /// origins say.
    #[test]
    fn every_method_answers(
        rows in prop::collection::vec((0_u32..4, -2_i8..3, -2_i8..3), 1..40), offset in -1e6_f64..1e6
    ) {
        let labels: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let x = Array2::from_shape_fn((rows.len(), 2), |(row, column)| {
            offset + f64::from(if column == 0 { rows[row].1 } else { rows[row].2 })
        });
        for name in Resampler::NAMES {
            let resampled = run(name, &x, &labels, 5);
            prop_assert_eq!(resampled.x.nrows(), resampled.labels.len());
            prop_assert!(resampled.x.iter().all(|value| value.is_finite()));
            prop_assert_eq!(&resampled.apply(x.view()).unwrap(), &resampled.x);
            for (origin, &label) in resampled.origin.iter().zip(&resampled.labels) {
                match *origin {
                    Origin::Sample(own) => prop_assert_eq!(labels[own], label),
                    Origin::Between { from, to, .. } => {
                        prop_assert_eq!(labels[from], label);
                        prop_assert!(from != to && (labels[to] == label || name == "borderline2"));
                    }
                }
            }
            let even = ["random_over", "smote", "borderline1", "borderline2", "svm_smote"];
            if even.contains(&name) {
                let most = (0..4).map(|class| count(&labels, class)).max().unwrap();
                for class in 0..4 {
                    let there = count(&labels, class) > 0;
                    let expected = if there { most } else { 0 };
                    prop_assert_eq!(count(&resampled.labels, class), expected, "{}", name);
                }
            }
        }
    }
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let x = noise((900, 7));
    let labels: Vec<u32> =
        (0..900).map(|row| u32::from(row % 9 > 4) + u32::from(row % 9 == 8)).collect();
    let on = |threads: usize| -> Vec<Resampled> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Resampler::NAMES.map(|name| run(name, &x, &labels, 3)).to_vec())
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn another_seed_draws_others_and_columns_may_lie_any_way() {
    let x = noise((30, 3));
    let labels: Vec<u32> = (0..30).map(|row| u32::from(row > 21)).collect();
    let smote = Resampler::by_name("smote").unwrap();
    let by = |seed| smote.resample(x.view(), &labels, 2, seed).unwrap();
    assert_eq!(by(1), by(1));
    assert_ne!(by(1).origin, by(2).origin);
    // A copy by columns, and every second column of a wider matrix.
    let columns = x.t().as_standard_layout().into_owned();
    assert_eq!(smote.resample(columns.t(), &labels, 2, 1).unwrap(), by(1));
    let mut wide = Array2::zeros((30, 6));
    wide.slice_mut(s![.., ..;2]).assign(&x);
    assert_eq!(smote.resample(wide.slice(s![.., ..;2]), &labels, 2, 1).unwrap(), by(1));
}

#[test]
fn rare_classes_take_what_there_is() {
    let x = noise((13, 2));
    let labels = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2];
    let resampled = run("smote", &x, &labels, 3);
    assert_eq!(count(&resampled.labels, 1), 8);
    let few = |label, taken| ResampleWarning::FewNeighbors { label, asked: 5, taken };
    assert_eq!(resampled.warnings, [few(1, 2), few(2, 1)]);
    assert_eq!(
        few(1, 2).to_string(),
        "class 1: there are samples for 2 neighbors, 5 were asked for; 2 were taken"
    );
}

#[test]
fn a_single_sample_is_copied_and_an_empty_class_stays_empty() {
    let x = noise((5, 2));
    for name in ["smote", "borderline1", "borderline2", "svm_smote", "kmeans_smote", "adasyn"] {
        let resampled = run(name, &x, &[0, 0, 3, 0, 0], 5);
        assert_eq!(count(&resampled.labels, 3), 4, "{name}");
        assert!(resampled.origin[5..].iter().all(|origin| *origin == Origin::Sample(2)));
        let expected = [
            ResampleWarning::EmptyClasses { count: 3, first: 1 },
            ResampleWarning::SingleSample { label: 3 },
        ];
        assert_eq!(resampled.warnings, expected, "{name}");
    }
}

#[test]
fn equal_samples_and_even_classes() {
    let x = Array2::from_elem((9, 2), 0.3);
    for name in Resampler::NAMES {
        let resampled = run(name, &x, &[0, 0, 0, 0, 0, 0, 1, 1, 1], 2);
        assert!(resampled.x.iter().all(|&value| value == 0.3), "{name}");
    }
    let x = noise((8, 2));
    for name in ["smote", "borderline1", "svm_smote", "kmeans_smote", "adasyn", "random_under"] {
        for labels in [[0, 1, 0, 1, 0, 1, 0, 1], [0; 8]] {
            let resampled = run(name, &x, &labels, 2);
            assert_eq!((&resampled.x, &resampled.labels[..]), (&x, &labels[..]), "{name}");
        }
    }
}

#[test]
fn methods_without_a_start_take_plain_smote() {
    // Two classes far apart: none is in danger, none hard to learn.
    let mut x = noise((24, 2));
    x.slice_mut(s![14.., ..]).mapv_inplace(|value| value + 100.0);
    let labels: Vec<u32> = (0..24).map(|row| u32::from(row >= 14)).collect();
    for name in ["borderline1", "borderline2", "adasyn"] {
        let resampled = run(name, &x, &labels, 2);
        assert_eq!(count(&resampled.labels, 1), 14, "{name}");
        assert!(resampled.warnings.contains(&ResampleWarning::PlainSmote { label: 1 }), "{name}");
    }
    // No cluster has more of class 1 than of the other.
    let labels: Vec<u32> = (0..24).map(|row| u32::from(row % 4 == 0)).collect();
    let one = KMeansSmoteConfig { balance_threshold: Some(1.0), ..KMeansSmoteConfig::default() };
    let resampled = Resampler::KMeansSmote(one).resample(x.view(), &labels, 2, 1).unwrap();
    assert_eq!(count(&resampled.labels, 1), 18);
    assert_eq!(resampled.warnings, [ResampleWarning::PlainSmote { label: 1 }]);
}

#[test]
fn cleaning_tells_when_a_class_is_gone() {
    let x = array![[0.0], [1.0], [2.0], [3.0], [1.4], [10.0], [11.0], [12.0], [13.0]];
    let resampled = run("smote_enn", &x, &[0, 0, 0, 0, 1, 0, 0, 0, 0], 2);
    assert_eq!(count(&resampled.labels, 1), 8);
    let resampled = Resampler::Enn(serde_json::from_str(r#"{"classes": "all"}"#).unwrap())
        .resample(x.view(), &[0, 0, 0, 0, 1, 0, 0, 0, 0], 2, 1)
        .unwrap();
    assert_eq!(resampled.warnings, [ResampleWarning::ClassRemoved { label: 1, count: 1 }]);
}

#[test]
fn a_training_part_keeps_to_itself() {
    let x = noise((20, 2));
    let labels: Vec<u32> = (0..20).map(|row| u32::from(row % 5 == 0)).collect();
    let split = Split { train: (4..20).collect(), test: vec![0, 1, 2, 3] };
    let samples = Labeled::new(x.view(), &labels, 2).unwrap();
    let smote = Resampler::by_name("smote").unwrap();
    let part = smote.resample_labeled(&samples.training_part(&split).unwrap(), 3).unwrap();
    let alone = smote.resample(x.slice(s![4.., ..]), &labels[4..], 2, 3).unwrap();
    assert_eq!((&part.x, &part.labels), (&alone.x, &alone.labels));
    assert_eq!(part.apply(x.view()).unwrap(), part.x);
    let columns = x.t().as_standard_layout().into_owned();
    let by_columns = Labeled::new(columns.t(), &labels, 2).unwrap();
    let by_columns = smote.resample_labeled(&by_columns.training_part(&split).unwrap(), 3);
    assert_eq!(by_columns.unwrap(), part);
    let wrong = |train: &[usize], test: &[usize]| {
        let split = Split { train: train.to_vec(), test: test.to_vec() };
        samples.training_part(&split).map(|_| ()).unwrap_err()
    };
    assert_eq!(wrong(&[1, 2], &[2]), Error::Repeated { row: 2 });
    assert_eq!(wrong(&[1, 1], &[]), Error::Repeated { row: 1 });
    assert_eq!(wrong(&[1, 20], &[]), Error::Row { row: 20, rows: 20 });
    assert_eq!(wrong(&[], &[1]), Error::NoSamples { samples: 0, features: 2 });
}

#[test]
fn images_are_mixed_as_their_features_are() {
    let x = noise((6, 2));
    let smote = Resampler::by_name("smote").unwrap();
    let balanced = smote.resample(x.view(), &[0, 0, 0, 0, 1, 1], 2, 3).unwrap();
    let images = Array3::from_shape_fn((6, 2, 3), |(n, row, _)| x[[n, row]] as f32);
    let mixed = balanced.apply(images.view()).unwrap();
    assert_eq!(mixed.dim(), (8, 2, 3));
    assert!((mixed[[7, 1, 2]] - balanced.x[[7, 1]] as f32).abs() < 1e-6);
    let few = balanced.apply(images.slice(s![..5, .., ..])).unwrap_err();
    assert_eq!(few, Error::Row { row: 5, rows: 5 });
}

#[test]
fn what_cannot_be_resampled_is_refused() {
    let smote = Resampler::by_name("smote").unwrap();
    let x = array![[0.0, 1.0], [2.0, f64::NAN], [1.0, 1.0]];
    let error = smote.resample(x.view(), &[0, 0, 1], 2, 0).unwrap_err().to_string();
    assert_eq!(
        error,
        "feature 1 of sample 1 is NaN: expected a number of magnitude up to 1e150; replace it, or leave the sample or the feature out"
    );
    for value in [f64::INFINITY, -1e151] {
        let x = array![[0.0], [value]];
        let error = smote.resample(x.view(), &[0, 1], 2, 0).unwrap_err();
        assert_eq!(error, Error::Feature { sample: 1, feature: 0, value });
    }
    let x = noise((4, 2));
    let error = smote.resample(x.view(), &[0, 0, 1], 2, 0).unwrap_err();
    assert_eq!(error, Error::LabelCount { samples: 4, labels: 3 });
    let error = smote.resample(x.view(), &[0, 0, 1, 2], 2, 0).unwrap_err();
    assert_eq!(error, Error::Label { sample: 3, label: 2, n_classes: 2 });
    let error = smote.resample(x.slice(s![..0, ..]), &[], 2, 0).unwrap_err();
    assert_eq!(error, Error::NoSamples { samples: 0, features: 2 });
    let error = Resampler::by_name("svm_smote").unwrap().resample(x.view(), &[0, 0, 0, 1], 2, 0);
    assert_eq!(error.unwrap_err(), Error::NoMachine);
}

#[test]
fn settings_out_of_range_are_refused() {
    let x = noise((6, 2));
    let refused = |resampler: &Resampler| {
        let samples = Labeled::new(x.view(), &[0, 0, 0, 0, 1, 1], 2).unwrap();
        let samples = samples.with_support_vectors(&Halves);
        resampler.resample_labeled(&samples, 0).unwrap_err().to_string()
    };
    let smote =
        |target| refused(&Resampler::Smote(SmoteConfig { target, ..SmoteConfig::default() }));
    assert_eq!(
        smote(Target::Counts(vec![4, 1])),
        "1 samples of class 1, which has 2: expected at least as many as there are; take undersampling for fewer"
    );
    assert!(smote(Target::Counts(vec![4])).starts_with("counts = [4]: expected one count"));
    assert!(smote(Target::Counts(vec![4, usize::MAX])).contains("do not fit into memory"));
    for ratio in [0.0, 1.5, f64::NAN] {
        assert!(smote(Target::Ratio(ratio)).contains("above 0 and at most 1"));
    }
    let config = BorderlineConfig { m: 0, ..BorderlineConfig::default() };
    assert_eq!(refused(&Resampler::Borderline1(config)), "m = 0: expected from 1 to 1000");
    let config = SvmSmoteConfig { out_step: f64::NAN, ..SvmSmoteConfig::default() };
    assert_eq!(refused(&Resampler::SvmSmote(config)), "out_step = NaN: expected from 0 to 1");
}

#[test]
fn methods_are_written_by_name_or_with_settings() {
    for name in Resampler::NAMES {
        let by_name = Resampler::by_name(name).unwrap();
        assert_eq!(serde_json::from_str::<Resampler>(&format!("\"{name}\"")).unwrap(), by_name);
        let text = serde_json::to_string(&by_name).unwrap();
        assert!(text.starts_with(&format!("{{\"{name}\":")), "{text}");
        assert_eq!(serde_json::from_str::<Resampler>(&text).unwrap(), by_name);
    }
    let read: Resampler =
        serde_json::from_str(r#"{"smote": {"k": 3, "target": {"ratio": 0.5}}}"#).unwrap();
    assert_eq!(read, Resampler::Smote(SmoteConfig { k: 3, target: Target::Ratio(0.5) }));
    let error = serde_json::from_str::<Resampler>("\"smoot\"").unwrap_err().to_string();
    assert!(error.starts_with("unknown variant `smoot`, expected one of `random_over`"), "{error}");
    assert!(serde_json::from_str::<Resampler>(r#"{"smote": {"kk": 3}}"#).is_err());
}
