//! A process of the emulation, which runs program after program.

use crate::cuda::program::{Launch, MOST_INTS, element_name};
use crate::cuda::{Arg, Program, Table};
use candle::DType;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// How memory begins, in the order of `Role` in `main.cpp`.
#[derive(Clone, Copy)]
enum Role {
    Fresh,
    Given,
    Scratch,
}

/// It ends when its input does.
pub(super) struct Process(Child);

impl Process {
    /// Shared arrays are beginning and size; where there are none, accesses are not watched.
    pub(super) fn start(emulation: &Path, shared_arrays: &[[u64; 2]]) -> Self {
        let mut command = Command::new(emulation);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = Self(command.spawn().expect("the emulation starts"));
        let mut message = Message::default();
        message.word(shared_arrays.len());
        message.0.extend(shared_arrays.iter().flatten().flat_map(|number| number.to_ne_bytes()));
        process.ask("shared arrays", &message.0, &mut []);
        process
    }

    /// Sends a message, and reads an answer of so many bytes. The process reads all of a message
    /// before it writes; one that has failed says why, and ends.
    fn ask(&mut self, op: &str, message: &[u8], answer: &mut [u8]) {
        let input = self.0.stdin.as_mut().expect("its input");
        let sent = input.write_all(message).and_then(|()| input.flush());
        let received = self.0.stdout.as_mut().expect("its output").read_exact(answer);
        if sent.is_ok() && received.is_ok() {
            return;
        }
        self.0.stdin = None;
        let mut said = String::new();
        let _ = self.0.stderr.as_mut().expect("its errors").read_to_string(&mut said);
        panic!("{op} in the emulation: {:?}\n{said}", self.0.wait());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.stdin = None;
        let _ = self.0.wait();
    }
}

/// Runs the program over the operands, and returns their bytes and those of the outputs.
pub(super) fn run(
    process: &mut Process,
    program: &Program,
    operands: &[Vec<u8>],
) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let size = |dtype: DType, len: usize| dtype.size_in_bytes() * len;
    let outputs: Vec<_> =
        program.outputs.iter().map(|(dtype, shape)| size(*dtype, shape.elem_count())).collect();
    let mut message = Message::default();
    let scratch = &program.scratch;
    let all = operands.len() + outputs.len() + scratch.len() + program.constants.len();
    message.word(all);
    for bytes in operands {
        message.buffer(Role::Given, bytes.len(), bytes);
    }
    for &len in &outputs {
        message.buffer(Role::Fresh, len, &[]);
    }
    for &(dtype, len) in scratch {
        message.buffer(Role::Scratch, size(dtype, len), &[]);
    }
    let tables: Vec<_> = program.constants.iter().map(table_bytes).collect();
    for bytes in &tables {
        message.buffer(Role::Given, bytes.len(), bytes);
    }
    let first = [0, operands.len(), operands.len() + outputs.len()];
    let first = [first[0], first[1], first[2], first[2] + scratch.len()];
    message.word(program.launches.len());
    for launch in &program.launches {
        message.launch(launch, first);
    }
    let lens = operands.iter().map(Vec::len).chain(outputs.iter().copied());
    let rest = scratch.iter().map(|&(dtype, len)| size(dtype, len));
    let lens: Vec<usize> = lens.chain(rest).chain(tables.iter().map(Vec::len)).collect();
    let mut answer = vec![0; lens.iter().sum()];
    process.ask(program.op, &message.0, &mut answer);
    let mut rest = answer.as_slice();
    let mut all = lens.iter().map(|&len| rest.split_off(..len).expect("all memory").to_vec());
    (all.by_ref().take(operands.len()).collect(), all.take(outputs.len()).collect())
}

fn table_bytes(table: &Table) -> Vec<u8> {
    match table {
        Table::U32(numbers) => numbers.iter().flat_map(|x| x.to_ne_bytes()).collect(),
        Table::F64(numbers) => numbers.iter().flat_map(|x| x.to_ne_bytes()).collect(),
    }
}

#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn word(&mut self, value: usize) {
        self.0.extend(u32::try_from(value).expect("a small number").to_ne_bytes());
    }

    fn buffer(&mut self, role: Role, len: usize, bytes: &[u8]) {
        self.0.push(role as u8);
        self.0.extend((len as u64).to_ne_bytes());
        self.0.extend(bytes);
    }

    /// `first` numbers the first operand, output, scratch buffer and constant.
    fn launch(&mut self, launch: &Launch, first: [usize; 4]) {
        let element = element_name(launch.element).expect("a type that kernels have");
        let name = format!("{}_{element}/{}", launch.topic, launch.kernel);
        self.word(name.len());
        self.0.extend(name.bytes());
        for size in launch.grid.iter().chain(&launch.block) {
            self.0.extend(size.to_ne_bytes());
        }
        self.word(launch.args.len());
        for arg in &launch.args {
            self.argument(arg, launch.element, first);
        }
    }

    fn argument(&mut self, arg: &Arg, element: DType, first: [usize; 4]) {
        let place = |kind: usize, index: usize| {
            (b'p', u32::try_from(first[kind] + index).expect("small").to_ne_bytes().to_vec())
        };
        let (kind, bytes) = match arg {
            Arg::In(index) | Arg::Changed(index) => place(0, *index),
            Arg::Out(index) => place(1, *index),
            Arg::Scratch(index) => place(2, *index),
            Arg::Constant(index) => place(3, *index),
            Arg::U32(value) => (b'u', value.to_ne_bytes().to_vec()),
            Arg::U64(value) => (b'U', value.to_ne_bytes().to_vec()),
            Arg::Real(value) if element != DType::F64 => {
                (b'f', (*value as f32).to_ne_bytes().to_vec())
            }
            Arg::Real(value) | Arg::F64(value) => (b'd', value.to_ne_bytes().to_vec()),
            Arg::Ints(values) if values.len() > MOST_INTS => panic!("{} integers", values.len()),
            Arg::Ints(values) => (b's', values.iter().flat_map(|x| x.to_ne_bytes()).collect()),
        };
        self.0.push(kind);
        self.word(bytes.len());
        self.0.extend(bytes);
    }
}
