//! Against scikit-image, SciPy and centrosome.

use std::collections::BTreeMap;

use micrograph_segment::{
    Connectivity, Element, Histogram, LocalMethod, ThresholdMethod, border_pixels, close, contours,
    dilate, dilate_mask, erode, erode_mask, fill_holes, gaussian, local_threshold, open, propagate,
    reconstruct, remove_small, thin, threshold, watershed,
};
use micrograph_testkit::{assert_close, golden};
use ndarray::{Array2, s};
use serde::Deserialize;

use super::doubles;

#[derive(Deserialize)]
struct Golden {
    shape: [usize; 2],
    image: Vec<f32>,
    levels: Vec<u16>,
    grays: Vec<u8>,
    of_values: BTreeMap<String, f64>,
    of_levels: BTreeMap<String, f64>,
    of_dark_levels: BTreeMap<String, f64>,
    histogram: Vec<u64>,
    local_mean: Vec<f64>,
    local_gaussian: Vec<f64>,
    blurred: Vec<f64>,
    mask: String,
    filled: String,
    without_small: String,
    thin: String,
    elements: BTreeMap<String, Morphology>,
    reconstructed: BTreeMap<String, Vec<f64>>,
    markers: String,
    watershed: BTreeMap<String, String>,
    plateau: String,
    labels: String,
    border: BTreeMap<String, String>,
    level: f64,
    contours: Vec<Vec<[f64; 2]>>,
}

#[derive(Deserialize)]
struct Morphology {
    erosion: Vec<u8>,
    dilation: Vec<u8>,
    opened: String,
    closed: String,
}

impl Golden {
    fn read() -> Self {
        golden(env!("CARGO_MANIFEST_DIR"), "segment.json")
    }

    fn array<T: Clone>(&self, values: &[T]) -> Array2<T> {
        Array2::from_shape_vec(self.shape, values.to_vec()).unwrap()
    }

    fn image(&self) -> Array2<f32> {
        self.array(&self.image) / 256.0
    }

    /// The part that smooth results are compared on.
    fn corner(&self) -> Array2<f32> {
        self.image().slice(s![..9, ..13]).to_owned()
    }

    fn mask(&self) -> Array2<bool> {
        self.array(&labels(&self.mask)).mapv(|object| object > 0)
    }

    fn labels(&self, digits: &str) -> Array2<u32> {
        self.array(&labels(digits))
    }
}

fn labels(digits: &str) -> Vec<u32> {
    digits.bytes().map(|digit| u32::from(digit - b'0')).collect()
}

fn digits(labels: &Array2<u32>) -> String {
    labels.iter().map(ToString::to_string).collect()
}

fn bits(mask: &Array2<bool>) -> String {
    digits(&mask.mapv(u32::from))
}

const CONNECTIVITIES: [(&str, Connectivity); 2] =
    [("four", Connectivity::Four), ("eight", Connectivity::Eight)];

#[test]
fn thresholds() {
    let golden = Golden::read();
    let levels = golden.array(&golden.levels).mapv(f32::from);
    let dark = levels.mapv(|level| 65_535.0 - level);
    for (image, expected) in [
        (golden.image(), &golden.of_values),
        (levels, &golden.of_levels),
        (dark, &golden.of_dark_levels),
    ] {
        for (name, method) in [
            ("otsu", ThresholdMethod::Otsu),
            ("li", ThresholdMethod::Li),
            ("triangle", ThresholdMethod::Triangle),
            ("yen", ThresholdMethod::Yen),
        ] {
            let got = threshold(image.view(), method).unwrap().unwrap();
            // scikit-image takes Li's means of a histogram in single precision.
            assert_close(&[got], &[expected[name]], 0.0, 1e-6);
        }
    }
}

#[test]
fn histograms() {
    let golden = Golden::read();
    let histogram = Histogram::of_values(golden.image().view(), 16).unwrap();
    assert_eq!(histogram.counts(), golden.histogram);
}

#[test]
fn smoothing_and_local_thresholds() {
    let golden = Golden::read();
    let corner = golden.corner();
    let mean = local_threshold(corner.view(), LocalMethod::Mean, 7, 0.01).unwrap();
    assert_close(&doubles(mean.view()), &golden.local_mean, 2e-7, 0.0);
    let weighted = local_threshold(corner.view(), LocalMethod::Gaussian, 9, 0.0).unwrap();
    assert_close(&doubles(weighted.view()), &golden.local_gaussian, 2e-7, 0.0);
    // Wider than the image, so that it is mirrored several times.
    let blurred = gaussian(corner.view(), 9.0).unwrap();
    assert_close(&doubles(blurred.view()), &golden.blurred, 2e-7, 0.0);
}

