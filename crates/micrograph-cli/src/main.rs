//! The program `micrograph`: parses, calls, prints.
#![forbid(unsafe_code)]

mod arguments;
mod commands;
mod data;
mod outputs;
mod print;
mod progress;
mod settings;
mod signals;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

// A training step frees and takes buffers of megabytes; the system's allocator gives them back and
// pays for each page again. An epoch took 16.4 s for 19.0 s (docs/benchmarks.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A fault: bad input, a full disk, a loss that is not a number.
const FAILED: u8 = 1;
/// Stopped by Ctrl-C or a termination signal, with the state saved where there is one.
const STOPPED: u8 = 130;

fn main() -> ExitCode {
    micrograph::ops::keep_freed_memory();
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Train(train) => commands::train::run(&train),
        Command::Evaluate(evaluate) => commands::evaluate::run(&evaluate),
        Command::Predict(predict) => commands::predict::run(&predict),
        Command::Crossval(crossval) => commands::crossval::run(&crossval),
        Command::Compare(compare) => commands::compare::run(&compare),
        Command::Features(features) => commands::features::run(&features),
        Command::Background(background) => commands::background::run(&background),
        Command::Synth(synth) => commands::synth::run(&synth),
        Command::Info(info) => commands::info::run(&info),
        Command::Completions { shell } => commands::completions::run(shell),
    };
    let Err(error) = result else { return ExitCode::SUCCESS };
    let stopped =
        error.downcast_ref::<micrograph::train::Error>().is_some_and(|error| error.is_stop());
    let text = error.to_string();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // A stop says so itself.
    let kind = if stopped { "" } else { "error: " };
    let _ = writeln!(std::io::stderr(), "{kind}{line}");
    ExitCode::from(if stopped { STOPPED } else { FAILED })
}
