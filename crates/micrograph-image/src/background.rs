//! What does not move: background images over sequences, and their subtraction.

use ndarray::{Array3, ArrayView3, Axis, Slice};

use crate::{Error, Result, Shape};

/// The median of each pixel over the frames of a sequence: what a moving object leaves no trace in.
///
/// `background(y, x) = median over t of frame(t, y, x)`; of an even number of frames the mean of the two in
/// the middle.
///
/// Rows are taken in bands, so that no more than `max_bytes` of values are held beside one frame and the
/// result (but at least one row of all frames): each frame is read once for each band, which is once where
/// all fit. The result does not depend on `max_bytes`.
///
/// # Shapes
/// - `read(t)`: frame `t`, below `n_frames`, as `(channels, height, width)`, the same for all
/// - returns: the same
///
/// # Errors
/// [`Error::NoFrames`] without a frame, [`Error::FrameShape`] for a frame of another shape than the first,
/// and those of `read`.
///
/// # Source
/// StemNet thesis, section 6.4, eq. 3; `numpy.median`.
///
/// # Example
/// ```
/// use micrograph_image::{subtract_image, temporal_median};
/// use ndarray::array;
/// let frames = [array![[[9.0, 1.0]]], array![[[5.0, 1.0]]], array![[[5.0, 8.0]]]];
/// let background = temporal_median(3, &mut |t| Ok(frames[t].clone()), 1 << 20)?;
/// assert_eq!(background, array![[[5.0, 1.0]]]);
/// assert_eq!(subtract_image(frames[2].view(), background.view())?, array![[[0.0, 7.0]]]);
/// # Ok::<(), micrograph_image::Error>(())
/// ```
pub fn temporal_median(
    n_frames: usize,
    read: &mut dyn FnMut(usize) -> Result<Array3<f32>>,
    max_bytes: usize,
) -> Result<Array3<f32>> {
    let first = frame(n_frames, 0, None, read)?;
    let (channels, height, width) = first.dim();
    let mut median = Array3::zeros(first.dim());
    let rows = rows_of_band(n_frames, shape(first.dim()), max_bytes);
    let mut first = Some(first);
    for top in (0..height).step_by(rows) {
        let band = Slice::from(top..(top + rows).min(height));
        let mut part = median.slice_axis_mut(Axis(1), band);
        // The values of one pixel lie together.
        let mut values = vec![0.0_f32; part.len() * n_frames];
        for t in 0..n_frames {
            let pixels = match first.take() {
                Some(first) => first,
                None => frame(n_frames, t, Some((channels, height, width)), read)?,
            };
            let rows = pixels.slice_axis(Axis(1), band);
            values
                .iter_mut()
                .skip(t)
                .step_by(n_frames)
                .zip(&rows)
                .for_each(|(to, &from)| *to = from);
        }
        for (pixel, values) in part.iter_mut().zip(values.chunks_exact_mut(n_frames)) {
            *pixel = median_of(values);
        }
    }
    Ok(median)
}

/// How often [`temporal_median`] reads a frame of a shape, for who shows its progress.
///
/// ```
/// use micrograph_image::{Shape, temporal_median_passes};
/// let shape = Shape { channels: 1, height: 100, width: 50 };
/// // A row of 20 frames has 20 * 50 * 4 bytes: 4000.
/// assert_eq!(temporal_median_passes(20, shape, 400_000), 1);
/// assert_eq!(temporal_median_passes(20, shape, 399_999), 2);
/// assert_eq!(temporal_median_passes(20, shape, 0), 100);
/// ```
#[must_use]
pub fn temporal_median_passes(n_frames: usize, shape: Shape, max_bytes: usize) -> usize {
    shape.height.div_ceil(rows_of_band(n_frames, shape, max_bytes))
}

/// The rows of a band, of which no more than `max_bytes` of values are held.
fn rows_of_band(n_frames: usize, shape: Shape, max_bytes: usize) -> usize {
    let per_row = n_frames.saturating_mul(shape.channels.saturating_mul(shape.width));
    let per_row = per_row.saturating_mul(size_of::<f32>());
    (max_bytes / per_row.max(1)).clamp(1, shape.height.max(1))
}

/// The mean of each pixel over images: what a data set has in common.
///
/// # Shapes and errors
/// Those of [`temporal_median`]; of images, the training ones alone.
///
/// # Source
/// Mean image subtraction: StemNet thesis, section 6.1.
///
/// # Example
/// ```
/// use ndarray::array;
/// let frames = [array![[[9.0, 1.0]]], array![[[5.0, 2.0]]]];
/// let mean = micrograph_image::mean_image(2, &mut |t| Ok(frames[t].clone()))?;
/// assert_eq!(mean, array![[[7.0, 1.5]]]);
/// # Ok::<(), micrograph_image::Error>(())
/// ```
pub fn mean_image(
    n_images: usize,
    read: &mut dyn FnMut(usize) -> Result<Array3<f32>>,
) -> Result<Array3<f32>> {
    let mut sum = frame(n_images, 0, None, read)?.mapv(f64::from);
    for index in 1..n_images {
        let pixels = frame(n_images, index, Some(sum.dim()), read)?;
        sum.zip_mut_with(&pixels, |sum, &value| *sum += f64::from(value));
    }
    Ok(sum.mapv(|sum| (sum / n_images as f64) as f32))
}

/// `pixels - image`, which may be negative.
///
/// # Errors
/// [`Error::FrameShape`] where the shapes differ.
pub fn subtract_image(
    pixels: ArrayView3<'_, f32>,
    image: ArrayView3<'_, f32>,
) -> Result<Array3<f32>> {
    if pixels.dim() != image.dim() {
        let (expected, got) = (shape(image.dim()), shape(pixels.dim()));
        return Err(Error::FrameShape { frame: 0, expected, got });
    }
    Ok(&pixels - &image)
}

/// Reads a frame, and checks its shape against that of the first.
fn frame(
    n_frames: usize,
    index: usize,
    expected: Option<(usize, usize, usize)>,
    read: &mut dyn FnMut(usize) -> Result<Array3<f32>>,
) -> Result<Array3<f32>> {
    if n_frames == 0 {
        return Err(Error::NoFrames);
    }
    let pixels = read(index)?;
    match expected.filter(|&expected| expected != pixels.dim()) {
        None => Ok(pixels),
        Some(expected) => {
            let (expected, got) = (shape(expected), shape(pixels.dim()));
            Err(Error::FrameShape { frame: index, expected, got })
        }
    }
}

fn shape((channels, height, width): (usize, usize, usize)) -> Shape {
    Shape { channels, height, width }
}

/// The median of some values, which are reordered; 0 for none.
fn median_of(values: &mut [f32]) -> f32 {
    let n = values.len();
    if n == 0 {
        return 0.0;
    }
    let (below, &mut upper, _) = values.select_nth_unstable_by(n / 2, f32::total_cmp);
    if n % 2 == 1 {
        return upper;
    }
    let lower = below.iter().copied().max_by(f32::total_cmp).unwrap_or(upper);
    // Half of each, since a sum could leave the range.
    0.5 * lower + 0.5 * upper
}
