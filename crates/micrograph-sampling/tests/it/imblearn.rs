//! Resampling against imbalanced-learn 0.14.

use std::collections::{BTreeMap, BTreeSet};

use micrograph_sampling::{
    Agreement, Cleaned, EnnConfig, KMeansSmoteConfig, Labeled, NearMissConfig, Origin,
    RandomConfig, Resampled, Resampler, SupportVectors, Target, TomekConfig,
};
use micrograph_testkit::{assert_close, golden};
use ndarray::{Array2, ArrayView2};

#[derive(serde::Deserialize)]
struct Goldens {
    cases: Vec<Case>,
    clustered: Clustered,
    strategies: BTreeMap<String, Vec<usize>>,
}

#[derive(serde::Deserialize)]
struct Case {
    x: Vec<Vec<f64>>,
    labels: Vec<u32>,
    smote: Drawn,
    borderline1: Drawn,
    borderline2: Drawn,
    support: Vec<usize>,
    svm_smote: Drawn,
    adasyn: Starts,
    interpolated: Vec<Interpolated>,
    cleaning: BTreeMap<String, Vec<usize>>,
}

#[derive(serde::Deserialize)]
struct Clustered {
    x: Vec<Vec<f64>>,
    labels: Vec<u32>,
    kmeans_smote: Drawn,
}

#[derive(serde::Deserialize)]
struct Drawn {
    draws: Vec<Draw>,
    counts: Vec<usize>,
}

/// From which samples to which neighbors of each, in steps of which sign.
#[derive(serde::Deserialize)]
struct Draw {
    label: u32,
    from: Vec<usize>,
    to: Vec<Vec<usize>>,
    count: usize,
    step: f64,
}

#[derive(serde::Deserialize)]
struct Starts {
    starts: Vec<Vec<usize>>,
    counts: Vec<usize>,
}

#[derive(serde::Deserialize)]
struct Interpolated {
    from: usize,
    to: usize,
    step: f64,
    x: Vec<f64>,
}