#[test]
fn morphology() {
    let golden = Golden::read();
    let (grays, mask) = (golden.array(&golden.grays), golden.mask());
    for (name, element) in
        [("disk", Element::Disk(3)), ("square", Element::Square(2)), ("cross", Element::Cross(2))]
    {
        let expected = &golden.elements[name];
        let got = erode(grays.view(), element).unwrap();
        assert_eq!(got.as_slice().unwrap(), expected.erosion, "{name}");
        let got = dilate(grays.view(), element).unwrap();
        assert_eq!(got.as_slice().unwrap(), expected.dilation, "{name}");
        assert_eq!(bits(&open(mask.view(), element).unwrap()), expected.opened, "{name}");
        assert_eq!(bits(&close(mask.view(), element).unwrap()), expected.closed, "{name}");
        let eroded = erode_mask(mask.view(), element).unwrap();
        assert_eq!(eroded, erode(mask.view(), element).unwrap(), "{name}");
        let dilated = dilate_mask(mask.view(), element).unwrap();
        assert_eq!(dilated, dilate(mask.view(), element).unwrap(), "{name}");
    }
}

#[test]
fn reconstruction() {
    let golden = Golden::read();
    let limit = golden.image().mapv(f64::from);
    let seed = limit.mapv(|value| value - 0.25);
    for (name, connectivity) in CONNECTIVITIES {
        let got = reconstruct(seed.view(), limit.view(), connectivity).unwrap() * 256.0;
        assert_eq!(got.as_slice().unwrap(), golden.reconstructed[name], "{name}");
    }
}

#[test]
fn cleaning() {
    let golden = Golden::read();
    let mask = golden.mask();
    assert_eq!(bits(&fill_holes(mask.view(), Connectivity::Four)), golden.filled);
    let kept = remove_small(mask.view(), 12, Connectivity::Four);
    assert_eq!(bits(&kept), golden.without_small);
    assert_eq!(bits(&thin(mask.view())), golden.thin);
}

#[test]
fn watersheds() {
    let golden = Golden::read();
    let image = golden.image();
    let dark = image.mapv(|value| 2.0 - value);
    let (markers, bright) = (golden.labels(&golden.markers), image.mapv(|value| value > 0.3));
    for (name, connectivity) in CONNECTIVITIES {
        let got = watershed(dark.view(), markers.view(), bright.view(), connectivity).unwrap();
        assert_eq!(digits(&got), golden.watershed[name], "{name}");
    }
    let mut within = golden.mask();
    within.zip_mut_with(&markers, |within, &marker| *within |= marker > 0);
    let flat = markers.mapv(|marker| if marker > 0 { marker as f32 - 10.0 } else { 0.0 });
    let got = watershed(flat.view(), markers.view(), within.view(), Connectivity::Four).unwrap();
    assert_eq!(digits(&got), golden.plateau);
}

#[test]
fn borders() {
    let golden = Golden::read();
    let labels = golden.labels(&golden.labels);
    for (name, connectivity) in CONNECTIVITIES {
        let mut got = Array2::zeros(labels.dim());
        for at in border_pixels(labels.view(), connectivity) {
            got[at] = 1;
        }
        assert_eq!(digits(&got), golden.border[name], "{name}");
    }
}

/// A closed line from its smallest point on, as in the script.
fn from_smallest(mut line: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    if line.first() == line.last() {
        line.pop();
        let smallest = (0..line.len()).min_by(|&a, &b| line[a].partial_cmp(&line[b]).unwrap());
        line.rotate_left(smallest.unwrap());
        line.push(line[0]);
    }
    line
}

#[test]
fn contours_are_those_of_marching_squares() {
    let golden = Golden::read();
    let mut got: Vec<_> =
        contours(golden.image().view(), golden.level).into_iter().map(from_smallest).collect();
    got.sort_by(|a, b| a.partial_cmp(b).unwrap());
    assert_eq!(got.len(), golden.contours.len());
    assert!(got.iter().any(|line| line.first() == line.last()), "a closed one");
    assert!(got.iter().any(|line| line.first() != line.last()), "an open one");
    for (got, expected) in got.iter().zip(&golden.contours) {
        assert_close(got.as_flattened(), expected.as_flattened(), 1e-6, 0.0);
    }
}

#[derive(Deserialize)]
struct Propagated {
    shape: [usize; 2],
    image: Vec<f32>,
    seeds: String,
    mask: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    lambda: f64,
    labels: String,
    costs: Vec<f64>,
}

#[test]
fn propagation_is_that_of_cellprofiler() {
    let golden: Propagated = golden(env!("CARGO_MANIFEST_DIR"), "propagate.json");
    let image = Array2::from_shape_vec(golden.shape, golden.image).unwrap();
    let seeds = Array2::from_shape_vec(golden.shape, labels(&golden.seeds)).unwrap();
    let mask = Array2::from_shape_vec(golden.shape, labels(&golden.mask)).unwrap();
    let mask = mask.mapv(|inside| inside > 0);
    for case in golden.cases {
        let (labels, costs) =
            propagate(image.view(), seeds.view(), mask.view(), case.lambda).unwrap();
        assert_eq!(digits(&labels), case.labels, "lambda {}", case.lambda);
        // It writes -1 where no way leads.
        let costs = costs.mapv(|cost| if cost.is_finite() { cost } else { -1.0 });
        assert_close(costs.as_slice().unwrap(), &case.costs, 1e-6, 0.0);
    }
}
