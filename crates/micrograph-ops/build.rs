//! Compiles `kernels/*.cu` to PTX for the feature `cuda`; without it, nothing is done.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Names the element types that a kernel file is compiled for.
const ELEMENTS: &str = "// elements: ";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_CUDA").is_none() {
        return;
    }
    println!("cargo::rerun-if-changed=kernels");
    for name in ["NVCC", "CUDA_HOME", "CUDA_PATH", "CUDA_COMPUTE_CAP", "PATH"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    if let Err(message) = compile_kernels() {
        println!("cargo::error={message}");
        std::process::exit(1);
    }
}

/// Writes one PTX file a kernel file and element type, and `kernels.rs`, which finds them by name.
fn compile_kernels() -> Result<(), String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let (nvcc, capability) = (nvcc()?, compute_capability()?);
    let mut modules = Vec::new();
    for file in kernel_files()? {
        for element in elements(&file)? {
            let topic = file.file_stem().unwrap_or_default().to_string_lossy();
            modules.push((format!("{topic}_{element}"), file.clone(), element));
        }
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for some in modules.chunks(threads) {
        let compile = |(module, file, element): &(String, PathBuf, String)| {
            compile(&nvcc, &capability, file, element, &out.join(format!("{module}.ptx")))
        };
        std::thread::scope(|scope| {
            let jobs: Vec<_> =
                some.iter().map(|module| scope.spawn(move || compile(module))).collect();
            jobs.into_iter().try_for_each(|job| job.join().map_err(|_| "a thread has panicked")?)
        })?;
    }
    let mut source = String::from("pub(super) fn ptx(module: &str) -> Option<&'static str> {\n");
    source += "    match module {\n";
    for (module, ..) in &modules {
        let line = format!("include_str!(concat!(env!(\"OUT_DIR\"), \"/{module}.ptx\"))");
        writeln!(source, "        {module:?} => Some({line}),")
            .map_err(|error| error.to_string())?;
    }
    source += "        _ => None,\n    }\n}\n";
    fs::write(out.join("kernels.rs"), source).map_err(|error| format!("kernels.rs: {error}"))
}

fn kernel_files() -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir("kernels").map_err(|error| format!("kernels: {error}"))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "cu"));
    files.sort();
    Ok(files)
}

fn elements(file: &Path) -> Result<Vec<String>, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let line = text.lines().find_map(|line| line.strip_prefix(ELEMENTS));
    let line = line.ok_or_else(|| format!("{}: no line {ELEMENTS:?}", file.display()))?;
    Ok(line.split_whitespace().map(str::to_owned).collect())
}

/// No contraction to fused multiply-adds, so that elements have the bits of the CPU.
fn compile(
    nvcc: &Path,
    capability: &str,
    file: &Path,
    element: &str,
    ptx: &Path,
) -> Result<(), String> {
    let run = Command::new(nvcc)
        .env_remove("NVCC_APPEND_FLAGS")
        .env_remove("NVCC_PREPEND_FLAGS")
        .args(["-ptx", "-O3", "-std=c++17", "-lineinfo"])
        .args(["-fmad=false", "-ftz=false", "-prec-div=true", "-prec-sqrt=true"])
        .arg(format!("-arch=compute_{capability}"))
        .arg(format!("-DELEMENT_{}", element.to_uppercase()))
        .arg("-o")
        .args([ptx, file])
        .output()
        .map_err(|error| format!("{}: {error}", nvcc.display()))?;
    if run.status.success() {
        return Ok(());
    }
    let lines = String::from_utf8_lossy(&run.stderr).lines().collect::<Vec<_>>().join(" | ");
    Err(format!("nvcc cannot compile {} for {element}: {lines}", file.display()))
}

/// The compiler: `NVCC`, or of a toolkit in `CUDA_HOME` or `CUDA_PATH`, or on the path.
fn nvcc() -> Result<PathBuf, String> {
    let of_toolkit = ["CUDA_HOME", "CUDA_PATH"].into_iter().filter_map(env::var_os);
    let of_toolkit = of_toolkit.map(|home| PathBuf::from(home).join("bin/nvcc"));
    let named = env::var_os("NVCC").map(PathBuf::from);
    let candidates = named.into_iter().chain(of_toolkit).chain([PathBuf::from("nvcc")]);
    let works = |nvcc: &PathBuf| Command::new(nvcc).arg("--version").output().is_ok();
    candidates.into_iter().find(works).ok_or_else(|| {
        "the feature `cuda` needs the CUDA toolkit: no nvcc was found by NVCC, CUDA_HOME, CUDA_PATH \
         or PATH; install the toolkit, or build without the feature"
            .to_owned()
    })
}

/// The lowest capability that the kernels run on, as Candle finds it: `CUDA_COMPUTE_CAP`, or that
/// of the GPU in this machine.
fn compute_capability() -> Result<String, String> {
    if let Ok(capability) = env::var("CUDA_COMPUTE_CAP") {
        return Ok(capability.replace('.', ""));
    }
    let query = ["--query-gpu=compute_cap", "--format=csv,noheader"];
    let run = Command::new("nvidia-smi").args(query).output().ok();
    let text = run.filter(|run| run.status.success()).map(|run| run.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).lines().next().unwrap_or_default().replace('.', "");
    if text.is_empty() {
        let message = "no GPU was found to compile kernels for; set CUDA_COMPUTE_CAP, for example \
                       to 90 for an H100";
        return Err(message.to_owned());
    }
    Ok(text)
}
