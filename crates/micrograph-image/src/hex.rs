//! Bytes as people compare them.

use std::fmt::Write;

/// Two hexadecimal digits a byte, in lower case.
///
/// ```
/// assert_eq!(micrograph_image::hex(&[0, 10, 255]), "000aff");
/// ```
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
