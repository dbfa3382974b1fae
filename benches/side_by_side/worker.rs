//! The processes: this program itself for Rust, Python for PyTorch.

use super::Run;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

/// glibc's allocator keeps large buffers instead of giving them back at once.
const TUNED: [(&str, &str); 2] =
    [("MALLOC_MMAP_THRESHOLD_", "4294967296"), ("MALLOC_TRIM_THRESHOLD_", "8589934592")];

/// PyTorch in Python.
#[derive(Clone, Copy)]
pub(crate) struct Peer {
    name: &'static str,
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
}

/// On the CPU: as it comes, and with its allocator tuned and the faster memory layout.
#[allow(dead_code, reason = "each benchmark uses one of the two")]
pub(crate) const ON_CPU: [Peer; 2] = [
    Peer { name: "pytorch", arguments: &[], environment: &[] },
    Peer { name: "pytorch_tuned", arguments: &["--layouts"], environment: &TUNED },
];

/// On a GPU, in f32 without and with TF32, and under autocast to bf16.
#[allow(dead_code, reason = "each benchmark uses one of the two")]
pub(crate) const ON_CUDA: [Peer; 3] = [
    Peer { name: "pytorch", arguments: &["--cuda"], environment: &[] },
    Peer { name: "pytorch_tf32", arguments: &["--cuda", "--tf32"], environment: &[] },
    Peer { name: "pytorch_bf16", arguments: &["--cuda", "--bf16"], environment: &[] },
];

/// A process that does works on demand.
pub(super) struct Worker {
    implementation: &'static str,
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Worker {
    /// The given implementations in Rust, and the peers where they are installed.
    pub(super) fn all(rust: &[&'static str], peers: &[Peer]) -> Vec<Self> {
        let program = std::env::current_exe().expect("a program has a path");
        let start = |&implementation| {
            let mut command = Command::new(&program);
            command.args(["--worker", implementation]);
            Self::start(implementation, command).expect("this very program starts")
        };
        let mut workers: Vec<Self> = rust.iter().map(start).collect();
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/peers/torch_worker.py");
        let python = std::env::var_os("MICROGRAPH_PYTHON").map_or("python3".into(), PathBuf::from);
        for peer in peers {
            let mut command = Command::new(&python);
            command.arg(&script).args(peer.arguments).envs(peer.environment.iter().copied());
            match Self::start(peer.name, command) {
                Some(worker) => workers.push(worker),
                None => println!(
                    "skipped: {} (PyTorch does not start with {}; install \
                     benches/peers/requirements.txt and set MICROGRAPH_PYTHON)",
                    peer.name,
                    python.display()
                ),
            }
        }
        workers
    }

    fn start(implementation: &'static str, mut command: Command) -> Option<Self> {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().ok()?;
        let mut answers = BufReader::new(process.stdout.take()?);
        let mut greeting = String::new();
        let greeted = answers.read_line(&mut greeting).is_ok_and(|length| length > 0);
        let worker = Self { implementation, process, answers };
        greeted.then_some(worker)
    }

    pub(super) fn implementation(&self) -> &'static str {
        self.implementation
    }

    /// The median of `count` runs, in milliseconds.
    pub(super) fn run(&mut self, work: &str, count: usize) -> f64 {
        let input = self.process.stdin.as_mut().expect("it was piped");
        writeln!(input, "{work} {count}").expect("the worker listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the worker answers");
        let mut times: Vec<f64> =
            answer.split_whitespace().filter_map(|t| t.parse().ok()).collect();
        assert_eq!(times.len(), count, "{} answered {answer:?} to {work}", self.implementation);
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    }

    /// The most memory that the process ever had resident; Linux alone tells.
    pub(super) fn peak_mb(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kib * 1024.0 / 1e6)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The other side: answers demands for the implementation after `--worker`, if it was given.
pub(crate) fn serve(prepare: impl Fn(&str, &str) -> Run) -> bool {
    let arguments: Vec<String> = std::env::args().collect();
    let Some(flag) = arguments.iter().position(|argument| argument == "--worker") else {
        return false;
    };
    let implementation = &arguments[flag + 1];
    println!("{implementation}");
    let mut ready: HashMap<String, Run> = HashMap::new();
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let (work, count) = line.split_once(' ').expect("WORK COUNT");
        let run = ready.entry(work.to_owned()).or_insert_with(|| prepare(implementation, work));
        let times: Vec<String> = (0..count.parse().expect("a number"))
            .map(|_: usize| {
                let began = Instant::now();
                run();
                (began.elapsed().as_secs_f64() * 1e3).to_string()
            })
            .collect();
        println!("{}", times.join(" "));
    }
    true
}
