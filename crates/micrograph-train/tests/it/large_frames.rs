//! Frames in regions and tiles have the bits of frames in memory.

use std::path::Path;

use candle::{DType, Device};
use micrograph_image::{
    Channels, ClassTable, Limits, MaskKind, Normalizer, SegmentationDataset, SegmentationOptions,
    TemporalWindow, read,
};
use micrograph_model::bundle::Kind;
use micrograph_model::{
    FORMAT, Provenance, Segmenter, SegmenterInput, SegmenterManifest, TestTime, Tiling,
};
use micrograph_nn::{Border, SegmenterConfig, UNetConfig};
use micrograph_ops::Algorithm;
use micrograph_testkit::{temporary_folder, write_tiled_tiff};
use micrograph_train::{PredictionFolder, Surroundings, Written, predict_frame};
use ndarray::{Array3, Axis};

/// An untrained network whose convolutions are exact.
fn segmenter(border: Border, classes: &[&str]) -> Segmenter {
    let unet = UNetConfig { levels: 2, maps: 2, border, ..UNetConfig::default() };
    let config = SegmenterConfig::new(unet.into(), 1, classes.len());
    let mut network = config.build(3, DType::F32, &Device::Cpu).unwrap();
    network.set_algorithm(Algorithm::Exact);
    let input = SegmenterInput {
        channels: Channels::Native,
        n_channels: 1,
        normalizer: Normalizer::ImageZScore,
        window: TemporalWindow::default(),
    };
    let manifest = SegmenterManifest {
        kind: Kind::Segmenter,
        format: FORMAT,
        micrograph: "0.1.0".to_owned(),
        classes: classes.iter().map(ToString::to_string).collect(),
        masks: MaskKind::Classes,
        table: "0=background,255=cell".parse::<ClassTable>().unwrap(),
        weights_sha256: String::new(),
        test_time: TestTime::None,
        network: config,
        input,
        training: Provenance {
            seed: 0,
            epochs: 0,
            data_fingerprint: String::new(),
            training_samples: Vec::new(),
            masked_samples: 0,
        },
        metrics: std::collections::BTreeMap::new(),
    };
    Segmenter::new(manifest, network, Device::Cpu)
}

/// Three bands of the reader.
const SIZE: [usize; 2] = [530, 62];

/// In tiles of 16 x 16.
fn tiled(path: &Path, bits: u16) {
    let value =
        |y: usize, x: usize| ((y * y + 31 * x) % 241) as u16 * if bits == 16 { 257 } else { 1 };
    write_tiled_tiff(path, SIZE, (16, bits), value);
}

fn opened(path: &Path) -> SegmentationDataset {
    SegmentationDataset::images(&[path.to_owned()], &SegmentationOptions::default()).unwrap()
}

const WHOLE: Tiling = Tiling { whole_px: usize::MAX, side: 1 };
const TILED: Tiling = Tiling { whole_px: 0, side: 14 };

#[test]
fn regions_and_tiles_have_the_bits_of_the_whole() {
    let folder = temporary_folder();
    for (bits, border) in [(8, Border::Zeros), (16, Border::Mirror)] {
        let path = folder.path().join(format!("{bits}.tif"));
        tiled(&path, bits);
        let image = read(&path, &Limits::default()).unwrap();
        for copies in [TestTime::None, TestTime::Dihedral] {
            let of = |tiling| {
                let segmenter = segmenter(border, &["background", "cell"]);
                segmenter.with_test_time(copies).with_tiling(tiling)
            };
            let whole = of(WHOLE).predict(&image).unwrap().probabilities;
            assert!(whole.iter().any(|&p| p != whole[[0, 0, 0]]));
            let in_tiles = predict_frame(&of(TILED), &opened(&path), 0).unwrap();
            assert_eq!(whole, in_tiles, "{bits} bits, {border:?}, {copies:?}");
        }
    }
}

