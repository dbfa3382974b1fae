//! What runs on a device, as plain data.

use crate::error::invalid;
use candle::{DType, Error, Layout, Result, Shape, Tensor};

/// An operation that has kernels.
pub(crate) trait OnDevice {
    /// What runs for operands of these types and shapes. Where there is a second output, it is what
    /// [`refuse`](Self::refuse) reads.
    fn program(&self, operands: &[Operand<'_>]) -> Result<Program>;

    /// Further operands, which the operation holds itself.
    fn held(&self) -> Vec<&Tensor> {
        Vec::new()
    }

    /// The error of the CPU, from the numbers that a kernel has left.
    fn refuse(&self, _operands: &[Operand<'_>], _numbers: &[f64]) -> Result<()> {
        Ok(())
    }
}

/// The type and the shape of an argument of an operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operand<'a> {
    pub(crate) dtype: DType,
    pub(crate) layout: &'a Layout,
}

impl Operand<'_> {
    /// Whether a weight is given for each term: else there is a scalar, or no number.
    pub(crate) fn is_given(&self) -> bool {
        self.layout.shape().rank() > 0 && self.len() > 0
    }

    pub(crate) fn len(&self) -> u64 {
        self.layout.shape().elem_count() as u64
    }
}

/// Kernels in their order, and the memory that they share.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// The name of the operation, for errors.
    pub(crate) op: &'static str,
    /// The tensors that are made: nothing stands in them before the first launch.
    pub(crate) outputs: Vec<(DType, Shape)>,
    /// Memory between launches, by type and number of elements; nothing stands in it at first.
    pub(crate) scratch: Vec<(DType, usize)>,
    /// Tables that the host hands over.
    pub(crate) constants: Vec<Table>,
    pub(crate) launches: Vec<Launch>,
}

impl Program {
    /// One kernel that makes one tensor.
    pub(crate) fn single(op: &'static str, output: (DType, Shape), launch: Launch) -> Self {
        let (scratch, constants) = (Vec::new(), Vec::new());
        Self { op, outputs: vec![output], scratch, constants, launches: vec![launch] }
    }

    /// One kernel of `(operands..., out, len, settings...)` that makes a tensor like the first
    /// operand, four elements a thread.
    pub(crate) fn elementwise(
        op: &'static str,
        [topic, kernel]: [&'static str; 2],
        operands: &[Operand<'_>],
        settings: Vec<Arg>,
    ) -> Self {
        let (dtype, len) = (operands[0].dtype, operands[0].len());
        let mut args: Vec<_> = (0..operands.len()).map(Arg::In).collect();
        args.extend([Arg::Out(0), Arg::U64(len)]);
        args.extend(settings);
        let launch = Launch::over(topic, kernel, dtype, len.div_ceil(4), args);
        Self::single(op, (dtype, operands[0].layout.shape().clone()), launch)
    }

    /// Kernels that write operands ([`Arg::Changed`]) and make no tensor.
    pub(crate) fn in_place(op: &'static str, launch: Launch) -> Self {
        let (outputs, scratch, constants) = (Vec::new(), Vec::new(), Vec::new());
        Self { op, outputs, scratch, constants, launches: vec![launch] }
    }

    /// Whether a kernel writes the operand.
    #[cfg_attr(not(feature = "cuda"), expect(dead_code, reason = "for devices alone"))]
    pub(crate) fn changes(&self, operand: usize) -> bool {
        let mut args = self.launches.iter().flat_map(|launch| &launch.args);
        args.any(|arg| *arg == Arg::Changed(operand))
    }
}

/// Numbers that the host hands over.
#[derive(Debug, Clone)]
pub(crate) enum Table {
    U32(Vec<u32>),
    F64(Vec<f64>),
}

/// A kernel with its grid and arguments.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    /// The file in `kernels/`, without its ending.
    pub(crate) topic: &'static str,
    pub(crate) kernel: &'static str,
    /// The element type `T` that the file is compiled for.
    pub(crate) element: DType,
    pub(crate) grid: [u32; 3],
    /// [`THREADS`] in all, at most.
    pub(crate) block: [u32; 3],
    pub(crate) args: Vec<Arg>,
}

/// Threads of a block, at most, and where nothing speaks for another number; `KERNEL` in
/// `kernels/device.cuh` promises it to the compiler.
pub(crate) const THREADS: u32 = 256;

/// Blocks of a grid, at most, where threads go on to further elements: enough for any GPU.
const MOST_BLOCKS: u64 = 1 << 14;

impl Launch {
    /// A grid of one axis for `items` that each take a thread; threads take several if they must.
    pub(crate) fn over(
        topic: &'static str,
        kernel: &'static str,
        element: DType,
        items: u64,
        args: Vec<Arg>,
    ) -> Self {
        let blocks = items.div_ceil(u64::from(THREADS));
        Self::blocks(topic, kernel, element, [blocks, u64::from(THREADS)], args)
    }

