//! `micrograph synth`: artificial liposomes with masks, in class folders.

use anyhow::{Result, bail};
use micrograph::sampling::synthetic::{ClassRatio, LiposomeConfig, Problem};
use micrograph::train::write_liposomes;

use crate::arguments::SynthArguments;
use crate::print::say;

pub(crate) fn run(arguments: &SynthArguments) -> Result<()> {
    let progress = arguments.work.progress();
    let around = arguments.work.surroundings(&progress)?;
    let problem: Problem = arguments.problem.parse()?;
    let config = LiposomeConfig { ratio: ratio(&arguments.ratio)?, ..LiposomeConfig::new(problem) };
    let out = &arguments.out;
    let counts = write_liposomes(out, &config, arguments.count, arguments.seed, &around)?;
    let mut text =
        format!("{}: {} images with masks\n", out.display(), counts.iter().sum::<usize>());
    for (class, count) in problem.classes().iter().zip(counts) {
        text += &format!("  {class:14} {count:>7}\n");
    }
    say(&text)
}

fn ratio(text: &str) -> Result<ClassRatio> {
    match text {
        "thesis" => return Ok(ClassRatio::Thesis),
        "balanced" => return Ok(ClassRatio::Balanced),
        _ => {}
    }
    let parts: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    match parts {
        Ok(parts) => Ok(ClassRatio::Given(parts)),
        Err(_) => bail!("--ratio {text}: expected thesis, balanced or numbers such as 70,20,10"),
    }
}
