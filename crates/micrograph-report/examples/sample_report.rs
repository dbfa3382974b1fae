//! Writes a report of made-up numbers and pictures, to look at:
//! `cargo run -p micrograph-report --example sample_report -- report.html`

use std::error::Error;

use micrograph_metrics::{
    BootstrapConfig, ConfusionMatrix, FoldMatrices, Scored, evaluate, intervals, pr_curve,
    predicted, roc_curve,
};
use micrograph_report::{
    ClassBalance, ContactSheet, EpochRecord, EvaluationSection, Fact, FactGroup, ObjectSize,
    RunReport, ScoreIntervals, SizeUnit, Table, Tile, Tone, render,
};
use ndarray::{Array2, Array3};

const CLASSES: [&str; 3] = ["multilamellar", "uncertain", "unilamellar"];

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: sample_report PATH")?;
    std::fs::write(&path, render(&report()?)?)?;
    println!("wrote {path}");
    Ok(())
}

fn report() -> Result<RunReport, Box<dyn Error>> {
    let mut noise = Noise(17);
    Ok(RunReport {
        title: "LipNet-4 on synthetic lamellarity".into(),
        subtitle: "14,169 liposomes at the thesis’s class ratio, best of 12 epochs".into(),
        facts: facts(),
        history: (1..=12).map(|epoch| record(epoch, &mut noise)).collect(),
        best_epoch: Some(10),
        class_balance: balance(),
        sizes: sizes(&mut noise),
        size_unit: SizeUnit::Pixels,
        evaluations: vec![
            section("Validation", [172, 9, 1237], &mut noise)?,
            section("Test", [343, 16, 2475], &mut noise)?,
        ],
        sheets: sheets(&mut noise),
        tables: vec![ablation()],
        notes: vec![
            "Left out as unreadable: multi/0412.png (the file ends after 1,024 of 8,310 bytes)."
                .into(),
            "The test part has 16 samples of “uncertain”: its intervals are wide.".into(),
        ],
    })
}

fn facts() -> Vec<FactGroup> {
    let command = "micrograph train --data lamellarity --model lipnet4 --epochs 12 --balance over \
                   --augment thesis --input-mode mask --seed 17 --out runs/lamellarity";
    let group = |title: &str, facts| FactGroup { title: title.into(), facts };
    vec![
        group(
            "Data",
            vec![
                Fact::new("Data", "synthetic lamellarity"),
                Fact::new("Samples", "9,917 training, 1,418 validation, 2,834 test"),
                Fact::new("Fingerprint", "5f0c91ab".repeat(8)),
            ],
        ),
        group(
            "Network",
            vec![
                Fact::new("Model", "LipNet-4"),
                Fact::count("Parameters", 430_499),
                Fact::new("Input", "1 × 28 × 28, cropped and masked"),
            ],
        ),
        group(
            "Training",
            vec![
                Fact::new("Optimizer", "Adam"),
                Fact::new("Learning rate", "0.001, cosine"),
                Fact::new("Batch size", 32),
                Fact::new("Balance", "oversampling"),
            ],
        ),
        group(
            "Run",
            vec![
                Fact::new("Seed", 17),
                Fact::new("Threads", 2),
                Fact::duration("Time", 102.0),
                Fact::new("Command", command),
            ],
        ),
    ]
}

fn record(epoch: usize, noise: &mut Noise) -> EpochRecord {
    let fall = (-(epoch as f64) / 3.5).exp();
    let late = (epoch as f64 - 8.0).max(0.0);
    EpochRecord {
        epoch,
        train_loss: 0.14 + 0.9 * fall + 0.01 * noise.normal(),
        validation_loss: Some(0.21 + 0.7 * fall + 0.008 * late + 0.02 * noise.normal()),
        train_accuracy: Some(0.965 - 0.45 * fall + 0.004 * noise.normal()),
        validation_accuracy: Some(0.942 - 0.38 * fall + 0.008 * noise.normal()),
        validation_auroc: Some(0.981 - 0.22 * fall + 0.004 * noise.normal()),
        pixels: None,
        learning_rate: 5e-4 * (1.0 + (std::f64::consts::PI * (epoch as f64 - 1.0) / 12.0).cos()),
        seconds: 8.3 + 0.3 * noise.normal(),
    }
}

fn balance() -> Vec<ClassBalance> {
    let counts = [[1202, 172, 343], [59, 9, 16], [8656, 1237, 2475]];
    let parts = ["train", "val", "test"];
    let class = |(name, counts): (&str, [usize; 3])| ClassBalance {
        name: name.to_string(),
        counts: parts.iter().map(ToString::to_string).zip(counts).collect(),
    };
    CLASSES.into_iter().zip(counts).map(class).collect()
}

fn sizes(noise: &mut Noise) -> Vec<ObjectSize> {
    let mut sizes = Vec::new();
    for (class, (n, median, spread)) in
        [(1717, 190.0_f64, 0.35), (84, 120.0, 0.5), (12_368, 74.0, 0.42)].into_iter().enumerate()
    {
        for _ in 0..n {
            let size = median * (spread * noise.normal()).exp();
            let aspect = (0.12 * noise.normal()).exp();
            let [height, width] = [size * aspect, size / aspect].map(f64::round);
            sizes.push(ObjectSize { class: class as u32, height, width });
        }
    }
    sizes
}

