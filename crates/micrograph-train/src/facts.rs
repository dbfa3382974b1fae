//! What was run, in names and values for the report.

use micrograph_image::{InputMode, Normalizer, Preprocessing, ResizeMode};
use micrograph_model::{Manifest, ModelConfig};
use micrograph_nn::Dropout;
use micrograph_ops::LabelSmoothing;
use micrograph_report::{Fact, FactGroup};
use micrograph_sampling::ClassWeighting;

use crate::{Balance, Ended, Fitted, Monitor, Prepared, Surroundings, TrainConfig, classical};

/// Where the samples come from.
pub(crate) fn data(prepared: &Prepared) -> FactGroup {
    let Prepared { dataset, train, validation, .. } = prepared;
    let samples = match validation.len() {
        0 => train.len().to_string(),
        held => format!("{} training, {held} validation", train.len()),
    };
    let facts = vec![
        Fact::new("Data", dataset.source.display()),
        Fact::new("Classes", dataset.classes.len()),
        Fact::new("Samples", samples),
        Fact::new("With a mask", masked(prepared)),
        Fact::new("Fingerprint", &prepared.fingerprint),
    ];
    group("Data", facts)
}

/// What the model is and what it sees; without a mask nothing is cut out.
pub(crate) fn model(
    model: &ModelConfig,
    preprocessing: &Preprocessing,
    has_masks: bool,
) -> FactGroup {
    let [height, width] = preprocessing.size;
    let channels = preprocessing.n_channels;
    let mode = match preprocessing.input_mode {
        _ if !has_masks => "whole image (no masks)".to_owned(),
        InputMode::Surround => {
            format!("object with {} px around it", preprocessing.surround_px)
        }
        InputMode::Crop => "cropped to the object".to_owned(),
        InputMode::Mask => "cropped and masked".to_owned(),
        other => other.to_string(),
    };
    let mut facts = vec![Fact::new("Model", model.title())];
    if !model.takes_pixels() {
        let seen = if has_masks { "inside the mask" } else { "the whole image (no masks)" };
        facts.push(Fact::new("Measured", format!("{seen}, {channels} channels")));
    } else {
        let sides = match preprocessing.resize {
            ResizeMode::Native => {
                format!("{}, sides multiples of {}", pixels(preprocessing), ResizeMode::STEP)
            }
            _ => pixels(preprocessing),
        };
        facts.push(Fact::new("Input", format!("{channels} × {sides}")));
        facts.push(Fact::new("Input mode", mode));
        facts.push(Fact::new("Normalization", normalization(&preprocessing.normalizer)));
    }
    if let Some(network) = model.network() {
        let Dropout { block, dense } = network.dropout;
        facts.push(Fact::count("Parameters", network.parameter_count()));
        facts.push(Fact::new("Dropout", format!("{block} after blocks, {dense} dense")));
    }
    match model {
        ModelConfig::Classical(classical) => {
            facts.extend(classical::settings(classical, channels * height * width));
        }
        ModelConfig::Headed(headed) => facts.extend(classical::settings_of_head(headed)),
        _ => {}
    }
    group("Model", facts)
}

/// Height and width of what the model sees: `28 × 28`, or `own size to 128 × 128`.
pub(crate) fn pixels(preprocessing: &Preprocessing) -> String {
    let [height, width] = preprocessing.size;
    match preprocessing.resize {
        ResizeMode::Native => format!("own size to {height} × {width}"),
        _ => format!("{height} × {width}"),
    }
}

/// How the weights come about.
pub(crate) fn training(config: &TrainConfig) -> FactGroup {
    let mut facts = if config.model.is_classical() {
        vec![Fact::new("Balance", balance(config))]
    } else {
        of_steps(config)
    };
    if let Some(costs) = &config.costs {
        let weights: Vec<String> =
            costs.class_weights().iter().map(|weight| format!("{weight:.3}")).collect();
        facts.push(Fact::new("Costs of errors", format!("weigh classes {}", weights.join(", "))));
    }
    group("Training", facts)
}

fn of_steps(config: &TrainConfig) -> Vec<Fact> {
    let rate = format!("{}, {}", config.learning_rate, config.schedule);
    let smoothing = match config.label_smoothing {
        LabelSmoothing::None => "none".to_owned(),
        LabelSmoothing::OverAll(share) => format!("{share} over all classes"),
        LabelSmoothing::OverOthers(share) => format!("{share} over the other classes"),
    };
    vec![
        Fact::new("Optimizer", &config.optimizer),
        Fact::new("Learning rate", rate),
        Fact::new("Batch size", config.batch_size),
        Fact::new("Balance", balance(config)),
        Fact::new("Label smoothing", smoothing),
        Fact::new("Augmentation", &config.augment),
    ]
}

