//! Known answers of pyradiomics and WND-CHARM on their own images, where `MICROGRAPH_DATA` has them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use micrograph_features::{
    FIRST_ORDER_NAMES, FirstOrderConfig, HARALICK_NAMES, HistogramConfig, IntensityRange,
    RUN_NAMES, TONE_NAMES, Transform, cooccurrence, first_order, gray_level_runs, gray_level_zones,
    haralick, histogram, run_statistics, tone_differences, transformed,
};
use micrograph_image::{Limits, read};
use micrograph_testkit::{assert_close, data, skip};
use ndarray::{Array2, Axis};

/// The folder `feature_references/NAME`, or a line that says why a test does not run.
fn references(test: &str, name: &str) -> Option<PathBuf> {
    let folder = data(&format!("feature_references/{name}"));
    if folder.is_none() {
        skip(test, &format!("no feature_references/{name} below MICROGRAPH_DATA"));
    }
    folder
}

/// Sizes (columns, rows, slices) and values of an NRRD file of whole numbers, gzipped.
fn volume(path: &Path) -> ([usize; 3], Vec<f32>) {
    let bytes = fs::read(path).unwrap();
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let header = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let field = |name: &str| {
        header.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap()
    };
    assert_eq!((field("encoding"), field("endian")), ("gzip", "little"));
    let sizes: Vec<usize> = field("sizes").split(' ').map(|n| n.parse().unwrap()).collect();
    let mut raw = Vec::new();
    GzDecoder::new(&bytes[end + 2..]).read_to_end(&mut raw).unwrap();
    let values = match field("type") {
        "short" => raw.chunks(2).map(|b| f32::from(i16::from_le_bytes([b[0], b[1]]))).collect(),
        "int" => raw.chunks(4).map(|b| i32::from_le_bytes(b.try_into().unwrap()) as f32).collect(),
        other => panic!("{other} in {}", path.display()),
    };
    (sizes.try_into().unwrap(), values)
}

/// The slices of an object one below the other, with a row between: NaN is not object.
///
/// What is computed within slices is then computed at once, as pyradiomics' `force2D` does.
fn stacked(folder: &Path, case: &str) -> Array2<f32> {
    let (sizes, values) = volume(&folder.join(format!("{case}_image.nrrd")));
    let (label_sizes, labels) = volume(&folder.join(format!("{case}_label.nrrd")));
    assert_eq!(sizes, label_sizes);
    let [width, height, slices] = sizes;
    Array2::from_shape_fn(((height + 1) * slices, width), |(row, x)| {
        let (z, y) = (row / (height + 1), row % (height + 1));
        let place = (z * height + y.min(height - 1)) * width + x;
        if y < height && labels[place] == 1.0 { values[place] } else { f32::NAN }
    })
}

/// Bins 25 wide whose edges are multiples of 25, from 1; 0 outside the object.
fn levels(stack: &Array2<f32>) -> Array2<u8> {
    let bin = |value: f32| (value / 25.0).floor();
    let first = stack.iter().copied().filter(|v| v.is_finite()).map(bin).fold(f32::MAX, f32::min);
    stack.mapv(|value| if value.is_finite() { (bin(value) - first + 1.0) as u8 } else { 0 })
}

/// The baseline's value of a feature.
fn baseline(folder: &Path, class: &str, case: &str, name: &str) -> f64 {
    let text = fs::read_to_string(folder.join(format!("baseline/baseline_{class}.csv"))).unwrap();
    let mut lines = text.lines();
    let column = lines.next().unwrap().split(',').position(|name| name == case).unwrap();
    let name = format!("original_{class}_{name}");
    // Values have no commas in them, only the diagnostics before.
    let line = lines.find(|line| line.split(',').next() == Some(&name)).unwrap();
    line.split(',').nth(column).unwrap().trim().parse().unwrap()
}

const CASES: [&str; 3] = ["brain1", "brain2", "breast1"];
const DIRECTIONS: [[isize; 2]; 4] = [[0, 1], [-1, 1], [-1, 0], [-1, -1]];

/// Pairs of our name and pyradiomics'.
#[track_caller]
fn compare(
    folder: &Path,
    class: &str,
    case: &str,
    names: &[(&str, &str)],
    of: impl Fn(&str) -> f64,
) {
    for (ours, theirs) in names {
        println!("{case} {class} {theirs}");
        let expected = baseline(folder, class, case, theirs);
        // A few of its values are rounded to twelve digits.
        assert_close(&[of(ours)], &[expected], 1e-11, 1e-11);
    }
}

