//! Probabilities of pixels, in one pass or tile by tile.

use candle::{DType, Device, Tensor};
use micrograph_nn::{Mode, SegmentationNetwork};
use ndarray::{Array3, ArrayView3, Axis};

use super::region::{Tile, reflected, tiles};
use crate::test_time::TestTime;
use crate::{Error, Result};

/// When an image is segmented tile by tile, and in which.
///
/// A tile sees the pixels around it that decide about its own ([`Field`](micrograph_nn::Field)), so
/// that its probabilities are those of the whole image, but for the order of sums: within 1e-4 with
/// the fast convolutions, the same bits with exact ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiling {
    /// Images with more pixels are taken in tiles.
    pub whole_px: usize,
    /// Height and width of a tile without what it sees around it; rounded up to a multiple of the
    /// network's step.
    pub side: usize,
}

impl Default for Tiling {
    /// Images above 2048 x 2048, in tiles of 1024 x 1024.
    fn default() -> Self {
        Self { whole_px: 2048 * 2048, side: 1024 }
    }
}

/// Probabilities of classes `(k, h, w)` of a prepared image `(c, h, w)` of any size, averaged over
/// the copies of `test_time`.
///
/// The image is continued by reflection to the next size that the network takes, and the result is
/// cut to the image's own.
///
/// # Errors
/// [`Error::PixelInput`] for other channels or an image without pixels, [`Error::NotFinite`] when
/// the output is not a number.
pub fn pixel_probabilities(
    network: &dyn SegmentationNetwork,
    xs: ArrayView3<'_, f32>,
    (test_time, tiling): (TestTime, Tiling),
    device: &Device,
) -> Result<Array3<f32>> {
    let (channels, height, width) = xs.dim();
    let shape = network.input();
    let padded = shape.size.enclosing([height, width]);
    let Some(padded) = padded.filter(|_| channels == shape.channels && height * width > 0) else {
        let expected = shape.to_string();
        return Err(Error::PixelInput { found: xs.dim(), expected });
    };
    let field = network.field();
    let side = if padded[0] * padded[1] > tiling.whole_px {
        tiling.side.clamp(1, padded[0].max(padded[1])).next_multiple_of(field.stride)
    } else {
        padded[0].max(padded[1])
    };
    let mut all = Array3::zeros((network.n_classes(), height, width));
    for Tile { core, seen } in tiles(padded, side, field) {
        let tile = mean_over_copies(network, reflected(xs, seen), test_time, device)?;
        let (y, x) = (core.y - seen.y, core.x - seen.x);
        // What lies beyond the image is not kept.
        let rows = core.height.min(height.saturating_sub(core.y));
        let columns = core.width.min(width.saturating_sub(core.x));
        let mut place = all.view_mut();
        place.slice_axis_inplace(Axis(1), (core.y..core.y + rows).into());
        place.slice_axis_inplace(Axis(2), (core.x..core.x + columns).into());
        let mut kept = tile.view();
        kept.slice_axis_inplace(Axis(1), (y..y + rows).into());
        kept.slice_axis_inplace(Axis(2), (x..x + columns).into());
        place.assign(&kept);
    }
    Ok(all)
}

/// The mean over the copies of an image of a size that the network takes.
fn mean_over_copies(
    network: &dyn SegmentationNetwork,
    xs: Array3<f32>,
    test_time: TestTime,
    device: &Device,
) -> Result<Array3<f32>> {
    let views = test_time.views();
    let (_, height, width) = xs.dim();
    let mut sum = Array3::<f32>::zeros((network.n_classes(), height, width));
    for view in views {
        sum += &view.undo(&one_pass(network, view.apply(&xs), device)?);
    }
    sum /= views.len() as f32;
    Ok(sum)
}

fn one_pass(
    network: &dyn SegmentationNetwork,
    xs: Array3<f32>,
    device: &Device,
) -> Result<Array3<f32>> {
    let (channels, height, width) = xs.dim();
    let xs = Tensor::from_iter(xs, device)?.reshape((1, channels, height, width))?;
    let logits = network.forward(&xs, Mode::Evaluate)?.to_dtype(DType::F32)?;
    let logits = logits.flatten_all()?.to_vec1::<f32>()?;
    let shape = (network.n_classes(), height, width);
    let found = logits.len();
    let logits = Array3::from_shape_vec(shape, logits)
        .map_err(|_| Error::PixelOutput { found, expected: shape })?;
    softmax(logits)
}

