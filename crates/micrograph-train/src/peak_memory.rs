//! How much memory a piece of work held at most.

/// The resident memory of this process at its highest since [`PeakMemory::begin`].
///
/// Whatever else the process holds counts, and so does memory that was freed but not yet given back
/// to the system.
#[derive(Debug)]
pub(crate) struct PeakMemory(());

impl PeakMemory {
    /// Forgets what was held before; `None` where the system cannot (all but Linux, and where
    /// `/proc` may not be written).
    pub(crate) fn begin() -> Option<Self> {
        // 5 resets the high-water mark alone (proc(5)).
        let reset =
            cfg!(target_os = "linux") && std::fs::write("/proc/self/clear_refs", "5").is_ok();
        reset.then_some(Self(()))
    }

    /// The highest so far, in bytes.
    pub(crate) fn bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kibi| kibi * 1024)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_buffer_is_seen_and_later_forgotten() {
        let name = "a_large_buffer_is_seen_and_later_forgotten";
        let Some(peak) = PeakMemory::begin() else {
            return micrograph_testkit::skip(name, "the system does not reset its high-water mark");
        };
        let before = peak.bytes().expect("a number");
        let buffer = vec![1_u8; 64 << 20];
        let held = peak.bytes().expect("a number");
        assert!(held >= before + (32 << 20), "{before} {held}");
        assert_eq!(std::hint::black_box(&buffer)[1000], 1);
    }
}
