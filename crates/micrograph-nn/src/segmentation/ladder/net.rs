//! The ladder at work.

use candle::{DType, Device, Tensor};
use micrograph_ops::{
    Activation, Algorithm, Margins, Padding, Pool2dConfig, crop_or_pad, max_pool2d,
};

use super::super::blueprint::Blueprint;
use super::super::layer::{Layer, Pass};
use super::{Border, Drop, Plan};
use crate::source::{Source, check_type};
use crate::{Field, InputShape, Mode, Network, Parameters, Result, SegmentationNetwork};

/// A network of the shape of U-Net.
#[derive(Debug)]
pub(crate) struct Ladder {
    plan: Plan,
    dtype: DType,
    algorithm: Algorithm,
    parameters: Parameters,
    /// The convolutions of each resolution on the way down, the highest first.
    down: Vec<Vec<Layer>>,
    /// The way up to each resolution but the lowest, the highest first.
    up: Vec<Up>,
    output: Layer,
}

#[derive(Debug)]
struct Up {
    double: Layer,
    convolutions: Vec<Layer>,
}

impl Ladder {
    pub(crate) fn new(plan: Plan, seed: u64, dtype: DType, device: &Device) -> Result<Self> {
        let mut source = Source::new(plan.name, seed, (dtype, device))?;
        let down = (0..plan.resolutions)
            .map(|level| {
                let inputs = if level == 0 { plan.in_channels } else { plan.maps_at(level - 1) };
                block(&plan, &mut source, inputs, (level, false))
            })
            .collect::<Result<_>>()?;
        let up = (0..plan.resolutions - 1)
            .map(|level| Up::new(&plan, &mut source, level))
            .collect::<Result<_>>()?;
        let shape = [plan.n_classes, plan.maps, 1, 1];
        let initial = plan.initial_output();
        let output = Layer::new(&mut source, "output".into(), (shape, plan.n_classes), initial)?;
        let (algorithm, parameters) = (Algorithm::Fast, source.parameters);
        Ok(Self { plan, dtype, algorithm, parameters, down, up, output })
    }

    /// Convolutions with ReLU, one after the other.
    fn convolve(&self, layers: &[Layer], mut xs: Tensor, pass: Pass) -> Result<Tensor> {
        let dropped =
            if let Drop::Sums(probability) = self.plan.dropped { probability } else { 0.0 };
        let form = (self.plan.padding(), Activation::Relu);
        for layer in layers {
            xs = pass.convolve(layer, &xs, form, dropped)?;
        }
        Ok(xs)
    }

    /// Down the ladder: what each resolution makes, the lowest last.
    fn descend(&self, mut xs: Tensor, pass: Pass) -> Result<Vec<Tensor>> {
        let mut rungs = Vec::with_capacity(self.down.len());
        for (level, layers) in self.down.iter().enumerate() {
            if let Some(above) = rungs.last() {
                xs = max_pool2d(above, &Pool2dConfig::square(2))?; // (n, maps, h/2, w/2)
            }
            xs = self.convolve(layers, xs, pass)?; // (n, 2 * maps, h/2, w/2)
            if let (Drop::Lowest(dropped), true) = (self.plan.dropped, level + 2 >= self.down.len())
            {
                xs = pass.dropout(&format!("down{}.dropout", level + 1), xs, dropped)?;
            }
            rungs.push(xs.clone());
        }
        Ok(rungs)
    }

    /// One step up: to twice the rows and columns of `xs`, beside what `across` has there.
    fn ascend(&self, up: &Up, xs: &Tensor, across: Tensor, pass: Pass) -> Result<Tensor> {
        let doubled = pass.double(&up.double, xs)?; // (n, maps / 2, 2h, 2w)
        let across = match self.plan.border {
            Border::Zeros => across,
            Border::Mirror => {
                let [from, to] = [size(&across)?, size(&doubled)?];
                crop_or_pad(&across, &Margins::centered(from, to))?
            }
        };
        let both = Tensor::cat(&[across, doubled], 1)?; // (n, maps, 2h, 2w)
        self.convolve(&up.convolutions, both, pass)
    }

