//! Over sequences: NumPy's median and mean, SciPy's whitening; crops and pads.

use micrograph_image::{
    Border, Depth, Error, Normalization, Normalizer, Shape, TrainingMoments, fit_labels, fit_size,
    mean_image, subtract_image, temporal_median,
};
use micrograph_testkit::{assert_close, golden};
use ndarray::{Array2, Array3, array};
use proptest::prelude::*;

use crate::doubles;

#[derive(serde::Deserialize)]
struct Goldens {
    cases: Vec<Case>,
    whitening: Whitening,
}

#[derive(serde::Deserialize)]
struct Case {
    frames: Vec<f32>,
    n: usize,
    median: Vec<f64>,
    mean: Vec<f64>,
}

#[derive(serde::Deserialize)]
struct Whitening {
    images: Vec<Row>,
    matrix: Vec<f64>,
    whitened: Vec<f64>,
}

#[derive(serde::Deserialize)]
struct Row {
    width: usize,
    values: Vec<f32>,
}

fn goldens() -> Goldens {
    golden(env!("CARGO_MANIFEST_DIR"), "sequence.json")
}

#[test]
fn median_and_mean_are_numpys_in_bands_of_any_height() {
    for Case { frames, n, median, mean } in goldens().cases {
        let frames: Vec<Array3<f32>> = frames
            .chunks(frames.len() / n)
            .map(|frame| Array3::from_shape_vec((2, 5, 3), frame.to_vec()).unwrap())
            .collect();
        let row = n * 2 * 3 * 4;
        for (max_bytes, bands) in [(1 << 20, 1), (3 * row, 2), (2 * row + 1, 3), (row, 5), (0, 5)] {
            let mut n_read = 0;
            let mut read = |t: usize| {
                n_read += 1;
                Ok(frames[t].clone())
            };
            let got = temporal_median(n, &mut read, max_bytes).unwrap();
            assert_close(&doubles(&got), &median, 0.0, 0.0);
            assert_eq!(n_read, n * bands, "{max_bytes}");
        }
        let got = mean_image(n, &mut |t| Ok(frames[t].clone())).unwrap();
        assert_close(&doubles(&got), &mean, 2e-4, 0.0);
    }
}

#[test]
fn bad_sequences_are_refused() {
    let frames = [Array3::zeros((1, 2, 3)), Array3::zeros((1, 3, 2))];
    let shape = |height, width| Shape { channels: 1, height, width };
    let is_other = |error: Error| {
        matches!(error, Error::FrameShape { frame: 1, expected, got }
            if expected == shape(2, 3) && got == shape(3, 2))
    };
    assert!(is_other(temporal_median(2, &mut |t| Ok(frames[t].clone()), 99).unwrap_err()));
    assert!(is_other(mean_image(2, &mut |t| Ok(frames[t].clone())).unwrap_err()));
    assert!(subtract_image(frames[0].view(), frames[1].view()).is_err());
    let none = temporal_median(0, &mut |t| Ok(frames[t].clone()), 99).unwrap_err();
    assert!(matches!(none, Error::NoFrames));
    let unreadable = |_| Err(Error::NoMoments);
    assert!(matches!(temporal_median(2, &mut { unreadable }, 99), Err(Error::NoMoments)));
    let empty = temporal_median(3, &mut |_| Ok(Array3::zeros((1, 0, 4))), 0).unwrap();
    assert_eq!(empty.dim(), (1, 0, 4));
}

#[test]
fn whitening_is_scipys() {
    let Whitening { images, matrix, whitened } = goldens().whitening;
    let images: Vec<Array3<f32>> = images
        .into_iter()
        .map(|row| Array3::from_shape_vec((3, 1, row.width), row.values).unwrap())
        .collect();
    let mut moments = TrainingMoments::default();
    let mut rest = TrainingMoments::default();
    moments.push(images[0].view()).unwrap();
    rest.push(images[1].view()).unwrap();
    rest.push(images[2].view()).unwrap();
    moments.merge(&rest).unwrap();
    let normalizer = moments.finish(Normalization::Whitening).unwrap();
    let Normalizer::Whitening { matrix: fitted, .. } = &normalizer else { panic!() };
    assert_close(&fitted.concat(), &matrix, 1e-6, 0.0);
    let mut pixels = images[1].clone();
    normalizer.apply(&mut pixels, Depth::F32).unwrap();
    // Pixels of 50 in single precision, times weights of 0.4.
    assert_close(&doubles(&pixels), &whitened, 2e-5, 0.0);
    assert!(matches!(
        normalizer.apply(&mut Array3::zeros((2, 1, 1)), Depth::F32),
        Err(Error::NormalizerChannels { fitted: 3, got: 2 })
    ));
}

#[test]
fn equal_channels_and_constant_ones_stay_finite() {
    let whitened = |pixels: Array3<f32>| {
        let mut moments = TrainingMoments::default();
        moments.push(pixels.view()).unwrap();
        let normalizer = moments.finish(Normalization::Whitening).unwrap();
        let mut pixels = pixels;
        normalizer.apply(&mut pixels, Depth::U8).unwrap();
        pixels
    };
    let equal = whitened(array![[[1.0, 3.0]], [[1.0, 3.0]]]);
    assert!((equal[[0, 0, 1]].powi(2) + equal[[1, 0, 1]].powi(2) - 1.0).abs() < 1e-5, "{equal}");
    assert_eq!(whitened(Array3::from_elem((2, 2, 2), 7.0)), Array3::<f32>::zeros((2, 2, 2)));
    let one = whitened(array![[[1.0, 3.0]]]);
    assert_eq!(one, array![[[-1.0, 1.0]]]);
}

#[test]
fn the_thesis_subtracts_127() {
    let subtract = Normalization::Subtract { value: 127.0 };
    let normalizer = TrainingMoments::default().finish(subtract).unwrap();
    let mut pixels = array![[[0.0, 127.0, 255.0]]];
    normalizer.apply(&mut pixels, Depth::U8).unwrap();
    assert_eq!(pixels, array![[[-127.0, 0.0, 128.0]]]);
    let refused = TrainingMoments::default().finish(Normalization::Subtract { value: f64::NAN });
    assert!(matches!(refused, Err(Error::Subtrahend { .. })));
    assert!(matches!(
        TrainingMoments::default().finish(Normalization::Whitening),
        Err(Error::NoMoments)
    ));
}

proptest! {
    #[test]
    fn what_was_padded_comes_back(
        (height, width) in (1_usize..9, 1_usize..9),
        (more, wider) in (0_usize..9, 0_usize..9),
    ) {
        let image = Array3::from_shape_fn((1, height, width), |(_, y, x)| (y * 10 + x) as f32);
        let size = (height + more, width + wider);
        for border in [Border::Constant(3.0), Border::Reflect] {
            let padded = fit_size(image.view(), size, border);
            prop_assert_eq!(padded.dim(), (1, size.0, size.1));
            prop_assert_eq!(&fit_size(padded.view(), (height, width), border), &image);
            let labels: Array2<u32> = image.index_axis(ndarray::Axis(0), 0).mapv(|v| v as u32);
            let moved = fit_labels(labels.view(), size, border, 3);
            prop_assert_eq!(moved.mapv(|v| v as f32), padded.index_axis(ndarray::Axis(0), 0));
        }
    }
}
