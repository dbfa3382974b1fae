//! Broken input is told with what was expected, what came, and the repair.

use micrograph_features::{
    BinaryPatternConfig, Distance, EdgeProfileConfig, Error, Family, FeatureSet, FirstOrderConfig,
    GaborConfig, HaralickConfig, HistogramConfig, IntensityRange, Levels, MembraneConfig,
    RadialProfileConfig, Weight, ZernikeConfig,
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
        "expected a pixel size from 1e-30 to 1e30 nm, got 2 x -2 nm",
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
            "expected bins of the histogram from 1 to 65536, got 0",
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
            "expected rings of the edge profile from 1 to 65536, got 0",
        ),
        (Family::Runs(Levels { levels: 1, range }), "expected gray levels of at least 2, got 1"),
        (
            Family::Haralick(HaralickConfig { levels: Levels::default(), distance: 0 }),
            "expected the distance of Haralick's features from 1 to 10000, got 0",
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

#[test]
fn absurd_settings_are_errors_of_every_function() {
    use micrograph_features::{
        binary_patterns, cooccurrence, edge_profile, first_order, fourier_descriptors,
        gabor_energy, gray_levels, haralick, histogram, internal_segmentation_variance,
        radial_profile, ring_means, signal_to_noise, zernike_moments, zernike_orders,
    };
    const HUGE: usize = usize::MAX;
    let mask = Array2::from_elem((3, 4), true);
    let values = Array2::from_shape_fn((3, 4), |(y, x)| (y * x) as f32);
    let (numbers, distance) = (values.mapv(f64::from), values.mapv(f64::from));
    let (mask, values, numbers) = (mask.view(), values.view(), numbers.view());
    let (distance, wide) = (distance.view(), Array2::from_elem((2, 9), 0.1));
    let levels = Array2::from_elem((3, 4), 1_u8);
    let other = Array2::from_elem((4, 3), true);
    for n in [0, HUGE] {
        let of_bins = HistogramConfig { bins: n, range: IntensityRange::Object };
        assert!(histogram(&[1.0, 2.0], &of_bins).is_err());
        assert!(first_order(&[1.0], &FirstOrderConfig { histogram: of_bins }).is_err());
        assert!(ring_means(values, distance, 0.0, 1.0, n).is_err());
        assert!(radial_profile(values, mask, n, 1.0).is_err());
        assert!(edge_profile(values, distance, [n, n], 1.0).is_err());
        assert!(fourier_descriptors(mask, n).is_err());
        let patterns = BinaryPatternConfig { points: n, radius_px: 1.0 };
        assert!(binary_patterns(values, mask, &patterns).is_err());
        let gabor = GaborConfig { orientations: n, ..GaborConfig::default() };
        assert!(gabor_energy(values, mask, &gabor).is_err());
    }
    for width in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(ring_means(values, distance, 0.0, width, 3).is_err());
        let gabor = GaborConfig { frequency: width, ..GaborConfig::default() };
        assert!(gabor_energy(values, mask, &gabor).is_err());
    }
    for radius in [0.0, f64::NAN] {
        assert!(zernike_moments(numbers, [1.0, 1.0], radius, 3).is_err());
        assert!(signal_to_noise(values, distance, radius).is_err());
    }
    assert!(zernike_moments(numbers, [1.0, 1.0], 2.0, HUGE).is_err());
    assert!(zernike_orders(HUGE).is_empty());
    assert!(haralick(wide.view()).is_err());
    assert!(cooccurrence(levels.view(), HUGE, [0, 1]).is_err());
    let far = cooccurrence(levels.view(), 2, [isize::MAX, isize::MIN]).unwrap();
    assert_eq!(far.sum(), 0.0);
    let far = micrograph_features::gray_level_runs(levels.view(), [isize::MIN, isize::MAX]);
    assert_eq!(far.len(), 12);
    let none = micrograph_features::run_statistics(&[(0, 3), (3, 0)]);
    assert_eq!(none, [0.0; 16]);
    assert!(gray_levels(values, other.view(), &Levels::default()).is_err());
    assert!(internal_segmentation_variance(values, wide.view(), 1.0).is_err());
}

#[test]
fn absurd_sets_are_errors_before_anything_is_allocated() {
    let range = IntensityRange::Object;
    let bins = Family::Histogram(HistogramConfig { bins: usize::MAX, range });
    assert!(set(bins).columns(1, None).is_err());
    assert!(set(Family::Gabor(GaborConfig::default())).columns(usize::MAX, None).is_err());
    let object = drawn(&["##", "##"], |_, _| 1.0);
    let far =
        EdgeProfileConfig { ring_width: Distance::Pixels(1e300), ..EdgeProfileConfig::default() };
    let features = set(Family::EdgeProfile(far)).extract(&object.view()).unwrap();
    assert!(features.values.iter().all(|&value| value == 1.0));
}
