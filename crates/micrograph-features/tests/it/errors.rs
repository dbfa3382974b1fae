//! Broken input is told with what was expected, what came, and the repair.

use micrograph_features::{
    BinaryPatternConfig, Distance, EdgeProfileConfig, Error, Family, FeatureSet, HaralickConfig,
    HistogramConfig, IntensityRange, Levels, MembraneConfig, RadialProfileConfig, Weight,
    ZernikeConfig,
};
use micrograph_image::PixelSize;
use ndarray::Array2;

use crate::phantom::drawn;

#[track_caller]
fn check(error: Error, expected: &str) {
    assert_eq!(error.to_string(), expected);
}

fn set(family: Family) -> FeatureSet {
    FeatureSet { families: vec![family] }
}

#[test]
fn a_mask_of_another_size_is_refused() {
    let mut object = drawn(&["##", "##"], |_, _| 1.0);
    object.mask = Array2::from_elem((2, 3), true);
    check(
        set(Family::Area).extract(&object.view()).unwrap_err(),
        "expected a mask of 2 x 2 pixels, as the image has, got 2 x 3; crop or resize both together",
    );
}

#[test]
fn a_pixel_that_is_no_number_is_refused_near_the_object_alone() {
    let mut object = drawn(&["#.....", "......"], |_, _| 1.0);
    object.pixels[[0, 1, 5]] = f32::NAN;
    assert!(set(Family::Area).extract(&object.view()).is_ok());
    object.pixels[[0, 1, 1]] = f32::INFINITY;
    check(
        set(Family::HuMoments(Weight::Intensity)).extract(&object.view()).unwrap_err(),
        "expected finite pixels, got inf in channel 0, row 1, column 1",
    );
}

#[test]
fn pixel_sizes_are_positive_and_square() {
    let mut object = drawn(&["##", "##"], |_, _| 1.0);
    object.pixel_size_nm = Some(PixelSize { y_nm: 2.0, x_nm: 2.1 });
    let error = set(Family::Area).extract(&object.view()).unwrap_err();
    assert!(matches!(error, Error::PixelsNotSquare { .. }), "{error}");
    object.pixel_size_nm = Some(PixelSize { y_nm: 2.0, x_nm: -2.0 });
    check(
        set(Family::Area).extract(&object.view()).unwrap_err(),
        "expected a pixel size above 0 nm, got 2 x -2 nm",
    );
}

#[test]
fn nanometers_need_a_pixel_size() {
    let mut object = drawn(&["##", "##"], |_, _| 1.0);
    let half_width = Distance::Nanometers(6.0);
    let set = set(Family::SignalToNoise(MembraneConfig { half_width }));
    check(
        set.extract(&object.view()).unwrap_err(),
        "expected a pixel size, because the half width of the membrane is 6 nm; give the pixel size, or the distance in pixels",
    );
    object.pixel_size_nm = Some(PixelSize { y_nm: 3.0, x_nm: 3.0 });
    assert!(set.extract(&object.view()).is_ok());
}

#[test]
fn settings_have_ranges() {
    let object = drawn(&["##", "##"], |_, _| 1.0);
    let range = IntensityRange::Fixed { low: 0.0, high: 256.0 };
    let backwards = IntensityRange::Fixed { low: 3.0, high: 3.0 };
    let zero = Distance::Pixels(0.0);
    let cases = [
        (
            Family::Histogram(HistogramConfig { bins: 0, range }),
            "expected bins of the histogram of at least 1, got 0",
        ),
        (
            Family::Histogram(HistogramConfig { bins: 8, range: backwards }),
            "expected a range of intensities with low < high, got 3 to 3",
        ),
        (
            Family::RadialProfile(RadialProfileConfig { rings: 4, ring_width: zero }),
            "expected the ring width of the radial profile above 0, got 0",
        ),
        (
            Family::EdgeProfile(EdgeProfileConfig {
                inside: 0,
                outside: 0,
                ..EdgeProfileConfig::default()
            }),
            "expected rings of the edge profile of at least 1, got 0",
        ),
        (Family::Runs(Levels { levels: 1, range }), "expected gray levels of at least 2, got 1"),
        (
            Family::Haralick(HaralickConfig { levels: Levels::default(), distance: 0 }),
            "expected distance of Haralick's features of at least 1, got 0",
        ),
        (
            Family::ZernikeMoments(ZernikeConfig { degree: 41, weight: Weight::Shape }),
            "expected the degree of Zernike moments of at most 40, got 41",
        ),
        (
            Family::BinaryPatterns(BinaryPatternConfig { points: 8, radius_px: f64::NAN }),
            "expected the radius of binary patterns from 0.5 to 10000, got NaN",
        ),
    ];
    for (family, expected) in cases {
        check(set(family).extract(&object.view()).unwrap_err(), expected);
    }
}

#[test]
fn one_descriptor_twice_is_refused() {
    let object = drawn(&["##", "##"], |_, _| 1.0);
    let twice = FeatureSet { families: vec![Family::Diameter, Family::Area, Family::Diameter] };
    check(
        twice.extract(&object.view()).unwrap_err(),
        "expected distinct descriptors, got \"diameter_ellipse\" more than once; remove one of them",
    );
}

#[test]
fn a_table_is_of_one_kind_of_objects_and_tells_the_first_that_is_not() {
    let plain = drawn(&["##", "##"], |_, _| 1.0);
    let mut sized = plain.clone();
    sized.pixel_size_nm = Some(PixelSize { y_nm: 3.0, x_nm: 3.0 });
    let set = set(Family::Area);
    check(
        set.table(&[plain.view(), sized.view()]).unwrap_err(),
        "expected 1 channels and no pixel size in object 1, as in the first, got 1 channels and a known pixel size; extract them into separate tables",
    );
    let mut broken = plain.clone();
    broken.pixels[[0, 0, 0]] = f32::NAN;
    check(
        set.table(&[plain.view(), broken.view(), broken.view()]).unwrap_err(),
        "object 1: expected finite pixels, got NaN in channel 0, row 0, column 0",
    );
    check(set.table(&[]).unwrap_err(), "expected at least one object, got none");
}
