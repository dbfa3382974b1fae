//! Compiles `kernels/*.cu` to PTX for the feature `cuda`; without it, nothing is done.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Names the element types that a kernel file is compiled for.
const ELEMENTS: &str = "// elements: ";

/// Names the lowest compute capability of a kernel file that has one, times ten.
const CAPABILITY: &str = "// capability: ";

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
    let (mut modules, mut arms) = (Vec::new(), String::new());
    for file in kernel_files()? {
        let text = fs::read_to_string(&file);
        let text = text.map_err(|error| format!("{}: {error}", file.display()))?;
        let least: u32 = stated(&text, CAPABILITY)
            .map_or(Ok(0), str::parse)
            .map_err(|error| format!("{}: {CAPABILITY}is no number: {error}", file.display()))?;
        let elements = stated(&text, ELEMENTS);
        let elements = elements.ok_or_else(|| format!("{}: no {ELEMENTS:?}", file.display()))?;
        for element in elements.split_whitespace().map(str::to_owned) {
            let topic = file.file_stem().unwrap_or_default().to_string_lossy();
            let module = format!("{topic}_{element}");
            let value = if capability < least {
                let why = too_low(capability, least);
                format!("Err({why:?})")
            } else {
                format!("Ok(include_str!(concat!(env!(\"OUT_DIR\"), \"/{module}.ptx\")))")
            };
            arms += &format!("        {module:?} => Some({value}),\n");
            if capability >= least {
                modules.push((module, file.clone(), element));
            }
        }
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for some in modules.chunks(threads) {
        let compile = |(module, file, element): &(String, PathBuf, String)| {
            compile(&nvcc, capability, file, element, &out.join(format!("{module}.ptx")))
        };
        std::thread::scope(|scope| {
            let jobs: Vec<_> =
                some.iter().map(|module| scope.spawn(move || compile(module))).collect();
            jobs.into_iter().try_for_each(|job| job.join().map_err(|_| "a thread has panicked")?)
        })?;
    }
    let signature = "pub(super) fn ptx(module: &str) -> Option<Result<&'static str, &'static str>>";
    let source =
        format!("{signature} {{\n    match module {{\n{arms}        _ => None,\n    }}\n}}\n");
    fs::write(out.join("kernels.rs"), source).map_err(|error| format!("kernels.rs: {error}"))
}

/// What an operation says that needs kernels which this build has not.
fn too_low(capability: u32, least: u32) -> String {
    let shown = |capability: u32| format!("{}.{}", capability / 10, capability % 10);
    format!(
        "needs a GPU of compute capability {}, and this build is for {}: build with \
         CUDA_COMPUTE_CAP={least} for such a GPU, or compute in f32",
        shown(least),
        shown(capability)
    )
}

/// What a kernel file says of itself in a line that begins so.
fn stated<'a>(text: &'a str, what: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(what)).map(str::trim)
}

fn kernel_files() -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir("kernels").map_err(|error| format!("kernels: {error}"))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "cu"));
    files.sort();
    Ok(files)
}

/// No contraction to fused multiply-adds, so that elements have the bits of the CPU.
fn compile(
    nvcc: &Path,
    capability: u32,
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

/// The lowest capability that the kernels run on, times ten: `CUDA_COMPUTE_CAP`, or the lowest of
/// the GPUs in this machine (Candle compiles its own kernels for the first of them).
fn compute_capability() -> Result<u32, String> {
    let number = |text: &str| text.trim().replace('.', "").parse::<u32>().ok();
    if let Ok(text) = env::var("CUDA_COMPUTE_CAP") {
        let message = || format!("CUDA_COMPUTE_CAP is {text:?}; expected a number such as 90");
        return number(&text).ok_or_else(message);
    }
    let query = ["--query-gpu=compute_cap", "--format=csv,noheader"];
    let run = Command::new("nvidia-smi").args(query).output().ok();
    let text = run.filter(|run| run.status.success()).map(|run| run.stdout).unwrap_or_default();
    let lowest = String::from_utf8_lossy(&text).lines().filter_map(number).min();
    lowest.ok_or_else(|| {
        "no GPU was found to compile kernels for; set CUDA_COMPUTE_CAP, for example to 90 for an \
         H100"
            .to_owned()
    })
}
