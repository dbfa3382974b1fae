//! Compiles kernels and imitation into a program, once for each content of the sources.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::{env, fs};

/// Little optimized: to compile takes time as well.
const FLAGS: [&str; 4] = ["-std=c++17", "-Og", "-g1", "-ffp-contract=off"];
const SANITIZERS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
/// Each access calls a function, which is one of `watch.cpp`.
const WATCHED: [&str; 2] = ["-fsanitize=thread,undefined", "-fno-sanitize-recover=all"];

/// How accesses to memory are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checks {
    /// By `watch.cpp`.
    Watched,
    /// By the compiler's own runtime.
    Sanitized,
    None,
}

/// The imitation as a program.
#[derive(Debug)]
pub(super) struct Emulation {
    pub(super) program: PathBuf,
    /// Beginning and size of the shared arrays of all kernels; none where accesses are not watched.
    pub(super) shared_arrays: Vec<[u64; 2]>,
}

/// The program, or the reason for which this machine has none.
pub(super) fn emulation() -> Result<&'static Emulation, String> {
    static EMULATION: OnceLock<Result<Emulation, String>> = OnceLock::new();
    EMULATION.get_or_init(built).as_ref().map_err(Clone::clone)
}

fn built() -> Result<Emulation, String> {
    if !cfg!(unix) {
        return Err("the emulation of CUDA needs the fibers of Unix".to_owned());
    }
    let compiler = compiler()?;
    let kernels = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels");
    let sources = sources(&kernels);
    let mut hasher = DefaultHasher::new();
    (&compiler, FLAGS, WATCHED, &sources).hash(&mut hasher);
    let here = env::current_exe().expect("the path of this program");
    let program = here.with_file_name(format!("emulation-{:016x}", hasher.finish()));
    let watched = here.with_file_name(format!("emulation-{:016x}-watched", hasher.finish()));
    if watched.exists() {
        return Ok(Emulation { shared_arrays: shared_arrays(&watched), program: watched });
    }
    if program.exists() {
        return Ok(Emulation { program, shared_arrays: Vec::new() });
    }
    let folder = micrograph_testkit::temporary_folder();
    let fresh = folder.path().join("emulation");
    let compile = |checks| compile((&compiler, checks), &kernels, &fresh, &sources);
    let choices = [Checks::Watched, Checks::Sanitized, Checks::None];
    let checks = choices.into_iter().find(|&checks| compile(checks));
    let checks = checks.unwrap_or_else(|| panic!("{compiler} cannot compile the kernels"));
    let is_watched = checks == Checks::Watched;
    let program = if is_watched { watched } else { program };
    // Another process may build the same at this time.
    let own = program.with_extension(std::process::id().to_string());
    fs::copy(fresh, &own)
        .and_then(|_| fs::rename(&own, &program))
        .expect("a place for the emulation");
    let shared_arrays = if is_watched { shared_arrays(&program) } else { Vec::new() };
    Ok(Emulation { program, shared_arrays })
}

/// The static variables of functions, by the symbols of the program.
fn shared_arrays(program: &Path) -> Vec<[u64; 2]> {
    let symbols = Command::new("nm").arg("-S").arg(program).output();
    let symbols = symbols.map(|symbols| symbols.stdout).unwrap_or_default();
    let array = |line: &str| {
        let [begin, size, kind, name]: [&str; 4] =
            line.split_whitespace().collect::<Vec<_>>().try_into().ok()?;
        let number = |text| u64::from_str_radix(text, 16).ok();
        let is_array = kind.eq_ignore_ascii_case("b") && name.starts_with("_ZZ");
        is_array.then_some([number(begin)?, number(size)?])
    };
    String::from_utf8_lossy(&symbols).lines().filter_map(array).collect()
}

/// The flags for kernels, for what runs them, and for the linker.
fn flags(checks: Checks) -> [Vec<&'static str>; 3] {
    match checks {
        Checks::Watched => {
            // Addresses of arrays are those that stand in the file.
            let linker = vec!["-fsanitize=undefined", "-no-pie"];
            [WATCHED.to_vec(), vec!["-O2", "-DWATCHED"], linker]
        }
        Checks::Sanitized => [SANITIZERS.to_vec(), SANITIZERS.to_vec(), SANITIZERS.to_vec()],
        Checks::None => [vec![], vec![], vec![]],
    }
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

/// Makes the program; `false` where the compiler has said why it cannot.
fn compile(
    (compiler, checks): (&str, Checks),
    kernels: &Path,
    program: &Path,
    sources: &BTreeMap<String, String>,
) -> bool {
    let [of_kernels, of_hosts, of_linker] = flags(checks);
    let start = |(source, flags): &(PathBuf, &[&str]), object: &Path| {
        Command::new(compiler)
            .args(FLAGS)
            .args(*flags)
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
    let hosts = ["emulation/main.cpp", "emulation/watch.cpp"].map(|name| kernels.join(name));
    let mut units: Vec<_> = hosts.map(|unit| (unit, of_hosts.as_slice())).into();
    for element in ["f32", "f64", "bf16", "f16"] {
        let unit = program.with_file_name(format!("{element}.cpp"));
        fs::write(&unit, unit_of(element, sources)).expect("a source");
        units.push((unit, &of_kernels));
    }
    let object = |i| program.with_file_name(format!("{i}.o"));
    let objects: Vec<_> = (0..units.len()).map(object).collect();
    let jobs: Vec<_> =
        units.iter().zip(&objects).map(|(unit, object)| start(unit, object)).collect();
    let succeeded = |mut job: Child| job.wait().expect("the C++ compiler").success();
    let compiled: Vec<_> = jobs.into_iter().map(succeeded).collect();
    let mut link = Command::new(compiler);
    link.args(of_linker).args(&objects).arg("-o").arg(program);
    !compiled.contains(&false) && link.status().expect("the C++ compiler").success()
}

/// All kernels of an element type, each file in a name space of its own, and their table. All is in a
/// name space without name: to the linker, functions of one name would be one function, and sanitizers
/// leave arrays out that units share.
fn unit_of(element: &str, sources: &BTreeMap<String, String>) -> String {
    let upper = element.to_uppercase();
    let mut unit = format!(
        "#define ELEMENT_{upper}\n#include \"cuda.hpp\"\nnamespace {{\nnamespace {element} {{\n"
    );
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
        "{unit}{kind} = {{\n{table}}};\n}}\n}}\n\
         emulation::Kernels kernels_{element}() {{ return {{{element}::table, {kernels}}}; }}\n"
    )
}