/// The files of a frame that is never held whole have the content of those of one that is.
#[test]
fn files_by_rows_hold_what_files_of_the_whole_do() {
    let folder = temporary_folder();
    let path = folder.path().join("a.tif");
    tiled(&path, 8);
    let data = opened(&path);
    let classes = ["background", "cell", "nucleus"];
    let segmenter = segmenter(Border::Zeros, &classes).with_tiling(TILED);
    let expected = predict_frame(&segmenter, &data, 0).unwrap();
    let limits = Limits::default();
    let by_rows = Written { probabilities: true, instances: false, whole_px: 100 };
    for (name, mask, written) in
        [("whole", "masks/a.png", Written::default()), ("by_rows", "masks/a.tif", by_rows)]
    {
        let out = folder.path().join(name);
        let files = PredictionFolder::new(&out, &segmenter, &data, written).unwrap();
        files.create().unwrap();
        let mut tiles = 0;
        let around = Surroundings::default();
        files.predict(0, &segmenter, &around, &mut || tiles += 1).unwrap();
        assert_eq!(tiles, segmenter.n_tiles(SIZE));
        let mask = read(&out.join(mask), &limits).unwrap().pixels;
        for ((_, y, x), &class) in mask.indexed_iter() {
            let of = |class: usize| expected[[class, y, x]];
            assert!((0..3).all(|other| of(other) <= of(class as usize)), "{name}: {y}, {x}");
        }
        let pages = [0, 1].map(|page| {
            let path = out.join("probabilities/a.tif");
            micrograph_image::read_page(&path, page, &limits).unwrap().pixels
        });
        let written: Array3<f32> =
            ndarray::concatenate(Axis(0), &[pages[0].view(), pages[1].view()]).unwrap();
        assert_eq!(written, expected.slice_axis(Axis(0), (1..3).into()), "{name}");
        assert_eq!(out.join("instances/a.tif").exists(), written_instances(name));
    }
    let all = Written { whole_px: 100, ..Written::default() };
    let message = PredictionFolder::new(&path, &segmenter, &data, all).unwrap_err().to_string();
    assert!(message.contains("530 x 62") && message.contains("--no-instances"), "{message}");
}

fn written_instances(name: &str) -> bool {
    name == "whole"
}

#[test]
fn a_file_that_breaks_off_and_a_stop_leave_nothing() {
    let folder = temporary_folder();
    let path = folder.path().join("a.tif");
    tiled(&path, 16);
    let segmenter = segmenter(Border::Zeros, &["background", "cell"]).with_tiling(TILED);
    let out = folder.path().join("out");
    let around = Surroundings::default();
    let left = |data: &SegmentationDataset| {
        let by_rows = Written { whole_px: 100, instances: false, ..Written::default() };
        let files = PredictionFolder::new(&out, &segmenter, data, by_rows).unwrap();
        files.create().unwrap();
        let stop = || around.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        let error = files.predict(0, &segmenter, &around, &mut { stop }).unwrap_err();
        let count = |kind: &str| std::fs::read_dir(out.join(kind)).unwrap().count();
        assert_eq!((count("masks"), count("probabilities")), (0, 0));
        error
    };
    // Tiles stand before the directory: those of the last row point behind the end.
    let mut bytes = std::fs::read(&path).unwrap();
    let data = opened(&path);
    let n_tiles = SIZE.map(|side| side.div_ceil(16) as u64).iter().product::<u64>();
    let pattern = (16 + (n_tiles - 1) * 16 * 16 * 2).to_ne_bytes();
    let at = bytes.windows(8).rposition(|window| window == pattern).unwrap();
    bytes[at..at + 8].copy_from_slice(&(1_u64 << 30).to_ne_bytes());
    std::fs::write(&path, &bytes).unwrap();
    let message = left(&data).to_string();
    assert!(message.contains("a.tif is damaged or cut short"), "{message}");
    assert!(!message.contains('\n'));

    tiled(&path, 16);
    assert!(left(&data).is_stop());
}
