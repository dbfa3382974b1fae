//! The line by which a manifest knows that it is whole.
//!
//! The first line of `model.toml` is `checksum = "..."`: the SHA-256 of all other lines, each ended
//! by `\n`, so that a copy with the line ends of another system is still whole.

use micrograph_image::hex;
use sha2::{Digest, Sha256};

const KEY: &str = "checksum = \"";

/// `text` with its checksum as the first line.
pub(crate) fn with_checksum(text: &str) -> String {
    format!("{KEY}{}\"\n{text}", checksum(text))
}

/// What the line says, and what it should say; `None` without such a line.
pub(crate) fn stated_and_actual(text: &str) -> Option<(String, String)> {
    let line = text.lines().find_map(|line| line.strip_prefix(KEY))?;
    let stated = line.trim_end().trim_end_matches('"');
    Some((stated.to_owned(), checksum(text)))
}

/// All lines but that of the checksum.
pub(crate) fn content(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with(KEY));
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn checksum(text: &str) -> String {
    hex(&Sha256::digest(content(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_digit_is_noticed_and_another_line_end_is_not() {
        let whole = with_checksum("a = 1\nb = 2\n");
        let same = |text: &str| {
            let (stated, actual) = stated_and_actual(text).expect("a line with a checksum");
            stated == actual
        };
        assert!(same(&whole));
        assert!(same(&whole.replace('\n', "\r\n")));
        assert!(!same(&whole.replace("b = 2", "b = 3")));
        assert_eq!(stated_and_actual("a = 1\n"), None);
    }
}
