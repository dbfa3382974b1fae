//! Reruns the experiment of J. Isaksson, "StemNet: a temporally trained fully convolutional network for
//! segmentation of muscular stem cells" (KTH), sections 13 and 14: does a network that sees five frames
//! at once find cells better than one that sees a frame alone?
//!
//! `cargo run --release --example stemnet` draws an artificial time-lapse, since the thesis's images are
//! private, and takes minutes; `-- --full` has the thesis's network, image size and ratio of cells, and
//! takes a day on a CPU; `-- --data DIR` uses your frames and masks. Stopped with Ctrl-C or a kill, it
//! goes on with the same command.

#[path = "stemnet/baseline.rs"]
mod baseline;
#[path = "shared/console.rs"]
mod console;
#[path = "stemnet/frames.rs"]
mod frames;
#[path = "stemnet/protocol.rs"]
mod protocol;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use micrograph::image::write_atomically;
use micrograph::report::Table;
use micrograph::train::{Error, *};

use console::say;
use protocol::{Arguments, Preset, Row};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    micrograph::ops::keep_freed_memory();
    let around = Surroundings { observer: &protocol::Lines, ..Surroundings::default() };
    console::stop_on_ctrl_c(&around.stop);
    let Err(error) = run(&Arguments::parse(), &around) else { return ExitCode::SUCCESS };
    if error.downcast_ref::<Error>().is_some_and(Error::is_stop) {
        eprintln!("stopped: run the same command again to go on");
        return ExitCode::from(130);
    }
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

fn run(arguments: &Arguments, around: &Surroundings<'_>) -> Result<()> {
    let preset = Preset::of(arguments);
    let path = frames::data(arguments, &preset, around)?;
    say(&format!("Preset {}: {}, {}", preset.name, path.display(), preset.protocol()));
    let mut rows = Vec::new();
    for network in &preset.networks {
        say(network.name);
        let segment = preset.settings(network, arguments);
        let data = SegmentationPlace { path: path.clone(), ..SegmentationPlace::default() };
        let run = SegmentationRun { task: RunTask::Segment, data, segment };
        let data = run.read(around)?;
        if rows.is_empty() {
            rows.push(baseline::row(&data, !arguments.keep_background)?);
        }
        rows.push(train(&run, &data, network, (arguments, around))?);
        rows.extend(network.in_the_thesis());
    }
    let table = table(&preset, rows);
    say(&format!("\n{}", table.to_string().trim_end()));
    let file = arguments.out.join("table3.txt");
    write_atomically(&file, |to| write!(to, "{table}"))?;
    say(&format!("Preset {}; the table is in {}", preset.name, file.display()));
    Ok(())
}

/// Trains a network in a run folder of its own, or goes on there, and measures it on the frames that
/// validate.
fn train(
    run: &SegmentationRun,
    data: &SegmentationData,
    network: &protocol::Network,
    (arguments, around): (&Arguments, &Surroundings<'_>),
) -> Result<Row> {
    run.data.check_out(&arguments.out)?;
    let place = arguments.out.join(network.folder);
    let folder = frames::claim(&place, arguments.overwrite, run, (data, around))?;
    let fitted = fit_segmenter(data, &run.segment, Some((&folder, Start::Resume)), around)?;
    let summary = finish_segmentation(data, &run.segment, &fitted, &folder, around)?;
    let found = summary.validation.context("no frame validates: take more frames")?;
    Ok(Row {
        name: network.name.to_owned(),
        error_percent: Some(100.0 * found.error_rate),
        f1: found.f1_frame_mean,
        false_white: found.false_white,
        white_accuracy: found.white_pixel_accuracy_frame_mean,
        remark: format!("epoch {} of {}", summary.best_epoch, summary.epochs),
    })
}

/// Table 3 with a row for each method.
fn table(preset: &Preset, rows: Vec<Row>) -> Table {
    let header = ["", "error rate, %", "F1", "false white", "white-pixel accuracy", ""];
    Table {
        title: "Table 3 of the StemNet thesis".into(),
        caption: format!(
            "F1 and white-pixel accuracy are means over frames; false white is a fraction of all \
             pixels; preset {}",
            preset.name
        ),
        header: header.map(str::to_owned).to_vec(),
        rows: rows.into_iter().map(Row::cells).collect(),
    }
}
