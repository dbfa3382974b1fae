//! The settings of a classical model, in names and values for the report.

use micrograph_model::{ClassicalConfig, ClassicalInput, FeatureInput, Lengths};
use micrograph_report::Fact;

/// What it looks at, and with which settings it was fitted.
pub(crate) fn settings(classical: &ClassicalConfig, pixels: usize) -> Vec<Fact> {
    let mut facts = vec![match &classical.input {
        ClassicalInput::Pixels => Fact::count("Pixels", pixels),
        ClassicalInput::Features(features) => Fact::new("Features", of_features(features)),
    }];
    if let Ok(toml::Value::Table(table)) = toml::Value::try_from(&classical.pipeline) {
        let mut settings = Vec::new();
        flatten(&table, "", &mut settings);
        facts.extend(settings.into_iter().map(|(name, value)| Fact::new(&name, value)));
    }
    facts
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
