//! `micrograph completions`: a script for the user's shell.

use clap::CommandFactory;

use crate::arguments::Arguments;

pub(crate) fn run(shell: clap_complete::Shell) {
    clap_complete::generate(shell, &mut Arguments::command(), "micrograph", &mut std::io::stdout());
}
