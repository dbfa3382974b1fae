//! The page of a comparison.

use std::collections::BTreeSet;

use micrograph_metrics::{BootstrapConfig, Contest, compare};
use micrograph_report::{
    ClassBalance, ComparisonReport, Fact, FactGroup, ModelFacts, Role, lipnet_thesis,
    render_comparison,
};
use ndarray::Array2;

use crate::fixture::{text_of, well_formed};

/// What a model says where the sample is among the first so many of its class in a hundred.
fn said(truth: &[u32], right: impl Fn(usize, usize) -> bool) -> Array2<f64> {
    Array2::from_shape_fn((truth.len(), 3), |(sample, class)| {
        let own = truth[sample] as usize;
        let said = if right(sample, own) { own } else { (own + 1) % 3 };
        if said == class { 0.8 } else { 0.1 }
    })
}

/// `names` are those of a good, a poorer and a useless model.
fn report(names: [&str; 3], classes: [&str; 3], folds: bool, groups: bool) -> ComparisonReport {
    let truth: Vec<u32> = (0..300).map(|sample| sample as u32 % 3).collect();
    let good = said(&truth, |sample, _| sample % 20 > 1);
    let poor = said(&truth, |sample, _| sample % 20 > 5);
    let floor = Array2::from_shape_fn((300, 3), |(_, class)| f64::from(u8::from(class == 1)));
    let fold_of: Vec<usize> = (0..300).map(|sample| sample / 61).collect();
    let group_of: Vec<usize> = (0..300).map(|sample| sample / 6).collect();
    let classes = classes.map(String::from);
    let entries = [(names[0], poor.view()), (names[1], good.view()), (names[2], floor.view())];
    let contest = Contest {
        classes: &classes,
        truth: &truth,
        groups: groups.then_some(&group_of[..]),
        folds: folds.then_some(&fold_of[..]),
        entries: &entries,
    };
    let config = BootstrapConfig { resamples: 200, ..BootstrapConfig::new(1) };
    let model = ModelFacts {
        description: format!("{} features", names[0]),
        train_seconds: Some(12.5),
        predict_seconds: Some(0.25),
        peak_bytes: None,
        role: Role::Model,
    };
    let floor = ModelFacts { role: Role::Floor, ..ModelFacts::default() };
    ComparisonReport {
        subtitle: names[0].into(),
        models: vec![model.clone(), model, floor],
        cost_remark: names[1].into(),
        published: lipnet_thesis(&classes),
        facts: vec![FactGroup { title: "Run".into(), facts: vec![Fact::new("Seed", 1)] }],
        class_balance: vec![ClassBalance { name: names[2].into(), counts: vec![("a".into(), 3)] }],
        notes: vec![names[0].into()],
        ..ComparisonReport::new(names[0], compare(&contest, config).unwrap())
    }
}

const NAMES: [&str; 3] = ["forest", "svm", "dummy"];
const LAMELLARITY: [&str; 3] = ["multilamellar", "Uncertain", "unilamellar"];

#[track_caller]
fn page(report: &ComparisonReport) -> String {
    well_formed(render_comparison(report).expect("a page"))
}

#[test]
fn the_page_opens_with_who_wins_and_whether_that_is_chance() {
    let text = text_of(&page(&report(NAMES, LAMELLARITY, true, false)), "result");
    for expected in [
        "svm is best: its balanced accuracy of 90.0\u{202f}% is 20.0 points above that of forest \
         (95\u{202f}% interval 1",
        "which is more than chance (over the folds p\u{a0}<\u{a0}0.001).",
        "dummy, which does not look at the samples, reaches 33.3\u{202f}%; every classifier is \
         above that by more than chance, by its own interval.",
        "Lead, in points 20.0",
        "Floor 33.3\u{202f}% dummy",
        "Samples 300 5\u{a0}folds, the same for all",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in {text:?}");
    }
    let mut level = report(NAMES, LAMELLARITY, false, false);
    let scores = level.comparison.models[1].clone();
    level.comparison.models[0] =
        micrograph_metrics::ModelScores { name: "forest".into(), ..scores };
    level.comparison.pairs[0].difference.balanced_accuracy.estimate = Some(0.0);
    let text = text_of(&page(&level), "result");
    assert!(text.contains("forest and svm are level"), "{text}");
}

#[test]
fn a_lead_within_its_interval_may_be_chance() {
    let mut report = report(NAMES, LAMELLARITY, true, false);
    let pair = &mut report.comparison.pairs[0];
    pair.difference.balanced_accuracy.high = Some(0.01);
    let certain = pair.resampled_t_holm;
    pair.resampled_t_holm = Some(0.3);
    let text = text_of(&page(&report), "result");
    assert!(text.contains(", which may be chance (over the folds p\u{a0}=\u{a0}0.30)"), "{text}");
    let pair = &mut report.comparison.pairs[0];
    pair.difference.balanced_accuracy.high = Some(-0.1);
    let text = text_of(&page(&report), "result");
    assert!(text.contains("more than chance for these samples, but not certain"), "{text}");
    let pair = &mut report.comparison.pairs[0];
    (pair.difference.balanced_accuracy.high, pair.resampled_t_holm) = (Some(0.01), certain);
    let text = text_of(&page(&report), "result");
    assert!(text.contains("the two tests disagree"), "{text}");
    let pair = &mut report.comparison.pairs[0];
    (pair.difference.balanced_accuracy.low, pair.difference.balanced_accuracy.high) = (None, None);
    assert!(text_of(&page(&report), "result").contains("nothing says whether"));
}

