//! Images cut or framed on each side.

use crate::cuda::cuda_fwd;
use crate::error::{check_size, image_dims, invalid};
use crate::parallel::*;
use crate::storage::{Element, for_float, slice};
use candle::backend::BackendStorage;
use candle::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};
use serde::{Deserialize, Serialize};

const NAME: &str = "crop_or_pad";

/// Rows and columns that [`crop_or_pad`] adds on each side; a negative number cuts as many off.
///
/// # Example
/// ```
/// use micrograph_ops::Margins;
/// let margins = Margins::centered([5, 8], [8, 5]);
/// assert_eq!(margins, Margins { top: 1, bottom: 2, left: -1, right: -2 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Margins {
    /// Rows above.
    pub top: isize,
    /// Rows below.
    pub bottom: isize,
    /// Columns to the left.
    pub left: isize,
    /// Columns to the right.
    pub right: isize,
}

impl Margins {
    /// The margins that bring an image from one size to another around the same center; the odd
    /// row goes below, the odd column to the right.
    #[must_use]
    pub const fn centered(from: [usize; 2], to: [usize; 2]) -> Self {
        let (rows, cols) = (to[0] as isize - from[0] as isize, to[1] as isize - from[1] as isize);
        let (top, left) = (rows / 2, cols / 2);
        Self { top, bottom: rows - top, left, right: cols - left }
    }

    /// Before the first and after the last line along each axis.
    const fn axes(self) -> [[isize; 2]; 2] {
        [[self.top, self.bottom], [self.left, self.right]]
    }

    /// What takes them back.
    const fn reversed(self) -> Self {
        let Self { top, bottom, left, right } = self;
        Self { top: -top, bottom: -bottom, left: -left, right: -right }
    }
}

/// Pads with zeros and crops, each side by its own margin: for skip connections between maps of
/// unequal sizes, and for sizes that a network can halve.
///
/// # Shapes
/// - `xs`: `(n, c, h, w)`, f32 or f64, in any memory layout
/// - returns: `(n, c, h + top + bottom, w + left + right)`
///
/// # Errors
/// A size of zero; margins that cut off every row or every column of the image.
///
/// # Example
/// ```
/// use candle::{Device, Tensor};
/// use micrograph_ops::{Margins, crop_or_pad};
/// let xs = Tensor::new(&[[[[1f32, 2., 3.]]]], &Device::Cpu)?;
/// let margins = Margins { left: -1, right: 2, ..Default::default() };
/// let ys = crop_or_pad(&xs, &margins)?;
/// assert_eq!(ys.flatten_all()?.to_vec1::<f32>()?, [2., 3., 0., 0.]);
/// # Ok::<(), candle::Error>(())
/// ```
pub fn crop_or_pad(xs: &Tensor, margins: &Margins) -> Result<Tensor> {
    let [n, c, h, w] = image_dims(NAME, xs)?;
    let cut = |margin: isize| margin.min(0).unsigned_abs();
    let resized = |axis: usize, size: usize| {
        let [before, after] = margins.axes()[axis];
        let left = size.checked_sub(cut(before))?.checked_sub(cut(after))?;
        let size = size.checked_add_signed(before)?.checked_add_signed(after)?;
        (left > 0).then_some(size)
    };
    let (Some(rows), Some(cols)) = (resized(0, h), resized(1, w)) else {
        let message = format!("{margins:?} leave nothing of an image of {h}x{w}; cut less off");
        return Err(invalid(NAME, message));
    };
    check_size(NAME, [n, c], [rows, cols])?;
    xs.contiguous()?.apply_op1(CropOrPad { margins: *margins })
}

pub(super) struct CropOrPad {
    pub(super) margins: Margins,
}

impl CustomOp1 for CropOrPad {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, c, h, w) = layout.shape().dims4()?;
        let [rows, cols] = self.out_size([h, w]);
        for_float!(storage.dtype(), NAME, T => {
            let xs = slice::<T>(NAME, storage, layout)?;
            let mut ys = vec![0.0; n * c * rows * cols];
            let planes = ys.par_chunks_exact_mut(rows * cols).zip(xs.par_chunks_exact(h * w));
            planes.for_each(|(ys, xs)| self.copy(xs, w, ys, cols));
            Ok((T::to_cpu_storage_owned(ys), Shape::from((n, c, rows, cols))))
        })
    }

    cuda_fwd!(xs layout);

    /// The margins taken back: what was cut off gets zero, what was added is cut off.
    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let margins = self.margins.reversed();
        grad.contiguous()?.apply_op1_no_bwd(&Self { margins }).map(Some)
    }
}

impl CropOrPad {
    pub(super) fn out_size(&self, [h, w]: [usize; 2]) -> [usize; 2] {
        let Margins { top, bottom, left, right } = self.margins;
        let rows = h.wrapping_add_signed(top).wrapping_add_signed(bottom);
        [rows, w.wrapping_add_signed(left).wrapping_add_signed(right)]
    }

    /// Copies the part of a plane that stays, row by row.
    fn copy<T: Element>(&self, xs: &[T], width: usize, ys: &mut [T], out_width: usize) {
        let skipped = |margin: isize| margin.min(0).unsigned_abs();
        let added = |margin: isize| margin.max(0).unsigned_abs();
        let Margins { top, left, .. } = self.margins;
        let length = (width - skipped(left)).min(out_width - added(left));
        let sources = xs.chunks_exact(width).skip(skipped(top));
        let targets = ys.chunks_exact_mut(out_width).skip(added(top));
        for (target, source) in targets.zip(sources) {
            target[added(left)..][..length].copy_from_slice(&source[skipped(left)..][..length]);
        }
    }
}
