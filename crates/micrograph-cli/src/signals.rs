//! Ctrl-C and file-size limits.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that Ctrl-C (or a termination signal) sets; the second Ctrl-C ends the process at once.
///
/// On Unix a write beyond the file-size limit becomes an ordinary error, as for a full disk,
/// instead of killing the process.
pub(crate) fn stop_flag() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let handler = move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        let text = "\nstopping after this step; once more to stop at once\n";
        let _ = std::io::stderr().write_all(text.as_bytes());
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        eprintln!("note: Ctrl-C will stop at once, without saving: {error}");
    }
    #[cfg(unix)]
    {
        let exceeded = Arc::default();
        if let Err(error) = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, exceeded) {
            eprintln!("note: a file-size limit will end the process: {error}");
        }
    }
    stop
}
