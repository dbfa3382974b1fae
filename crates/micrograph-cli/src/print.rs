//! Results on standard output.

use std::io::{ErrorKind, Write};

use anyhow::Result;

/// Prints `text` and a line end; a reader that has gone away (`| head -1`) is no error.
pub(crate) fn say(text: &str) -> Result<()> {
    match writeln!(std::io::stdout().lock(), "{}", text.trim_end()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
