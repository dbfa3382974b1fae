//! The directories of a TIFF, classic and big, as bytes.

/// Offsets of 4 bytes, or of 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    Classic,
    Big,
}

/// The values of a tag.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Shorts(Vec<u16>),
    Longs(Vec<u32>),
    /// Of the length of the variant.
    Offsets(Vec<u64>),
    /// Numerator and denominator.
    Rational([u32; 2]),
}

impl Variant {
    /// The first bytes of a file; the offset of the first directory is not known yet.
    pub(super) fn header(self) -> Vec<u8> {
        match self {
            Self::Classic => b"II\x2a\0\0\0\0\0".to_vec(),
            Self::Big => b"II\x2b\0\x08\0\0\0\0\0\0\0\0\0\0\0".to_vec(),
        }
    }

    /// Where the offset of the first directory stands.
    pub(super) fn first_offset_at(self) -> u64 {
        match self {
            Self::Classic => 4,
            Self::Big => 8,
        }
    }

    /// An offset or a count.
    pub(super) fn offset(self, number: u64) -> Vec<u8> {
        match self {
            Self::Classic => (number as u32).to_le_bytes().to_vec(),
            Self::Big => number.to_le_bytes().to_vec(),
        }
    }

    fn width(self) -> usize {
        match self {
            Self::Classic => 4,
            Self::Big => 8,
        }
    }

    /// The bytes of a directory that stands at `at`, followed by its long values. `tags` ascend, and
    /// the next directory follows at once, unless this is the last.
    pub(super) fn directory(self, at: u64, tags: &[(u16, Value)], is_last: bool) -> Vec<u8> {
        let mut entries = match self {
            Self::Classic => (tags.len() as u16).to_le_bytes().to_vec(),
            Self::Big => (tags.len() as u64).to_le_bytes().to_vec(),
        };
        let length = entries.len() + tags.len() * (4 + 2 * self.width()) + self.width();
        let mut values = Vec::new();
        for (tag, value) in tags {
            let (kind, count, mut bytes) = self.encoded(value);
            entries.extend(tag.to_le_bytes());
            entries.extend(kind.to_le_bytes());
            entries.extend(self.offset(count));
            if bytes.len() <= self.width() {
                bytes.resize(self.width(), 0);
                entries.extend(bytes);
            } else {
                entries.extend(self.offset(at + (length + values.len()) as u64));
                values.extend(bytes);
                // Values begin at even offsets.
                values.resize(values.len().next_multiple_of(8), 0);
            }
        }
        let next =
            if is_last { 0 } else { at + (length + values.len()).next_multiple_of(8) as u64 };
        entries.extend(self.offset(next));
        entries.extend(values);
        entries.resize(entries.len().next_multiple_of(8), 0);
        entries
    }

    /// Kind, number and bytes of a value.
    fn encoded(self, value: &Value) -> (u16, u64, Vec<u8>) {
        const ASCII: u16 = 2;
        const SHORT: u16 = 3;
        const LONG: u16 = 4;
        const RATIONAL: u16 = 5;
        const LONG8: u16 = 16;
        match value {
            Value::Text(text) => {
                let bytes = [text.as_bytes(), &[0]].concat();
                (ASCII, bytes.len() as u64, bytes)
            }
            Value::Shorts(numbers) => {
                let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
                (SHORT, numbers.len() as u64, bytes)
            }
            Value::Longs(numbers) => {
                let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
                (LONG, numbers.len() as u64, bytes)
            }
            Value::Offsets(numbers) => {
                let kind = if self == Self::Big { LONG8 } else { LONG };
                let bytes = numbers.iter().flat_map(|&number| self.offset(number)).collect();
                (kind, numbers.len() as u64, bytes)
            }
            Value::Rational(fraction) => {
                (RATIONAL, 1, fraction.iter().flat_map(|number| number.to_le_bytes()).collect())
            }
        }
    }
}
