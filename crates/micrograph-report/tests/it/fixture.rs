//! Reports to render.

use micrograph_metrics::{
    BootstrapConfig, FoldMatrices, Scored, evaluate, intervals, pr_curve, roc_curve,
};
use micrograph_report::{
    ClassBalance, ContactSheet, EpochRecord, EvaluationSection, Fact, FactGroup, ObjectSize,
    RunReport, ScoreIntervals, SizeUnit, Table, Tile, Tone, render,
};
use ndarray::{Array2, Array3};

/// Renders and checks that the page is well-formed.
#[track_caller]
pub(crate) fn page(report: &RunReport) -> String {
    well_formed(render(report).expect("a page"))
}

/// Checks that the page is well-formed.
#[track_caller]
pub(crate) fn well_formed(page: String) -> String {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    if let Err(error) = roxmltree::Document::parse_with_options(&page, options) {
        panic!("the page is not well-formed: {error}");
    }
    page
}

/// All text of the page below the element `id`, with the spaces of a browser.
#[track_caller]
pub(crate) fn text_of(page: &str, id: &str) -> String {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(page, options).expect("well-formed");
    let node = document.descendants().find(|node| node.attribute("id") == Some(id));
    let node = node.unwrap_or_else(|| panic!("no element #{id}"));
    let texts = node.descendants().filter_map(|node| node.text().filter(|_| node.is_text()));
    texts.flat_map(str::split_ascii_whitespace).collect::<Vec<_>>().join(" ")
}

/// `truth` scored by probabilities that favor `said` by nine to one.
pub(crate) fn section(
    name: &str,
    classes: &[&str],
    truth: &[u32],
    said: &[u32],
) -> EvaluationSection {
    let classes: Vec<String> = classes.iter().map(ToString::to_string).collect();
    let n = classes.len();
    let probabilities = Array2::from_shape_fn((truth.len(), n), |(sample, class)| {
        let own = said[sample] as usize == class;
        if n == 1 {
            1.0
        } else if own {
            0.9
        } else {
            0.1 / (n - 1) as f64
        }
    });
    let scored = Scored::new(&classes, truth, probabilities.view());
    let evaluation = evaluate(&scored).expect("an evaluation");
    let config = BootstrapConfig { resamples: 50, ..BootstrapConfig::new(1) };
    let scores = intervals(&scored, config).expect("intervals");
    let (mut roc, mut pr) = (Vec::new(), Vec::new());
    for (class, name) in classes.iter().enumerate() {
        let positive: Vec<bool> = truth.iter().map(|&label| label as usize == class).collect();
        let score = probabilities.column(class).to_vec();
        roc.extend(roc_curve(&positive, &score, None).map(|curve| (name.clone(), curve)));
        pr.extend(pr_curve(&positive, &score, None).map(|curve| (name.clone(), curve)));
    }
    EvaluationSection {
        name: name.into(),
        remark: format!("All of {name}."),
        fold_matrices: FoldMatrices::new(vec![evaluation.confusion.clone(); 2]).ok(),
        evaluation,
        intervals: Some(ScoreIntervals { scores, config, groups: None }),
        roc,
        pr,
    }
}

/// A report with something in each of its parts, all text of which is `text`.
pub(crate) fn full(text: &str) -> RunReport {
    let text = || text.to_string();
    let tile = |tone, channels| Tile {
        pixels: Array3::from_elem((channels, 4, 5), 0.5),
        label: text(),
        note: text(),
        tone,
    };
    let epoch = |epoch| EpochRecord {
        epoch,
        train_loss: 1.0 / epoch as f64,
        validation_loss: Some(1.1 / epoch as f64),
        train_accuracy: Some(0.8),
        validation_accuracy: Some(0.75),
        validation_auroc: Some(0.9),
        pixels: None,
        learning_rate: 0.001 / epoch as f64,
        seconds: 2.5,
    };
    let other = format!("not {}", text());
    let classes = [text(), other.clone()];
    let classes = [classes[0].as_str(), classes[1].as_str()];
    RunReport {
        title: text(),
        subtitle: text(),
        facts: vec![FactGroup {
            title: text(),
            facts: vec![Fact { label: text(), value: text() }],
        }],
        history: (1..=3).map(epoch).collect(),
        best_epoch: Some(2),
        class_balance: vec![
            ClassBalance { name: text(), counts: vec![(text(), 3), (other.clone(), 4)] },
            ClassBalance { name: other, counts: vec![(text(), 30)] },
        ],
        sizes: (0..9)
            .map(|i| ObjectSize { class: i % 2, height: 10.0 + f64::from(i), width: 12.0 })
            .collect(),
        size_unit: SizeUnit::Pixels,
        evaluations: vec![section(&text(), &classes, &[0, 0, 1, 1, 1], &[0, 1, 1, 1, 0])],
        sheets: vec![ContactSheet {
            title: text(),
            caption: text(),
            by_label: true,
            large: false,
            tiles: vec![tile(Tone::Neutral, 1), tile(Tone::Good, 3), tile(Tone::Bad, 1)],
        }],
        tables: vec![Table {
            title: text(),
            caption: text(),
            header: vec![text()],
            rows: vec![vec![text(), "0.5".into()], Vec::new()],
        }],
        notes: vec![text()],
    }
}
