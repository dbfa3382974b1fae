//! Reruns the experiments of S. Gryshkevych, "Convolutional neural networks for classification of
//! transmission electron microscopy imagery" (Uppsala), sections 8.2, 8.3 and 8.5.
//!
//! `cargo run --release --example lipnet` draws artificial liposomes, since the thesis's images are
//! private, and takes minutes; `-- --full` takes a day; `-- --data DIR` uses your images.

use std::path::PathBuf;

use clap::Parser;
use micrograph::augment::Recipe;
use micrograph::image::{Dataset, DatasetOptions, InputMode};
use micrograph::metrics::Evaluation;
use micrograph::nn::Architecture::{self, LipNet1, LipNet2, LipNet4, LipNet4c, LipNet6};
use micrograph::report::{RunReport, Table};
use micrograph::sampling::synthetic::{ClassRatio, LiposomeConfig, Problem};
use micrograph::train::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Arguments {
    /// A data set of your own in place of artificial liposomes.
    #[arg(long)]
    data: Option<PathBuf>,
    /// All five networks and 5 folds, at the thesis's number and ratio of images.
    #[arg(long)]
    full: bool,
    /// As little as shows that it works.
    #[arg(long, conflicts_with = "full")]
    smallest: bool,
    /// lamellarity or encapsulation
    #[arg(long, default_value = "lamellarity")]
    problem: Problem,
    /// Where images, results and report go; those of an earlier run are replaced.
    #[arg(long, default_value = "runs/lipnet")]
    out: PathBuf,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Name, images, their ratio, networks, folds, epochs.
type Preset = (&'static str, usize, ClassRatio, &'static [Architecture], usize, usize);

fn preset(arguments: &Arguments) -> Preset {
    let all = &[LipNet1, LipNet2, LipNet4c, LipNet6, LipNet4];
    let small = match arguments.problem {
        Problem::Lamellarity => ClassRatio::Given(vec![20.0, 10.0, 70.0]),
        Problem::Encapsulation => ClassRatio::Given(vec![20.0, 70.0, 10.0]),
    };
    let full = if arguments.problem == Problem::Lamellarity { 14_169 } else { 24_918 };
    match (arguments.full, arguments.smallest) {
        (true, _) => ("full", full, ClassRatio::Thesis, all, 5, 30),
        (_, true) => ("smallest", 40, small, &[LipNet1], 2, 1),
        _ => ("small", 600, small, &[LipNet1, LipNet4], 3, 8),
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (name, images, ratio, networks, folds, epochs) = preset(&arguments);
    let around = Surroundings { observer: &Lines, ..Surroundings::default() };
    // An older run is replaced only where the folder is one.
    let folder = RunFolder::create(&arguments.out, Existing::Overwrite)?;
    let drawn = folder.path().join("images");
    if drawn.exists() {
        std::fs::remove_dir_all(&drawn)?;
    }
    if arguments.data.is_none() {
        let config = LiposomeConfig { ratio, ..LiposomeConfig::new(arguments.problem) };
        write_liposomes(&drawn, &config, images, arguments.seed, &around)?;
    }
    let data = arguments.data.as_ref().unwrap_or(&drawn);
    println!("Preset {name}: {}, {folds} folds, {epochs} epochs", data.display());
    let (augment, epochs, seed) = (Recipe::thesis(), Some(epochs), arguments.seed);
    let base = TrainConfig { seed, epochs, augment, ..TrainConfig::default() };
    folder.write_config(&base)?;
    let dataset = Dataset::open(data, &DatasetOptions::default())?;
    let readable = Readable::open(dataset, &base, Unreadable::Refuse, &around)?;
    let table = |title: &str, measure: &str, last: &str| {
        let classes = readable.dataset().classes.iter().cloned();
        let header = ["".into()].into_iter().chain(classes).chain([last.into()]).collect();
        Table { title: title.into(), caption: measure.into(), header, rows: Vec::new() }
    };

    // Section 8.3: networks, by cross-validation. The last goes into the report.
    let plan = FoldPlan { folds, epochs: FoldEpochs::AsConfigured };
    let mut by_network = table("Networks (8.3)", "F1 of TPR and TNR", "s/epoch");
    let mut last = None;
    for &model in networks {
        println!("{model}");
        let config = TrainConfig { model, ..base.clone() };
        let result = cross_validate(&readable, &config, plan, None, &around)?;
        let seconds = format!("{:.2}", result.seconds_per_epoch);
        by_network.push_scores(model, f1(&result.evaluation), &seconds);
        last = Some((config, result));
    }
    // Tables 9 and 10, and section 8.1; the classes are in alphabetical order.
    let thesis = match arguments.problem {
        Problem::Lamellarity => [0.967, 0.798, 0.963],
        Problem::Encapsulation => [0.834, 0.862, 0.715],
    };
    let ours = arguments.data.is_none();
    if ours {
        by_network.push_scores("thesis", thesis.map(Some), "60-130");
    }

    // Sections 8.5 and 8.2: input modes and augmentation, on one hold-out.
    let split = hold_out(&readable, 0.25, seed)?;
    let measure = |augment: &Recipe, mode: InputMode| -> anyhow::Result<Evaluation> {
        let mut config = TrainConfig { augment: augment.clone(), ..base.clone() };
        config.input.mode = mode;
        Ok(train_and_test(&readable, split.clone(), &config, &around)?.1.evaluate()?)
    };
    let mut by_mode = table("Input modes (8.5)", "F1 of TPR and TNR", "in the thesis");
    for (&mode, remark) in InputMode::ALL[..3].iter().zip(["worst", "", "best"]) {
        by_mode.push_scores(mode, f1(&measure(&base.augment, mode)?), remark);
    }
    let mut by_recipe = table("Augmentation (8.2)", "true positive rate", "uncertain, thesis");
    let lamellarity = ours && arguments.problem == Problem::Lamellarity;
    let remarks = if lamellarity { UNCERTAIN } else { [""; 7] };
    for ((recipe, augment), remark) in Recipe::thesis_ablation().into_iter().zip(remarks) {
        let evaluation = measure(&augment, InputMode::Crop)?;
        by_recipe.push_scores(recipe, evaluation.per_class.iter().map(|class| class.tpr), remark);
    }
    let tables = vec![by_network, by_mode, by_recipe];
    tables.iter().for_each(|table| println!("\n{table}"));
    if let Some((config, result)) = last {
        let report = cross_validation_report(&readable, &config, &result, &around)?;
        finish_cross_validation(&config, &result, &RunReport { tables, ..report }, &folder)?;
    }
    println!("Preset {name}; report: {}", folder.path().join("report.html").display());
    Ok(())
}

/// What section 8.2 says of uncertain liposomes (lamellarity), in the order of `Recipe::thesis_ablation`.
const UNCERTAIN: [&str; 7] =
    ["about 0", "nearly 0.4", "better", "no gain", "no gain", "a little worse", "not given"];

struct Lines;

impl Observer for Lines {
    fn event(&self, event: Event<'_>) {
        if let Event::Record(EpochRecord { epoch, train_loss, seconds, .. }) = event {
            println!("  epoch {epoch:3}  loss {train_loss:.4}  {seconds:.2} s");
        }
    }
}

fn f1(evaluation: &Evaluation) -> impl Iterator<Item = Option<f64>> {
    evaluation.per_class.iter().map(|class| class.f1_tpr_tnr)
}
