//! Running the program, and small data sets for it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

/// A command line of the program under test.
pub(crate) fn micrograph(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_micrograph"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs to the end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    micrograph(arguments).output().expect("the program starts")
}

/// Runs to the end and asserts success.
#[track_caller]
pub(crate) fn succeed(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?} failed: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs to the end, asserts a failure with exit code 1 told in one `error:` line, and returns it.
#[track_caller]
pub(crate) fn fail(arguments: &[&str]) -> String {
    error_of(&run(arguments))
}

/// The one error line of a run that failed with exit code 1.
#[track_caller]
pub(crate) fn error_of(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "expected a failure, got: {text}");
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "expected one error line, got: {text}");
    assert!(text.ends_with(&format!("{}\n", errors[0])), "something follows the error: {text}");
    errors[0].to_owned()
}

/// `path` as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

/// 36 artificial liposomes in class folders.
pub(crate) fn liposomes(folder: &Path) -> PathBuf {
    let data = folder.join("data");
    let ratio = ["--ratio", "balanced", "--count", "36", "--seed", "5", "--quiet"];
    let mut arguments = vec!["synth", "lamellarity", "--out", text(&data)];
    arguments.extend(ratio);
    succeed(&arguments);
    data
}

/// Arguments of a small training run.
pub(crate) fn train<'a>(data: &'a Path, out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["train", "--data", text(data), "--out", text(out), "--quiet"];
    arguments.extend(["--model", "lipnet1", "--batch-size", "8"]);
    arguments.extend(more);
    arguments
}

/// Arguments of a small cross-validation.
pub(crate) fn crossval<'a>(data: &'a Path, out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = train(data, out, more);
    arguments[0] = "crossval";
    arguments
}

/// SHA-256 of the weights of a run.
pub(crate) fn weights(run: &Path) -> Vec<u8> {
    let bytes = std::fs::read(run.join("model.safetensors")).expect("weights");
    Sha256::digest(bytes).to_vec()
}

/// The epochs in `metrics.jsonl`, in order.
pub(crate) fn epochs(run: &Path) -> Vec<u64> {
    let text = std::fs::read_to_string(run.join("metrics.jsonl")).unwrap_or_default();
    let epoch = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).expect("a JSON line");
        record["epoch"].as_u64().expect("a number")
    };
    text.lines().map(epoch).collect()
}

/// Waits until `ready`, or until the process has ended.
#[track_caller]
pub(crate) fn wait_until(child: &mut Child, ready: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !ready() && Instant::now() < deadline {
        assert!(child.try_wait().expect("a process").is_none(), "it ended too early");
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(ready(), "waited in vain");
}

/// Starts the program and kills it (SIGKILL; TerminateProcess on Windows) when `ready`.
#[track_caller]
pub(crate) fn kill_when(arguments: &[&str], ready: impl Fn() -> bool) {
    let mut child = micrograph(arguments).spawn().expect("the program starts");
    wait_until(&mut child, ready);
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
}
