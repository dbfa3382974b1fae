//! JPEG: the marker segments are walked here, the pixels are decoded by the crate `image`.
//!
//! That decoder fills what is missing of a truncated file with gray and calls it a success, so
//! whether the file goes on to its end marker has to be found out before.

use std::io::{self, BufRead, Seek};

use ::image::codecs::jpeg::JpegDecoder;

use super::raster;
use super::source::Source;
use crate::{Error, Image, Result, Shape};

/// Reads the shape from the frame header.
pub(super) fn probe(mut reader: impl BufRead, source: &Source<'_>) -> Result<Shape> {
    frame(&mut reader, source)
}

/// Decodes a JPEG. The orientation that a camera may have noted in it is not applied.
pub(super) fn read(mut reader: impl BufRead + Seek, source: &Source<'_>) -> Result<Image> {
    let shape = frame(&mut reader, source)?;
    check_end(&mut reader).map_err(|error| source.damaged(error))?;
    reader.rewind().map_err(|error| Error::Read { path: source.path.into(), source: error })?;
    let decoder = JpegDecoder::new(reader).map_err(|error| raster::failure(error, source))?;
    let stored = raster::stored(&decoder);
    if stored.shape() != shape {
        return Err(source.damaged(format!("it has frames of {shape} and of {}", stored.shape())));
    }
    raster::decode(decoder, &stored, source)
}

/// One marker and what belongs to it.
struct Segment {
    marker: u8,
    body: Vec<u8>,
}

/// The end of the image.
const END: u8 = 0xd9;
/// The begin of a scan; compressed pixels follow its body.
const SCAN: u8 = 0xda;

/// Reads up to the frame header, and checks its sizes.
fn frame(reader: &mut impl BufRead, source: &Source<'_>) -> Result<Shape> {
    loop {
        let segment = next_segment(reader).map_err(|error| source.damaged(error))?;
        match segment.marker {
            // All frame headers, of which a decoder knows some. c4, c8 and cc are no frame headers.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let [_, h1, h0, w1, w0, components, ..] = *segment.body else {
                    return Err(source.damaged("the frame header is too short"));
                };
                // Four components are CMYK, which becomes RGB.
                let channels = if components == 1 { 1 } else { 3 };
                let height = u64::from(u16::from_be_bytes([h1, h0]));
                let width = u64::from(u16::from_be_bytes([w1, w0]));
                return source.check(channels, height, width);
            }
            SCAN | END => return Err(source.damaged("there is no frame header")),
            _ => {}
        }
    }
}

/// Reads on to the end marker.
fn check_end(reader: &mut impl BufRead) -> io::Result<()> {
    while next_segment(reader)?.marker != END {}
    Ok(())
}

/// Reads the next marker and its body, passing over compressed pixels before it.
fn next_segment(reader: &mut impl BufRead) -> io::Result<Segment> {
    let broken_off = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "it has no end marker"),
        _ => error,
    };
    let marker = next_marker(reader).map_err(broken_off)?;
    let mut body = Vec::new();
    // The start of the image, its end and one other marker stand alone.
    if !matches!(marker, 0xd8 | END | 0x01) {
        let mut length = [0; 2];
        reader.read_exact(&mut length).map_err(broken_off)?;
        // The length counts itself.
        let length = usize::from(u16::from_be_bytes(length)).saturating_sub(2);
        body.resize(length, 0);
        reader.read_exact(&mut body).map_err(broken_off)?;
    }
    Ok(Segment { marker, body })
}

/// Reads up to a marker: ff and a byte that is neither 0 (a pixel byte ff), ff (filling) nor a
/// restart, which occurs between compressed pixels.
fn next_marker(reader: &mut impl BufRead) -> io::Result<u8> {
    loop {
        reader.skip_until(0xff)?;
        let mut byte = [0xff];
        while byte == [0xff] {
            reader.read_exact(&mut byte)?;
        }
        match byte {
            [0 | 0xd0..=0xd7] => {}
            [marker] => return Ok(marker),
        }
    }
}