    /// The image, continued where convolutions have no padding.
    fn continued(&self, xs: &Tensor) -> Result<Tensor> {
        if self.plan.border == Border::Zeros {
            return Ok(xs.clone());
        }
        let [height, width] = size(xs)?;
        let mirrored = |xs: &Tensor, axis: usize, length: usize| {
            let [before, after] = self.plan.continued(length);
            let indices = mirrored(length, before, after);
            let indices = Tensor::from_vec(indices, before + length + after, xs.device())?;
            xs.contiguous()?.index_select(&indices, axis)
        };
        mirrored(&mirrored(xs, 2, height)?, 3, width)
    }
}

impl Network for Ladder {
    fn forward(&self, xs: &Tensor, mode: Mode) -> Result<Tensor> {
        self.input().check(self.plan.name, xs.dims())?;
        check_type(self.dtype, xs.dtype())?;
        let [height, width] = size(xs)?;
        let pass = Pass { mode, algorithm: self.algorithm };
        let mut rungs = self.descend(self.continued(xs)?, pass)?;
        let Some(mut xs) = rungs.pop() else { return Ok(xs.clone()) };
        for (up, across) in self.up.iter().zip(rungs).rev() {
            xs = self.ascend(up, &xs, across, pass)?;
        }
        if self.plan.border == Border::Mirror {
            xs = xs.narrow(2, 0, height)?.narrow(3, 0, width)?;
        }
        let rectified = self.plan.rectified_output;
        let activation = if rectified { Activation::Relu } else { Activation::None };
        pass.convolve(&self.output, &xs, (Padding::ZERO, activation), 0.0)
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn input(&self) -> InputShape {
        Blueprint::input(&self.plan)
    }

    fn n_classes(&self) -> usize {
        self.plan.n_classes
    }
}

impl SegmentationNetwork for Ladder {
    fn field(&self) -> Field {
        Blueprint::field(&self.plan)
    }

    fn set_algorithm(&mut self, algorithm: Algorithm) {
        self.algorithm = algorithm;
    }
}

impl Up {
    fn new(plan: &Plan, source: &mut Source<'_>, level: usize) -> Result<Self> {
        let (maps, below) = (plan.maps_at(level), plan.maps_at(level + 1));
        let initial = plan.initial_double(below, level);
        let name = format!("up{}.up", level + 1);
        let double = Layer::new(source, name, ([below, maps, 2, 2], maps), initial)?;
        Ok(Self { double, convolutions: block(plan, source, 2 * maps, (level, true))? })
    }
}

/// The convolutions of a level, from `inputs` maps to its own.
fn block(
    plan: &Plan,
    source: &mut Source<'_>,
    inputs: usize,
    (level, upward): (usize, bool),
) -> Result<Vec<Layer>> {
    let (maps, way) = (plan.maps_at(level), if upward { "up" } else { "down" });
    let convolution = |index: usize| {
        let inputs = if index == 1 { inputs } else { maps };
        let shape = [maps, inputs, plan.kernel, plan.kernel];
        let name = format!("{way}{}.conv{index}", level + 1);
        Layer::new(source, name, (shape, maps), plan.initial(inputs, (level, upward)))
    };
    (1..=plan.convolutions).map(convolution).collect()
}

/// Rows and columns.
fn size(xs: &Tensor) -> Result<[usize; 2]> {
    let (_, _, height, width) = xs.dims4()?;
    Ok([height, width])
}

/// The lines of an axis, continued on both sides by its mirror image without the line at the border,
/// as often as it takes.
fn mirrored(length: usize, before: usize, after: usize) -> Vec<u32> {
    let last = length.saturating_sub(1);
    let period = (2 * last).max(1);
    // So many periods that the first line has a number of 0 or more.
    let start = before.next_multiple_of(period) - before;
    let place = |line: usize| {
        let place = (start + line) % period;
        place.min(period - place).min(last) as u32
    };
    (0..before + length + after).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::mirrored;

    #[test]
    fn a_line_is_mirrored_as_numpy_reflects() {
        // numpy.pad(range(3), (5, 4), mode="reflect")
        assert_eq!(mirrored(3, 5, 4), [1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2]);
        assert_eq!(mirrored(1, 2, 1), [0; 4]);
        assert_eq!(mirrored(2, 1, 2), [1, 0, 1, 0, 1]);
    }
}