    /// A grid of one axis of [`sum_blocks`] that sum up `items`.
    pub(crate) fn sum(
        topic: &'static str,
        kernel: &'static str,
        element: DType,
        items: u64,
        args: Vec<Arg>,
    ) -> Self {
        Self::blocks(topic, kernel, element, [sum_blocks(items), threads_for(items)], args)
    }

    /// One block that goes over `items`.
    pub(crate) fn one(
        topic: &'static str,
        kernel: &'static str,
        element: DType,
        items: u64,
        args: Vec<Arg>,
    ) -> Self {
        Self::blocks(topic, kernel, element, [1, threads_for(items)], args)
    }

    /// A grid of one axis of so many blocks, as far as is useful, of so many threads.
    pub(crate) fn blocks(
        topic: &'static str,
        kernel: &'static str,
        element: DType,
        [blocks, threads]: [u64; 2],
        args: Vec<Arg>,
    ) -> Self {
        let grid = [blocks.clamp(1, MOST_BLOCKS) as u32, 1, 1];
        Self { topic, kernel, element, grid, block: [threads as u32, 1, 1], args }
    }
}

/// The product of the sizes as the length of a grid that has a block for each.
pub(crate) fn blocks_of(op: &'static str, sizes: &[usize]) -> Result<u32> {
    let product = sizes.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    let blocks = product.and_then(|blocks| i32::try_from(blocks).ok());
    blocks.map(i32::cast_unsigned).ok_or_else(|| {
        invalid(op, format!("{sizes:?} parts are more than a CUDA device can start; cut the batch"))
    })
}

/// Blocks of [`THREADS`] threads that sum so many items up, before one more block sums their sums.
pub(crate) fn sum_blocks(items: u64) -> u64 {
    items.div_ceil(u64::from(THREADS)).clamp(1, 1024)
}

/// The threads of a block that works on `items`: a power of two of warps, up to [`THREADS`].
pub(crate) fn threads_for(items: u64) -> u64 {
    items.next_power_of_two().clamp(32, u64::from(THREADS))
}

/// An argument of a kernel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Arg {
    /// The elements of an operand, which the kernel reads.
    In(usize),
    /// The elements of an operand, which the kernel changes.
    Changed(usize),
    /// The elements of an output.
    Out(usize),
    /// A scratch buffer.
    Scratch(usize),
    /// A table of the host.
    Constant(usize),
    U32(u32),
    U64(u64),
    /// A `Real`: `double` where the elements are, else `float`.
    Real(f64),
    F64(f64),
    /// A structure of `int`s by value; [`MOST_INTS`] at most.
    Ints(Vec<i32>),
}

/// Numbers in a structure of integers, at most.
pub(crate) const MOST_INTS: usize = 32;

/// The sizes of a geometry as `int`s of a kernel.
pub(crate) fn ints(op: &'static str, sizes: &[usize]) -> Result<Arg> {
    let too_large = |_| {
        let most = i32::MAX;
        let message =
            format!("{op}: a size of {sizes:?} is above {most}, the most on a CUDA device");
        Error::Msg(message + "; run it on the CPU").bt()
    };
    let ints = sizes.iter().map(|&size| i32::try_from(size).map_err(too_large));
    Ok(Arg::Ints(ints.collect::<Result<_>>()?))
}

/// The type that kernels compute in for elements of a type.
pub(crate) fn real_type(dtype: DType) -> DType {
    if dtype == DType::F64 { DType::F64 } else { DType::F32 }
}

/// A table of lines, or of their ends.
pub(crate) fn table(lines: impl Iterator<Item = usize>) -> Table {
    // Lines of images on a device are below 2^31: `ints` has seen to it.
    Table::U32(lines.map(|line| line as u32).collect())
}

/// The name of an element type in build.rs and the kernels' modules.
pub(crate) fn element_name(dtype: DType) -> Option<&'static str> {
    match dtype {
        DType::F32 => Some("f32"),
        DType::F64 => Some("f64"),
        DType::BF16 => Some("bf16"),
        DType::F16 => Some("f16"),
        _ => None,
    }
}
