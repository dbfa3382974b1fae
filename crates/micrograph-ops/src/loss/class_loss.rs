//! The frame of the losses of classes: from tensors to checked numbers, and from blocks of pixels to a
//! value or a gradient. A loss says what it sums, and nothing else.

use super::block::{Block, Grid};
use super::check_weight;
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, DType, Error, Layout, Result, Shape, Tensor, WithDType};

/// Logits `(n, k, ...)`, labels `(n, ...)`, and weights as the labels, or none.
pub(super) struct Pixels<'a, T> {
    pub(super) grid: Grid,
    pub(super) logits: &'a [T],
    pub(super) labels: &'a [u32],
    /// None, or one a pixel.
    pub(super) weights: &'a [T],
}

/// A loss over the logits of pixels with a class each.
pub(super) trait ClassLoss: Sync {
    /// The operation, for messages.
    const NAME: &'static str;

    /// What the gradient of a pixel needs of all of them.
    type Whole: Sync;

    /// The loss; labels and weights are checked here.
    fn value<T: Element>(&self, pixels: &Pixels<'_, T>) -> Result<f64>;

    /// For the gradient, where that of the loss is `grad`; `None` where no pixel counts.
    fn whole<T: Element>(&self, pixels: &Pixels<'_, T>, grad: f64) -> Result<Option<Self::Whole>>;

    /// The gradient of the pixels of a block, for each class; `out` is zero before.
    fn gradient<T: Element>(&self, block: &Block<'_, T>, whole: &Self::Whole, out: &mut [&mut [T]]);
}

/// A tensor in memory.
pub(super) type Argument<'a> = (&'a CpuStorage, &'a Layout);

/// The loss as a scalar of the type of the logits.
pub(super) fn value<L: ClassLoss>(
    loss: &L,
    arguments: [Argument<'_>; 2],
    weights: Option<Argument<'_>>,
) -> Result<(CpuStorage, Shape)> {
    for_float!(arguments[0].0.dtype(), L::NAME, T => {
        let value = loss.value::<T>(&Pixels::of(L::NAME, arguments, weights)?)?;
        Ok((T::to_cpu_storage_owned(vec![value as T]), Shape::from(())))
    })
}

/// The gradient of the logits, in closed form; `grad` is that of the loss.
pub(super) fn gradient<L: ClassLoss>(
    loss: &L,
    grad: &Tensor,
    arguments: [Argument<'_>; 2],
    weights: Option<Argument<'_>>,
) -> Result<(CpuStorage, Shape)> {
    let (logits, layout) = arguments[0];
    let grad = grad.to_dtype(DType::F64)?.to_scalar::<f64>()?;
    for_float!(logits.dtype(), L::NAME, T => {
        let pixels = Pixels::<T>::of(L::NAME, arguments, weights)?;
        let Pixels { grid, logits, labels, weights } = pixels;
        let mut out = vec![0.0; logits.len()];
        if let Some(whole) = loss.whole(&pixels, grad)? {
            grid.fill([logits, weights], labels, &mut out, |block, out| {
                loss.gradient(block, &whole, out);
            });
        }
        Ok((T::to_cpu_storage_owned(out), layout.shape().clone()))
    })
}

impl<'a, T: Element> Pixels<'a, T> {
    fn of(
        op: &'static str,
        [logits, labels]: [Argument<'a>; 2],
        weights: Option<Argument<'a>>,
    ) -> Result<Self> {
        let weights = weights.map(|weights| slice::<T>(op, weights.0, weights.1)).transpose()?;
        Ok(Self {
            grid: Grid::of(logits.1),
            logits: slice::<T>(op, logits.0, logits.1)?,
            labels: slice::<u32>(op, labels.0, labels.1)?,
            weights: weights.unwrap_or_default(),
        })
    }

    /// What `f` says of each block of pixels, in their order.
    pub(super) fn map<R: Send>(&self, f: impl Fn(&Block<'_, T>) -> R + Sync + Send) -> Vec<R> {
        self.grid.map(self.logits, self.labels, self.weights, f)
    }

    /// The sum of the weights of all pixels, each times that of its class: what divides a mean.
    /// Every label and weight is checked.
    pub(super) fn total_weight(
        &self,
        op: &'static str,
        of_classes: &[f64],
        ignore_index: Option<u32>,
    ) -> Result<f64> {
        let size = of_classes.len();
        let mut total = 0.0;
        for (pixel, &label) in self.labels.iter().enumerate() {
            if ignore_index == Some(label) {
                continue;
            }
            let index = label as usize;
            let of_class = of_classes.get(index);
            let of_class = of_class.ok_or_else(|| Error::InvalidIndex { op, index, size }.bt())?;
            let weight = self.weights.get(pixel);
            let weight = weight.map_or(Ok(1.0), |&weight| check_weight(op, weight))?;
            total += weight * of_class;
        }
        Ok(total)
    }
}
