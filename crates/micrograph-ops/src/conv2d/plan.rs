//! The sizes of one convolution, checked once, and how its output is cut into bands.

use super::{Activation, Conv2dConfig, NAME};
use crate::error::{float, invalid, not_empty, rank, same_dtype, unexpected_shape};
use crate::layer::check_bias;
use crate::window::{check_volume, positions};
use candle::{Result, Shape, Tensor};
use std::ops::Range;

/// Elements of an im2col matrix that one band may have: 512 KiB of `f32`, inside a core's cache.
const BAND_ELEMENTS: usize = 1 << 17;
/// Pixels of a band, at least, where the image has them: with fewer the kernels of a deep layer,
/// larger than any cache, would be read once for every few pixels.
const BAND_PIXELS: usize = 128;

/// All sizes of a convolution that is known to be possible. Pairs are `[vertical, horizontal]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) batch: usize,
    pub(super) in_channels: usize,
    pub(super) size: [usize; 2],
    pub(super) out_channels: usize,
    pub(super) kernel: [usize; 2],
    pub(super) out_size: [usize; 2],
    pub(super) config: Conv2dConfig,
}

impl Plan {
    pub(super) fn new(
        xs: &Tensor,
        weight: &Tensor,
        bias: Option<&Tensor>,
        config: &Conv2dConfig,
    ) -> Result<Self> {
        check_tensors(xs, weight)?;
        check_config(config)?;
        let (batch, in_channels, h, w) = xs.dims4()?;
        let (out_channels, _, kh, kw) = weight.dims4()?;
        check_channels(xs, weight, bias, config.groups)?;
        let kernel = [kh, kw];
        let size = [h, w];
        let out_size = output_size(xs, kernel, config)?;
        check_volume(NAME, config.padding, [batch, out_channels, out_size[0], out_size[1]])?;
        Ok(Self { batch, in_channels, size, out_channels, kernel, out_size, config: *config })
    }

    pub(super) fn without_activation(&self) -> Self {
        let config = Conv2dConfig { activation: Activation::None, ..self.config };
        Self { config, ..*self }
    }

    /// Pixels of one input plane.
    pub(super) fn plane(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// Pixels of one output plane.
    pub(super) fn out_plane(&self) -> usize {
        self.out_size[0] * self.out_size[1]
    }

    /// Elements of one kernel plane.
    pub(super) fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Input channels that one group sees.
    pub(super) fn group_inputs(&self) -> usize {
        self.in_channels / self.config.groups
    }

    /// Output channels that one group makes.
    pub(super) fn group_outputs(&self) -> usize {
        self.out_channels / self.config.groups
    }

    /// Terms of one output: the inner size of the products.
    pub(super) fn depth(&self) -> usize {
        self.group_inputs() * self.taps()
    }

    pub(super) fn xs_shape(&self) -> Shape {
        Shape::from((self.batch, self.in_channels, self.size[0], self.size[1]))
    }

    pub(super) fn weight_shape(&self) -> Shape {
        let [kh, kw] = self.kernel;
        Shape::from((self.out_channels, self.group_inputs(), kh, kw))
    }

    pub(super) fn ys_shape(&self) -> Shape {
        Shape::from((self.batch, self.out_channels, self.out_size[0], self.out_size[1]))
    }

    /// Whether the input planes are the im2col matrix as they stand: 1x1, stride 1, no padding.
    pub(super) fn is_pointwise(&self) -> bool {
        self.kernel == [1, 1]
            && self.config.stride == [1, 1]
            && self.config.padding.axes() == [[0; 2]; 2]
    }

    /// Output rows in each band but the last, where the im2col matrix has `matrix_rows`: as many as
    /// [`BAND_ELEMENTS`] allows, evened out. It depends on the sizes of one sample alone, never on
    /// batch or threads.
    pub(super) fn band_rows(&self, matrix_rows: usize) -> usize {
        let [height, width] = self.out_size;
        let rows = (BAND_ELEMENTS / (matrix_rows * width)).max(BAND_PIXELS.div_ceil(width));
        height.div_ceil(height.div_ceil(rows))
    }

    /// The bands of output rows, from the top.
    pub(super) fn bands(&self, matrix_rows: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let (rows, height) = (self.band_rows(matrix_rows), self.out_size[0]);
        (0..height).step_by(rows).map(move |first| first..(first + rows).min(height))
    }

    /// The output pixels of a band, as columns of the output matrix.
    pub(super) fn pixels(&self, band: &Range<usize>) -> Range<usize> {
        band.start * self.out_size[1]..band.end * self.out_size[1]
    }
}

fn check_tensors(xs: &Tensor, weight: &Tensor) -> Result<()> {
    float(NAME, xs)?;
    rank(NAME, "xs is (n, c, h, w)", 4, xs)?;
    rank(NAME, "weight is (o, c / groups, kh, kw)", 4, weight)?;
    same_dtype(NAME, xs, weight)?;
    not_empty(NAME, "xs", xs)?;
    not_empty(NAME, "weight", weight)
}

fn check_config(config: &Conv2dConfig) -> Result<()> {
    for (what, pair) in [("stride", config.stride), ("dilation", config.dilation)] {
        if pair.contains(&0) {
            return Err(invalid(NAME, format!("{what} {pair:?} must be 1 or more on both axes")));
        }
    }
    Ok(())
}

fn check_channels(
    xs: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    groups: usize,
) -> Result<()> {
    let (inputs, outputs) = (xs.dim(1)?, weight.dim(0)?);
    if groups == 0 || inputs % groups != 0 || outputs % groups != 0 {
        return Err(invalid(
            NAME,
            format!("{groups} groups must divide {inputs} input and {outputs} output channels"),
        ));
    }
    let expected = (outputs, inputs / groups, weight.dim(2)?, weight.dim(3)?);
    if weight.dim(1)? != inputs / groups {
        let message = format!(
            "the weight must see {} channels, those of one group: {inputs} in {groups} groups",
            inputs / groups
        );
        return Err(unexpected_shape(NAME, message, expected, weight.shape()));
    }
    check_bias(NAME, xs, bias, outputs)
}

fn output_size(xs: &Tensor, kernel: [usize; 2], config: &Conv2dConfig) -> Result<[usize; 2]> {
    let (n, c, h, w) = xs.dims4()?;
    let padding = config.padding.axes();
    let extent: [usize; 2] = std::array::from_fn(|axis| {
        (kernel[axis] - 1).saturating_mul(config.dilation[axis]).saturating_add(1)
    });
    let rows = positions(h, padding[0], extent[0], config.stride[0]);
    let cols = positions(w, padding[1], extent[1], config.stride[1]);
    let (Some(rows), Some(cols)) = (rows, cols) else {
        let message = format!(
            "a kernel that spans {}x{} does not fit an image of {h}x{w} with {:?}; enlarge the \
             image, pad more, or take a smaller kernel",
            extent[0], extent[1], config.padding
        );
        let least = [0, 1].map(|axis| {
            extent[axis].saturating_sub(padding[axis][0]).saturating_sub(padding[axis][1]).max(1)
        });
        return Err(unexpected_shape(NAME, message, (n, c, least[0], least[1]), xs.shape()));
    };
    Ok([rows, cols])
}
