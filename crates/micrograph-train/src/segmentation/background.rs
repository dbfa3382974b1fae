//! What does not move, taken away from the frames of sequences.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use micrograph_image::{
    Depth, Image, SegmentationDataset, Sequence, subtract_image, temporal_median,
    temporal_median_passes, write_tiff,
};
use ndarray::Array3;

use super::write::file_names;
use crate::run_folder::io;
use crate::{Error, Event, Result, Surroundings};

/// Fewer frames have no middle that is not one of a moving object.
const FEWEST: usize = 3;
/// Values of a band that are held at once.
const BAND_BYTES: usize = 256 << 20;

/// A folder for backgrounds and frames without them.
///
/// Names are those of the frames, below folders as the frames have below the one in common.
///
/// - `background/NAME.tif`: the temporal median of a sequence, in the number type of its frames,
///   rounded; named as its first frame.
/// - `frames/NAME.tif`: a frame less the unrounded median. Of frames of 8 or 16 bits 16-bit numbers,
///   `32768 + difference`, rounded: nothing of 8 bits is lost, and of 16 bits differences beyond
///   -32768 and 32767 become these. Of floats the difference itself.
///
/// ```
/// use micrograph_image::{Depth, Limits, SegmentationDataset, SegmentationOptions, read, write_png};
/// use micrograph_train::{BackgroundFolder, Surroundings};
/// # let folder = micrograph_testkit::temporary_folder();
/// # let path = folder.path();
/// # std::fs::create_dir(path.join("t"))?;
/// for (t, gray) in [50.0, 50.0, 80.0].into_iter().enumerate() {
///     let pixels = ndarray::Array3::from_elem((1, 2, 2), gray);
///     write_png(&path.join(format!("t/{t}.png")), pixels.view(), Depth::U8)?;
/// }
/// let options = SegmentationOptions::default();
/// let sequences = SegmentationDataset::sequences_at(&path.join("t"), &options)?;
/// let out = path.join("out");
/// BackgroundFolder::new(&out, &sequences)?.write(&Surroundings::default())?;
/// let value = |name: &str| read(&out.join(name), &Limits::default()).map(|i| i.pixels[[0, 0, 0]]);
/// assert_eq!(value("background/0.tif")?, 50.0);
/// assert_eq!([value("frames/0.tif")?, value("frames/2.tif")?], [32768.0, 32798.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct BackgroundFolder<'a> {
    folder: &'a Path,
    dataset: &'a SegmentationDataset,
    /// Of each frame, without an ending.
    names: Vec<String>,
}

impl<'a> BackgroundFolder<'a> {
    /// The gray level of a difference of 0 in frames of 16 bits.
    pub const ZERO: f32 = 32_768.0;

    /// The files that `dataset` will have in `folder`; nothing is written yet.
    ///
    /// # Errors
    /// A sequence of fewer than 3 frames; two frames that would have the same file.
    pub fn new(folder: &'a Path, dataset: &'a SegmentationDataset) -> Result<Self> {
        if let Some(short) = dataset.sequences.iter().find(|s| s.frames.len() < FEWEST) {
            let problem = format!(
                "{} has {} frame{}: expected a sequence of at least {FEWEST} to tell its background \
                 from what moves",
                short.name,
                short.frames.len(),
                if short.frames.len() == 1 { "" } else { "s" }
            );
            return Err(Error::Data { path: dataset.source.clone(), problem });
        }
        Ok(Self { folder, dataset, names: file_names(folder, dataset)? })
    }

