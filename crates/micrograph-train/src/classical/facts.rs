//! The settings of a classical model, in names and values for the report.

use micrograph_classic::Pipeline;
use micrograph_model::{ClassicalConfig, ClassicalInput, FeatureInput, HeadedConfig, Lengths};
use micrograph_report::Fact;

/// What it looks at, and with which settings it was fitted.
pub(crate) fn settings(classical: &ClassicalConfig, pixels: usize) -> Vec<Fact> {
    let mut facts = vec![match &classical.input {
        ClassicalInput::Pixels => Fact::count("Pixels", pixels),
        ClassicalInput::Features(features) => Fact::new("Features", of_features(features)),
    }];
    facts.extend(of_pipeline(&classical.pipeline));
    facts
}

/// What stands in the place of a network's last layer, what it takes, and its settings.
pub(crate) fn settings_of_head(HeadedConfig { network, head }: &HeadedConfig) -> Vec<Fact> {
    let units = format!("{} numbers of the network", network.embedding_length());
    let takes = match &head.features {
        Some(features) => format!("{units}, {}", of_features(features)),
        None => units,
    };
    let mut facts = vec![Fact::new("Last layer", &head.name), Fact::new("It takes", takes)];
    facts.extend(of_pipeline(&head.pipeline));
    facts
}

fn of_pipeline(pipeline: &Pipeline) -> Vec<Fact> {
    let mut settings = Vec::new();
    if let Ok(toml::Value::Table(table)) = toml::Value::try_from(pipeline) {
        flatten(&table, "", &mut settings);
    }
    settings.into_iter().map(|(name, value)| Fact::new(&name, value)).collect()
}

fn of_features(features: &FeatureInput) -> String {
    let unit = match features.lengths {
        Lengths::Pixels => "pixels",
        Lengths::Nanometers => "nanometers",
    };
    format!("{} of the set {}, lengths in {unit}", features.columns.len(), features.name)
}

/// `method.svm.c` is called `c`: a model has but one method.
fn flatten(table: &toml::Table, above: &str, into: &mut Vec<(String, String)>) {
    for (name, value) in table {
        let name = match above {
            "" | "method" => name.clone(),
            above if above == name => name.clone(),
            above => format!("{above} {name}"),
        };
        match value {
            toml::Value::Table(inner) if name == "method" => flatten(inner, "method", into),
            toml::Value::Table(inner) if above == "method" => flatten(inner, "", into),
            toml::Value::Table(inner) => flatten(inner, &name, into),
            toml::Value::String(text) => into.push((name.replace('_', " "), text.clone())),
            value => into.push((name.replace('_', " "), value.to_string())),
        }
    }
}