fn at<'a>(names: &'a [&str], values: &'a [f64]) -> impl Fn(&str) -> f64 + 'a {
    move |name| values[names.iter().position(|known| *known == name).unwrap()]
}

fn mean<const N: usize>(rows: &[[f64; N]]) -> Vec<f64> {
    (0..N).map(|k| rows.iter().map(|row| row[k]).sum::<f64>() / rows.len() as f64).collect()
}

#[test]
fn first_order_statistics_are_pyradiomics_baseline() {
    let Some(folder) = references("first_order_statistics_are_pyradiomics_baseline", "pyradiomics")
    else {
        return;
    };
    for case in CASES {
        let stack = stacked(&folder, case);
        let values: Vec<f64> =
            stack.iter().filter(|value| value.is_finite()).map(|&value| value.into()).collect();
        let statistics = first_order(&values, &FirstOrderConfig::default()).unwrap();
        let names = [
            ("intensity_minimum", "Minimum"),
            ("intensity_p10", "10Percentile"),
            ("intensity_median", "Median"),
            ("intensity_p90", "90Percentile"),
            ("intensity_maximum", "Maximum"),
            ("intensity_range", "Range"),
            ("intensity_interquartile_range", "InterquartileRange"),
            ("intensity_mean", "Mean"),
            ("intensity_mean_absolute_deviation", "MeanAbsoluteDeviation"),
            ("intensity_robust_mean_absolute_deviation", "RobustMeanAbsoluteDeviation"),
            ("intensity_variance", "Variance"),
            ("intensity_skewness", "Skewness"),
            ("intensity_kurtosis", "Kurtosis"),
        ];
        compare(&folder, "firstorder", case, &names, at(&FIRST_ORDER_NAMES, &statistics));
    }
}

#[test]
fn co_occurrence_is_pyradiomics_baseline() {
    let Some(folder) = references("co_occurrence_is_pyradiomics_baseline", "pyradiomics") else {
        return;
    };
    for case in CASES {
        let levels = levels(&stacked(&folder, case));
        let rows = DIRECTIONS
            .map(|step| haralick(cooccurrence(levels.view(), 255, step).unwrap().view()).unwrap());
        let names = [
            ("angular_second_moment", "JointEnergy"),
            ("contrast", "Contrast"),
            ("correlation", "Correlation"),
            ("variance", "SumSquares"),
            ("inverse_difference_moment", "Idm"),
            ("sum_average", "SumAverage"),
            ("sum_variance", "ClusterTendency"),
            ("sum_entropy", "SumEntropy"),
            ("entropy", "JointEntropy"),
            ("difference_variance", "DifferenceVariance"),
            ("difference_entropy", "DifferenceEntropy"),
            ("information_measure_1", "Imc1"),
            ("information_measure_2", "Imc2"),
        ];
        let values = mean(&rows);
        compare(&folder, "glcm", &format!("{case}_2d"), &names, at(&HARALICK_NAMES, &values));
    }
}

/// Ours with pyradiomics' names of runs; `{0}` and `{1}` differ for zones.
fn run_names([emphasis, length, kind]: [&str; 3]) -> Vec<(&'static str, String)> {
    let theirs = [
        format!("{}Emphasis", emphasis.replace('*', "S")),
        format!("{}Emphasis", emphasis.replace('*', "L")),
        "GrayLevelNonUniformity".into(),
        "GrayLevelNonUniformityNormalized".into(),
        format!("{length}NonUniformity"),
        format!("{length}NonUniformityNormalized"),
        format!("{kind}Percentage"),
        "GrayLevelVariance".into(),
        format!("{kind}Variance"),
        format!("{kind}Entropy"),
        format!("LowGrayLevel{kind}Emphasis"),
        format!("HighGrayLevel{kind}Emphasis"),
        format!("{}LowGrayLevelEmphasis", emphasis.replace('*', "S")),
        format!("{}HighGrayLevelEmphasis", emphasis.replace('*', "S")),
        format!("{}LowGrayLevelEmphasis", emphasis.replace('*', "L")),
        format!("{}HighGrayLevelEmphasis", emphasis.replace('*', "L")),
    ];
    let spelled = |name: String| {
        let short =
            if kind == "Run" { ["ShortRun", "LongRun"] } else { ["SmallArea", "LargeArea"] };
        name.replace("S~", short[0]).replace("L~", short[1])
    };
    RUN_NAMES.into_iter().zip(theirs.map(spelled)).collect()
}