fn goldens() -> Goldens {
    golden(env!("CARGO_MANIFEST_DIR"), "imblearn.json")
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

impl Case {
    fn n_classes(&self) -> usize {
        *self.labels.iter().max().unwrap() as usize + 1
    }

    fn run(&self, resampler: &Resampler) -> Resampled {
        let x = matrix(&self.x);
        let given = Given(self.support.clone());
        let samples = Labeled::new(x.view(), &self.labels, self.n_classes()).unwrap();
        let resampled = resampler.resample_labeled(&samples.with_support_vectors(&given), 5);
        let resampled = resampled.unwrap();
        check_rows(&resampled, x.view());
        resampled
    }
}

struct Given(Vec<usize>);

impl SupportVectors for Given {
    fn support_vectors(
        &self,
        _: ArrayView2<'_, f64>,
        _: &[u32],
        _: usize,
        _: u64,
    ) -> Result<Vec<usize>, String> {
        Ok(self.0.clone())
    }
}

/// Each row is what its origin says, up to rounding.
#[track_caller]
fn check_rows(resampled: &Resampled, x: ArrayView2<'_, f64>) {
    for (row, origin) in resampled.x.outer_iter().zip(&resampled.origin) {
        let expected = match *origin {
            Origin::Sample(own) => x.row(own).to_owned(),
            Origin::Between { from, to, step } => &x.row(from) * (1.0 - step) + &x.row(to) * step,
        };
        assert_close(&row.to_vec(), &expected.to_vec(), 1e-12, 1e-12);
    }
    let applied = resampled.apply(x).unwrap();
    assert_eq!(applied, resampled.x);
}

fn counts(resampled: &Resampled) -> Vec<usize> {
    let mut counts = vec![0; *resampled.labels.iter().max().unwrap() as usize + 1];
    resampled.labels.iter().for_each(|&label| counts[label as usize] += 1);
    counts
}

/// Label, ends, and whether the step goes beyond the first.
type Pairs = BTreeSet<(u32, usize, usize, bool)>;

fn pairs(resampled: &Resampled) -> Pairs {
    let drawn = resampled.origin.iter().zip(&resampled.labels);
    drawn
        .filter_map(|(origin, &label)| match *origin {
            Origin::Sample(_) => None,
            Origin::Between { from, to, step } => {
                assert!((-0.5..1.0).contains(&step));
                Some((label, from, to, step < 0.0))
            }
        })
        .collect()
}

fn expected_pairs(drawn: &Drawn) -> Pairs {
    let mut pairs = Pairs::new();
    for draw in &drawn.draws {
        for (&from, to) in draw.from.iter().zip(&draw.to) {
            pairs.extend(to.iter().map(|&to| (draw.label, from, to, draw.step < 0.0)));
        }
    }
    pairs
}

/// `by_name` with so many new samples that each pair is drawn.
fn many(name: &str, n_classes: usize) -> Resampler {
    let text = format!(r#"{{"{name}": {{"target": {{"counts": {:?}}}}}}}"#, vec![3000; n_classes]);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn oversampling_draws_from_the_same_samples_and_neighbors() {
    for case in goldens().cases {
        let methods = [
            ("smote", &case.smote),
            ("borderline1", &case.borderline1),
            ("borderline2", &case.borderline2),
            ("svm_smote", &case.svm_smote),
        ];
        for (name, expected) in methods {
            let found = pairs(&case.run(&many(name, case.n_classes())));
            // The first class lacks samples here, but not in the golden.
            let rare: Pairs = found.into_iter().filter(|pair| pair.0 > 0).collect();
            assert_eq!(rare, expected_pairs(expected), "{name}");
            let even = case.run(&Resampler::by_name(name).unwrap());
            let most = vec![expected.counts[0]; case.n_classes()];
            assert_eq!(counts(&even), most, "{name}");
            // Without safe support vectors imbalanced-learn makes too few; ours reach the target.
            let has_both = expected.draws.iter().any(|draw| draw.step < 0.0);
            if name != "svm_smote" || has_both {
                assert_eq!(expected.counts, most, "{name}");
            }
        }
    }
}

#[test]
fn new_samples_lie_where_imbalanced_learn_puts_them() {
    for case in goldens().cases {
        let rows: Vec<Vec<f64>> = case.interpolated.iter().map(|new| new.x.clone()).collect();
        let between =
            |new: &Interpolated| Origin::Between { from: new.from, to: new.to, step: new.step };
        let theirs = Resampled {
            x: matrix(&rows),
            labels: vec![0; rows.len()],
            origin: case.interpolated.iter().map(between).collect(),
            warnings: Vec::new(),
        };
        check_rows_within(&theirs, matrix(&case.x).view());
    }
}

/// Our mixture is theirs, to the last bits.
#[track_caller]
fn check_rows_within(theirs: &Resampled, x: ArrayView2<'_, f64>) {
    let ours = theirs.apply(x).unwrap();
    assert_close(ours.as_slice().unwrap(), theirs.x.as_slice().unwrap(), 1e-15, 1e-15);
}

#[test]
fn adasyn_starts_as_often_at_each_sample() {
    for case in goldens().cases {
        let resampled = case.run(&Resampler::by_name("adasyn").unwrap());
        assert_eq!(counts(&resampled), case.adasyn.counts);
        for (label, expected) in (1..).zip(&case.adasyn.starts) {
            let rows = (0..case.labels.len()).filter(|&row| case.labels[row] == label);
            let starts = |row: usize| {
                let from = |o: &&Origin| matches!(o, Origin::Between { from, .. } if *from == row);
                resampled.origin.iter().filter(from).count()
            };
            assert_eq!(&rows.map(starts).collect::<Vec<_>>(), expected);
        }
        // The neighbors are those of SMOTE, as far as they were drawn.
        let smote = expected_pairs(&case.smote);
        let drawn = pairs(&resampled);
        assert!(drawn.is_subset(&smote));
        assert!(drawn.len() > 10);
    }
}

#[test]
fn clusters_get_as_many_new_samples() {
    let golden = goldens().clustered;
    let x = matrix(&golden.x);
    let config = KMeansSmoteConfig { clusters: 3, ..KMeansSmoteConfig::default() };
    for seed in 0..5 {
        let resampled =
            Resampler::KMeansSmote(config.clone()).resample(x.view(), &golden.labels, 2, seed);
        let resampled = resampled.unwrap();
        check_rows(&resampled, x.view());
        assert_eq!(counts(&resampled), golden.kmeans_smote.counts);
        assert!(pairs(&resampled).is_subset(&expected_pairs(&golden.kmeans_smote)));
        for draw in &golden.kmeans_smote.draws {
            let here =
                |o: &&Origin| matches!(o, Origin::Between { from, .. } if draw.from.contains(from));
            assert_eq!(resampled.origin.iter().filter(here).count(), draw.count);
        }
    }
}

fn cleaner(name: &str) -> Resampler {
    let enn = |k, agreement, classes| Resampler::Enn(EnnConfig { k, agreement, classes });
    let near = |k, k_first| NearMissConfig { k, k_first, ..NearMissConfig::default() };
    match name {
        "tomek_all" => Resampler::Tomek(TomekConfig { classes: Cleaned::All }),
        "enn_all" => enn(3, Agreement::All, Cleaned::All),
        "enn_mode_all" => enn(3, Agreement::Mode, Cleaned::All),
        "enn_mode_6" => enn(6, Agreement::Mode, Cleaned::NotMinority),
        "near_miss1_k5" => Resampler::NearMiss1(near(5, 3)),
        "near_miss2_k5" => Resampler::NearMiss2(near(5, 3)),
        "near_miss3_2_1" => Resampler::NearMiss3(near(2, 1)),
        name => Resampler::by_name(name).unwrap(),
    }
}

fn kept(resampled: &Resampled) -> Vec<usize> {
    let row = |origin: &Origin| match *origin {
        Origin::Sample(own) => own,
        Origin::Between { .. } => panic!("nothing is made"),
    };
    resampled.origin.iter().map(row).collect()
}

#[test]
fn cleaning_keeps_the_same_samples() {
    for case in goldens().cases {
        assert_eq!(case.cleaning.len(), 12);
        for (name, expected) in &case.cleaning {
            assert_eq!(&kept(&case.run(&cleaner(name))), expected, "{name}");
        }
    }
}

/// The second step is the cleaning of the tests above, on what the first step makes.
#[test]
fn combinations_are_their_two_steps() {
    for case in goldens().cases {
        let x = matrix(&case.x);
        let smote = case.run(&Resampler::by_name("smote").unwrap());
        for (name, second) in [("smote_tomek", "tomek_all"), ("smote_enn", "enn_all")] {
            let both = case.run(&Resampler::by_name(name).unwrap());
            let second = cleaner(second);
            let clean = second.resample(smote.x.view(), &smote.labels, case.n_classes(), 9);
            let kept = kept(&clean.unwrap());
            assert!(kept.len() < smote.labels.len());
            let origin: Vec<Origin> = kept.iter().map(|&row| smote.origin[row]).collect();
            assert_eq!(both.origin, origin, "{name}");
            let labels: Vec<u32> = kept.iter().map(|&row| smote.labels[row]).collect();
            assert_eq!(both.labels, labels, "{name}");
            check_rows(&both, x.view());
        }
    }
}

#[test]
fn targets_give_the_same_counts() {
    let two = [vec![0; 37], vec![1; 11]].concat();
    let three = [vec![0; 20], vec![1; 5], vec![2; 9]].concat();
    for (name, expected) in goldens().strategies {
        let numbers = || name.split('_').skip(2);
        let target = match name.split('_').nth(1).unwrap() {
            "ratio" => Target::Ratio(numbers().next().unwrap().parse().unwrap()),
            "counts" => Target::Counts(numbers().map(|n| n.parse().unwrap()).collect()),
            _ => Target::Even,
        };
        let labels = if expected.len() == 2 { &two } else { &three };
        let config = RandomConfig { target };
        let resampler = match name.starts_with("over") {
            true => Resampler::RandomOver(config),
            false => Resampler::RandomUnder(config),
        };
        let x = Array2::from_shape_fn((labels.len(), 1), |(row, _)| row as f64);
        let resampled = resampler.resample(x.view(), labels, expected.len(), 3).unwrap();
        assert_eq!(counts(&resampled), expected, "{name}");
    }
}
