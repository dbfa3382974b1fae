//! `micrograph info`: what was understood of a data set or a run.

use std::path::Path;

use anyhow::{Result, bail};
use micrograph::image::{Dataset, Part};
use micrograph::model::bundle::load_manifest;
use micrograph::train::{Event, Surroundings};
use rayon::prelude::*;

use crate::arguments::InfoArguments;
use crate::data::open;
use crate::settings::DataConfig;

pub(crate) fn run(arguments: &InfoArguments) -> Result<()> {
    let progress = arguments.work.progress();
    let around = arguments.work.surroundings(&progress)?;
    if arguments.data.data.is_none() && arguments.run.is_none() {
        bail!("nothing to look at: give --data PATH or --run RUN");
    }
    if arguments.data.data.is_some() {
        let mut config = DataConfig::default();
        config.apply(&arguments.data)?;
        data(&open(&config)?, &around);
    }
    match &arguments.run {
        Some(path) => run_folder(path),
        None => Ok(()),
    }
}

fn data(dataset: &Dataset, around: &Surroundings<'_>) {
    println!("{}: {}", dataset.root.display(), dataset.layout);
    let masks = dataset.samples.iter().filter(|sample| sample.mask.is_some()).count();
    let grouped = dataset.samples.iter().filter(|sample| sample.group.is_some()).count();
    println!("samples {}, with masks {masks}, with groups {grouped}", dataset.samples.len());
    let parts = dataset.parts();
    print!("{:24}", "class");
    for (part, _) in &parts {
        print!("{:>10}", part.map_or("all".to_owned(), |part: Part| part.to_string()));
    }
    println!("   height x width: least, median, most");
    let sizes = sizes(dataset, around);
    for (class, name) in dataset.classes.iter().enumerate() {
        print!("{name:24}");
        for (part, _) in &parts {
            let counts = dataset.class_counts(&dataset.indices(*part));
            print!("{:>10}", counts.get(class).copied().unwrap_or(0));
        }
        println!("   {}", spread(sizes.iter().filter(|s| s.0 == class as u32)));
    }
    for notice in &dataset.notices {
        println!("note: {notice}");
    }
}

/// Class, height and width of every sample whose header can be read.
fn sizes(dataset: &Dataset, around: &Surroundings<'_>) -> Vec<(u32, usize, usize)> {
    around.observer.event(Event::Began { task: "reading headers", total: dataset.samples.len() });
    let shapes: Vec<_> = (0..dataset.samples.len())
        .into_par_iter()
        .map(|index| {
            around.observer.event(Event::Advanced);
            (dataset.samples[index].label, dataset.shape(index))
        })
        .collect();
    around.observer.event(Event::Ended);
    let mut sizes = Vec::new();
    for (label, shape) in shapes {
        match (label, shape) {
            (Some(label), Ok(shape)) => sizes.push((label, shape.height, shape.width)),
            (_, Err(error)) => println!("unreadable: {error}"),
            (None, Ok(_)) => {}
        }
    }
    sizes
}

fn spread<'a>(sizes: impl Iterator<Item = &'a (u32, usize, usize)>) -> String {
    let (mut heights, mut widths): (Vec<usize>, Vec<usize>) =
        sizes.map(|&(_, height, width)| (height, width)).unzip();
    heights.sort_unstable();
    widths.sort_unstable();
    let at = |values: &[usize], part: usize| values[(values.len() - 1) * part / 2];
    if heights.is_empty() {
        return "-".to_owned();
    }
    let texts: Vec<String> =
        (0..3).map(|part| format!("{}x{}", at(&heights, part), at(&widths, part))).collect();
    texts.join(", ")
}

fn run_folder(path: &Path) -> Result<()> {
    let file = if path.is_dir() { path.join("model.toml") } else { path.to_path_buf() };
    let manifest = load_manifest(&file)?;
    println!("{}: {}", path.display(), manifest.network.architecture);
    println!("classes: {}", manifest.classes.join(", "));
    let [height, width] = manifest.preprocessing.size;
    println!("input: {} x {height} x {width}", manifest.network.in_channels);
    println!("seed {}, epochs {}", manifest.training.seed, manifest.training.epochs);
    println!("training samples: {:?}", manifest.training.training_samples);
    println!("weights SHA-256: {}", manifest.weights_sha256);
    println!("data fingerprint: {}", manifest.training.data_fingerprint);
    for (name, value) in &manifest.metrics {
        println!("{name}: {value:.4}");
    }
    Ok(())
}
