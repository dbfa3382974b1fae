//! Histograms of oriented gradients.

use ndarray::{Array2, Array3, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit};
use crate::crop;
use crate::error::Result;
use crate::settings::within;

/// Settings of [`hog`] of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HogConfig {
    /// The side of the square to which the object's box is scaled; 32 by our choice.
    pub side_px: usize,
    /// The side of a cell; 8 as in the paper.
    pub cell_px: usize,
    /// How many cells a block has along a side; 2 as in the paper.
    pub block_cells: usize,
    /// The number of orientations over half a turn; 9 as in the paper.
    pub orientations: usize,
}

impl Default for HogConfig {
    fn default() -> Self {
        Self { side_px: 32, cell_px: 8, block_cells: 2, orientations: 9 }
    }
}

impl HogConfig {
    pub(crate) fn check(&self) -> Result<()> {
        let Self { side_px, cell_px, block_cells, orientations } = *self;
        let range = 1..=512;
        let side = range.contains(&side_px);
        within("the side for oriented gradients", "from 1 to 512", side_px as f64, side)?;
        let cell = (1..=side_px).contains(&cell_px);
        within(
            "the cells of oriented gradients",
            "from 1 pixel to the side",
            cell_px as f64,
            cell,
        )?;
        let block = (1..=side_px / cell_px).contains(&block_cells);
        let what = "the blocks of oriented gradients";
        within(what, "from 1 cell to those of a side", block_cells as f64, block)?;
        let few = (1..=180).contains(&orientations);
        within("the orientations of gradients", "from 1 to 180", orientations as f64, few)
    }

    /// How many values an object has.
    pub(crate) fn len(&self) -> usize {
        let blocks = self.side_px / self.cell_px + 1 - self.block_cells;
        (blocks * self.block_cells).pow(2) * self.orientations
    }
}

/// Histograms of the gradient's orientation in cells, normalized in overlapping blocks.
///
/// The gradient at a pixel is the difference of its two neighbors along each axis, 0 at the border. A
/// cell's histogram is the mean over its pixels of the magnitude, by orientation modulo half a turn
/// (of gradients, so that 0 is a change along a row). A block's values `v` become
/// `v / sqrt(|v|^2 + 1e-10)`, are cut at 0.2, and are divided again.
///
/// # Shapes
/// - returns: block rows, block columns, cell rows, cell columns, orientations, flat; none where the
///   image is smaller than a block
///
/// # Units and ranges
/// Numbers from 0 to 1, the same for any brightness and contrast.
///
/// # Edge cases
/// 0 where nothing changes. [`Family::Hog`](crate::Family::Hog) scales the object's box to `side_px`
/// by `side_px` pixels first, the aspect ratio is lost, and what lies around the object within the box
/// stays; without an object all are 0.
///
/// # Errors
/// Settings outside their ranges: a side of 1 to 512, cells within it, blocks within it, 1 to 180
/// orientations.
///
/// # Source
/// Dalal, Triggs, Histograms of oriented gradients for human detection, CVPR 2005; the oracle is
/// `skimage.feature.hog`, `L2-Hys`.
///
/// # Example
/// ```
/// use micrograph_features::{HogConfig, hog};
/// use ndarray::Array2;
/// let ramp = Array2::from_shape_fn((4, 4), |(_, x)| 3.0 * x as f32);
/// let config = HogConfig { side_px: 4, cell_px: 4, block_cells: 1, orientations: 2 };
/// let [across, down] = hog(ramp.view(), &config)?[..] else { unreachable!() };
/// assert!((across - 1.0).abs() < 1e-8 && down == 0.0);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn hog(values: ArrayView2<'_, f32>, config: &HogConfig) -> Result<Vec<f64>> {
    config.check()?;
    let cells = cell_histograms(values, config);
    let (rows, columns, bins) = cells.dim();
    let n = config.block_cells;
    let mut all = Vec::new();
    for row in 0..(rows + 1).saturating_sub(n) {
        for column in 0..(columns + 1).saturating_sub(n) {
            let cells = &cells;
            let block = (row..row + n).flat_map(|y| (column..column + n).map(move |x| [y, x]));
            let values = block.flat_map(|[y, x]| (0..bins).map(move |bin| cells[[y, x, bin]]));
            all.extend(normalized(values.collect()));
        }
    }
    Ok(all)
}

fn normalized(mut block: Vec<f64>) -> Vec<f64> {
    for cut in [0.2, f64::INFINITY] {
        let norm = (block.iter().map(|v| v * v).sum::<f64>() + 1e-10).sqrt();
        block.iter_mut().for_each(|v| *v = (*v / norm).min(cut));
    }
    block
}

/// The mean magnitude by orientation: rows and columns of cells, orientations.
fn cell_histograms(values: ArrayView2<'_, f32>, config: &HogConfig) -> Array3<f64> {
    let (height, width) = values.dim();
    let (side, bins) = (config.cell_px, config.orientations);
    let mut cells = Array3::zeros((height / side, width / side, bins));
    let (rows, columns, _) = cells.dim();
    for y in 0..rows * side {
        for x in 0..columns * side {
            let between = |at: usize, n: usize, value: &dyn Fn(usize) -> f32| {
                let inside = at > 0 && at + 1 < n;
                if inside { f64::from(value(at + 1)) - f64::from(value(at - 1)) } else { 0.0 }
            };
            let down = between(y, height, &|y| values[[y, x]]);
            let right = between(x, width, &|x| values[[y, x]]);
            let magnitude = (down * down + right * right).sqrt();
            if magnitude > 0.0 {
                let degrees = down.atan2(right).to_degrees().rem_euclid(180.0);
                let bin = (degrees / (180.0 / bins as f64)) as usize;
                cells[[y / side, x / side, bin.min(bins - 1)]] += magnitude;
            }
        }
    }
    cells / (side * side) as f64
}

/// Of the object's box.
pub(crate) fn object_hog(
    values: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    config: &HogConfig,
) -> Result<Vec<f64>> {
    config.check()?;
    let Some((values, _)) = crop::boxed(values, mask) else {
        return Ok(vec![0.0; config.len()]);
    };
    let scaled: Array2<f32> = crop::resized(values, (config.side_px, config.side_px))?;
    hog(scaled.view(), config)
}

/// `hog_BLOCKROW_BLOCKCOLUMN_CELL_ORIENTATION`
pub(crate) fn descriptors(config: &HogConfig) -> Vec<Descriptor> {
    let one = Descriptor::new(
        "hog",
        Measure::In(Unit::One),
        "mean gradient of the orientation in the cell, by the norm of the block",
        "Dalal, Triggs 2005; scikit-image hog",
    );
    let blocks = config.side_px / config.cell_px + 1 - config.block_cells;
    let cells = config.block_cells * config.block_cells;
    let mut all = Vec::with_capacity(config.len());
    for row in 0..blocks {
        for column in 0..blocks {
            for cell in 0..cells {
                all.extend((0..config.orientations).map(|orientation| Descriptor {
                    name: format!("hog_{row}_{column}_{cell}_{orientation:02}").into(),
                    ..one.clone()
                }));
            }
        }
    }
    all
}
