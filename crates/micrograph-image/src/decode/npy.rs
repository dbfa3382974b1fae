//! One NumPy array: the header is read here, for its sizes, and the data by `ndarray-npy`.

use std::io::{BufRead, Read, Seek};

use ndarray::{Array3, ArrayD, Axis, Ix2, Ix3};
use ndarray_npy::{ReadNpyExt, ReadableElement};

use super::samples::{Sample, check_finite};
use super::source::Source;
use crate::{Depth, Error, Image, Notice, Result, Shape};

/// Reads the shape from the header.
pub(super) fn probe(mut reader: impl BufRead, source: &Source<'_>) -> Result<Shape> {
    let header = Header::read(&mut reader, source)?;
    header.axes(source).map(|(_, shape)| shape)
}

/// Decodes an array of any boolean, integer or float type of NumPy but `float16`.
pub(super) fn read(mut reader: impl BufRead + Seek, source: &Source<'_>) -> Result<Image> {
    let header = Header::read(&mut reader, source)?;
    let (axes, _) = header.axes(source)?;
    reader.rewind().map_err(|error| Error::Read { path: source.path.into(), source: error })?;
    let (depth, (pixels, exact)) = match header.element() {
        "b1" => (Depth::U8, decode::<bool>(reader, axes, source)?),
        "u1" => (Depth::U8, decode::<u8>(reader, axes, source)?),
        "u2" => (Depth::U16, decode::<u16>(reader, axes, source)?),
        "u4" => (Depth::F32, decode::<u32>(reader, axes, source)?),
        "u8" => (Depth::F32, decode::<u64>(reader, axes, source)?),
        "i1" => (Depth::F32, decode::<i8>(reader, axes, source)?),
        "i2" => (Depth::F32, decode::<i16>(reader, axes, source)?),
        "i4" => (Depth::F32, decode::<i32>(reader, axes, source)?),
        "i8" => (Depth::F32, decode::<i64>(reader, axes, source)?),
        "f4" => (Depth::F32, decode::<f32>(reader, axes, source)?),
        "f8" => (Depth::F32, decode::<f64>(reader, axes, source)?),
        _ => {
            let feature = format!("elements of type {:?}", header.descr);
            return Err(source.unsupported(feature, "uint8, uint16 or float32"));
        }
    };
    check_finite(&pixels, [0, 0], source)?;
    let notices = if exact { Vec::new() } else { vec![Notice::IntegersRounded] };
    Ok(Image { pixels, depth, pixel_size_nm: None, notices })
}

/// What the axes of an array are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axes {
    /// `(h, w)`.
    Plane,
    /// `(h, w, c)`.
    ChannelsLast,
    /// `(c, h, w)`.
    ChannelsFirst,
}

/// The header of an array.
#[derive(Debug, PartialEq)]
struct Header {
    /// NumPy's name for the type of the elements, such as `<u2`.
    descr: String,
    shape: Vec<usize>,
}

impl Header {
    fn read(reader: &mut impl BufRead, source: &Source<'_>) -> Result<Self> {
        /// What comes before the length of the header: six magic bytes, two of the version.
        const PREFIX: usize = 8;
        /// NumPy pads the header of a plain array to 128 bytes, with the prefix.
        const LONGEST: u32 = 1 << 12;

        let mut prefix = [0; PREFIX];
        reader.read_exact(&mut prefix).map_err(|error| source.damaged(error))?;
        let mut length = [0; 4];
        let width = if prefix[6] == 1 { 2 } else { 4 };
        let field = length.iter_mut().take(width);
        for (byte, read) in field.zip(reader.by_ref().bytes()) {
            *byte = read.map_err(|error| source.damaged(error))?;
        }
        let length = u32::from_le_bytes(length);
        let mut text = String::new();
        let read = reader.take(u64::from(length.min(LONGEST))).read_to_string(&mut text);
        read.map_err(|error| source.damaged(error))?;
        let header = if length <= LONGEST { Self::parse(&text) } else { None };
        header.ok_or_else(|| source.damaged("its header is not that of a plain array"))
    }

    /// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, in any order of the
    /// keys. Nothing nested gets past this, so that the parser of the crate cannot be led deep.
    fn parse(text: &str) -> Option<Self> {
        let value = |key: &str| {
            let (_, after) = text.split_once(key)?;
            after.trim_start().strip_prefix(':').map(str::trim_start)
        };
        if text.matches(['(', '[', '{']).count() != 2 {
            return None;
        }
        let descr = value("'descr'")?.strip_prefix('\'')?.split_once('\'')?.0.to_owned();
        let shape = value("'shape'")?.strip_prefix('(')?.split_once(')')?.0;
        let lengths = shape.split(',').map(str::trim).filter(|length| !length.is_empty());
        let shape = lengths.map(|length| length.parse().ok()).collect::<Option<_>>()?;
        Some(Self { descr, shape })
    }

    /// The type without the order of its bytes.
    fn element(&self) -> &str {
        self.descr.trim_start_matches(['<', '>', '|'])
    }

    /// Which axis is which, and the shape as an image.
    ///
    /// A last axis of at most 4 holds the channels, as NumPy's users have it; otherwise the first
    /// does, where it is shorter than both others.
    fn axes(&self, source: &Source<'_>) -> Result<(Axes, Shape)> {
        let (axes, [channels, height, width]) = match *self.shape {
            [height, width] => (Axes::Plane, [1, height, width]),
            [height, width, channels @ 1..=4] => (Axes::ChannelsLast, [channels, height, width]),
            [channels, height, width] if (1..height.min(width)).contains(&channels) => {
                (Axes::ChannelsFirst, [channels, height, width])
            }
            _ => {
                let (path, shape) = (source.path.into(), self.shape.clone());
                return Err(Error::ArrayShape { path, shape });
            }
        };
        Ok((axes, source.check(channels as u64, height as u64, width as u64)?))
    }
}

/// Decodes the array, and tells whether every element is an `f32`.
fn decode<S: Sample + ReadableElement>(
    reader: impl Read,
    axes: Axes,
    source: &Source<'_>,
) -> Result<(Array3<f32>, bool)> {
    let array = ArrayD::<S>::read_npy(reader).map_err(|error| source.damaged(error))?;
    let exact = array.iter().all(|sample| sample.is_exact());
    let values = array.mapv(Sample::to_f32);
    let values = match axes {
        Axes::Plane => values.into_dimensionality::<Ix2>().map(|plane| plane.insert_axis(Axis(0))),
        Axes::ChannelsFirst => values.into_dimensionality::<Ix3>(),
        Axes::ChannelsLast => {
            values.into_dimensionality::<Ix3>().map(|array| array.permuted_axes([2, 0, 1]))
        }
    };
    let values = values.map_err(|error| source.damaged(error))?;
    Ok((values.as_standard_layout().into_owned(), exact))
}

#[cfg(test)]
mod tests {
    use super::Header;

    #[test]
    fn a_header_has_its_keys_in_any_order() {
        let expected = Some(Header { descr: "<f4".into(), shape: vec![2, 3] });
        let usual = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   \n";
        assert_eq!(Header::parse(usual), expected);
        let other = "{ 'shape' :(2,3,),'fortran_order': False, 'descr': '<f4' }";
        assert_eq!(Header::parse(other), expected);
    }

    #[test]
    fn a_header_that_nests_is_refused() {
        let records = "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,), }";
        assert_eq!(Header::parse(records), None);
        let deep = format!("{{'descr': '<f4', 'shape': {}", "(".repeat(4000));
        assert_eq!(Header::parse(&deep), None);
        assert_eq!(Header::parse(""), None);
    }
}
