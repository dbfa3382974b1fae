//! One pass over frames and masks before training.

use micrograph_image::{SegmentationDataset, TrainingMoments, convert_channels};

use super::SegmentationConfig;
use super::frames::{FrameData, Frames};
use crate::loader::guarded_as;
use crate::scan::on_threads;
use crate::{Result, Surroundings};

/// What one look at a frame gives.
#[derive(Debug)]
pub(crate) struct Scanned {
    /// Channels after the conversion that the settings ask for.
    pub(crate) channels: usize,
    /// SHA-256 of image and mask.
    pub(crate) digest: [u8; 32],
    /// Sums over its pixels.
    pub(crate) moments: TrainingMoments,
    /// Pixels of each class.
    pub(crate) class_pixels: Vec<u64>,
    /// The frame itself, where all of them fit into memory; without its normalizer's numbers.
    pub(crate) read: Option<FrameData>,
}

/// Decodes each of `indices` on worker threads; results are in the order of `indices`.
pub(crate) fn scan(
    dataset: &SegmentationDataset,
    indices: &[usize],
    config: &SegmentationConfig,
    around: &Surroundings<'_>,
) -> Result<Vec<Result<Scanned>>> {
    let keep = Frames::fit(dataset, indices, config.channels);
    on_threads("reading", indices, around, |index| {
        guarded_as(&dataset.frames[index].id, || look_at(dataset, index, config, keep))
    })
}

fn look_at(
    dataset: &SegmentationDataset,
    index: usize,
    config: &SegmentationConfig,
    keep: bool,
) -> Result<Scanned> {
    let image = dataset.read_image(index)?;
    let labels = dataset.read_labels(index)?;
    let pixels = convert_channels(image.pixels.view(), config.channels);
    let mut moments = TrainingMoments::default();
    moments.push(pixels.view())?;
    let n_classes = dataset.n_classes();
    let class_pixels =
        labels.as_ref().map_or_else(|| vec![0; n_classes], |labels| labels.class_counts(n_classes));
    Ok(Scanned {
        channels: pixels.dim().0,
        digest: dataset.digest(index)?,
        moments,
        class_pixels,
        read: keep.then(|| FrameData {
            pixels,
            depth: image.depth,
            normalizer: micrograph_image::Normalizer::UnitRange,
            labels,
        }),
    })
}
