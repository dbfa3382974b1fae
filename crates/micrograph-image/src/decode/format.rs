//! Which format a file has, by its first bytes.

use std::fmt;

/// The extensions, in lower case, by which a folder's images are recognized.
///
/// The content decides how a file is decoded: a TIFF named `.png` is read as the TIFF that it is.
pub const EXTENSIONS: &[&str] = &["png", "jpg", "jpeg", "bmp", "tif", "tiff", "npy"];

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Portable Network Graphics.
    Png,
    /// JPEG, baseline and progressive.
    Jpeg,
    /// Windows bitmap.
    Bmp,
    /// Tagged Image File Format, classic and big.
    Tiff,
    /// One NumPy array.
    Npy,
}

impl Format {
    /// How many bytes [`sniff`](Self::sniff) looks at.
    pub(super) const SNIFFED: usize = 18;

    /// The format that the first bytes of a file announce.
    pub(super) fn sniff(start: &[u8]) -> Option<Self> {
        match start {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Self::Tiff),
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Some(Self::Npy),
            // Two letters are also how a text may begin, so the length of the second header counts.
            [b'B', b'M', _, _, _, _, _, _, _, _, _, _, _, _, 12..=124, 0, 0, 0, ..] => {
                Some(Self::Bmp)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Npy => "NPY",
        })
    }
}

/// The first bytes of a file for a message: as text where they are text, else in hexadecimal.
pub(super) fn describe_beginning(start: &[u8]) -> String {
    let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    if start.iter().all(is_text) {
        return format!("the text {:?}", String::from_utf8_lossy(start));
    }
    let hexadecimal: Vec<String> = start.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("the bytes {}", hexadecimal.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_begins_like_a_bitmap_is_none() {
        assert_eq!(Format::sniff(b"BMI,age,diagnosis,patient"), None);
        assert_eq!(Format::sniff(b"BM"), None);
        assert_eq!(Format::sniff(b""), None);
    }

    #[test]
    fn a_beginning_is_quoted_or_dumped() {
        assert_eq!(describe_beginning(b"hello\nworld"), r#"the text "hello\nworld""#);
        assert_eq!(describe_beginning(b"PK\x03\x04"), "the bytes 50 4b 03 04");
    }
}
