//! A reader that pretends that some bytes of its file are others.

use std::io::{self, Read, Seek, SeekFrom};

/// `inner`, with each byte that `patches` names replaced.
#[derive(Debug)]
pub(super) struct Patched<R> {
    inner: R,
    position: u64,
    patches: Vec<(u64, u8)>,
}

impl<R: Seek> Patched<R> {
    /// Starts at the first byte.
    pub(super) fn new(mut inner: R) -> io::Result<Self> {
        inner.rewind()?;
        Ok(Self { inner, position: 0, patches: Vec::new() })
    }

    /// Replaces the bytes from `offset` on by `bytes`.
    pub(super) fn patch(&mut self, offset: u64, bytes: &[u8]) {
        self.patches.extend((offset..).zip(bytes.iter().copied()));
    }
}

impl<R: Read> Read for Patched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_read = self.inner.read(buffer)?;
        let (start, end) = (self.position, self.position + n_read as u64);
        for &(at, byte) in &self.patches {
            if (start..end).contains(&at) {
                buffer[(at - start) as usize] = byte;
            }
        }
        self.position = end;
        Ok(n_read)
    }
}

impl<R: Seek> Seek for Patched<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.inner.seek(to)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn patches_show_at_every_position() {
        let mut reader = Patched::new(Cursor::new(*b"abcdef")).unwrap();
        reader.patch(1, b"XY");
        for (start, expected) in [(0, "aXYdef"), (1, "XYdef"), (2, "Ydef"), (3, "def")] {
            let mut text = String::new();
            reader.seek(SeekFrom::Start(start)).unwrap();
            reader.by_ref().take(1).read_to_string(&mut text).unwrap();
            reader.read_to_string(&mut text).unwrap();
            assert_eq!(text, expected);
        }
    }
}
