//! Telling whether data are still the same.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::Dataset;
use crate::hex;

/// Hashes fields so that no two lists of fields give the same bytes.
#[derive(Default)]
pub(super) struct Fields(Sha256);

impl Fields {
    pub(super) fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_le_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.update(bytes);
    }

    pub(super) fn optional(&mut self, text: Option<&str>) {
        self.count(usize::from(text.is_some()));
        self.bytes(text.unwrap_or_default().as_bytes());
    }

    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

impl Dataset {
    /// A fingerprint of the samples at `indices`, in that order: 64 hexadecimal digits.
    ///
    /// It is the SHA-256 of the class names and, for each sample, of its id, class, part, group,
    /// the mask's path below the root and its [`digest`](Self::digest), which `digests` holds in
    /// the order of `indices`.
    /// So it changes when a sample is changed, added, removed, renamed, relabelled or moved to
    /// another part, and stays when the whole data set is moved to another folder.
    ///
    /// # Panics
    /// When `digests` and `indices` differ in length, or an index is out of range.
    pub fn fingerprint(&self, digests: &[[u8; 32]], indices: &[usize]) -> String {
        assert_eq!(digests.len(), indices.len(), "one digest for each sample");
        let mut fields = Fields::default();
        fields.count(self.classes.len());
        for class in &self.classes {
            fields.bytes(class.as_bytes());
        }
        for (digest, &index) in digests.iter().zip(indices) {
            let sample = &self.samples[index];
            fields.bytes(sample.id.as_bytes());
            fields.optional(sample.label.map(|label| label.to_string()).as_deref());
            fields.optional(sample.part.map(|part| part.name()));
            fields.optional(sample.group.as_deref());
            let mask = sample.mask.as_deref().map(|mask| portable(mask, &self.root));
            fields.optional(mask.as_deref());
            fields.bytes(digest);
        }
        hex(&fields.finish())
    }
}

/// A path below the root with slashes on every system.
pub(super) fn portable(path: &Path, root: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
