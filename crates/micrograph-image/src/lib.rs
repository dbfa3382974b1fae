//! Biomedical images and data sets as `(channel, height, width)` arrays.
//!
//! What stands between a folder of files and a model: files of many kinds become [`Image`]s with the
//! values that stand in them, a [`Dataset`] knows which sample has which class, mask, group and part,
//! a [`SegmentationDataset`] which frame has which mask and follows which, and a [`Preprocessing`] takes an image to the size and the range that a model expects. One
//! resampler ([`warp`]) moves pixels wherever they have to be moved.
//!
//! # From a file to a model
//! ```
//! use micrograph_image::{Depth, Limits, Notice, Shape, page_count, probe, read, write_tiff};
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("cells.tif");
//!
//! // Two pages of one channel, 2 x 3 pixels of 16 bits.
//! let page = ndarray::array![[[0.0, 1.0, 2.0], [300.0, 4000.0, 65535.0]]];
//! write_tiff(&path, &[page.view(), page.view()], Depth::U16, None)?;
//!
//! let limits = Limits::default();
//! assert_eq!(probe(&path, &limits)?, Shape { channels: 1, height: 2, width: 3 });
//! assert_eq!(page_count(&path)?, 2);
//!
//! let image = read(&path, &limits)?;
//! assert_eq!(image.pixels, page);
//! assert_eq!(image.depth.full_scale(), Some(65535.0));
//! assert_eq!(image.notices, [Notice::ExtraPagesIgnored { pages: 1 }]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is read
//! The format is found by the first bytes of a file; its name does not matter.
//!
//! | format | variants | becomes |
//! |---|---|---|
//! | PNG | gray, RGB, palette, 1 to 16 bits, interlaced | 1 or 3 channels; palettes become RGB |
//! | JPEG | baseline and progressive, gray, color, CMYK | 1 or 3 channels; an orientation tag is not applied |
//! | BMP | RGB, palette, run lengths | 3 channels, or 1 where the palette is gray throughout |
//! | TIFF | strips, tiles, pages, BigTIFF, planes together or apart, any number of channels, palettes; integers and floats of 1 to 64 bits; LZW, Deflate, PackBits, JPEG, CCITT group 4 | the channels of the file; zero as white is inverted |
//! | NPY | booleans, integers, floats but `float16` | `(h, w)`; `(h, w, c)` where `c <= 4`; else `(c, h, w)` where `c` is shorter than both other axes |
//!
//! - Values stay as they are stored. Only those of 1, 2 and 4 bits are spread over `0..=255`, and
//!   booleans become 0 and 255.
//! - Pixels are `f32`. Integers beyond `2^24` and 64-bit floats are rounded to the nearest; for
//!   integers, [`Notice::IntegersRounded`] says so.
//! - Alpha is dropped, with [`Notice::AlphaDropped`]. In TIFF that is what the file declares as alpha;
//!   extra channels of unspecified meaning are data and stay. NPY has no alpha: four channels stay four.
//! - The pixel size comes from OME-XML or from ImageJ's description. Dots an inch say nothing about
//!   a specimen and are ignored.
//! - A pixel that is NaN or infinite is an error, never an input.
//!
//! # Decisions
//! - Nothing in a file is trusted: sizes are checked against [`Limits`] before anything is allocated,
//!   and no bytes whatever make a reader panic (a property test keeps at it).
//! - A truncated JPEG is an error, though many decoders fill it up with gray.
//! - Files are replaced as a whole or not at all: [`write_atomically`] is the one function that does so.
//! - Each error names the file, what was expected, what came, and the repair.
//!
//! # Limits
//! An image is held in memory as `f32`, but a TIFF of which regions are read ([`ImageRegions`]). Not read: CMYK and Lab TIFF,
//! samples of 12 bits, JPEG 2000, WebP and Zstandard compression, the planes of OME and ImageJ
//! hyperstacks as anything but pages.
#![forbid(unsafe_code)]

mod atomic;
mod background;
mod channels;
mod dataset;
mod decode;
mod encode;
mod error;
mod fit_size;
mod hex;
mod image;
mod input_mode;
mod limits;
mod normalize;
mod opening;
mod paths;
mod pixel_size;
mod preprocess;
mod resample;
mod resize;

pub use crate::atomic::write_atomically;
pub use crate::background::{mean_image, subtract_image, temporal_median, temporal_median_passes};
pub use crate::channels::{Channels, convert_channels, fit_channels};
pub use crate::dataset::{
    ArchiveProblem, ClassTable, Dataset, DatasetNotice, DatasetOptions, Ends, Frame, FrameOrder,
    IGNORE, LabelMap, Labelled, Layout, ManifestProblem, MaskKind, Neighbors, Page, Part,
    RowProblem, Sample, SegmentationDataset, SegmentationLayout, SegmentationOptions,
    SegmentationProblem, Segmented, Sequence, TemplateProblem, TemporalWindow, TrackingTruth,
    natural_order,
};
pub use crate::decode::{
    EXTENSIONS, Format, ImageRegions, page_count, probe, probe_pages, read, read_mask, read_page,
};
pub use crate::encode::{TiffPage, TiffWriter, encode_png, write_mask_png, write_png, write_tiff};
pub use crate::error::{BoxedError, Error, Result};
pub use crate::fit_size::{fit_labels, fit_size};
pub use crate::hex::hex;
pub use crate::image::{Depth, Image, Notice, PixelSize, Region, Shape};
pub use crate::input_mode::{InputMode, apply_input_mode};
pub use crate::limits::Limits;
pub use crate::normalize::{Normalization, Normalizer, TrainingMoments};
pub use crate::paths::{plain_path, real_path};
pub use crate::preprocess::{Preprocessing, Shown};
pub use crate::resample::{
    Affine, Border, Interpolation, warp, warp_field, warp_labels, warp_mask, warp_mask_with_border,
};
pub use crate::resize::{ResizeMode, resize, resize_mask};