/// When and how far: a training run.
pub(crate) fn run(config: &TrainConfig, fitted: &Fitted, around: &Surroundings<'_>) -> FactGroup {
    let done = fitted.history.epochs.len();
    let why = match fitted.ended {
        Ended::Epochs | Ended::Fitted => "",
        Ended::Patience => ", then no better one came",
        Ended::MaxMinutes => ", then the time was over",
    };
    let mut facts = Vec::new();
    if fitted.ended != Ended::Fitted {
        facts.push(Fact::new("Epochs", format!("{done}{why}")));
    }
    if let Some(best) = fitted.history.best_epoch() {
        let monitor = match config.monitor {
            Monitor::Loss => "loss",
            Monitor::Accuracy => "accuracy",
            Monitor::BalancedAccuracy => "balanced accuracy",
            Monitor::Auroc => "AUROC",
        };
        let held = !fitted.history.epochs.iter().all(|epoch| epoch.validation.is_none());
        let picked = if held { format!(", by validation {monitor}") } else { String::new() };
        facts.push(Fact::new("Weights of epoch", format!("{best}{picked}")));
    }
    facts.push(Fact::duration("Time", fitted.seconds));
    facts.extend(seed_and_machine(config, around));
    facts.push(Fact::new("Weights SHA-256", &fitted.classifier.manifest().weights_sha256));
    group("Run", facts)
}

/// What a cross-validation and a training run have alike.
pub(crate) fn seed_and_machine(config: &TrainConfig, around: &Surroundings<'_>) -> [Fact; 5] {
    let classical = config.model.is_classical();
    let device = if around.device.is_cuda() && !classical { "GPU (CUDA)" } else { "CPU" };
    [
        Fact::new("Seed", config.seed),
        Fact::new("Device", device),
        Fact::new("Precision", if classical { "f64" } else { config.precision.name() }),
        Fact::new("Threads", around.threads),
        Fact::new("micrograph", env!("CARGO_PKG_VERSION")),
    ]
}

/// Where the weights of a bundle come from.
pub(crate) fn origin(manifest: &Manifest) -> FactGroup {
    let training = &manifest.training;
    let mut facts = vec![Fact::count("Training samples", training.training_samples.iter().sum())];
    if training.epochs > 0 {
        facts.push(Fact::new("Epochs", training.epochs));
    }
    facts.extend([
        Fact::new("Seed", training.seed),
        Fact::new("Trained by", format!("micrograph {}", manifest.micrograph)),
        Fact::new("Data fingerprint", &training.data_fingerprint),
        Fact::new("Weights SHA-256", &manifest.weights_sha256),
    ]);
    group("Where the weights come from", facts)
}

/// Training and validation samples with a mask.
pub(crate) fn masked(prepared: &Prepared) -> usize {
    let Prepared { dataset, train, validation, .. } = prepared;
    dataset.masked(train) + dataset.masked(validation)
}

pub(crate) fn group(title: &str, facts: Vec<Fact>) -> FactGroup {
    FactGroup { title: title.to_owned(), facts }
}

fn normalization(normalizer: &Normalizer) -> String {
    match normalizer {
        Normalizer::UnitRange => "to the unit range".into(),
        Normalizer::ImageZScore => "by the image’s mean and deviation".into(),
        Normalizer::DatasetZScore { .. } => "by the training samples’ mean and deviation".into(),
        Normalizer::Subtract { value } => format!("{value} subtracted"),
        Normalizer::Whitening { .. } => "by whitening the training samples’ channels".into(),
        Normalizer::PercentileClip { low, high } => {
            format!("clipped to the image’s percentiles {low} to {high}")
        }
    }
}

/// By its name; its settings stand in `config.toml`.
fn resampled(config: &TrainConfig) -> String {
    format!("resampling, {}", config.classical.resampler.name())
}

/// What is done about rare classes; of a network with a head, to images and then to rows.
fn balance(config: &TrainConfig) -> String {
    let remedy = remedy(config);
    match config.balance {
        _ if config.head.is_none() => remedy,
        Balance::Auto => format!("{remedy}; the last layer as it has it"),
        Balance::Resample => format!("{remedy}; for the last layer {}", resampled(config)),
        _ => remedy,
    }
}

fn remedy(config: &TrainConfig) -> String {
    match config.remedy() {
        Balance::Auto => "as the model has it".into(),
        Balance::None => "none".into(),
        Balance::Over => "oversampling".into(),
        Balance::Under => {
            let share = (config.undersample_fraction * 1000.0).round() / 10.0;
            format!("undersampling, {share} % of the majority left out")
        }
        Balance::Resample => resampled(config),
        Balance::Weights => match config.class_weighting {
            ClassWeighting::Balanced => "class weights, balanced".into(),
            ClassWeighting::MedianFrequency => "class weights, median frequency".into(),
            other => format!("class weights, {other:?}").to_lowercase(),
        },
    }
}
