//! What can go wrong: one type for the crate.

use std::io;
use std::path::PathBuf;

use crate::Shape;
use crate::dataset::{ArchiveProblem, Layout, ManifestProblem, SegmentationProblem};
use crate::decode::Format;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error whatever, as a decoder of another crate gives it.
pub type BoxedError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Everything that can go wrong; a message says what was expected, what came, and the repair.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // --- Files.
    /// The system refused to open or read a file.
    #[error("cannot read {}: {source}; check that the file exists and that you may read it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written; what stood there before is untouched.
    #[error("cannot write {}: {source}; nothing was changed: check the folder, its permissions and the free space", path.display())]
    Write {
        /// The file that was to be written.
        path: PathBuf,
        /// What the writer or the system said.
        source: io::Error,
    },
    /// A folder stands where a file was expected.
    #[error("expected a file, but {} is a folder; name a file", path.display())]
    IsFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A pipe, a socket or a device stands where a file was expected.
    #[error("expected a file, but {} is a pipe, a socket or a device; copy its content into a file, or leave it out", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },

    // --- Decoding.
    /// A file of zero bytes.
    #[error("expected an image, but {} is empty (0 bytes); copy it again from its source", path.display())]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// The content is of no format that is read here, whatever the name says.
    #[error("expected PNG, JPEG, BMP, TIFF or NPY content, but {} begins with {beginning}; convert the file to one of them", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// Its first bytes, as quoted text or in hexadecimal.
        beginning: String,
    },
    /// The file ends before its image does, or its content contradicts itself.
    #[error("expected a whole {format} file, but {} is damaged or cut short: {source}; copy or export it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The format that its first bytes announce.
        format: Format,
        /// What the decoder said.
        source: BoxedError,
    },
    /// A valid file that uses something that is not read here.
    #[error("{}: {format} with {feature} is not read; save it as {repair}", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: Format,
        /// What it uses.
        feature: String,
        /// What to save it as.
        repair: &'static str,
    },
    /// An image without pixels.
    #[error("expected at least one pixel, but the header of {} says {height} x {width} (height x width); export it again", path.display())]
    ZeroSize {
        /// The file.
        path: PathBuf,
        /// Rows, from the header.
        height: u64,
        /// Columns, from the header.
        width: u64,
    },
    /// More pixels than [`Limits::max_pixels`](crate::Limits::max_pixels); nothing was allocated.
    #[error("expected at most {max_pixels} pixels, but the header of {} says {height} x {width} (height x width); cut the image into tiles, or raise the limit (--max-pixels, `max_pixels`)", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Rows, from the header.
        height: u64,
        /// Columns, from the header.
        width: u64,
        /// The limit.
        max_pixels: u64,
    },
    /// More samples than [`Limits::max_samples`](crate::Limits::max_samples); nothing was allocated.
    #[error("expected at most {max_samples} samples, but the header of {} says {channels} channels of {height} x {width} pixels; split the channels, or raise the limit (--max-pixels, `max_pixels`)", path.display())]
    TooManySamples {
        /// The file.
        path: PathBuf,
        /// Channels, from the header.
        channels: u64,
        /// Rows, from the header.
        height: u64,
        /// Columns, from the header.
        width: u64,
        /// The limit.
        max_samples: u64,
    },
    /// A strip or a row of tiles of more pixels than [`Limits::max_pixels`](crate::Limits::max_pixels).
    #[error("expected strips or rows of tiles of at most {max_pixels} pixels, but those of {} have {height} x {width} (height x width); save it in tiles of 512 x 512, or raise the limit (--max-pixels, `max_pixels`)", path.display())]
    BandTooLarge {
        /// The file.
        path: PathBuf,
        /// Rows of a strip or tile.
        height: u64,
        /// Columns of the image.
        width: u64,
        /// The limit.
        max_pixels: u64,
    },
    /// A region that reaches beyond its image.
    #[error("expected a region within {} x {} pixels (height x width), but {} x {} from row {}, column {} of {} were asked for", shape.height, shape.width, region.height, region.width, region.y, region.x, path.display())]
    NoSuchRegion {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        region: crate::Region,
        /// The shape of the image.
        shape: Shape,
    },
    /// A pixel that is NaN or infinite, or that does not fit an `f32`.
    #[error("expected finite pixels, but {} holds {value} in channel {channel}, row {row}, column {column} (counted from 0); replace it before saving", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// Channel of the first such pixel.
        channel: usize,
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
        /// Its value.
        value: f32,
    },
    /// A page beyond the last.
    #[error("expected a page below {pages}, but page {page} of {} was asked for (counted from 0)", path.display())]
    NoSuchPage {
        /// The file.
        path: PathBuf,
        /// The page asked for.
        page: usize,
        /// How many pages the file has.
        pages: usize,
    },
    /// An NPY array whose axes cannot be taken for an image's.
    #[error("expected an array (h, w), (h, w, c <= 4) or (c, h, w) with c the shortest axis, but {} holds {shape:?}; transpose it before saving", path.display())]
    ArrayShape {
        /// The file.
        path: PathBuf,
        /// The shape of the array.
        shape: Vec<usize>,
    },

    // --- Encoding.
    /// An array that the target format cannot hold.
    #[error("expected {expected} to encode {format}, but got {got}")]
    Encode {
        /// The target format.
        format: Format,
        /// What the format takes.
        expected: &'static str,
        /// What came.
        got: String,
    },

    // --- Data sets.
    /// The path leads nowhere.
    #[error("expected a file or folder, but {} does not exist; correct the path (it is right as far as {})", path.display(), existing.display())]
    NoSuchPath {
        /// The path.
        path: PathBuf,
        /// The last folder on it that is there.
        existing: PathBuf,
    },
    /// The path goes on below a file.
    #[error("expected a folder on the way to {}, but {} is a file; correct the path", path.display(), file.display())]
    PathThroughFile {
        /// The path.
        path: PathBuf,
        /// The file on the way.
        file: PathBuf,
    },
    /// The system refused to list a folder.
    #[error("cannot look into the folder {}: {source}; give read and search permission, or leave it out", path.display())]
    ReadFolder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A name of an image or a folder that is no text.
    #[error("expected a name in UTF-8, but {} is none; rename it", path.display())]
    NonUtf8Name {
        /// The path; what is no text in it is shown as a replacement character.
        path: PathBuf,
    },
    /// The files follow none of the layouts, or more than one.
    #[error("cannot tell the layout of {}: found {found}; expected class-folders (a folder of images for each class), split-folders (train, val, test above class folders), npz (an archive with train_images, train_labels, ...) or manifest (a table with the columns path, label): arrange the files so, or name the layout (--layout, `layout`)", path.display())]
    UnclearLayout {
        /// The folder or file.
        path: PathBuf,
        /// What lies there.
        found: String,
    },
    /// The files are not what the layout that was asked for has.
    #[error("expected {needed} for the layout {layout}, but {} is or holds {found}; name another path, or leave the layout to be found out", path.display())]
    OtherLayout {
        /// The folder or file.
        path: PathBuf,
        /// The layout asked for.
        layout: Layout,
        /// What it has.
        needed: &'static str,
        /// What lies there.
        found: String,
    },
    /// A file where the layout has a folder.
    #[error("expected a folder for the layout {layout}, but {} is a file; name the folder, or another layout", path.display())]
    FolderExpected {
        /// The file.
        path: PathBuf,
        /// The layout asked for.
        layout: Layout,
    },
    /// Templates or names of columns where there is no table.
    #[error("expected a table for the given columns and templates, but {} is read as {layout}; name a .csv file, or leave them out", path.display())]
    ColumnsWithoutTable {
        /// The folder or archive.
        path: PathBuf,
        /// The layout that was understood.
        layout: Layout,
    },
    /// A folder `train`, `val` or `test` with images but no classes.
    #[error("expected class folders in {}, but its images ({images}) lie in it directly; move them into a folder for each class", path.display())]
    PartWithoutClasses {
        /// The folder.
        path: PathBuf,
        /// How many images lie in it.
        images: usize,
    },
    /// Not a single image.
    #[error("expected images, but {} (read as {layout}) has none; {}", path.display(), add_images(*layout))]
    NoSamples {
        /// The folder or file.
        path: PathBuf,
        /// The layout that was understood.
        layout: Layout,
    },
    /// Not a single image among those to be predicted.
    #[error("expected images, but {} has none; check the path and that files end in {}", path.display(), crate::EXTENSIONS.join(", "))]
    NoImages {
        /// The first path that was given.
        path: PathBuf,
    },
    /// A layout that is none.
    #[error("expected class-folders, split-folders, npz or manifest, but got `{name}`")]
    UnknownLayout {
        /// What was given.
        name: String,
    },
    /// A part that is none.
    #[error("expected train, val or test, but got `{name}`")]
    UnknownPart {
        /// What was given.
        name: String,
    },
    /// A sample beyond the last.
    #[error("expected a sample below {count}, but sample {index} was asked for (counted from 0)")]
    NoSuchSample {
        /// The sample asked for.
        index: usize,
        /// How many samples the data set has.
        count: usize,
    },
    /// A mask of another size than its image.
    #[error("expected a mask of {} x {} (height x width) as the image {}, but {} has {} x {}; export the mask at the image's size", image_size[0], image_size[1], image.display(), mask.display(), mask_size[0], mask_size[1])]
    MaskSize {
        /// The image.
        image: PathBuf,
        /// Its height and width.
        image_size: [usize; 2],
        /// The mask.
        mask: PathBuf,
        /// Its height and width.
        mask_size: [usize; 2],
    },
    /// A table that cannot be used.
    #[error("{}: {problem}", path.display())]
    Manifest {
        /// The table.
        path: PathBuf,
        /// What is wrong with it.
        problem: ManifestProblem,
    },
    /// An archive that cannot be used.
    #[error("{}: {problem}", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What is wrong with it.
        problem: ArchiveProblem,
    },

    /// Images with masks that cannot be used.
    #[error("{}: {problem}", path.display())]
    Segmentation {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong with it.
        problem: Box<SegmentationProblem>,
    },
    /// A table of classes that cannot be read.
    #[error("expected {expected} in the table of classes, but got `{entry}`")]
    ClassTable {
        /// The entry.
        entry: String,
        /// What stands there in a table.
        expected: &'static str,
    },
    /// A layout of segmentation that is none.
    #[error(
        "expected image-mask-folders, part-folders, side-by-side or cell-tracking, but got `{name}`"
    )]
    UnknownSegmentationLayout {
        /// What was given.
        name: String,
    },
    /// A temporal window without a middle, or with more frames than anybody means.
    #[error(
        "expected an odd number of frames in a window, at most 999, but got {width}; choose 1, 3 or 5"
    )]
    WindowWidth {
        /// What was given.
        width: usize,
    },

    // --- Pixels.
    /// A mask of another size than the pixels that it is for.
    #[error("expected a mask of {} x {} (height x width) as the image, but got {} x {}; cut or scale both alike", image[0], image[1], mask[0], mask[1])]
    MaskShape {
        /// Height and width of the image.
        image: [usize; 2],
        /// Height and width of the mask.
        mask: [usize; 2],
    },
    /// A mask without an object.
    #[error("expected an object, but the mask of {} x {} (height x width) is empty; mark the object, or give no mask to use the whole image", size[0], size[1])]
    EmptyMask {
        /// Height and width of the mask.
        size: [usize; 2],
    },
    /// No pixels to scale, or none to scale to.
    #[error("expected to scale at least 1 x 1 pixel to at least 1 x 1 pixel, but got {} x {} to {} x {} (height x width); choose sides from 1 to {}", from[0], from[1], to[0], to[1], u32::MAX)]
    ResizeSize {
        /// Height and width of the image.
        from: [usize; 2],
        /// Height and width asked for.
        to: [usize; 2],
    },
    /// An image with other channels than a data-set z-score knows.
    #[error(
        "expected an image of {fitted} channels as in training, but got {got}; choose gray or rgb channels to make images alike"
    )]
    NormalizerChannels {
        /// Channels that the numbers were gathered over.
        fitted: usize,
        /// Channels of the image.
        got: usize,
    },
    /// An image whose channels cannot be brought to those of a model.
    #[error(
        "expected an image of {expected} channels as the model was trained on, but got {got}; save it with {expected}, or train with --channels gray or rgb"
    )]
    ChannelCount {
        /// Channels of the model.
        expected: usize,
        /// Channels of the image.
        got: usize,
    },
    /// Percentiles that are none, or in the wrong order.
    #[error("expected percentiles with 0 <= low < high <= 100, but got low {low} and high {high}")]
    Percentiles {
        /// The lower one.
        low: f64,
        /// The upper one.
        high: f64,
    },
    /// A data-set z-score or a whitening over no pixels.
    #[error(
        "expected training images to compute mean and standard deviation from, but got none; push at least one"
    )]
    NoMoments,
    /// A value to subtract that is none.
    #[error("expected a finite value to subtract, but got {value}; take 127 for 8 bits")]
    Subtrahend {
        /// What was given.
        value: f64,
    },
    /// A background of no frames.
    #[error("expected frames to compute a background from, but got none; name at least one")]
    NoFrames,
    /// Frames that differ in shape.
    #[error(
        "expected frames of {expected} (channels x height x width), but frame {frame} (counted from 0) has {got}; crop or pad all to one size"
    )]
    FrameShape {
        /// The frame.
        frame: usize,
        /// The shape of the first.
        expected: Shape,
        /// Its shape.
        got: Shape,
    },
    /// An input mode that is none.
    #[error("expected surround, crop, mask or mask_black, but got `{name}`")]
    UnknownInputMode {
        /// What was given.
        name: String,
    },
    /// A way to the size of a model that is none.
    #[error("expected stretch, fit, center_crop, pad or native, but got `{name}`")]
    UnknownResizeMode {
        /// What was given.
        name: String,
    },
}

/// What to do where a data set of this layout has no image.
fn add_images(layout: Layout) -> String {
    match layout {
        Layout::ClassFolders | Layout::SplitFolders => {
            format!("check the path and that files end in {}", crate::EXTENSIONS.join(", "))
        }
        Layout::Npz => "its arrays are of length 0: export it again".to_owned(),
        Layout::Manifest => "add a line for each image".to_owned(),
    }
}
