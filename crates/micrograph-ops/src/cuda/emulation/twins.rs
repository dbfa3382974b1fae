//! Operations on the CPU beside their kernels in the emulation.

use super::build::{self, Emulation};
use super::process::{self, Process};
use crate::cuda::{OnDevice, Operand, Program};
use candle::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, DType, Device, Result, Storage, Tensor};
use std::cell::RefCell;

/// How near the kernels must come to the CPU.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Agreement {
    /// The same bits; any NaN is like any other.
    Bits,
    /// Within so many epsilons of the type, times the largest expected number.
    Epsilons(f64),
    /// Within so many epsilons of each expected number itself, however small beside the others.
    Each(f64),
}

impl Agreement {
    /// What computes in f64 on both sides: of f64 it may sum in another order, and of f32 the last
    /// rounding may be another.
    pub(crate) fn of_f64(dtype: DType) -> Self {
        if dtype == DType::F64 { Self::Epsilons(16.0) } else { Self::Each(1.0) }
    }
}

/// Runs what operations launch.
pub(crate) struct Emulator {
    process: RefCell<Process>,
    /// Whether it sees what its threads touch.
    pub(crate) is_watched: bool,
}

impl Emulator {
    /// The emulation; on a machine that cannot build it, `None`, and the skip of the test is said.
    pub(crate) fn or_skip(test: &str) -> Option<Self> {
        match build::emulation() {
            Ok(Emulation { program, shared_arrays }) => {
                let process = RefCell::new(Process::start(program, shared_arrays));
                Some(Self { process, is_watched: !shared_arrays.is_empty() })
            }
            Err(reason) => {
                micrograph_testkit::skip(test, &reason);
                None
            }
        }
    }

    /// The outputs of an operation, and its operands as the kernels have left them.
    pub(crate) fn run(&self, op: &impl OnDevice, operands: &[&Tensor]) -> Result<Ran> {
        let operands = [operands, &op.held()].concat();
        let described: Vec<_> = operands
            .iter()
            .map(|tensor| Operand { dtype: tensor.dtype(), layout: tensor.layout() })
            .collect();
        let ran = self.run_program(&op.program(&described)?, &operands)?;
        if let Some(left) = ran.outputs.get(1) {
            op.refuse(&described, &left.to_vec1()?)?;
        }
        Ok(ran)
    }

    /// The outputs of a program, and its operands as the kernels have left them.
    pub(crate) fn run_program(&self, program: &Program, operands: &[&Tensor]) -> Result<Ran> {
        let given = operands.iter().map(|tensor| bytes(tensor)).collect::<Result<Vec<_>>>()?;
        let (after, outputs) = process::run(&mut self.process.borrow_mut(), program, &given);
        let outputs = outputs.iter().zip(&program.outputs);
        let outputs = outputs.map(|(bytes, (dtype, shape))| tensor(bytes, *dtype, shape.dims()));
        let operands = after.iter().zip(operands);
        let operands = operands.map(|(bytes, like)| tensor(bytes, like.dtype(), like.dims()));
        Ok(Ran {
            outputs: outputs.collect::<Result<_>>()?,
            operands: operands.collect::<Result<_>>()?,
        })
    }

    /// Compares an operation of one argument.
    #[track_caller]
    pub(crate) fn twin1(
        &self,
        op: &(impl CustomOp1 + OnDevice),
        xs: &Tensor,
        agreement: Agreement,
    ) {
        self.twin(op, &[xs], agreement, |args| args[0].apply_op1_no_bwd(op));
    }

    /// Compares an operation of two arguments.
    #[track_caller]
    pub(crate) fn twin2(
        &self,
        op: &(impl CustomOp2 + OnDevice),
        [a, b]: [&Tensor; 2],
        agreement: Agreement,
    ) {
        self.twin(op, &[a, b], agreement, |args| args[0].apply_op2_no_bwd(&args[1], op));
    }

    /// Compares an operation of three arguments.
    #[track_caller]
    pub(crate) fn twin3(
        &self,
        op: &(impl CustomOp3 + OnDevice),
        [a, b, c]: [&Tensor; 3],
        agreement: Agreement,
    ) {
        self.twin(op, &[a, b, c], agreement, |args| {
            args[0].apply_op3_no_bwd(&args[1], &args[2], op)
        });
    }

    /// Compares an operation with what the CPU does. The CPU computes on bf16 and f16 in f32, and
    /// its result is rounded.
    #[track_caller]
    pub(crate) fn twin(
        &self,
        op: &impl OnDevice,
        operands: &[&Tensor],
        agreement: Agreement,
        cpu: impl Fn(&[Tensor]) -> Result<Tensor>,
    ) {
        let ran = self.run(op, operands).expect("a program");
        let expected = cpu(&on_cpu(operands)).expect("the operation on the CPU");
        assert_agree(&ran.outputs[0], &expected, agreement);
    }
}

