//! The network itself: blocks, then a head.

use candle::{DType, Device, Tensor};
use micrograph_ops::{Activation, Conv2dConfig, Padding, global_avg_pool2d, relu};

use super::LipNetConfig;
use super::layer::{Layer, Pass};
use crate::source::{Source, check_type};
use crate::{ClassificationNetwork, Init, InputShape, Mode, Network, Parameters, Result};

/// One of the LipNets.
///
/// # Layers
/// A block is one or two convolutions (3x3, `maps` maps, same padding, each with ReLU), max
/// pooling 2x2 and dropout. The head of all but LipNet-4c flattens, then has `dense` units with
/// ReLU and dropout, then one unit a class; that of LipNet-4v averages each map over its pixels in
/// place of flattening, so that it takes images of any size.
/// Names are `block{b}.conv{i}`, `block{b}.down`, `head.dense`, `head.output`, each with `.weight`
/// and `.bias` in PyTorch's shapes: `(outputs, inputs, 3, 3)` and `(outputs, inputs)`.
///
/// | network | input | blocks x convolutions | parameters (1 channel, 2 classes) |
/// |---|---|---|---|
/// | LipNet-1 | 28x28 | 1 x 1 | 1,606,722 |
/// | LipNet-2 | 28x28 | 2 x 1 | 411,746 |
/// | LipNet-4 | 28x28 | 2 x 2 | 430,242 |
/// | LipNet-4c | 28x28 | 2 x (2 + strided) | 46,626 |
/// | LipNet-4v | any from 4x4 | 2 x (2 + strided) | 55,522 |
/// | LipNet-6 | 32x32 | 3 x 2 | 178,402 |
///
/// # What the thesis leaves open
/// It draws the networks in figure 13; its text names neither the width of the fully connected
/// layers nor any probability of dropout. Chosen here:
/// - 256 units in the hidden fully connected layer; dropout 1/4 after each block, 1/2 after it.
/// - "Two fully connected layers" counts the output layer, for LipNet-4 and -6 as well.
/// - LipNet-4c halves with 3x3 convolutions of stride 2 and symmetric padding 1, with ReLU, as
///   Springenberg et al. 2015 replace pooling; they are not counted in its name. Its 1x1
///   convolution has one map a class, no ReLU, and is followed by the average over all pixels:
///   the thesis says "flatten is replaced with 1x1 convolution with 3 channels" and is silent on
///   how 7x7x3 becomes three numbers.
/// - LipNet-4v is what section 12 names as future work, "fully convolutional neural networks with
///   variable size of input images". In LipNet-4c averaging and the 1x1 convolution come down to one
///   linear layer in either order, which can only add up what small windows show; the hidden layer
///   behind the average also weighs such sums against each other, as edge against area, in which a
///   size shows.
/// - Layers with ReLU begin as He et al., the output layer as Glorot & Bengio with gain 0.1, biases
///   at zero. The first loss then is about `ln k`: for two classes 0.69 to 0.71 on average over
///   seeds, where gain 1 gives 0.81 to 1.59, because pooling enlarges what He's formula preserves.
#[derive(Debug)]
pub struct LipNet {
    config: LipNetConfig,
    dtype: DType,
    parameters: Parameters,
    blocks: Vec<Block>,
    head: Head,
}

#[derive(Debug)]
struct Block {
    convolutions: Vec<Layer>,
    halving: Halving,
    dropout_name: String,
}

#[derive(Debug)]
enum Halving {
    /// The last convolution, pooled.
    MaxPool(Layer),
    /// A convolution with stride 2.
    Strided(Layer),
}

#[derive(Debug)]
enum Head {
    FullyConnected { flat: Flat, dense: Layer, output: Layer },
    FullyConvolutional { output: Layer },
}

/// What becomes of maps `(n, maps, h, w)` before a fully connected layer.
#[derive(Debug, Clone, Copy)]
enum Flat {
    /// All pixels, `(n, maps * h * w)`.
    Pixels,
    /// The average of each map, `(n, maps)`.
    Averages,
}

