//! Compiles kernels and imitation into a program, once for each content of the sources.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs};

/// Not optimized: what takes time is to compile, and to leave threads at barriers.
const FLAGS: [&str; 4] = ["-std=c++17", "-O0", "-g1", "-ffp-contract=off"];
const SANITIZERS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// The program, or the reason for which this machine has none.
pub(super) fn program() -> Result<&'static Path, String> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PROGRAM.get_or_init(built).as_deref().map_err(Clone::clone)
}

fn built() -> Result<PathBuf, String> {
    if !cfg!(unix) {
        return Err("the emulation of CUDA needs the fibers of Unix".to_owned());
    }
    let compiler = compiler()?;
    let kernels = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels");
    let sources = sources(&kernels);
    let mut hasher = DefaultHasher::new();
    (&compiler, FLAGS, &sources).hash(&mut hasher);
    let here = env::current_exe().expect("the path of this program");
    let program = here.with_file_name(format!("emulation-{:016x}", hasher.finish()));
    if !program.exists() {
        let folder = micrograph_testkit::temporary_folder();
        let fresh = compile(&compiler, &kernels, folder.path(), &sources);
        // Another process may build the same at this time.
        let own = program.with_extension(std::process::id().to_string());
        fs::copy(fresh, &own)
            .and_then(|_| fs::rename(&own, &program))
            .expect("a place for the emulation");
    }
    Ok(program)
}

fn compiler() -> Result<String, String> {
    let named = env::var("CXX").ok();
    let mut candidates = named.into_iter().chain(["c++", "g++", "clang++"].map(str::to_owned));
    let works = |name: &String| Command::new(name).arg("--version").output().is_ok();
    let missing = "no C++ compiler was found by CXX or as c++, g++ or clang++";
    candidates.find(works).ok_or_else(|| missing.to_owned())
}

/// All files of the kernels and the imitation, by name.
fn sources(kernels: &Path) -> BTreeMap<String, String> {
    let mut sources = BTreeMap::new();
    for folder in [kernels.to_owned(), kernels.join("emulation")] {
        for entry in fs::read_dir(&folder).expect("the folder of the kernels") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                sources.insert(name, fs::read_to_string(&path).expect("a text"));
            }
        }
    }
    sources
}

fn compile(
    compiler: &str,
    kernels: &Path,
    folder: &Path,
    sources: &BTreeMap<String, String>,
) -> PathBuf {
    let sanitizers: &[&str] = if has_sanitizers(compiler, folder) { &SANITIZERS } else { &[] };
    let start = |source: &Path, object: &Path| {
        Command::new(compiler)
            .args(FLAGS)
            .args(sanitizers)
            .arg("-I")
            .arg(kernels)
            .arg("-I")
            .arg(kernels.join("emulation"))
            .arg("-c")
            .arg(source)
            .arg("-o")
            .arg(object)
            .spawn()
            .expect("the C++ compiler")
    };
    let mut units = vec![kernels.join("emulation/main.cpp")];
    for element in ["f32", "f64", "bf16", "f16"] {
        let unit = folder.join(format!("{element}.cpp"));
        fs::write(&unit, unit_of(element, sources)).expect("a source");
        units.push(unit);
    }
    let objects: Vec<_> = (0..units.len()).map(|i| folder.join(format!("{i}.o"))).collect();
    let jobs: Vec<_> =
        units.iter().zip(&objects).map(|(unit, object)| start(unit, object)).collect();
    for (mut job, unit) in jobs.into_iter().zip(&units) {
        let status = job.wait().expect("the C++ compiler");
        assert!(status.success(), "{compiler} cannot compile {}", unit.display());
    }
    let program = folder.join("emulation");
    let link =
        Command::new(compiler).args(sanitizers).args(&objects).arg("-o").arg(&program).status();
    assert!(link.expect("the C++ compiler").success(), "{compiler} cannot link the emulation");
    program
}

fn has_sanitizers(compiler: &str, folder: &Path) -> bool {
    let source = folder.join("nothing.cpp");
    fs::write(&source, "int main() {}\n").expect("a source");
    let compile = Command::new(compiler)
        .args(SANITIZERS)
        .arg(source)
        .arg("-o")
        .arg(folder.join("nothing"))
        .output();
    compile.is_ok_and(|run| run.status.success())
}

/// All kernels of an element type, each file in a name space of its own, and their table. The types
/// have name spaces as well: to the linker, inline functions of one name would be one function.
fn unit_of(element: &str, sources: &BTreeMap<String, String>) -> String {
    let upper = element.to_uppercase();
    let mut unit =
        format!("#define ELEMENT_{upper}\n#include \"cuda.hpp\"\nnamespace {element} {{\n");
    for header in sources.keys().filter(|name| name.ends_with(".cuh")) {
        writeln!(unit, "#include \"{header}\"").expect("a string");
    }
    let mut table = String::new();
    let mut kernels = 0;
    for (name, text) in sources {
        let Some(topic) = name.strip_suffix(".cu") else { continue };
        let elements = text.lines().find_map(|line| line.strip_prefix("// elements: "));
        let elements = elements.expect("the line `// elements: ...`");
        if !elements.split_whitespace().any(|name| name == element) {
            continue;
        }
        writeln!(unit, "namespace {topic} {{\n#include \"{name}\"\n}}").expect("a string");
        for line in text.lines().filter_map(|line| line.strip_prefix("KERNEL ")) {
            let kernel = line.split('(').next().expect("a name");
            let call = format!("emulation::Call<{topic}::{kernel}>");
            writeln!(table, "{{\"{topic}_{element}/{kernel}\", {call}::count, {call}::call}},")
                .expect("a string");
            kernels += 1;
        }
    }
    let kind = "static const emulation::Kernel table[]";
    format!(
        "{unit}{kind} = {{\n{table}}};\n}}\n\
         emulation::Kernels kernels_{element}() {{ return {{{element}::table, {kernels}}}; }}\n"
    )
}