/// Softmax over the classes of each pixel, the largest logit subtracted first.
fn softmax(mut logits: Array3<f32>) -> Result<Array3<f32>> {
    if !logits.iter().all(|z| z.is_finite()) {
        return Err(Error::NotFinite);
    }
    for mut row in logits.axis_iter_mut(Axis(1)) {
        let largest = row.fold_axis(Axis(0), f32::NEG_INFINITY, |&a, &b| a.max(b));
        row -= &largest;
        row.mapv_inplace(f32::exp);
        let sum = row.sum_axis(Axis(0));
        row /= &sum;
    }
    Ok(logits)
}

#[cfg(test)]
mod tests {
    use micrograph_nn::{Border, SegmenterConfig, UNetConfig};
    use micrograph_ops::Algorithm;

    use super::*;

    fn network() -> Box<dyn SegmentationNetwork> {
        let unet = UNetConfig { levels: 2, maps: 4, ..UNetConfig::default() };
        SegmenterConfig::new(unet.into(), 1, 3).build(3, DType::F32, &Device::Cpu).unwrap()
    }

    fn image(height: usize, width: usize) -> Array3<f32> {
        let value = |(_, y, x)| ((y * 7 + x * 13) % 29) as f32 / 29.0 - 0.5;
        Array3::from_shape_fn((1, height, width), value)
    }

    #[test]
    fn tiles_give_what_the_whole_gives() {
        let (network, image) = (network(), image(150, 131));
        let of = |test_time, whole_px| {
            let tiling = Tiling { whole_px, side: 30 };
            pixel_probabilities(network.as_ref(), image.view(), (test_time, tiling), &Device::Cpu)
                .unwrap()
        };
        for test_time in [TestTime::None, TestTime::Dihedral] {
            let (whole, tiled) = (of(test_time, usize::MAX), of(test_time, 0));
            let worst = (&whole - &tiled).fold(0.0_f32, |worst, d| worst.max(d.abs()));
            assert!(worst < 1e-4, "{worst}");
            let sums = whole.sum_axis(Axis(0));
            assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-5));
        }
    }

    /// Networks that mirror an image take sizes that are no multiples of their stride: the mirror
    /// image of a tile must still lie on it.
    #[test]
    fn with_exact_convolutions_the_bits_of_tiles_are_those_of_the_whole() {
        let unet = UNetConfig { levels: 2, maps: 2, ..UNetConfig::default() };
        for border in [Border::Mirror, Border::Zeros] {
            let config = SegmenterConfig::new(UNetConfig { border, ..unet.clone() }.into(), 1, 3);
            let mut network = config.build(3, DType::F32, &Device::Cpu).unwrap();
            network.set_algorithm(Algorithm::Exact);
            let image = image(75, 62);
            for test_time in [TestTime::None, TestTime::Flip, TestTime::Dihedral] {
                let of = |whole_px, side| {
                    let settings = (test_time, Tiling { whole_px, side });
                    pixel_probabilities(network.as_ref(), image.view(), settings, &Device::Cpu)
                        .unwrap()
                };
                let whole = of(usize::MAX, 1);
                assert_eq!(whole, of(0, 14), "{border:?} {test_time:?}");
                assert_eq!(whole, of(0, usize::MAX), "{border:?} {test_time:?}");
            }
        }
    }

    /// All eight copies of an image have the same mean.
    #[test]
    fn the_mean_over_all_copies_turns_with_the_image() {
        let (network, image) = (network(), image(12, 8));
        let of = |xs: ArrayView3<'_, f32>| {
            let settings = (TestTime::Dihedral, Tiling::default());
            pixel_probabilities(network.as_ref(), xs, settings, &Device::Cpu).unwrap()
        };
        let upright = of(image.view());
        let turned = of(image.view().permuted_axes([0, 2, 1])).permuted_axes([0, 2, 1]);
        let worst = (&upright - &turned).fold(0.0_f32, |worst, d| worst.max(d.abs()));
        assert!(worst < 1e-5, "{worst}");
    }

    #[test]
    fn what_is_no_image_of_the_network_is_refused() {
        let network = network();
        for shape in [(1, 0, 5), (2, 8, 8)] {
            let settings = (TestTime::None, Tiling::default());
            let xs = Array3::zeros(shape);
            let result = pixel_probabilities(network.as_ref(), xs.view(), settings, &Device::Cpu);
            assert!(matches!(result, Err(Error::PixelInput { .. })), "{shape:?}");
        }
        let nan = Array3::from_elem((1, 8, 8), f32::NAN);
        let settings = (TestTime::None, Tiling::default());
        let result = pixel_probabilities(network.as_ref(), nan.view(), settings, &Device::Cpu);
        assert!(matches!(result, Err(Error::NotFinite)));
    }
}
