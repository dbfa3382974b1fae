//! Classes of very few samples, flat features, and samples far from all others.

use micrograph_classic::{
    Classifier, Fit, Method, Pipeline, Probability, Samples, Scaling, Selection, SigmoidWeights,
    SvmConfig, Wnd, fisher_scores,
};
use ndarray::{Array2, Axis, array};
use rand::{RngExt as _, SeedableRng as _};

use crate::clouds;

/// Every classifier takes a class of one sample; a machine finds it again.
#[test]
fn a_class_of_one_sample_is_fitted() {
    let (mut x, mut labels) = clouds(60, 3, 3, 1);
    labels.iter_mut().for_each(|label| *label = (*label).min(1));
    x.push_row(array![9.0, 9.0, -9.0].view()).unwrap();
    labels.push(2);
    let samples = Samples::new(x.view(), &labels, 3).unwrap();
    for name in Pipeline::NAMES {
        let model = Pipeline::by_name(name).unwrap().fit(&samples, 0).unwrap();
        let probabilities = model.probabilities(x.view()).unwrap();
        assert!(probabilities.sum_axis(Axis(1)).iter().all(|sum| (sum - 1.0).abs() < 1e-9));
        if name == "svm" {
            let own = probabilities.row(60);
            assert!(own[2] > own[0].max(own[1]), "{own}");
            assert_eq!(model.predict(x.view()).unwrap()[60], 2);
        }
    }
}

/// As many samples of each class as `counts` say, one apart in the first three of six features.
fn shares(counts: &[usize], seed: u64) -> (Array2<f64>, Vec<u32>) {
    let labels: Vec<u32> =
        (0..).zip(counts).flat_map(|(class, &n)| std::iter::repeat_n(class, n)).collect();
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let x = Array2::from_shape_fn((labels.len(), 6), |(sample, feature)| {
        let noise: f64 = (0..4).map(|_| rng.random_range(-1.0..1.0)).sum();
        // Of three classes, the last two lie in different directions.
        let apart = [0.0, 1.5, if feature % 2 == 0 { 3.0 } else { -3.0 }];
        noise + if feature < 3 { apart[labels[sample] as usize] } else { 0.0 }
    });
    (x, labels)
}