/// Small, so that a new network is undecided and the first loss is about `ln k`.
const OUTPUT_INIT: Init = Init::GlorotUniform { gain: 0.1 };
/// 3x3 with ReLU, keeping the size.
const SAME: Conv2dConfig = Conv2dConfig {
    padding: Padding::all(1),
    activation: Activation::Relu,
    ..Conv2dConfig::DEFAULT
};
const HALF: Conv2dConfig = Conv2dConfig { stride: [2, 2], ..SAME };
const POINTWISE: Conv2dConfig = Conv2dConfig::DEFAULT;

/// A new network behind the common trait; see [`LipNet::new`].
///
/// # Errors
/// As [`LipNet::new`].
pub fn build(
    config: &LipNetConfig,
    seed: u64,
    dtype: DType,
    device: &Device,
) -> Result<Box<dyn ClassificationNetwork>> {
    Ok(Box::new(LipNet::new(config, seed, dtype, device)?))
}

impl LipNet {
    /// A new network whose weights are a function of `config` and `seed`.
    ///
    /// ```
    /// use candle::{DType, Device, Tensor};
    /// use micrograph_nn::{Architecture, LipNet, LipNetConfig, Mode, Network};
    ///
    /// let config = LipNetConfig::new(Architecture::LipNet4c, 1, 3);
    /// let network = LipNet::new(&config, 7, DType::F32, &Device::Cpu)?;
    /// let images = Tensor::zeros((5, 1, 28, 28), DType::F32, &Device::Cpu)?;
    /// let logits = network.forward(&images, Mode::Evaluate)?;
    /// assert_eq!(logits.dims(), [5, 3]);
    /// # Ok::<(), candle::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) and [`Error::TooLarge`](crate::Error::TooLarge), as
    /// [`LipNetConfig::validate`]; when `dtype` is neither f32 nor f64; when the device has no
    /// memory left.
    pub fn new(config: &LipNetConfig, seed: u64, dtype: DType, device: &Device) -> Result<Self> {
        config.validate()?;
        let mut source = Source::new("lipnet", seed, (dtype, device))?;
        let blocks = (1..=config.architecture.blocks())
            .map(|number| Block::new(config, number, &mut source))
            .collect::<Result<_>>()?;
        let head = Head::new(config, &mut source)?;
        Ok(Self { config: config.clone(), dtype, parameters: source.parameters, blocks, head })
    }

    /// The configuration it was made from.
    pub fn config(&self) -> &LipNetConfig {
        &self.config
    }

    /// What the blocks make of a batch, `(n, maps, h, w)`.
    fn maps(&self, xs: &Tensor, pass: &Pass<'_>) -> Result<Tensor> {
        self.check_input(xs)?;
        let mut xs = xs.clone();
        for block in &self.blocks {
            xs = block.forward(xs, pass)?; // (n, maps, h/2, w/2)
        }
        Ok(xs)
    }

    fn check_input(&self, xs: &Tensor) -> Result<()> {
        self.input().check(self.config.architecture.name(), xs.dims())?;
        check_type(self.dtype, xs.dtype())
    }
}

impl Network for LipNet {
    fn forward(&self, xs: &Tensor, mode: Mode) -> Result<Tensor> {
        let pass = Pass { config: &self.config, mode };
        self.head.forward(&self.maps(xs, &pass)?, &pass)
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn input(&self) -> InputShape {
        InputShape { channels: self.config.in_channels, size: self.config.input_size }
    }

    fn n_classes(&self) -> usize {
        self.config.n_classes
    }
}

impl ClassificationNetwork for LipNet {
    /// `(n, dense)`, the hidden fully connected layer after ReLU; of LipNet-4c `(n, maps)`, the
    /// average of each map over its pixels, to which averaging and the 1x1 convolution come down in
    /// either order.
    fn embedding(&self, xs: &Tensor) -> Result<Tensor> {
        let pass = Pass { config: &self.config, mode: Mode::Evaluate };
        self.head.embedding(&self.maps(xs, &pass)?, &pass)
    }