#[test]
fn every_number_has_its_place_and_the_floor_is_named() {
    let page = page(&report(NAMES, LAMELLARITY, true, false));
    let models = text_of(&page, "models");
    let order = ["svm", "forest", "dummy (floor)"].map(|name| models.find(name).unwrap());
    assert!(order.is_sorted(), "{models}");
    assert!(models.contains("12.5\u{a0}s 0.25\u{a0}s –"), "{models}");
    assert!(models.contains("from 200\u{a0}resamples of samples"), "{models}");
    // In the order of the thesis, with differences from the best.
    let classes = text_of(&page, "classes");
    let order = ["unilamellar 100 samples, 33.3", "multilamellar 100", "Uncertain 100"];
    assert!(order.map(|name| classes.find(name).unwrap()).is_sorted(), "{classes}");
    assert!(classes.contains("0.700 −0.200 (−0.2"), "{classes}");
    let tests = text_of(&page, "tests");
    assert!(tests.contains("corrected for 3\u{a0}pairs (Holm 1979)"), "{tests}");
    assert!(tests.contains("svm ▲ <0.001 ▲ <0.001 forest ▼ <0.001"), "{tests}");
    let matrices = text_of(&page, "matrices");
    let first = "svm Mean share over 5\u{a0}folds Truth unilamellar multilamellar Uncertain";
    assert!(matrices.contains(first), "{matrices}");
    assert!(matrices.contains("thesis: LipNet-4 Table 9"), "{matrices}");
    let published = text_of(&page, "published");
    assert!(published.contains("thesis: SVM 92.7\u{202f}%, then thesis: LipNet-4 85.8"));
    // TPR of unilamellar: svm, forest, dummy; thesis's SVM and LipNet-4.
    assert!(
        published.contains("TPR 0.900 0.700 0 0.940 0.944")
            || published.contains("TPR 0.900 0.700 0.000 0.940 0.944"),
        "{published}"
    );
}

#[test]
fn without_folds_groups_or_published_numbers_their_parts_are_left_out() {
    let plain = report(NAMES, ["a", "b", "c"], false, false);
    let page = page(&plain);
    assert!(!page.contains("id=\"published\"") && !page.contains("Corrected resampled t"));
    assert!(text_of(&page, "matrices").contains("svm Share of each true class Truth a b c"));
    assert!(text_of(&page, "result").contains("which is more than chance for these samples."));
    let grouped = render_comparison(&report(NAMES, LAMELLARITY, true, true)).unwrap();
    assert!(text_of(&grouped, "models").contains("of whole groups (50)"));
    assert!(text_of(&grouped, "tests").contains("its p values are too small here"));
}

#[test]
fn a_comparison_of_one_or_of_nothing_is_a_page() {
    let mut lone = report(NAMES, LAMELLARITY, true, false);
    lone.comparison.models.truncate(1);
    lone.comparison.pairs.clear();
    lone.models.clear();
    let text = text_of(&page(&lone), "result");
    assert!(text.contains("forest reaches a balanced accuracy of 70.0\u{202f}%."), "{text}");
    lone.comparison.models.clear();
    assert!(!page(&lone).contains("id=\"models\""));
}

#[test]
fn hostile_names_stay_text_and_ids_are_their_own() {
    let hostile = "<script>alert(\"1\")</script>&'\"-->";
    let page = page(&report([hostile, "b & c", "\u{1}"], ["<a>", "b", "c"], true, true));
    assert!(!page.contains("<script") && page.contains("&#60;script&#62;"));
    let ids: Vec<&str> =
        page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{ids:?}");
    for anchor in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains(&anchor), "#{anchor}");
    }
}

#[test]
fn equal_comparisons_give_equal_bytes() {
    let report = report(NAMES, LAMELLARITY, true, false);
    assert_eq!(page(&report), page(&report));
}

#[test]
fn undefined_scores_never_reach_the_page_as_numbers() {
    let mut report = report(NAMES, LAMELLARITY, true, false);
    for model in &mut report.comparison.models {
        model.intervals.auroc.estimate = Some(f64::NAN);
        model.intervals.macro_f1 = micrograph_metrics::Interval {
            estimate: None,
            low: None,
            high: None,
            n_undefined: 200,
        };
        model.evaluation.balanced_accuracy = f64::NAN;
    }
    report.models[0].train_seconds = Some(f64::INFINITY);
    let page = page(&report).to_lowercase();
    assert!(!page.contains("nan") && !page.contains(">inf"), "{page}");
}
