//! Writes the report that is hardest to lay out, to look at: twelve classes with long and hostile
//! names, one that does not occur, one that is never predicted, a loss that became NaN.
//! `cargo run -p micrograph-report --example crowded_report -- report.html`

use std::error::Error;

use micrograph_metrics::{Scored, evaluate, roc_curve};
use micrograph_report::{
    ClassBalance, EpochRecord, EvaluationSection, Fact, FactGroup, ObjectSize, RunReport, SizeUnit,
    Table, render,
};
use ndarray::Array2;

const CLASSES: [&str; 12] = [
    "basophil",
    "eosinophil",
    "erythroblast (nucleated red blood cell)",
    "immature granulocyte",
    "lymphocyte",
    "monocyte",
    "neutrophil, segmented, of the peripheral blood",
    "platelet",
    "<script>alert('class')</script>",
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "absent",
    "rare",
];

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: crowded_report PATH")?;
    std::fs::write(&path, render(&report()?)?)?;
    println!("wrote {path}");
    Ok(())
}

fn report() -> Result<RunReport, Box<dyn Error>> {
    let counts = [60, 90, 44, 140, 130, 75, 900, 200, 33, 51, 0, 2];
    Ok(RunReport {
        title: "A title of many words that does not fit into one line of the page, and on a \
                telephone takes four"
            .into(),
        subtitle: "blood_cells_of_a_folder_with_a_very_long_name_without_any_space/2026-11-21"
            .into(),
        facts: vec![FactGroup {
            title: "Data".into(),
            facts: vec![Fact::new("Data", "/a/path/without/spaces/".repeat(6))],
        }],
        history: (1..=60).map(record).collect(),
        best_epoch: Some(31),
        class_balance: CLASSES
            .iter()
            .zip(counts)
            .map(|(name, n)| ClassBalance {
                name: name.to_string(),
                counts: vec![("train".into(), 4 * n), ("test".into(), n)],
            })
            .collect(),
        sizes: (0..600).map(size).collect(),
        size_unit: SizeUnit::Nanometers,
        evaluations: vec![section(&counts)?],
        tables: vec![Table {
            title: "Ablation of everything against everything".into(),
            caption: String::new(),
            header: (0..14).map(|column| format!("column {column}")).collect(),
            rows: vec![vec!["0.123 ± 0.004".into(); 14], vec!["–".into(); 3]],
        }],
        notes: (0..3).map(|n| format!("Left out: {}{n}.png", "deep/".repeat(30))).collect(),
        ..RunReport::default()
    })
}

fn record(epoch: usize) -> EpochRecord {
    EpochRecord {
        epoch,
        train_loss: if epoch == 20 { f64::NAN } else { 2.0 / epoch as f64 },
        learning_rate: 1e-3 * 0.95_f64.powi(epoch as i32),
        seconds: 61.0,
        ..EpochRecord::default()
    }
}

fn size(index: u32) -> ObjectSize {
    let spread = f64::from(index * 7919 % 600) / 600.0;
    let class = index % 12;
    ObjectSize {
        class,
        height: 40.0 + 300.0 * spread * f64::from(class + 1),
        width: 50.0 + 280.0 * f64::from(index * 104_729 % 600) / 600.0 * f64::from(class + 1),
    }
}

fn section(counts: &[usize; 12]) -> Result<EvaluationSection, Box<dyn Error>> {
    let classes = CLASSES.map(String::from).to_vec();
    let truth: Vec<u32> =
        (0..12).flat_map(|class| std::iter::repeat_n(class, counts[class as usize])).collect();
    let probabilities = Array2::from_shape_fn((truth.len(), 12), |(sample, class)| {
        let wanders = (sample * 31 + class * 17) % 23;
        let own = if truth[sample] as usize == class && class < 10 { 30.0 } else { 1.0 };
        own + 1.5 * wanders as f64
    });
    let sums = probabilities.sum_axis(ndarray::Axis(1)).insert_axis(ndarray::Axis(1));
    let probabilities = probabilities / &sums;
    let mut roc = Vec::new();
    for (class, name) in classes.iter().enumerate().filter(|(class, _)| counts[*class] > 0) {
        let positive: Vec<bool> = truth.iter().map(|&label| label as usize == class).collect();
        roc.push((
            name.clone(),
            roc_curve(&positive, &probabilities.column(class).to_vec(), None)?,
        ));
    }
    Ok(EvaluationSection {
        name: "5-fold, out of fold".into(),
        remark: String::new(),
        evaluation: evaluate(&Scored::new(&classes, &truth, probabilities.view()))?,
        intervals: None,
        roc,
        pr: Vec::new(),
        fold_matrices: None,
    })
}
