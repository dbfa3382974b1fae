//! `micrograph completions`: a script for the user's shell.

use anyhow::Result;
use clap::CommandFactory;

use crate::arguments::Arguments;
use crate::print::say;

pub(crate) fn run(shell: clap_complete::Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "micrograph", &mut script);
    say(&String::from_utf8(script)?)
}
