//! How a TIFF writes numbers: the order of their bytes, and the kinds of values.

/// The order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    pub(super) fn number(self, bytes: &[u8]) -> u64 {
        let join = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        match self {
            Self::Little => bytes.iter().rev().fold(0, join),
            Self::Big => bytes.iter().fold(0, join),
        }
    }

    pub(super) fn bytes(self, number: u64, width: u64) -> Vec<u8> {
        let mut bytes = number.to_le_bytes()[..width as usize].to_vec();
        if self == Self::Big {
            bytes.reverse();
        }
        bytes
    }
}

pub(super) const BYTE: u16 = 1;
pub(super) const ASCII: u16 = 2;
pub(super) const SHORT: u16 = 3;
pub(super) const LONG: u16 = 4;
pub(super) const RATIONAL: u16 = 5;
pub(super) const IFD: u16 = 13;
pub(super) const LONG8: u16 = 16;
pub(super) const IFD8: u16 = 18;

/// The bytes of a value of a kind; 1 where the kind is unknown.
pub(super) fn size_of_kind(kind: u16) -> u64 {
    match kind {
        SHORT | 8 => 2,
        LONG | 9 | 11 | IFD => 4,
        RATIONAL | 10 | 12 | LONG8 | 17 | IFD8 => 8,
        _ => 1,
    }
}
