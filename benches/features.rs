//! Descriptors of objects beside scikit-image and mahotas, on one thread, in alternating rounds, with
//! the mean of all values from both sides. Times are those of the processor, where the system tells
//! them, for both sides.
//!
//! `cargo bench -p micrograph-features [WORK...]`; `MICROGRAPH_DATA` names the folder with
//! `nuclei_dsb2018` and `wbc`, `MICROGRAPH_PYTHON` a Python with scikit-image and mahotas.

mod python_peer;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use micrograph_features::{
    BinaryPatternConfig, Family, FeatureSet, GaborConfig, HaralickConfig, HogConfig, OwnedObject,
    Weight, ZernikeConfig,
};
use micrograph_image::{Limits, read};
use ndarray::{Array2, Array3, Axis, Slice};
use python_peer::{PythonPeer, is_chosen, results_folder, spread, write_medians};

/// Objects of each of the two data sets.
const EACH: usize = 250;
/// Pixels around an object's box; the widest filter looks 7 pixels far.
const MARGIN: usize = 8;
const ROUNDS: usize = 7;

/// Name of a work, and our families.
fn works() -> Vec<(&'static str, FeatureSet)> {
    let shape = vec![
        Family::Area,
        Family::Perimeter,
        Family::Ellipse,
        Family::Solidity,
        Family::Extent,
        Family::EulerNumber,
        Family::HuMoments(Weight::Shape),
    ];
    [
        ("shape", shape),
        ("zernike", vec![Family::ZernikeMoments(ZernikeConfig::default())]),
        ("haralick", vec![Family::Haralick(HaralickConfig::default())]),
        ("binary_patterns", vec![Family::BinaryPatterns(BinaryPatternConfig::default())]),
        ("gabor", vec![Family::Gabor(GaborConfig::default())]),
        ("hog", vec![Family::Hog(HogConfig::default())]),
    ]
    .map(|(name, families)| (name, FeatureSet { families }))
    .to_vec()
}

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().expect("the first pool");
    let folder = results_folder();
    let Some(data) = std::env::var_os("MICROGRAPH_DATA").map(PathBuf::from) else {
        println!("skipped: features (set MICROGRAPH_DATA to a folder with nuclei_dsb2018 and wbc)");
        return;
    };
    let objects = [nuclei(&data), cells(&data)].concat();
    if objects.len() < 2 * EACH {
        let n = objects.len();
        println!("skipped: features (expected 500 objects below MICROGRAPH_DATA, got {n})");
        return;
    }
    let file = folder.join("objects.u8");
    write_objects(&file, &objects);
    let one_thread = [("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1")];
    let Some(mut peer) = PythonPeer::start("features_worker.py", &file, &one_thread) else {
        return;
    };
    let works: Vec<_> = works().into_iter().filter(|(name, _)| is_chosen(name)).collect();
    let mut times = vec![[Vec::new(), Vec::new()]; works.len()];
    let mut means = vec![[0.0; 2]; works.len()];
    for _ in 0..ROUNDS {
        for (k, (name, set)) in works.iter().enumerate() {
            let sides = [run(set, &objects), ask(&mut peer, name)];
            for (side, (time, mean)) in sides.into_iter().enumerate() {
                times[k][side].push(time / objects.len() as f64);
                means[k][side] = mean;
            }
        }
    }
    report(&folder, &works, &times, &means);
}

/// The times of all rounds: ours, the peers'.
type Sides = [Vec<f64>; 2];

/// Prints a line a work and one of their sum, and writes the medians.
fn report(folder: &Path, works: &[(&str, FeatureSet)], times: &[Sides], means: &[[f64; 2]]) {
    let mut all: Vec<(&str, Sides, Option<[f64; 2]>)> = Vec::new();
    for (((name, _), times), means) in works.iter().zip(times).zip(means) {
        all.push((name, times.clone(), Some(*means)));
    }
    let sum = |side: usize| (0..ROUNDS).map(|r| times.iter().map(|t| t[side][r]).sum()).collect();
    all.push(("all", [sum(0), sum(1)], None));
    let mut all_medians = Vec::new();
    println!(
        "{:<16} {:>10} {:>10} {:>8}  ms an object, medians; times as fast",
        "", "ours", "peers", ""
    );
    for (name, [ours, theirs], means) in all {
        let ratio = spread(theirs.iter().zip(&ours).map(|(b, a)| b / a))[0];
        let medians = [ours, theirs].map(|times| spread(times.into_iter())[0]);
        print!("{name:<16} {:>10.4} {:>10.4} {ratio:>8.1}", medians[0], medians[1]);
        println!(
            "  {}",
            means.map_or(String::new(), |[a, b]| format!("mean of the values {a:.6} and {b:.6}"))
        );
        for (side, median) in ["ours", "scikit-image and mahotas"].into_iter().zip(medians) {
            all_medians.push((name, side, median));
        }
    }
    write_medians(folder, "features", &all_medians);
}

