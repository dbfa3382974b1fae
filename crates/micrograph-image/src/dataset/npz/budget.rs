//! How many bytes the arrays of one archive may take.

use super::ArchiveProblem;
use crate::Limits;

/// The bytes that an archive may still take in memory.
#[derive(Debug)]
pub(super) struct Budget {
    /// The length of the file.
    file: u64,
    /// What a file of that length may unpack to.
    unpacked: u64,
    spent: u64,
}

impl Budget {
    /// What a sample takes beside its pixels: its record, its id and its label.
    pub(super) const SAMPLE: u64 = 256;
    /// MedMNIST+ at 224 pixels takes up to 16 GB.
    const MOST: u64 = 64 << 30;
    /// Scans shrink to a half or a third, drawn masks to a fiftieth; nothing but zeros to a 1032nd.
    const RATIO: u64 = 100;

    pub(super) fn new(file: u64, limits: &Limits) -> Self {
        let unpacked = file.saturating_mul(Self::RATIO).max(limits.max_samples());
        Self { file, unpacked, spent: 0 }
    }

    /// Takes `bytes` for an array, or says why there are not so many.
    pub(super) fn spend(
        &mut self,
        bytes: u64,
        key: &str,
        header: impl FnOnce() -> String,
    ) -> Result<(), ArchiveProblem> {
        let total = self.spent.saturating_add(bytes);
        let (key, file) = (key.to_owned(), self.file);
        if total > Self::MOST {
            let (header, allowed) = (header(), Self::MOST);
            return Err(ArchiveProblem::TooLarge { key, header, allowed, total });
        }
        if total > self.unpacked {
            let (header, allowed) = (header(), self.unpacked);
            return Err(ArchiveProblem::Inflates { key, header, file, allowed, total });
        }
        self.spent = total;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{ArchiveProblem, Budget};
    use crate::Limits;

    const GIB: u64 = 1 << 30;

    /// Spends on the images of an archive of `file` bytes by the default limits.
    fn spend(file: u64, bytes: &[u64]) -> Result<(), ArchiveProblem> {
        let mut budget = Budget::new(file, &Limits::default());
        bytes.iter().try_for_each(|&bytes| budget.spend(bytes, "images", || "'|u1'".to_owned()))
    }

    #[test]
    fn what_medmnist_takes_is_granted() {
        // PathMNIST+ at 224 pixels: 89996, 10004 and 7180 images in color, in 12.6 GB.
        let parts = [89_996, 10_004, 7_180].map(|n| n * (224 * 224 * 3 + Budget::SAMPLE));
        spend(12_600_000_000, &parts).unwrap();
        spend(64 * GIB, &[64 * GIB]).unwrap();
        spend(0, &[GIB]).unwrap();
        spend(GIB, &[100 * GIB / 2]).unwrap();
    }

    #[test]
    fn what_a_bomb_takes_is_not() {
        let inflates = |file, bytes: &[u64]| match spend(file, bytes) {
            Err(ArchiveProblem::Inflates { allowed, total, .. }) => (allowed, total),
            other => panic!("{other:?}"),
        };
        assert_eq!(inflates(4_000_000, &[4 * GIB]), (GIB, 4 * GIB));
        assert_eq!(inflates(20_000_000, &[GIB, GIB]), (2_000_000_000, 2 * GIB));
        let too_large = |bytes: &[u64]| match spend(64 * GIB, bytes) {
            Err(ArchiveProblem::TooLarge { allowed, total, .. }) => (allowed, total),
            other => panic!("{other:?}"),
        };
        assert_eq!(too_large(&[64 * GIB, 1]), (64 * GIB, 64 * GIB + 1));
        assert_eq!(too_large(&[1, u64::MAX]), (64 * GIB, u64::MAX));
    }
}