#[test]
fn runs_zones_and_tones_are_pyradiomics_baseline() {
    let Some(folder) = references("runs_zones_and_tones_are_pyradiomics_baseline", "pyradiomics")
    else {
        return;
    };
    for case in CASES {
        let (levels, case) = (levels(&stacked(&folder, case)), format!("{case}_2d"));
        let rows = DIRECTIONS.map(|step| run_statistics(&gray_level_runs(levels.view(), step)));
        let zones = run_statistics(&gray_level_zones(levels.view()));
        for (class, words, values) in [
            ("glrlm", ["*~", "RunLength", "Run"], mean(&rows)),
            ("glszm", ["*~", "SizeZone", "Zone"], zones.to_vec()),
        ] {
            let names = run_names(words);
            let names: Vec<_> =
                names.iter().map(|(ours, theirs)| (*ours, theirs.as_str())).collect();
            compare(&folder, class, &case, &names, at(&RUN_NAMES, &values));
        }
        let names = [
            ("coarseness", "Coarseness"),
            ("contrast", "Contrast"),
            ("busyness", "Busyness"),
            ("complexity", "Complexity"),
            ("strength", "Strength"),
        ];
        let tones = tone_differences(levels.view());
        compare(&folder, "ngtdm", &case, &names, at(&TONE_NAMES, &tones));
    }
}

/// The values of WND-CHARM's feature, in their order.
fn wndcharm(signature: &str, feature: &str) -> Vec<f64> {
    let start = format!("{feature} [");
    let lines = signature.lines().filter_map(|line| line.split_once('\t'));
    lines.filter(|(_, name)| name.starts_with(&start)).map(|(v, _)| v.parse().unwrap()).collect()
}

#[test]
fn histograms_statistics_and_the_fourier_transform_are_those_of_wnd_charm() {
    let name = "histograms_statistics_and_the_fourier_transform_are_those_of_wnd_charm";
    let Some(folder) = references(name, "wndcharm") else {
        return;
    };
    let signature = fs::read_to_string(folder.join("010067_301x300-l_precalculated.sig")).unwrap();
    let image = read(&folder.join("010067_301x300.tif"), &Limits::default()).unwrap();
    let image = image.pixels.index_axis(Axis(0), 0).mapv(f64::from);
    let values: Vec<f64> = image.iter().copied().collect();
    let n = values.len() as f64;

    let of_all: Vec<f64> = [3, 5, 7, 9]
        .into_iter()
        .flat_map(|bins| {
            let range = IntensityRange::Object;
            histogram(&values, &HistogramConfig { bins, range }).unwrap()
        })
        .collect();
    let most = of_all.iter().copied().fold(0.0, f64::max);
    let scaled: Vec<f64> = of_all.iter().map(|fraction| fraction / most).collect();
    assert_close(&scaled, &wndcharm(&signature, "Multiscale Histograms ()"), 0.0, 1e-7);

    // Mean, median, standard deviation over n - 1, minimum, maximum; to eight digits.
    let summary = |values: &[f64]| {
        let statistics = first_order(values, &FirstOrderConfig::default()).unwrap();
        let of = at(&FIRST_ORDER_NAMES, &statistics);
        let deviation = (of("intensity_variance") * n / (n - 1.0)).sqrt();
        let [mean, median] = ["intensity_mean", "intensity_median"].map(&of);
        [mean, median, deviation, of("intensity_minimum"), of("intensity_maximum")]
    };
    let expected = wndcharm(&signature, "Pixel Intensity Statistics ()");
    assert_close(&summary(&values), &expected, 0.0, 1e-7);

    // Our spectrum without its logarithm, and with the mean that it leaves out.
    let deviation = summary(&values)[2] * ((n - 1.0) / n).sqrt();
    let mut spectrum = transformed(image.view(), Transform::Fourier).unwrap();
    spectrum.mapv_inplace(|value| value.exp_m1() * deviation * n.sqrt());
    let (height, width) = spectrum.dim();
    spectrum[[height / 2, width / 2]] = image.sum();
    let magnitudes: Vec<f64> = spectrum.into_iter().collect();
    let expected = wndcharm(&signature, "Pixel Intensity Statistics (Fourier ())");
    assert_close(&summary(&magnitudes), &expected, 0.0, 1e-7);
}