    /// Every file that will be written.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let backgrounds = self.dataset.sequences.iter().map(|s| self.background(s));
        backgrounds.chain((0..self.names.len()).map(|index| self.frame(index)))
    }

    /// Makes the folders.
    ///
    /// # Errors
    /// When one cannot be made.
    pub fn create(&self) -> Result<()> {
        let folders: BTreeSet<PathBuf> =
            self.files().filter_map(|file| file.parent().map(Path::to_path_buf)).collect();
        for path in folders {
            std::fs::create_dir_all(&path).map_err(|source| io(&path, source))?;
        }
        Ok(())
    }

    /// Computes and writes all, each file as a whole or not at all. A frame is read once for its
    /// background, or more often where a sequence has more than 256 MiB of values, and once more.
    ///
    /// # Errors
    /// Frames that cannot be read, or of another number type than the first of their sequence; files
    /// that cannot be written; [`Error::Interrupted`] after a stop from outside.
    pub fn write(&self, around: &Surroundings<'_>) -> Result<()> {
        self.create()?;
        let reads = |sequence: &Sequence| {
            let shape = self.dataset.frames[sequence.frames.start].shape;
            let n = sequence.frames.len();
            n * (temporal_median_passes(n, shape, BAND_BYTES) + 1)
        };
        let total = self.dataset.sequences.iter().map(reads).sum();
        around.tell(Event::Began { task: "subtracting backgrounds", total });
        let mut clamped = 0;
        for sequence in &self.dataset.sequences {
            clamped += self.sequence(sequence, around)?;
        }
        around.tell(Event::Ended);
        if clamped > 0 {
            around.tell(Event::Notice(&format!(
                "{clamped} pixels differ from their background by more than 16 bits hold, and have the \
                 nearest number"
            )));
        }
        Ok(())
    }

    /// Writes a sequence, and says how many pixels were beyond the range.
    fn sequence(&self, sequence: &Sequence, around: &Surroundings<'_>) -> Result<usize> {
        let start = sequence.frames.start;
        let mut depth = None;
        // The error of a data set goes through the error of an image.
        let mut failed = None;
        let mut read = |t: usize| {
            self.read(start + t, &mut depth, around).map(|image| image.pixels).map_err(|error| {
                failed = Some(error);
                micrograph_image::Error::NoFrames
            })
        };
        let median = temporal_median(sequence.frames.len(), &mut read, BAND_BYTES);
        let median = match (median, failed) {
            (_, Some(error)) => return Err(error),
            (median, None) => median?,
        };
        let of_source = depth.unwrap_or(Depth::F32);
        write_tiff(&self.background(sequence), &[median.view()], of_source, None)?;
        let mut clamped = 0;
        for index in sequence.frames.clone() {
            let image = self.read(index, &mut depth, around)?;
            let mut difference = subtract_image(image.pixels.view(), median.view())?;
            let stored = if of_source == Depth::F32 { Depth::F32 } else { Depth::U16 };
            if stored == Depth::U16 {
                difference += Self::ZERO;
                clamped += beyond(&difference);
            }
            write_tiff(&self.frame(index), &[difference.view()], stored, image.pixel_size_nm)?;
        }
        Ok(clamped)
    }

    /// A frame, unless the work is to stop, or it has another number type than those before.
    fn read(
        &self,
        index: usize,
        depth: &mut Option<Depth>,
        around: &Surroundings<'_>,
    ) -> Result<Image> {
        if around.stopping() {
            return Err(Error::Interrupted);
        }
        let image = self.dataset.read_image(index)?;
        let expected = *depth.get_or_insert(image.depth);
        if image.depth != expected {
            let problem = format!(
                "{} holds {}, the frames before it {}; save all in one way",
                self.dataset.frames[index].id,
                name_of(image.depth),
                name_of(expected)
            );
            return Err(Error::Data { path: self.dataset.source.clone(), problem });
        }
        around.tell(Event::Advanced);
        Ok(image)
    }

    fn background(&self, sequence: &Sequence) -> PathBuf {
        let name = &self.names[sequence.frames.start];
        self.folder.join("background").join(format!("{name}.tif"))
    }

    /// Where the frame at `index` goes.
    ///
    /// # Panics
    /// When there is no such frame.
    #[must_use]
    pub fn frame(&self, index: usize) -> PathBuf {
        self.folder.join("frames").join(format!("{}.tif", self.names[index]))
    }
}

/// The pixels that 16 bits do not hold.
fn beyond(pixels: &Array3<f32>) -> usize {
    pixels.iter().filter(|value| !(-0.5..65_535.5).contains(*value)).count()
}

fn name_of(depth: Depth) -> &'static str {
    match depth {
        Depth::U8 => "8-bit integers",
        Depth::U16 => "16-bit integers",
        Depth::F32 => "floats or integers of more bits",
    }
}