/// Milliseconds of the processor for all objects, and the mean of all values.
fn run(set: &FeatureSet, objects: &[OwnedObject]) -> (f64, f64) {
    let views: Vec<_> = objects.iter().map(OwnedObject::view).collect();
    let (start, busy) = (Instant::now(), processor_time());
    let table = set.table(&views).expect("descriptors");
    let wall = start.elapsed().as_secs_f64() * 1000.0;
    let time = processor_time().zip(busy).map_or(wall, |(end, start)| end - start);
    (time, table.values.mean().expect("values"))
}

/// Milliseconds that the threads of this process have run, which other programs on the machine do not
/// change; `None` where the system does not tell.
fn processor_time() -> Option<f64> {
    let mut sum = 0.0;
    for thread in fs::read_dir("/proc/self/task").ok()? {
        let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        sum += text.split(' ').next()?.parse::<f64>().ok()?;
    }
    Some(sum / 1e6)
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
}

/// The mean of red, green and blue as a whole number, cut out with a margin around the object.
fn object(pixels: &Array3<f32>, mask: Array2<bool>) -> OwnedObject {
    let colors = pixels.len_of(Axis(0)).min(3);
    let gray = pixels.slice_axis(Axis(0), Slice::from(..colors)).sum_axis(Axis(0));
    let gray = gray.mapv(|sum| (sum / colors as f32).round());
    let cut = |axis: usize, line: Vec<bool>| {
        let first = line.iter().position(|&o| o).unwrap_or(0).saturating_sub(MARGIN);
        let last = line.iter().rposition(|&o| o).unwrap_or(0) + MARGIN + 1;
        (Axis(axis), Slice::from(first..last.min(line.len())))
    };
    let any = |line: ndarray::ArrayView1<'_, bool>| line.iter().any(|&o| o);
    let rows = cut(0, mask.outer_iter().map(any).collect());
    let columns = cut(1, mask.columns().into_iter().map(any).collect());
    let gray = gray.slice_axis(rows.0, rows.1).slice_axis(columns.0, columns.1).to_owned();
    let mask = mask.slice_axis(rows.0, rows.1).slice_axis(columns.0, columns.1).to_owned();
    OwnedObject { pixels: gray.insert_axis(Axis(0)), mask, pixel_size_nm: None }
}

/// The first nuclei of at least a hundred pixels.
fn nuclei(data: &Path) -> Vec<OwnedObject> {
    let folder = data.join("nuclei_dsb2018");
    let mut objects = Vec::new();
    for file in files(&folder.join("image"), "png") {
        let name = file.file_name().expect("a file has a name");
        let instances = folder.join("instances").join(name);
        let (Ok(image), Ok(ids)) =
            (read(&file, &Limits::default()), read(&instances, &Limits::default()))
        else {
            continue;
        };
        let ids = ids.pixels.index_axis(Axis(0), 0);
        let most = ids.iter().copied().fold(0.0, f32::max) as u32;
        for id in 1..=most {
            let mask = ids.mapv(|found| found == id as f32);
            if objects.len() < EACH && mask.iter().filter(|&&o| o).count() >= 100 {
                objects.push(object(&image.pixels, mask));
            }
        }
    }
    objects
}

/// The first white blood cells, nucleus and cytoplasm together.
fn cells(data: &Path) -> Vec<OwnedObject> {
    let mut objects = Vec::new();
    for file in files(&data.join("wbc"), "bmp").into_iter().take(EACH) {
        let mask = read(&file.with_extension("png"), &Limits::default());
        if let (Ok(image), Ok(mask)) = (read(&file, &Limits::default()), mask) {
            let mask = mask.pixels.index_axis(Axis(0), 0).mapv(|value| value > 0.0);
            objects.push(object(&image.pixels, mask));
        }
    }
    objects
}

/// Height and width in two bytes each, gray values, mask.
fn write_objects(file: &Path, objects: &[OwnedObject]) {
    let mut bytes = Vec::new();
    for object in objects {
        for side in [object.mask.nrows(), object.mask.ncols()] {
            bytes.extend(u16::try_from(side).expect("a small object").to_le_bytes());
        }
        bytes.extend(object.pixels.iter().map(|&value| value as u8));
        bytes.extend(object.mask.iter().map(|&object| u8::from(object)));
    }
    fs::write(file, bytes).expect("the objects");
}

/// Milliseconds of scikit-image and mahotas for all objects, and the mean of all values.
fn ask(peer: &mut PythonPeer, work: &str) -> (f64, f64) {
    let answer = peer.ask(work);
    let words = answer.split_whitespace().map(|word| word.parse().expect("a number"));
    let [wall, busy, mean] = words.collect::<Vec<f64>>()[..] else {
        panic!("expected two times and a mean, got {answer:?}");
    };
    (if processor_time().is_some() { busy } else { wall }, mean)
}
