//! How much memory and time `micrograph predict` needs for a large tiled TIFF.
//!
//! ```text
//! cargo bench -p micrograph-cli --bench large_image -- [SIDE [MOST_MB [FLAG...]]]
//! ```
//!
//! Draws an 8-bit image of SIDE x SIDE pixels (20000 unless told otherwise) in tiles of 512, trains a
//! small U-Net for an epoch on small frames, predicts the image with it and with the flags that follow,
//! and prints seconds and the greatest resident size (`VmHWM`) of the process that predicted. Fails
//! when that is above MOST_MB (1500). Linux alone tells the size of a process.

use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use micrograph::image::{Depth, write_png};
use micrograph_testkit::{temporary_folder, write_tiled_tiff};
use ndarray::Array3;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let mut number = |default: u64| match arguments.next() {
        None => default,
        Some(text) => text.parse().unwrap_or_else(|_| panic!("expected a number, got `{text}`")),
    };
    let (side, most_mb) = (number(20_000) as usize, number(1500));
    let flags: Vec<String> = arguments.collect();
    let folder = temporary_folder();
    let run = folder.path().join("run");
    train(folder.path(), &run);
    let image = folder.path().join("large.tif");
    write_tiled_tiff(&image, [side, side], (512, 8), gray);
    let started = Instant::now();
    let mut predict = program(&["predict", "--run"]);
    predict.arg(&run).arg(&image).arg("--out").arg(folder.path().join("predicted")).args(&flags);
    let child = predict.spawn().expect("the program starts");
    let peak = peak_mb(child);
    let seconds = started.elapsed().as_secs_f64();
    println!("{side} x {side}, flags {flags:?}: {seconds:.1} s, {peak} MB at most");
    assert!(peak <= most_mb, "expected at most {most_mb} MB, got {peak}");
}

/// A disk of 6 pixels in each square of 32, on noise.
fn is_cell(y: usize, x: usize) -> bool {
    let middle = |at: usize, other: usize| 10 + (at / 32 * 7 + other / 32 * 5) % 12;
    (y % 32).abs_diff(middle(y, x)).pow(2) + (x % 32).abs_diff(middle(x, y)).pow(2) < 36
}

fn gray(y: usize, x: usize) -> u16 {
    let noise = (y * 7919 + x * 104_729) % 1009 * 613 % 41;
    noise as u16 + if is_cell(y, x) { 140 } else { 90 }
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_micrograph"));
    command.args(arguments);
    command
}

fn train(folder: &Path, run: &Path) {
    let data = folder.join("data");
    for (kind, of) in [
        ("frames", gray as fn(usize, usize) -> u16),
        ("masks", |y, x| if is_cell(y, x) { 255 } else { 0 }),
    ] {
        std::fs::create_dir_all(data.join(kind)).expect("a folder");
        for index in 0..4 {
            let pixel = |(_, y, x)| f32::from(of(y + 128 * index, x));
            let pixels = Array3::from_shape_fn((1, 128, 128), pixel);
            let file = data.join(kind).join(format!("t{index}.png"));
            write_png(&file, pixels.view(), Depth::U8).expect("written");
        }
    }
    let config = folder.join("small.toml");
    let text = "task = \"segment\"\n[segment]\nmodel = { unet = { levels = 3, maps = 8 } }\n\
                epochs = 20\nbatch_size = 2\n[segment.crop]\nsize = 64\n";
    std::fs::write(&config, text).expect("written");
    let mut train = program(&["train", "--quiet", "--data"]);
    let status = train.arg(&data).arg("--config").arg(&config).arg("--out").arg(run).status();
    assert!(status.expect("the program starts").success());
}

/// The greatest resident size of a process until it ends, in MB of 10^6 bytes.
fn peak_mb(mut child: Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    loop {
        if let Ok(text) = std::fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
            peak_kib = peak_kib.max(kib.unwrap_or(0));
        }
        match child.try_wait().expect("the program can be waited for") {
            Some(status) => {
                assert!(status.success(), "{status}");
                return peak_kib * 1024 / 1_000_000;
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}