/// Samples of each class, scored by a made-up classifier, with all that is reported of it.
fn section(
    name: &str,
    counts: [usize; 3],
    noise: &mut Noise,
) -> Result<EvaluationSection, Box<dyn Error>> {
    let classes = CLASSES.map(String::from).to_vec();
    let truth: Vec<u32> =
        (0..3).flat_map(|class| std::iter::repeat_n(class, counts[class as usize])).collect();
    let mut probabilities = Array2::zeros((truth.len(), 3));
    for (mut row, &class) in probabilities.rows_mut().into_iter().zip(&truth) {
        let evidence = [0, 1, 2].map(|k| {
            let own = if k == class { [3.2, 1.7, 3.0][k as usize] } else { 0.0 };
            (own + [0.0, -0.4, 0.4][k as usize] + 1.15 * noise.normal()).exp()
        });
        let sum: f64 = evidence.iter().sum();
        row.iter_mut().zip(evidence).for_each(|(p, e)| *p = e / sum);
    }
    let scored = Scored::new(&classes, &truth, probabilities.view());
    let config = BootstrapConfig { resamples: 200, ..BootstrapConfig::new(17) };
    let labels = predicted(probabilities.view());
    let fold = |k: usize| {
        let part = |all: &[u32]| all.iter().skip(k).step_by(5).copied().collect::<Vec<_>>();
        ConfusionMatrix::from_labels(classes.clone(), &part(&truth), &part(&labels), None)
    };
    let (mut roc, mut pr) = (Vec::new(), Vec::new());
    for (class, name) in classes.iter().enumerate() {
        let positive: Vec<bool> = truth.iter().map(|&label| label as usize == class).collect();
        let score = probabilities.column(class).to_vec();
        roc.push((name.clone(), roc_curve(&positive, &score, None)?));
        pr.push((name.clone(), pr_curve(&positive, &score, None)?));
    }
    let folds = (0..5).map(fold).collect::<Result<_, _>>()?;
    Ok(EvaluationSection {
        name: name.into(),
        remark: String::new(),
        evaluation: evaluate(&scored)?,
        intervals: Some(ScoreIntervals {
            scores: intervals(&scored, config)?,
            config,
            groups: None,
        }),
        roc,
        pr,
        fold_matrices: if name == "Test" { Some(FoldMatrices::new(folds)?) } else { None },
    })
}

fn sheets(noise: &mut Noise) -> Vec<ContactSheet> {
    let mut samples = Vec::new();
    let mut errors = Vec::new();
    let mut augmented = Vec::new();
    for index in 0..24 {
        let class = index / 8;
        samples.push(Tile {
            pixels: liposome(class, index as f32 * 0.3, noise),
            label: CLASSES[class].into(),
            note: format!("{}/{index:04}.png", CLASSES[class]),
            tone: Tone::Neutral,
        });
    }
    for index in 0..12 {
        let (truth, said) = ([0, 1, 1, 2][index % 4], [2, 2, 0, 1][index % 4]);
        let tone = if index == 11 { Tone::Good } else { Tone::Bad };
        let said = if tone == Tone::Good { truth } else { said };
        errors.push(Tile {
            pixels: liposome(truth, index as f32 * 0.7, noise),
            label: CLASSES[truth].into(),
            note: format!("said {} with {:.3}", CLASSES[said], 0.998 - 0.013 * index as f64),
            tone,
        });
    }
    for index in 0..10 {
        augmented.push(Tile {
            pixels: liposome(0, index as f32 * 0.4, noise),
            label: if index == 0 { "as read".into() } else { format!("epoch {index}") },
            note: String::new(),
            tone: Tone::Neutral,
        });
    }
    let sheet = |title: &str, caption: &str, tiles| ContactSheet {
        title: title.into(),
        caption: caption.into(),
        by_label: title == "Samples",
        large: false,
        tiles,
    };
    vec![
        sheet(
            "Samples",
            "Eight training samples of each class, as the network sees them.",
            samples,
        ),
        sheet(
            "Worst errors",
            "The test samples whose true class got the least probability.",
            errors,
        ),
        sheet("Augmentation", "One training sample as nine epochs saw it.", augmented),
    ]
}

/// A ring or two on a gray, noisy ground.
fn liposome(class: usize, turn: f32, noise: &mut Noise) -> Array3<f32> {
    let side = 56;
    Array3::from_shape_fn((1, side, side), |(_, y, x)| {
        let (dy, dx) = (y as f32 - 27.5, x as f32 - 27.5);
        let angle = dy.atan2(dx) + turn;
        let radius = (dy * dy + dx * dx).sqrt() * (1.0 + 0.06 * (3.0 * angle).sin());
        let ring = |at: f32| 0.45 * (-((radius - at) / 1.3).powi(2)).exp();
        let rings = match class {
            0 => ring(20.0) + ring(14.5) + ring(9.0),
            1 => ring(17.0) * (0.4 + 0.4 * angle.cos()) + 0.2 * ring(9.0),
            _ => ring(18.0),
        };
        0.68 - rings + 0.07 * noise.normal() as f32
    })
}

fn ablation() -> Table {
    let rows = [
        ["none", "0.966", "0.798", "0.963", "0.842"],
        ["+ rotation", "0.968", "0.861", "0.966", "0.898"],
        ["+ shift", "0.969", "0.872", "0.965", "0.902"],
        ["+ flip", "0.971", "0.884", "0.968", "0.908"],
        ["zoom alone", "0.964", "–", "0.961", "0.842"],
    ];
    Table {
        title: "Augmentation".into(),
        caption: "F1 (TPR, TNR) on one hold-out, cropped and unmasked (thesis, section 8.2)."
            .into(),
        header: ["augmentation", "multilamellar", "uncertain", "unilamellar", "mean"]
            .map(String::from)
            .to_vec(),
        rows: rows.iter().map(|row| row.map(String::from).to_vec()).collect(),
    }
}

/// A small generator for looks alone (Knuth's MMIX constants).
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as f64 + 0.5) / (1_u64 << 31) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}
