//! Probabilities of pixels, in one pass or tile by tile.

use candle::{DType, Device, Tensor};
use micrograph_image::Region;
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

/// A prepared image, regions of which are made when a tile needs them: it need not lie in memory.
pub trait PixelSource {
    /// Channels, height and width.
    fn dim(&self) -> (usize, usize, usize);

    /// The pixels `(channels, height, width)` of a region that lies within the image.
    ///
    /// # Errors
    /// When they cannot be read or prepared.
    fn region(&mut self, region: Region) -> Result<Array3<f32>>;
}

impl PixelSource for ArrayView3<'_, f32> {
    fn dim(&self) -> (usize, usize, usize) {
        ArrayView3::dim(self)
    }

    fn region(&mut self, region: Region) -> Result<Array3<f32>> {
        Ok(region.of(self.view()).to_owned())
    }
}

/// The tiles of an image, row by row from the upper left: where each lies, and the probabilities of
/// classes `(k, height, width)` of its pixels. Together they cover the image once.
pub struct Tiles<'a> {
    network: &'a dyn SegmentationNetwork,
    source: &'a mut dyn PixelSource,
    test_time: TestTime,
    device: &'a Device,
    rest: std::vec::IntoIter<Tile>,
}

impl std::fmt::Debug for Tiles<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tiles").field("rest", &self.rest).finish_non_exhaustive()
    }
}

impl<'a> Tiles<'a> {
    /// The tiles of a prepared image, averaged over the copies of `test_time`.
    ///
    /// The image is continued by reflection to the next size that the network takes, and the result is
    /// cut to the image's own.
    ///
    /// # Errors
    /// [`Error::PixelInput`] for other channels or an image without pixels.
    pub fn new(
        network: &'a dyn SegmentationNetwork,
        source: &'a mut dyn PixelSource,
        (test_time, tiling): (TestTime, Tiling),
        device: &'a Device,
    ) -> Result<Self> {
        let (channels, height, width) = source.dim();
        let shape = network.input();
        let tiles = tiling.of(network, [height, width]);
        let Some(tiles) = tiles.filter(|_| channels == shape.channels) else {
            let expected = shape.to_string();
            return Err(Error::PixelInput { found: source.dim(), expected });
        };
        Ok(Self { network, source, test_time, device, rest: tiles.into_iter() })
    }

    fn probabilities(&mut self, Tile { core, seen }: Tile) -> Result<(Region, Array3<f32>)> {
        let (_, height, width) = self.source.dim();
        let xs = reflected(self.source, seen)?;
        let tile = mean_over_copies(self.network, xs, self.test_time, self.device)?;
        // What lies beyond the image is not kept.
        let place = Region {
            height: core.height.min(height - core.y),
            width: core.width.min(width - core.x),
            ..core
        };
        let within = Region { y: core.y - seen.y, x: core.x - seen.x, ..place };
        Ok((place, within.of(tile.view()).to_owned()))
    }
}

impl Iterator for Tiles<'_> {
    /// Fails where a region cannot be read, and with [`Error::NotFinite`] where the output is not a
    /// number.
    type Item = Result<(Region, Array3<f32>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let tile = self.rest.next()?;
        Some(self.probabilities(tile))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.size_hint()
    }
}

impl ExactSizeIterator for Tiles<'_> {}

impl Tiling {
    /// The tiles of an image of this height and width; `None` for one that the network does not take.
    fn of(
        self,
        network: &dyn SegmentationNetwork,
        [height, width]: [usize; 2],
    ) -> Option<Vec<Tile>> {
        let padded = network.input().size.enclosing([height, width])?;
        let longer = padded[0].max(padded[1]);
        let field = network.field();
        let side = if padded[0].saturating_mul(padded[1]) > self.whole_px {
            self.side.clamp(1, longer).next_multiple_of(field.stride)
        } else {
            longer
        };
        let mut tiles = tiles(padded, side, field);
        tiles.retain(|tile| tile.core.y < height && tile.core.x < width);
        (!tiles.is_empty()).then_some(tiles)
    }

    /// How many tiles an image of this height and width has; 0 for one that the network does not take.
    #[must_use]
    pub fn count(self, network: &dyn SegmentationNetwork, size: [usize; 2]) -> usize {
        self.of(network, size).map_or(0, |tiles| tiles.len())
    }
}

/// Probabilities of classes `(k, h, w)` of a prepared image `(c, h, w)` of any size: all [`Tiles`] of
/// it.
///
/// # Errors
/// Those of [`Tiles`].
pub fn pixel_probabilities(
    network: &dyn SegmentationNetwork,
    mut xs: ArrayView3<'_, f32>,
    settings: (TestTime, Tiling),
    device: &Device,
) -> Result<Array3<f32>> {
    let (_, height, width) = xs.dim();
    let tiles = Tiles::new(network, &mut xs, settings, device)?;
    let mut all = Array3::zeros((network.n_classes(), height, width));
    for tile in tiles {
        let (place, probabilities) = tile?;
        place.of_mut(all.view_mut()).assign(&probabilities);
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
