//! Writes a comparison of made-up numbers, to look at:
//! `cargo run -p micrograph-report --example sample_comparison -- comparison.html`

use std::error::Error;

use micrograph_metrics::{BootstrapConfig, Contest, compare};
use micrograph_report::{
    ClassBalance, ComparisonReport, Fact, FactGroup, ModelFacts, Role, lipnet_thesis,
    render_comparison,
};
use ndarray::Array2;

const CLASSES: [&str; 3] = ["multilamellar", "uncertain", "unilamellar"];
const SAMPLES: [usize; 3] = [343, 17, 2474];

/// Name, description, how often each class is recognized, training and prediction in seconds, MiB.
type Sample = (&'static str, &'static str, [f64; 3], f64, f64, u64);

const MODELS: [Sample; 6] = [
    ("lipnet4", "pixels, 28 × 28, oversampled", [0.96, 0.62, 0.955], 512.0, 4.1, 412),
    ("svm", "110 features, class weights", [0.98, 0.82, 0.945], 8.4, 1.3, 96),
    ("forest", "110 features, class weights", [0.95, 0.28, 0.992], 3.1, 0.2, 130),
    ("lda", "110 features", [0.92, 0.72, 0.93], 0.3, 0.01, 61),
    ("wnd", "110 features, Fisher scores", [0.85, 0.60, 0.90], 0.2, 22.0, 58),
    ("dummy", "always the commonest class", [0.0, 0.0, 1.0], 0.001, 0.001, 40),
];

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: sample_comparison PATH")?;
    std::fs::write(&path, render_comparison(&report()?)?)?;
    println!("wrote {path}");
    Ok(())
}

fn report() -> Result<ComparisonReport, Box<dyn Error>> {
    let classes = CLASSES.map(String::from);
    let truth: Vec<u32> =
        (0..).zip(SAMPLES).flat_map(|(class, n)| std::iter::repeat_n(class, n)).collect();
    let folds: Vec<usize> = (0..truth.len()).map(|sample| sample % 5).collect();
    let mut noise = Noise(17);
    // What is hard for one model is hard for all.
    let hardness: Vec<f64> = truth.iter().map(|_| noise.uniform()).collect();
    let said = MODELS.map(|(name, _, recognized, ..)| {
        let floor = name == "dummy";
        let p = Array2::from_shape_fn((truth.len(), 3), |_| 0.0);
        said(p, &truth, &hardness, recognized, if floor { None } else { Some(&mut noise) })
    });
    let entries: Vec<_> =
        MODELS.iter().zip(&said).map(|(model, said)| (model.0, said.view())).collect();
    let contest = Contest {
        classes: &classes,
        truth: &truth,
        groups: None,
        folds: Some(&folds),
        entries: &entries,
    };
    let facts = |(name, description, _, train, predict, mebi): Sample| ModelFacts {
        description: description.into(),
        role: if name == "dummy" { Role::Floor } else { Role::Model },
        train_seconds: Some(train),
        predict_seconds: Some(predict),
        peak_bytes: Some(mebi << 20),
    };
    let run = vec![
        Fact::new("Protocol", "5 stratified folds, the same for all"),
        Fact::new("Seed", 17),
        Fact::new("Command", "micrograph compare --data liposomes --out runs/compare"),
    ];
    Ok(ComparisonReport {
        subtitle: "2,834 made-up liposomes at the thesis’s class ratio, six models".into(),
        models: MODELS.map(facts).to_vec(),
        cost_remark: "Training: seconds of all folds together. Prediction: of every sample once. \
                      Peak memory: of the process while the model is trained and predicts."
            .into(),
        published: lipnet_thesis(&classes),
        facts: vec![FactGroup { title: "Run".into(), facts: run }],
        class_balance: (CLASSES.iter().zip(SAMPLES))
            .map(|(name, n)| ClassBalance { name: (*name).into(), counts: vec![("all".into(), n)] })
            .collect(),
        notes: vec!["“uncertain” has 17 samples, 3 a fold: its intervals are wide.".into()],
        ..ComparisonReport::new(
            "Lamellarity: networks and classical models",
            compare(&contest, BootstrapConfig::new(17))?,
        )
    })
}

/// Probabilities that favor the truth where the sample is easy enough for the model.
fn said(
    mut p: Array2<f64>,
    truth: &[u32],
    hardness: &[f64],
    recognized: [f64; 3],
    mut noise: Option<&mut Noise>,
) -> Array2<f64> {
    for (sample, mut row) in p.rows_mut().into_iter().enumerate() {
        let own = truth[sample] as usize;
        let Some(noise) = noise.as_deref_mut() else {
            row[2] = 1.0;
            continue;
        };
        let blurred = 0.7 * hardness[sample] + 0.3 * noise.uniform();
        let right = blurred < recognized[own];
        let other = (own + 1 + usize::from(noise.uniform() < 0.5)) % 3;
        let class = if right { own } else { other };
        let sure = 0.5 + 0.45 * noise.uniform();
        row.fill((1.0 - sure) / 2.0);
        row[class] = sure;
    }
    p
}

/// Made-up chance: a linear congruential generator.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
