//! What programs on mimalloc can do about large buffers that every step frees and takes again.

use std::ffi::{c_int, c_long};

/// `mi_option_purge_delay` of mimalloc 3, which the bindings leave out.
const PURGE_DELAY: c_int = 15;
/// Its default, in milliseconds.
const DEFAULT: c_long = 1000;
const NEVER: c_long = -1;

/// Lets mimalloc keep freed memory instead of giving it back to the system after a second. To be
/// called at the beginning of a program whose global allocator it is; without effect elsewhere, and
/// where the environment variable `MIMALLOC_PURGE_DELAY` decides otherwise.
///
/// A training step of a large network frees and takes hundreds of megabytes; when they have gone
/// back in between, the system clears each page again (docs/benchmarks.md: half of a step's time).
/// The price: the program holds its peak of memory until it ends.
///
/// # Example
/// ```
/// micrograph_ops::keep_freed_memory();
/// ```
pub fn keep_freed_memory() {
    // SAFETY: both functions may be called at any time; the option exists if it has its default.
    unsafe {
        if libmimalloc_sys::mi_option_get(PURGE_DELAY) == DEFAULT {
            libmimalloc_sys::mi_option_set(PURGE_DELAY, NEVER);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_is_the_one_that_is_meant() {
        // SAFETY: as above.
        let value = || unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) };
        if std::env::var_os("MIMALLOC_PURGE_DELAY").is_none() {
            assert_eq!(value(), DEFAULT, "another version of mimalloc: look up the option");
            keep_freed_memory();
            assert_eq!(value(), NEVER);
        }
    }
}
