//! `micrograph info`: what was understood of a data set or a run.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use micrograph::image::{Dataset, Error, Part, SegmentationDataset};
use micrograph::train::{DataConfig, Event, Surroundings};
use rayon::prelude::*;

use super::segmentation;
use crate::arguments::InfoArguments;
use crate::print::say;
use crate::settings::data_config;
use crate::settings::segmentation::{data_place, looks_like_frames};

pub(crate) fn run(arguments: &InfoArguments) -> Result<()> {
    let progress = arguments.work.progress();
    let around = arguments.work.surroundings(&progress)?;
    if arguments.place.data.is_none() && arguments.run.is_none() {
        bail!("nothing to look at: give --data PATH or --run RUN");
    }
    if arguments.place.data.is_some() {
        say(&of_data(arguments, &around)?)?;
    }
    match &arguments.run {
        Some(path) => say(&super::info_run::describe(path)?),
        None => Ok(()),
    }
}

/// Frames with masks where the names look like them, else images with classes.
fn of_data(arguments: &InfoArguments, around: &Surroundings<'_>) -> Result<String> {
    let path = arguments.place.data.as_deref();
    if path.is_some_and(looks_like_frames) {
        let place = data_place(&arguments.place, &arguments.data)?;
        let dataset = SegmentationDataset::open_unlabelled(&place.path, &place.options)?;
        return Ok(segmentation::info::data(&dataset));
    }
    let config = data_config(DataConfig::default(), &arguments.place, &arguments.data)?;
    Ok(data(&config.open()?, around))
}

fn data(dataset: &Dataset, around: &Surroundings<'_>) -> String {
    let parts = dataset.parts();
    let all = dataset.all();
    let masks = dataset.masked(&all);
    let mut text = format!(
        "{}: {}\nsamples {}, with masks {masks}{}\n{:24}",
        dataset.source.display(),
        dataset.layout,
        all.len(),
        of_groups(dataset, &all),
        "class"
    );
    for (part, _) in &parts {
        text += &format!("{:>14}", part.map_or("all".to_owned(), |part: Part| part.to_string()));
    }
    text += "   height x width: least, median, most\n";
    let (sizes, unreadable) = sizes(dataset, around);
    for (class, name) in dataset.classes.iter().enumerate() {
        text += &format!("{name:24}");
        for (part, _) in &parts {
            text += &format!("{:>14}", counted(dataset, &dataset.indices(*part), class as u32));
        }
        text += &format!("   {}\n", spread(sizes.iter().filter(|s| s.0 == class as u32)));
    }
    for error in unreadable {
        text += &format!("unreadable: {error}\n");
    }
    for notice in &dataset.notices {
        text += &format!("note: {notice}\n");
    }
    text
}

/// `; groups 12 (90 samples), in more than one part 1`, or nothing where the data knows none.
fn of_groups(dataset: &Dataset, all: &[usize]) -> String {
    let mut parts = BTreeMap::<&str, BTreeSet<Option<Part>>>::new();
    let mut grouped = 0;
    for sample in all.iter().map(|&index| &dataset.samples[index]) {
        if let Some(group) = sample.group.as_deref() {
            parts.entry(group).or_default().insert(sample.part);
            grouped += 1;
        }
    }
    if parts.is_empty() {
        return ", without groups".to_owned();
    }
    let crossing = parts.values().filter(|parts| parts.len() > 1).count();
    let crossing =
        if crossing > 0 { format!(", in more than one part {crossing}") } else { String::new() };
    format!("; groups {} ({grouped} samples){crossing}; in the table: samples/groups", parts.len())
}

/// Samples of a class, and its groups where there are some: `30/5`.
fn counted(dataset: &Dataset, indices: &[usize], class: u32) -> String {
    let samples = indices.iter().map(|&index| &dataset.samples[index]);
    let (mut count, mut groups) = (0, BTreeSet::new());
    for sample in samples.filter(|sample| sample.label == Some(class)) {
        count += 1;
        groups.extend(sample.group.as_deref());
    }
    if groups.is_empty() { count.to_string() } else { format!("{count}/{}", groups.len()) }
}

/// Class, height and width of every sample whose header can be read, and why others cannot.
fn sizes(dataset: &Dataset, around: &Surroundings<'_>) -> (Vec<(u32, usize, usize)>, Vec<Error>) {
    around.observer.event(Event::Began { task: "reading headers", total: dataset.samples.len() });
    let shapes: Vec<_> = (0..dataset.samples.len())
        .into_par_iter()
        .map(|index| {
            around.observer.event(Event::Advanced);
            (dataset.samples[index].label, dataset.shape(index))
        })
        .collect();
    around.observer.event(Event::Ended);
    let (mut sizes, mut unreadable) = (Vec::new(), Vec::new());
    for (label, shape) in shapes {
        match (label, shape) {
            (Some(label), Ok(shape)) => sizes.push((label, shape.height, shape.width)),
            (_, Err(error)) => unreadable.push(error),
            (None, Ok(_)) => {}
        }
    }
    (sizes, unreadable)
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