/// The mean over classes of the share that is found, and of the area under the curve of each class
/// against the others.
fn found(model: &impl Classifier, x: &Array2<f64>, labels: &[u32]) -> (f64, f64) {
    let (predicted, p) = (model.predict(x.view()).unwrap(), model.probabilities(x.view()).unwrap());
    let k = model.n_classes();
    let of_class = |class: usize| {
        let (own, others): (Vec<usize>, Vec<usize>) =
            (0..labels.len()).partition(|&sample| labels[sample] as usize == class);
        let right = own.iter().filter(|&&sample| predicted[sample] == labels[sample]).count();
        let pairs = own.iter().flat_map(|a| others.iter().map(move |b| (a, b)));
        let area: f64 = pairs
            .map(|(&a, &b)| match p[[a, class]].total_cmp(&p[[b, class]]) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            })
            .sum();
        (right as f64 / own.len() as f64, area / (own.len() * others.len()) as f64)
    };
    let sums = (0..k).map(of_class).fold((0.0, 0.0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
    (sums.0 / k as f64, sums.1 / k as f64)
}

/// With its unweighted sigmoids the same machine calls nearly everything by the frequent class.
#[test]
fn machines_find_rare_classes() {
    for (counts, many) in [(&[105, 14, 1][..], [200, 200, 200].as_slice()), (&[95, 5], &[200, 200])]
    {
        let svm = Pipeline::by_name("svm").unwrap();
        let mut unweighted = svm.clone();
        if let Method::Svm(config) = &mut unweighted.method {
            config.probability = Probability::Platt { folds: 5, weights: SigmoidWeights::None };
        }
        let mut sums = [0.0; 2];
        for seed in 0..8 {
            let (x, labels) = shares(counts, seed);
            let (new_x, new_labels) = shares(many, 100 + seed);
            let samples = Samples::new(x.view(), &labels, counts.len()).unwrap();
            let model = svm.fit(&samples, seed).unwrap();
            let (own, area) = found(&model, &x, &labels);
            assert!(own > 0.85 && area > 0.9, "{counts:?}, seed {seed}: {own} {area}");
            let plain = unweighted.fit(&samples, seed).unwrap();
            sums[0] += found(&model, &new_x, &new_labels).0 / 8.0;
            sums[1] += found(&plain, &new_x, &new_labels).0 / 8.0;
        }
        println!("{counts:?}: {sums:?}");
        assert!(sums[0] > sums[1] + 0.1, "{counts:?}: {sums:?}");
    }
}

/// Where nothing tells the classes, few rare samples ask for sigmoids that turn round: none does,
/// so that probabilities rise with the decision value.
#[test]
fn probabilities_rise_with_decision_values() {
    for seed in 0..20 {
        let (x, _) = shares(&[60], seed);
        let labels: Vec<u32> = (0..60).map(|sample| u32::from(sample < 3)).collect();
        let samples = Samples::new(x.view(), &labels, 2).unwrap();
        let probability = Probability::platt(5);
        let class_weights = micrograph_classic::ClassWeights::Balanced;
        let config = SvmConfig { probability, class_weights, ..SvmConfig::default() };
        let model = config.fit(&samples, seed).unwrap();
        let values = model.decision_values(x.view()).unwrap();
        let p = model.probabilities(x.view()).unwrap();
        let mut order: Vec<usize> = (0..60).collect();
        order.sort_by(|&a, &b| values[[a, 0]].total_cmp(&values[[b, 0]]));
        assert!(order.windows(2).all(|pair| p[[pair[0], 0]] <= p[[pair[1], 0]]), "seed {seed}");
        assert!(p[[order[0], 0]] < p[[order[59], 0]], "seed {seed}: something is told");
    }
}

/// Pairs with fewer samples than folds have as many folds as samples.
#[test]
fn sigmoids_are_fitted_to_pairs_of_few() {
    let x = array![[0.0], [1.0], [5.0], [6.0], [11.0]];
    for labels in [[0, 0, 1, 1, 2], [0, 0, 0, 1, 2], [0, 0, 1, 1, 1]] {
        let samples = Samples::new(x.view(), &labels, 3).unwrap();
        let probability = Probability::platt(5);
        let config = SvmConfig { probability, c: 100.0, ..SvmConfig::default() };
        let model = config.fit(&samples, 0).unwrap();
        assert_eq!(model.predict(x.view()).unwrap(), labels);
        let probabilities = model.probabilities(x.view()).unwrap();
        assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
    }
}

#[test]
fn robust_scales_do_not_depend_on_units_and_do_not_explode() {
    let (x, _) = clouds(101, 3, 2, 3);
    let scaled = Scaling::Robust.fit(x.view()).unwrap().transform(x.view()).unwrap();
    // As small as the seventh of Hu's moments, and far beyond.
    for unit in [1e-20, 1e-200, 1e200] {
        let small = &x * unit;
        let of_small = Scaling::Robust.fit(small.view()).unwrap().transform(small.view()).unwrap();
        assert!(scaled.iter().zip(&of_small).all(|(a, b)| (a - b).abs() < 1e-9));
    }
    // Nearly all at one value, which no quartile tells apart: the standard deviation is taken.
    let flat =
        Array2::from_shape_fn((100, 1), |(i, _)| if i < 95 { 1e-17 * i as f64 } else { 1.0 });
    let scaler = Scaling::Robust.fit(flat.view()).unwrap();
    assert_eq!(scaler.scale(), Scaling::Standard.fit(flat.view()).unwrap().scale());
    let scaled = scaler.transform(flat.view()).unwrap();
    assert!(scaled.iter().all(|value| value.abs() < 5.0));
}

/// Scores and orders are shares, whatever the units of features.
#[test]
fn selections_do_not_depend_on_units() {
    let (x, labels) = clouds(80, 4, 2, 5);
    let units = array![1e-180, 1.0, 1e170, 1e-3];
    let (plain, changed) = (x.clone(), &x * &units);
    let samples = |x: &Array2<f64>| fisher_scores(&Samples::new(x.view(), &labels, 3).unwrap());
    let (plain_scores, scores) = (samples(&plain).unwrap(), samples(&changed).unwrap());
    assert!(plain_scores.iter().zip(&scores).all(|(a, b)| (a - b).abs() < 1e-12 * a));
    let order = |x: &Array2<f64>| {
        let samples = Samples::new(x.view(), &labels, 3).unwrap();
        Selection::Wilks { count: 4 }.fit(&samples).unwrap()
    };
    assert_eq!(order(&plain), order(&changed));
}

/// The farther, the more equal; never NaN.
#[test]
fn weighted_neighbors_of_samples_far_away_are_equal() {
    let (x, labels) = clouds(60, 4, 2, 3);
    let samples = Samples::new(x.view(), &labels, 3).unwrap();
    let model = Wnd { fraction: 1.0 }.fit(&samples, 0).unwrap();
    for far in [1e9, 1e100, 1e200, f64::MAX] {
        let probe = Array2::from_elem((1, 4), far);
        let probabilities = model.probabilities(probe.view()).unwrap();
        assert!(probabilities.iter().all(|p| (p - 1.0 / 3.0).abs() < 1e-6), "{probabilities}");
    }
}

/// Each sample three times, as oversampling has it, under labels that nothing tells: a machine that
/// has seen two copies knows the third, and only folds that keep copies together say that it knows
/// nothing else.
#[test]
fn copies_on_both_sides_of_a_fold_make_probabilities_too_sure() {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(3);
    let mut draw = |n: usize| Array2::from_shape_fn((n, 4), |_| rng.random_range(-1.0..1.0));
    let (once, new) = (draw(40), draw(200));
    let x = Array2::from_shape_fn((120, 4), |(row, column)| once[[row / 3, column]]);
    let labels: Vec<u32> = (0..120).map(|row| row / 3 % 2).collect();
    let groups: Vec<u64> = (0..120).map(|row| row / 3).collect();
    let torn = Samples::new(x.view(), &labels, 2).unwrap();
    let together = torn.with_groups(&groups).unwrap();
    let svm = Pipeline::by_name("svm").unwrap();
    let sureness = |samples: &Samples<'_>| {
        let probabilities = svm.fit(samples, 0).unwrap().probabilities(new.view()).unwrap();
        probabilities.column(0).iter().map(|p| (p - 0.5).abs()).sum::<f64>() / 200.0
    };
    assert!(sureness(&together) < 0.5 * sureness(&torn));
}
