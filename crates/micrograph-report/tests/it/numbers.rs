//! Content: the numbers of the report stand on the page.

use micrograph_report::{RunReport, Table};

use crate::fixture::{full, page, section, text_of};

#[test]
fn the_headline_says_what_the_majority_would_reach_and_which_class_is_weakest() {
    let truth = [0, 0, 0, 0, 0, 0, 0, 1, 1, 2];
    let said = [0, 0, 0, 0, 0, 0, 1, 1, 0, 0];
    let report = RunReport {
        evaluations: vec![section("test", &["full", "empty", "uncertain"], &truth, &said)],
        ..RunReport::default()
    };
    let text = text_of(&page(&report), "result");
    for expected in [
        "Accuracy 70.0\u{202f}%",
        "always the majority: 70.0\u{202f}%",
        "always the majority: 33.3\u{202f}%",
        // F1 of the constant classifier: 2 * 0.7 / 1.7 for one class of three.
        "always the majority: 0.275",
        "Test: the classifier is right for 7 of 10 samples, 70.0\u{202f}%.",
        "always says “full” would be right 70.0\u{202f}% of the time, no less than this one.",
        "The weakest class is “uncertain”: 0 of 1 are found.",
        "The classifier never answers “uncertain”.",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in {text:?}");
    }
}

#[test]
fn matrices_have_the_truth_in_rows() {
    let truth = [0, 0, 0, 1, 1];
    let said = [0, 0, 1, 1, 1];
    let report = RunReport {
        evaluations: vec![section("test", &["full", "empty"], &truth, &said)],
        ..RunReport::default()
    };
    let text = text_of(&page(&report), "evaluation-1");
    for expected in [
        "Counts Truth full empty All full 2 1 3 empty 0 2 2",
        "Share of each true class Truth full empty full 0.67 0.33 empty 0 1.00",
        "Mean count over 2\u{a0}folds Truth full empty All full 2 1 3 empty 0 2 2",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in {text:?}");
    }
}

#[test]
fn classes_have_their_scores_and_intervals() {
    let truth = [0, 0, 0, 1, 1];
    let said = [0, 0, 1, 1, 1];
    let mut section = section("test", &["full", "empty"], &truth, &said);
    let tpr = section.intervals.as_ref().unwrap().scores.per_class[0].tpr;
    let page_of = |section| RunReport { evaluations: vec![section], ..RunReport::default() };
    let text = text_of(&page(&page_of(section.clone())), "evaluation-1");
    // support, TPR with its interval, TNR
    let expected = format!("full 3 0.667 {:.3}–{:.3} 1.000", tpr.low.unwrap(), tpr.high.unwrap());
    assert!(text.contains(&expected), "{expected:?} is not in {text:?}");
    let interval = "95\u{202f}% bootstrap interval from 50\u{a0}resamples of";
    assert!(text.contains(&format!("{interval} samples;")), "{text:?}");
    section.intervals.as_mut().unwrap().groups = Some(3);
    let text = text_of(&page(&page_of(section)), "evaluation-1");
    assert!(text.contains(&format!("{interval} whole groups (3);")), "{text:?}");
}

#[test]
fn intervals_over_resamples_without_a_class_are_explained() {
    let words = |truth: &[u32], classes: &[&str]| {
        let section = section("test", classes, truth, truth);
        let report = RunReport { evaluations: vec![section], ..RunReport::default() };
        text_of(&page(&report), "evaluation-1")
    };
    // A class of one in six is missing in a third of the resamples, of one in five others in most.
    let rare = words(&[0, 0, 0, 0, 0, 1], &["full", "empty"]);
    assert!(rare.contains("average precision from the 3"), "{rare}");
    assert!(rare.contains("that hold a sample of every class"), "{rare}");
    let alone = words(&[0, 1, 2, 3, 4, 5], &["a", "b", "c", "d", "e", "f"]);
    assert!(alone.contains("too few resamples hold a sample of every class"), "{alone}");
}

#[test]
fn training_data_and_tables_are_there() {
    let mut report = full("x");
    report.tables = vec![Table {
        title: "Thesis".into(),
        caption: "Table 9".into(),
        header: vec!["class".into(), "TPR".into()],
        rows: vec![vec!["uncertain".into(), "0.688".into()]],
    }];
    let page = page(&report);
    let training = text_of(&page, "training");
    assert!(
        training.starts_with("Training 3\u{a0}epochs in 7.5\u{a0}s, 2.5\u{a0}s each (median).")
    );
    assert!(training.contains("2 (best) 0.5000 0.5500 0.800 0.750 0.900 5e−4 2.5\u{a0}s"));
    let data = text_of(&page, "data");
    assert!(
        data.contains("37\u{a0}samples in 2\u{a0}classes. “not x” is 4.3 times as common as “x”.")
    );
    assert!(text_of(&page, "tables").contains("Thesis Table 9 class TPR uncertain 0.688"));
}
