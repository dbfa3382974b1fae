//! Reruns the experiments of S. Gryshkevych, "Convolutional neural networks for classification of
//! transmission electron microscopy imagery" (Uppsala), sections 8.2, 8.3 and 8.5.
//!
//! `cargo run --release --example lipnet` draws artificial liposomes, since the thesis's images are
//! private, and takes a few minutes; `-- --full` takes a day; `-- --data DIR` uses your images.

use std::path::PathBuf;

use clap::Parser;
use micrograph::augment::Recipe;
use micrograph::image::{Dataset, DatasetOptions, InputMode};
use micrograph::metrics::Evaluation;
use micrograph::nn::Architecture::{self, LipNet1, LipNet2, LipNet4, LipNet4c, LipNet6};
use micrograph::report::Table;
use micrograph::sampling::synthetic::{ClassRatio, LiposomeConfig, Problem};
use micrograph::train::*;

#[derive(Parser)]
struct Arguments {
    /// A data set of your own in place of artificial liposomes.
    #[arg(long)]
    data: Option<PathBuf>,
    /// All five networks and 5 folds, at the thesis's number and ratio of images.
    #[arg(long)]
    full: bool,
    /// As little as shows that everything works.
    #[arg(long, conflicts_with = "full")]
    smallest: bool,
    /// Where images, results and report go; those of an earlier run are replaced.
    #[arg(long, default_value = "runs/lipnet")]
    out: PathBuf,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Name, images, their ratio, networks, folds, epochs.
type Preset = (&'static str, usize, ClassRatio, &'static [Architecture], usize, usize);

fn preset(arguments: &Arguments) -> Preset {
    let all = &[LipNet1, LipNet2, LipNet4, LipNet4c, LipNet6];
    // Multilamellar, uncertain, unilamellar.
    let small = ClassRatio::Given(vec![20.0, 10.0, 70.0]);
    match (arguments.full, arguments.smallest) {
        (true, _) => ("full", 14_169, ClassRatio::Thesis, all, 5, 30),
        (_, true) => ("smallest", 40, small, &[LipNet1], 2, 1),
        _ => ("small", 600, small, &[LipNet1, LipNet4], 3, 12),
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (name, images, ratio, networks, folds, epochs) = preset(&arguments);
    let around = Surroundings::default();
    let data = match &arguments.data {
        Some(path) => path.clone(),
        None => {
            let path = arguments.out.join("images");
            if path.exists() {
                std::fs::remove_dir_all(&path)?;
            }
            let config = LiposomeConfig { ratio, ..LiposomeConfig::new(Problem::Lamellarity) };
            write_liposomes(&path, &config, images, arguments.seed, &around)?;
            path
        }
    };
    println!("Preset {name}: {}, {folds} folds, {epochs} epochs", data.display());
    let base = TrainConfig {
        seed: arguments.seed,
        epochs: Some(epochs),
        augment: Recipe::thesis(),
        ..TrainConfig::default()
    };
    let dataset = Dataset::open(&data, &DatasetOptions::default())?;
    let readable = Readable::open(dataset, &base, Unreadable::Refuse, &around)?;
    let classes = readable.dataset().classes.clone();
    let folder = RunFolder::create(&arguments.out.join("run"), Existing::Overwrite)?;
    folder.write_config(&base)?;

    // Section 8.3: networks, by cross-validation. The best goes into the report.
    let plan = FoldPlan { folds, epochs: FoldEpochs::AsConfigured };
    let mut by_network = table("Networks (8.3)", "F1 of TPR and TNR", &classes, "s/epoch");
    let mut best: Option<(TrainConfig, CrossValidation)> = None;
    for &model in networks {
        let config = TrainConfig { model, ..base.clone() };
        let result = cross_validate(&readable, &config, plan, &around)?;
        let seconds = format!("{:.2}", result.seconds_per_epoch);
        by_network.rows.push(row(&model.to_string(), &result.evaluation, f1, &seconds));
        let score = |of: &CrossValidation| of.evaluation.balanced_accuracy;
        if best.as_ref().is_none_or(|(_, other)| score(&result) > score(other)) {
            best = Some((config, result));
        }
    }
    by_network.rows.push(thesis("LipNet-4, Table 9", ["0.966", "0.798", "0.963"], "60-130"));

    // Sections 8.5 and 8.2: input modes and augmentation, on one hold-out.
    let split = hold_out(&readable, 0.25, arguments.seed)?;
    let measure = |config: &TrainConfig| -> anyhow::Result<Evaluation> {
        Ok(train_and_test(&readable, split.clone(), config, &around)?.1.evaluate()?)
    };
    let mut by_mode = table("Input modes (8.5)", "F1 of TPR and TNR", &classes, "thesis");
    let remarks = ["worst", "better", "best"];
    for (mode, remark) in [InputMode::Surround, InputMode::Crop, InputMode::Mask].iter().zip(remarks) {
        let input = InputConfig { mode: *mode, ..base.input.clone() };
        let config = TrainConfig { input, ..base.clone() };
        by_mode.rows.push(row(&mode.to_string(), &measure(&config)?, f1, remark));
    }
    let mut by_recipe = table("Augmentation (8.2)", "true positive rate", &classes, "thesis");
    for (recipe, remark) in Recipe::thesis_ablation().into_iter().zip(ABLATION) {
        let input = InputConfig { mode: InputMode::Crop, ..base.input.clone() };
        let config = TrainConfig { augment: recipe, input, ..base.clone() };
        by_recipe.rows.push(row(remark.0, &measure(&config)?, recall, remark.1));
    }

    let tables = [by_network, by_mode, by_recipe];
    tables.iter().for_each(print);
    if let Some((config, result)) = best {
        finish_cross_validation(&readable, &config, &result, tables.to_vec(), &folder)?;
    }
    println!("\nPreset {name}; thesis: 11,335 images an epoch before balancing, GeForce 940M.");
    println!("Report: {}", folder.path().join("report.html").display());
    Ok(())
}

/// The recipes in the order of `Recipe::thesis_ablation`, and what the thesis saw of "uncertain".
const ABLATION: [(&str, &str); 7] = [
    ("none", "about 0"),
    ("+ rotation", "nearly 0.40"),
    ("+ shift", "better"),
    ("+ flip", "no gain"),
    ("+ shear", "no gain"),
    ("+ zoom", "a little worse"),
    ("zoom alone", "not run here"),
];

fn f1(class: &micrograph::metrics::ClassEvaluation) -> Option<f64> {
    class.f1_tpr_tnr
}

fn recall(class: &micrograph::metrics::ClassEvaluation) -> Option<f64> {
    class.tpr
}
