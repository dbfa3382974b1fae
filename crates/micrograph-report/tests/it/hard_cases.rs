//! Input that is empty, undefined, single or large.

use micrograph_report::{
    ClassBalance, ContactSheet, EpochRecord, Error, ObjectSize, RunReport, Tile, Tone, render,
};
use ndarray::Array3;

use crate::fixture::{full, page, section, text_of};

#[test]
fn an_empty_report_is_an_empty_page_and_no_failure() {
    let page = page(&RunReport::default());
    assert!(!page.contains("<section") && !page.contains("<nav"));
    assert!(page.contains("<h1></h1>"));
}

#[test]
fn an_undefined_score_is_a_dash_with_a_footnote_and_only_then() {
    let classes = ["full", "empty", "uncertain"];
    let whole = section("test", &classes, &[0, 1, 2, 0], &[0, 1, 2, 1]);
    let report = RunReport { evaluations: vec![whole], ..RunReport::default() };
    assert!(!text_of(&page(&report), "evaluation-1").contains("is undefined"));
    let absent = section("test", &classes, &[0, 1, 0], &[0, 1, 1]);
    let report = RunReport { evaluations: vec![absent], ..RunReport::default() };
    let page = page(&report);
    let text = text_of(&page, "evaluation-1");
    assert!(text.contains("uncertain 0 – 1.000"), "{text}");
    assert!(text.contains("– is undefined: nothing to divide by"));
    assert!(text.contains("left out of the mean: “uncertain” in 2\u{a0}folds."));
    assert!(text_of(&page, "result").contains("No sample is of “uncertain”"));
}

#[test]
fn an_evaluation_without_samples_has_no_scores() {
    let mut empty = section("test", &["full", "empty"], &[0, 1], &[0, 1]);
    let classes = empty.evaluation.confusion.classes().to_vec();
    empty.evaluation.confusion = micrograph_metrics::ConfusionMatrix::new(classes).unwrap();
    empty.intervals = None;
    let report = RunReport { evaluations: vec![empty], ..RunReport::default() };
    let page = page(&report);
    assert!(text_of(&page, "result").contains("Test: there are no samples"));
    assert!(text_of(&page, "evaluation-1").contains("Accuracy – Balanced accuracy –"));
}

#[test]
fn numbers_that_are_not_finite_never_reach_the_page() {
    let mut report = full("x");
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        report.history.push(EpochRecord {
            epoch: report.history.len() + 1,
            train_loss: value,
            validation_loss: Some(value),
            train_accuracy: Some(value),
            validation_accuracy: Some(value),
            validation_auroc: Some(value),
            pixels: None,
            learning_rate: value,
            seconds: value,
        });
        report.sizes.push(ObjectSize { class: 0, height: value, width: 3.0 });
    }
    let section = &mut report.evaluations[0];
    section.evaluation.log_loss = f64::INFINITY;
    section.evaluation.auroc = Some(f64::NAN);
    section.roc[0].1.points[1].tpr = f64::NAN;
    report.sheets[0].tiles[0].pixels.fill(f32::NAN);
    let page = page(&report);
    let lower = page.to_lowercase();
    let outside = lower.split("base64,").map(|part| {
        let end = part.find('"').filter(|_| part.starts_with("ivbor")).unwrap_or(0);
        &part[end..]
    });
    for part in outside {
        assert!(!part.contains("nan") && !part.contains("inf\"") && !part.contains("infinity"));
    }
}

#[test]
fn one_epoch_without_validation_is_drawn_as_a_dot() {
    let epoch = EpochRecord { epoch: 1, train_loss: 0.7, seconds: 3.0, ..EpochRecord::default() };
    let report = RunReport { history: vec![epoch], best_epoch: Some(1), ..RunReport::default() };
    let page = page(&report);
    assert!(page.contains("<circle"));
    let text = text_of(&page, "training");
    assert!(text.starts_with("Training 1\u{a0}epoch in 3.0\u{a0}s."), "{text}");
    assert!(text_of(&page, "result").contains("Training loss 0.7000"));
}

#[test]
fn twelve_classes_with_long_names_and_a_single_class_both_fit() {
    let names: Vec<String> =
        (0..12).map(|n| format!("class {n} with a name that goes on and on")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let truth: Vec<u32> = (0..36).map(|n| n % 12).collect();
    let said: Vec<u32> = (0..36).map(|n| (n + n / 12) % 12).collect();
    let report = RunReport {
        evaluations: vec![
            section("validation", &names, &truth, &said),
            section("test", &["only"], &[0, 0], &[0, 0]),
        ],
        ..RunReport::default()
    };
    let page = page(&report);
    assert!(page.contains("class=\"matrix upright\""));
    assert!(text_of(&page, "result").contains("right for 2 of 2 samples"));
}

#[test]
fn images_of_one_size_are_a_sentence_and_not_a_plot() {
    let size = ObjectSize { class: 0, height: 28.0, width: 32.0 };
    let report = RunReport { sizes: vec![size; 5], ..RunReport::default() };
    let page = page(&report);
    assert!(text_of(&page, "data").contains("All 5\u{a0}objects are 32 × 28\u{a0}px."));
    assert!(!page.contains("<figure>"));
}

#[test]
fn a_class_that_has_no_samples_and_a_report_of_no_samples_are_shown() {
    let balance = |n| ClassBalance { name: "full".into(), counts: vec![("train".into(), n)] };
    let report = RunReport { class_balance: vec![balance(0)], ..RunReport::default() };
    assert!(text_of(&page(&report), "data").contains("0\u{a0}samples in 1\u{a0}class."));
}

#[test]
fn a_typical_page_stays_small() {
    let mut report = full("x");
    report.sizes = (0..20_000_u32)
        .map(|i| ObjectSize {
            class: i % 3,
            height: f64::from(20 + i * 7919 % 400),
            width: f64::from(20 + i * 104_729 % 400),
        })
        .collect();
    // Noise does not compress: 60 pictures of 64 x 64 are the worst case of a usual sheet.
    let noise = Array3::from_shape_fn((1, 64, 64), |(_, y, x)| {
        ((y * 7919 + x * 104_729) % 1009 * 613 % 997) as f32 / 997.0
    });
    let tile = Tile { pixels: noise, label: "a".into(), note: "b".into(), tone: Tone::Neutral };
    report.sheets = vec![ContactSheet {
        title: "s".into(),
        caption: "c".into(),
        tiles: vec![tile; 60],
        ..ContactSheet::default()
    }];
    let page = page(&report);
    assert!(page.len() < 1_500_000, "{} bytes", page.len());
    let n_markers = page.matches("<circle").count() + page.matches("<path").count();
    assert!(n_markers < 3_100, "{n_markers} markers");
}

#[test]
fn a_picture_of_five_channels_is_refused_by_name() {
    let tile = Tile {
        pixels: Array3::zeros((5, 8, 8)),
        label: String::new(),
        note: String::new(),
        tone: Tone::Bad,
    };
    let sheet =
        ContactSheet { title: "errors".into(), tiles: vec![tile], ..ContactSheet::default() };
    let report = RunReport { sheets: vec![sheet], ..RunReport::default() };
    let error = render(&report).unwrap_err();
    assert!(matches!(error, Error::TileShape { tile: 0, channels: 5, .. }), "{error}");
}