    fn embedding_length(&self) -> usize {
        self.config.embedding_length()
    }
}

impl Block {
    fn new(config: &LipNetConfig, number: usize, source: &mut Source<'_>) -> Result<Self> {
        let (architecture, maps) = (config.architecture, config.maps);
        let mut inputs = if number == 1 { config.in_channels } else { maps };
        let mut convolution = |name: &str| {
            let shape = [maps, inputs, 3, 3];
            inputs = maps;
            Layer::new(source, &format!("block{number}.{name}"), &shape, Init::HeNormal)
        };
        let strided = architecture.is_strided();
        let count = architecture.convolutions_per_block();
        let convolutions = (1..count + usize::from(strided))
            .map(|index| convolution(&format!("conv{index}")))
            .collect::<Result<_>>()?;
        let halving = if strided {
            Halving::Strided(convolution("down")?)
        } else {
            Halving::MaxPool(convolution(&format!("conv{count}"))?)
        };
        Ok(Self { convolutions, halving, dropout_name: format!("block{number}.dropout") })
    }

    fn forward(&self, mut xs: Tensor, pass: &Pass<'_>) -> Result<Tensor> {
        for convolution in &self.convolutions {
            xs = pass.convolve(convolution, &xs, &SAME)?; // (n, maps, h, w)
        }
        let xs = match &self.halving {
            Halving::MaxPool(last) => pass.convolve_and_pool(last, &xs, &SAME)?,
            Halving::Strided(last) => pass.convolve(last, &xs, &HALF)?,
        }; // (n, maps, h/2, w/2)
        pass.dropout(&self.dropout_name, xs, pass.config.dropout.block)
    }
}

impl Head {
    fn new(config: &LipNetConfig, source: &mut Source<'_>) -> Result<Self> {
        let (name, k) = ("head.output", config.n_classes);
        if config.architecture.is_fully_convolutional() {
            let output = Layer::new(source, name, &[k, config.maps, 1, 1], OUTPUT_INIT)?;
            return Ok(Self::FullyConvolutional { output });
        }
        let hidden = [config.dense, config.flat_length()];
        let dense = Layer::new(source, "head.dense", &hidden, Init::HeNormal)?;
        let output = Layer::new(source, name, &[k, config.dense], OUTPUT_INIT)?;
        let flat = if config.architecture.takes_any_size() { Flat::Averages } else { Flat::Pixels };
        Ok(Self::FullyConnected { flat, dense, output })
    }

    fn forward(&self, xs: &Tensor, pass: &Pass<'_>) -> Result<Tensor> {
        match self {
            Self::FullyConnected { output, .. } => {
                let xs = self.embedding(xs, pass)?; // (n, dense)
                let xs = pass.dropout("head.dropout", xs, pass.config.dropout.dense)?;
                pass.connect(output, &xs) // (n, k)
            }
            Self::FullyConvolutional { output } => {
                let scores = pass.convolve(output, xs, &POINTWISE)?; // (n, k, h, w)
                global_avg_pool2d(&scores) // (n, k)
            }
        }
    }

    /// What the last layer takes of each image, before dropout.
    fn embedding(&self, xs: &Tensor, pass: &Pass<'_>) -> Result<Tensor> {
        match self {
            Self::FullyConnected { flat, dense, .. } => {
                let xs = match flat {
                    Flat::Pixels => xs.flatten_from(1)?,      // (n, maps * h * w)
                    Flat::Averages => global_avg_pool2d(xs)?, // (n, maps)
                };
                relu(&pass.connect(dense, &xs)?) // (n, dense)
            }
            Self::FullyConvolutional { .. } => global_avg_pool2d(xs), // (n, maps)
        }
    }
}
