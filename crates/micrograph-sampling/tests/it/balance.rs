//! Laws of resampling, weights and costs.

use micrograph_sampling::{
    ClassWeighting, CostMatrix, Error, class_weights, oversample, shuffle, undersample,
};
use proptest::prelude::*;

fn counts(labels: &[u32], drawn: &[usize]) -> [usize; 4] {
    let mut counts = [0; 4];
    drawn.iter().for_each(|&sample| counts[labels[sample] as usize] += 1);
    counts
}

proptest! {
    #[test]
    fn oversampling_evens_the_classes(
        labels in prop::collection::vec(0_u32..4, 1..80), seed: u64, epoch in 0_u64..3
    ) {
        let indices: Vec<usize> = (0..labels.len()).filter(|sample| sample % 3 != 1).collect();
        let drawn = oversample(&labels, &indices, seed, epoch);
        prop_assert_eq!(&drawn[..indices.len()], &indices[..]);
        let (before, after) = (counts(&labels, &indices), counts(&labels, &drawn));
        let majority = *before.iter().max().unwrap();
        for class in 0..4 {
            prop_assert_eq!(after[class], if before[class] == 0 { 0 } else { majority });
        }
        // Copies of two samples of a class differ by one at most.
        for &sample in &indices {
            let copies = drawn.iter().filter(|&&other| other == sample).count();
            let least = majority / before[labels[sample] as usize];
            prop_assert!(copies == least || copies == least + 1);
        }
    }

    #[test]
    fn undersampling_thins_the_majority_alone(
        labels in prop::collection::vec(0_u32..4, 1..80), fraction in 0.0_f64..0.99, seed: u64
    ) {
        let indices: Vec<usize> = (0..labels.len()).collect();
        let kept = undersample(&labels, &indices, fraction, seed, 0).unwrap();
        prop_assert!(kept.is_sorted());
        let (before, after) = (counts(&labels, &indices), counts(&labels, &kept));
        let majority = *before.iter().max().unwrap();
        let thinned = before.iter().position(|&n| n == majority).unwrap();
        for class in 0..4 {
            let dropped = (fraction * before[class] as f64).round() as usize;
            let dropped = if class == thinned { dropped } else { 0 };
            prop_assert_eq!(after[class], before[class] - dropped);
        }
    }
}

#[test]
fn an_epoch_draws_anew_and_repeats_itself() {
    let labels: Vec<u32> = (0..100).map(|sample| u32::from(sample >= 70)).collect();
    let indices: Vec<usize> = (0..100).collect();
    let over = |epoch| oversample(&labels, &indices, 5, epoch);
    assert_eq!(over(1), over(1));
    assert_ne!(over(1), over(2));
    let under = |epoch| undersample(&labels, &indices, 0.2, 5, epoch).unwrap();
    assert_eq!(under(1), under(1));
    assert_ne!(under(1), under(2));
    assert_eq!(under(1).len(), 86);
    let order = |epoch| {
        let mut order = indices.clone();
        shuffle(&mut order, 5, epoch);
        order
    };
    assert_eq!(order(1), order(1));
    assert_ne!(order(1), order(2));
    let mut sorted = order(3);
    sorted.sort_unstable();
    assert_eq!(sorted, indices);
}

#[test]
fn over_many_epochs_every_sample_of_the_majority_is_seen() {
    let labels = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    let indices: Vec<usize> = (0..11).collect();
    let mut seen = [0_u32; 11];
    for epoch in 0..500 {
        for sample in undersample(&labels, &indices, 0.2, 1, epoch).unwrap() {
            seen[sample] += 1;
        }
    }
    // 400 expected, 9 standard deviation.
    assert!(seen[..10].iter().all(|&n| (355..=445).contains(&n)), "{seen:?}");
    assert_eq!(seen[10], 500);
}

#[test]
fn absent_classes_weigh_nothing() {
    let labels = [0, 0, 0, 2];
    let balanced = class_weights(&labels, 4, ClassWeighting::Balanced).unwrap();
    assert_eq!(balanced, [4.0 / 6.0, 0.0, 2.0, 0.0]);
    // The median of 3 and 1 is 2.
    let median = class_weights(&labels, 4, ClassWeighting::MedianFrequency).unwrap();
    assert_eq!(median, [2.0 / 3.0, 0.0, 2.0, 0.0]);
    assert_eq!(class_weights(&[], 2, ClassWeighting::Balanced), Ok(vec![0.0, 0.0]));
    let error = class_weights(&labels, 2, ClassWeighting::Balanced);
    assert_eq!(error, Err(Error::Label { sample: 3, label: 2, n_classes: 2 }));
}

#[test]
fn costs_are_checked_and_survive_json() {
    let rows = vec![vec![0.0, 2.0, 1.0], vec![1.0, 0.0, 1.0], vec![5.0, 1.0, 0.0]];
    let costs = CostMatrix::new(rows).unwrap();
    assert_eq!(costs.cost(2, 0), Some(5.0));
    assert_eq!(costs.cost(3, 0), None);
    let text = serde_json::to_string(&costs).unwrap();
    assert_eq!(text, "[[0.0,2.0,1.0],[1.0,0.0,1.0],[5.0,1.0,0.0]]");
    assert_eq!(serde_json::from_str::<CostMatrix>(&text).unwrap(), costs);
    assert!(serde_json::from_str::<CostMatrix>("[[0.0,-1.0],[1.0,0.0]]").is_err());
    assert!(matches!(CostMatrix::new(vec![vec![0.0]; 2]), Err(Error::CostShape { .. })));
    for wrong in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        let rows = vec![vec![0.0, wrong], vec![1.0, 0.0]];
        assert!(matches!(CostMatrix::new(rows), Err(Error::Cost { .. })), "{wrong}");
    }
}

#[test]
fn expected_cost_moves_the_threshold() {
    // Elkan's equation 2: predict 1 from p* = c10 / (c10 + c01) on, here 1 / (1 + 4).
    let costs = CostMatrix::new(vec![vec![0.0, 1.0], vec![4.0, 0.0]]).unwrap();
    assert_eq!(costs.decide(&[0.81, 0.19]), 0);
    assert_eq!(costs.decide(&[0.79, 0.21]), 1);
    assert_eq!(CostMatrix::uniform(3).decide(&[0.3, 0.3, 0.4]), 2);
    assert_eq!(CostMatrix::uniform(3).decide(&[0.4, 0.4, 0.2]), 0);
}
