//! Oriented gradients, Tamura's features, granularity, the radial distribution, Chebyshev coefficients
//! and projections against scikit-image, CellProfiler's formulas and NumPy.

use micrograph_features::{
    Family, FeatureSet, GranularityConfig, HogConfig, OwnedObject, TamuraConfig,
    chebyshev_coefficients, granularity, hog, membrane_distance, radial_distribution,
    radon_projection, tamura,
};
use micrograph_image::{ResizeMode, resize};
use micrograph_testkit::assert_close;
use ndarray::{Array2, Axis, s};
use serde::Deserialize;

use crate::phantom::{cases, gray};

#[derive(Deserialize)]
struct Expected {
    name: String,
    hog: Vec<f64>,
    tamura: Vec<f64>,
    granularity_10: Vec<f64>,
    granularity_3: Vec<f64>,
    radial_4: Vec<f64>,
    radial_3: Vec<f64>,
    chebyshev: Vec<f64>,
    radon: [Vec<f64>; 3],
}

fn phantoms() -> Vec<(OwnedObject, Expected)> {
    let expected: Vec<Expected> =
        micrograph_testkit::golden(env!("CARGO_MANIFEST_DIR"), "appearance.json");
    let cases = cases::<serde_json::Value>("lipnet.json");
    assert_eq!(cases.len(), expected.len());
    let paired = cases.iter().zip(expected);
    paired
        .map(|(case, expected)| {
            assert_eq!(case.name, expected.name);
            (case.object(), expected)
        })
        .collect()
}

#[test]
fn oriented_gradients_are_those_of_scikit_image() {
    let config = HogConfig { side_px: 30, cell_px: 10, block_cells: 2, orientations: 4 };
    for (object, expected) in phantoms() {
        println!("{}", expected.name);
        // scikit-image sums cells in 32 bits.
        assert_close(&hog(gray(&object), &config).unwrap(), &expected.hog, 1e-7, 0.0);
    }
}

#[test]
fn the_box_is_scaled_to_one_size() {
    let config = HogConfig { side_px: 16, orientations: 6, ..HogConfig::default() };
    for (object, expected) in phantoms() {
        println!("{}", expected.name);
        let features =
            FeatureSet { families: vec![Family::Hog(config)] }.extract(&object.view()).unwrap();
        assert_eq!(features.columns[7].name, "hog_16side_6angles_0_0_1_01");

        let rows: Vec<bool> = object.mask.outer_iter().map(|r| r.iter().any(|&o| o)).collect();
        let columns: Vec<bool> =
            object.mask.columns().into_iter().map(|c| c.iter().any(|&o| o)).collect();
        let [[top, bottom], [left, right]] = [rows, columns].map(|line| {
            [line.iter().position(|&o| o).unwrap(), line.iter().rposition(|&o| o).unwrap() + 1]
        });
        let boxed = object.pixels.slice(s![.., top..bottom, left..right]);
        let scaled = resize(boxed, ResizeMode::Stretch, (16, 16), &[]).unwrap();
        let expected = hog(scaled.index_axis(Axis(0), 0), &config).unwrap();
        assert_eq!(features.values, expected);
        assert_eq!(expected.len(), 2 * 2 * 6);
    }
}

#[test]
fn tamura_features_are_those_of_numpy() {
    for (object, expected) in phantoms() {
        println!("{}", expected.name);
        let config = TamuraConfig { scales: 3, directions: 16 };
        let got = tamura(gray(&object), object.mask.view(), &config).unwrap();
        assert_close(&got, &expected.tamura, 1e-10, 1e-10);
    }
}

#[test]
fn coarse_stripes_are_coarser_than_fine_ones_and_cross_less_than_checks() {
    let of = |value: fn(usize, usize) -> f32| {
        let values = Array2::from_shape_fn((64, 64), |(y, x)| value(y, x));
        let inner = |i: usize| (16..48).contains(&i);
        let mask = Array2::from_shape_fn((64, 64), |(y, x)| inner(y) && inner(x));
        tamura(values.view(), mask.view(), &TamuraConfig::default()).unwrap()
    };
    let [fine, _, one_way] = of(|_, x| (x / 2 % 2) as f32);
    let [coarse, ..] = of(|_, x| (x / 8 % 2) as f32);
    let [.., crossing] = of(|y, x| (if (y / 4 + x / 4) % 2 == 0 { 8 } else { 0 }) as f32);
    assert!(fine < 3.0 && coarse > fine + 1.0, "{fine} {coarse}");
    assert_eq!(one_way, 1.0);
    assert!(crossing < 0.5, "{crossing}");
}

#[test]
fn granularity_is_that_of_cell_profiler() {
    for (object, expected) in phantoms() {
        println!("{}", expected.name);
        for (background_px, expected) in
            [(10, &expected.granularity_10), (3, &expected.granularity_3)]
        {
            let config = GranularityConfig { steps: expected.len(), background_px };
            let got = granularity(gray(&object), object.mask.view(), &config).unwrap();
            assert_close(&got, expected, 1e-9, 0.0);
        }
    }
}

#[test]
fn the_radial_distribution_is_that_of_cell_profiler() {
    for (object, expected) in phantoms() {
        println!("{}", expected.name);
        let membrane = membrane_distance(object.mask.view());
        for expected in [&expected.radial_4, &expected.radial_3] {
            let rings = expected.len() / 3;
            let shares = radial_distribution(gray(&object), membrane.view(), rings).unwrap();
            let fractions = shares.iter().map(|share| share.fraction);
            let means = shares.iter().map(|share| share.mean_fraction);
            let variations = shares.iter().map(|share| share.variation);
            let got: Vec<f64> = fractions.chain(means).chain(variations).collect();
            assert_close(&got, expected, 1e-12, 1e-12);
        }
    }
}

#[test]
fn chebyshev_coefficients_are_those_of_numpy() {
    for (object, expected) in phantoms() {
        println!("{}", expected.name);
        let image = gray(&object).mapv(f64::from);
        let got = chebyshev_coefficients(image.view(), [4, 3]).unwrap();
        assert_close(got.as_standard_layout().as_slice().unwrap(), &expected.chebyshev, 1e-10, 0.0);
    }
}

#[test]
fn projections_are_those_of_scikit_image() {
    for (object, expected) in phantoms() {
        println!("{}", expected.name);
        let image = gray(&object).mapv(f64::from);
        for (degrees, expected) in [30.0_f64, 45.0, 90.0].into_iter().zip(&expected.radon) {
            let projection = radon_projection(image.view(), degrees.to_radians());
            assert_eq!(projection.len(), 49); // the diagonal of 34 by 34, as scikit-image has it
            let got: Vec<f64> = projection.into_iter().step_by(6).collect();
            assert_close(&got, expected, 1e-8, 1e-12);
        }
    }
}
