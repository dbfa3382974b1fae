//! `micrograph features`: handcrafted features of a data set, as a table.

use std::iter::once;

use anyhow::Result;
use micrograph::image::{Dataset, write_atomically};
use micrograph::train::{DataConfig, SampleFeatures, measure_features};

use crate::arguments::FeaturesArguments;
use crate::outputs::Outputs;
use crate::print::say;
use crate::settings::data_config;

pub(crate) fn run(arguments: &FeaturesArguments) -> Result<()> {
    let progress = arguments.work.progress();
    let around = arguments.work.surroundings(&progress)?;
    let config = data_config(DataConfig::default(), &arguments.place, &arguments.data)?;
    let dataset = config.open()?;
    let out = &arguments.out;
    config.check_out(out)?;
    Outputs { runs: &[], overwrite: arguments.overwrite }.check(out, dataset.files())?;
    let set = (arguments.features.as_str(), arguments.channels);
    let indices = dataset.all();
    let measured = measure_features((&dataset, &indices), set, config.unreadable(), &around)?;
    write_atomically(out, |file| write(&dataset, &measured, file))?;
    let (samples, features) = measured.table.values.dim();
    say(&format!("{}: {samples} samples, {features} features", out.display()))
}

fn write(
    dataset: &Dataset,
    measured: &SampleFeatures,
    file: &mut dyn std::io::Write,
) -> std::io::Result<()> {
    let mut table = csv::Writer::from_writer(file);
    let columns = measured.table.columns.iter().map(|column| column.name.as_str());
    table.write_record(["id", "label", "group", "part"].into_iter().chain(columns))?;
    for (&index, row) in measured.samples.iter().zip(measured.table.values.rows()) {
        let sample = &dataset.samples[index];
        let label = sample.label.and_then(|label| dataset.classes.get(label as usize));
        let front = [
            label.cloned().unwrap_or_default(),
            sample.group.clone().unwrap_or_default(),
            sample.part.map(|part| part.name().to_owned()).unwrap_or_default(),
        ];
        // The shortest decimals that give the very number.
        let values = row.iter().map(|value| format!("{value:?}"));
        table.write_record(once(sample.id.clone()).chain(front).chain(values))?;
    }
    table.flush()
}