/// What a program has left behind.
pub(crate) struct Ran {
    pub(crate) outputs: Vec<Tensor>,
    pub(crate) operands: Vec<Tensor>,
}

/// Copies that the CPU can compute with.
fn on_cpu(operands: &[&Tensor]) -> Vec<Tensor> {
    let copy = |tensor: &&Tensor| match tensor.dtype() {
        DType::BF16 | DType::F16 => tensor.to_dtype(DType::F32),
        _ => tensor.copy(),
    };
    operands.iter().map(|tensor| copy(tensor).expect("a copy")).collect()
}

/// Asserts that the kernels' result is the CPU's.
#[track_caller]
pub(crate) fn assert_agree(got: &Tensor, expected: &Tensor, agreement: Agreement) {
    assert_eq!(got.shape(), expected.shape(), "shapes");
    let dtype = got.dtype();
    let expected = expected.to_dtype(dtype).expect("the type of the kernels");
    let (got, expected) = (flat(got), flat(&expected));
    let finite = expected.iter().filter(|x| x.is_finite());
    let largest = finite.fold(0.0, |largest: f64, x| largest.max(x.abs()));
    for (i, (&g, &e)) in got.iter().zip(&expected).enumerate() {
        let same = g.to_bits() == e.to_bits() || (g.is_nan() && e.is_nan());
        let near = match agreement {
            Agreement::Bits => false,
            Agreement::Epsilons(factor) => (g - e).abs() <= factor * epsilon(dtype) * largest,
            Agreement::Each(factor) => (g - e).abs() <= factor * epsilon(dtype) * e.abs(),
        };
        assert!(
            same || near,
            "{dtype:?} at {i}: got {g:e}, the CPU has {e:e}, largest {largest:e}"
        );
    }
}

fn epsilon(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => f64::EPSILON,
        DType::BF16 => 2_f64.powi(-8),
        DType::F16 => 2_f64.powi(-11),
        _ => f64::from(f32::EPSILON),
    }
}

/// Numbers in `-2..2` that look random: halves and quarters among them, so that some are equal.
pub(crate) fn drawn(seed: u64, dtype: DType, shape: &[usize]) -> Tensor {
    let count: usize = shape.iter().product();
    let key = crate::RandomKey { seed, stream: 0 };
    let number = |i: usize| {
        let bits = key.bits(i as u64)[0];
        if bits.is_multiple_of(3) {
            f64::from(bits % 17) / 4.0 - 2.0
        } else {
            f64::from(bits) / 2_f64.powi(30) - 2.0
        }
    };
    let numbers: Vec<f64> = (0..count).map(number).collect();
    let numbers = Tensor::from_vec(numbers, shape, &Device::Cpu);
    numbers.and_then(|numbers| numbers.to_dtype(dtype)).expect("numbers")
}

/// The tensor with NaN for its middle element.
pub(crate) fn with_nan(xs: &Tensor) -> Tensor {
    let mut numbers = flat(xs);
    let middle = numbers.len() / 2;
    numbers[middle] = f64::NAN;
    let numbers = Tensor::from_vec(numbers, xs.shape(), &Device::Cpu);
    numbers.and_then(|numbers| numbers.to_dtype(xs.dtype())).expect("numbers")
}

fn flat(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.flatten_all().and_then(|flat| flat.to_dtype(DType::F64));
    flat.and_then(|flat| flat.to_vec1::<f64>()).expect("numbers")
}

/// The elements of a contiguous tensor.
fn bytes(tensor: &Tensor) -> Result<Vec<u8>> {
    let (storage, layout) = tensor.storage_and_layout();
    let Storage::Cpu(storage) = &*storage else { unreachable!("made on the CPU") };
    let (start, end) = layout.contiguous_offsets().expect("a contiguous operand");
    macro_rules! bytes {
        ($data:expr) => {
            $data[start..end].iter().flat_map(|x| x.to_ne_bytes()).collect()
        };
    }
    Ok(match storage {
        CpuStorage::U32(data) => bytes!(data),
        CpuStorage::BF16(data) => bytes!(data),
        CpuStorage::F16(data) => bytes!(data),
        CpuStorage::F32(data) => bytes!(data),
        CpuStorage::F64(data) => bytes!(data),
        _ => candle::bail!("no kernel reads {:?}", tensor.dtype()),
    })
}

fn tensor(bytes: &[u8], dtype: DType, shape: &[usize]) -> Result<Tensor> {
    Tensor::from_raw_buffer(bytes, dtype, shape, &Device::Cpu)
}

/// What an error says, without the stack that may follow.
pub(crate) fn first_line(error: &candle::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
