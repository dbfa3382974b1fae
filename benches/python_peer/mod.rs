//! A worker in Python on the other side of a benchmark: it answers each line with a line.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A Python in a process of its own.
pub(crate) struct PythonPeer {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl PythonPeer {
    /// Starts a script of `benches/peers` by the Python that `MICROGRAPH_PYTHON` names; `None`,
    /// with a line that says why, unless it says `ready`.
    pub(crate) fn start(
        script: &str,
        argument: impl AsRef<OsStr>,
        environment: &[(&str, &str)],
    ) -> Option<Self> {
        let peer = Self::try_start(script, argument, environment);
        if peer.is_none() {
            println!(
                "skipped: {script} does not start (install benches/peers/requirements.txt and set MICROGRAPH_PYTHON)"
            );
        }
        peer
    }

    fn try_start(
        script: &str,
        argument: impl AsRef<OsStr>,
        environment: &[(&str, &str)],
    ) -> Option<Self> {
        let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/peers");
        let python = std::env::var_os("MICROGRAPH_PYTHON").map_or("python3".into(), PathBuf::from);
        let mut command = Command::new(python);
        command.arg(peers.join(script)).arg(argument).envs(environment.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().ok()?;
        let mut answers = BufReader::new(process.stdout.take()?);
        let mut greeting = String::new();
        answers.read_line(&mut greeting).ok().filter(|_| greeting.trim() == "ready")?;
        Some(Self { process, answers })
    }

    /// The answer to a line.
    pub(crate) fn ask(&mut self, question: &str) -> String {
        let input = self.process.stdin.as_mut().expect("it was piped");
        writeln!(input, "{question}").expect("the worker listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the worker answers");
        answer
    }
}

impl Drop for PythonPeer {
    fn drop(&mut self) {
        // Its input ends, and with it the loop of the worker.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// The folder of results, and of data that both sides read: it lies in the target folder, where the
/// benchmark lies in `PROFILE/deps`.
pub(crate) fn results_folder() -> PathBuf {
    let program = std::env::current_exe().expect("a program has a path");
    let folder = program.ancestors().nth(3).expect("three folders above").join("benchmarks");
    fs::create_dir_all(&folder).expect("the folder of results");
    folder
}

/// Whether `work` is wanted: the command names it, or none.
pub(crate) fn is_chosen(work: &str) -> bool {
    let mut names = std::env::args().skip(1).filter(|name| !name.starts_with("--")).peekable();
    names.peek().is_none() || names.any(|name| name == work)
}

/// The median, with the smallest and the largest.
pub(crate) fn spread(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [values[values.len() / 2], values[0], values[values.len() - 1]]
}

/// The 64-bit numbers of a file.
#[allow(dead_code, reason = "not every benchmark has numbers in files")]
pub(crate) fn numbers(file: &Path) -> Vec<f64> {
    let bytes = fs::read(file).expect("the numbers");
    bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("eight"))).collect()
}

/// Writes `NAME.json` into `folder`: the median of each implementation in each work.
pub(crate) fn write_medians(folder: &Path, name: &str, medians: &[(&str, &str, f64)]) {
    let line = |(work, implementation, median): &(&str, &str, f64)| {
        format!(
            "  {{\"work\": \"{work}\", \"implementation\": \"{implementation}\", \"median_ms\": {median:.5}, \"peak_mb\": null}}"
        )
    };
    let lines: Vec<String> = medians.iter().map(line).collect();
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, format!("[\n{}\n]\n", lines.join(",\n"))).expect("the results");
    println!("\nwritten: {}", file.display());
}
