//! Sets as values, their columns, and tables of many objects.

use micrograph_features::{
    BinaryPatternConfig, Distance, EdgeProfileConfig, Error, Family, FeatureSet, FirstOrderConfig,
    GaborConfig, HaralickConfig, HistogramConfig, IntensityRange, Levels, MembraneConfig,
    OwnedObject, RadialProfileConfig, Unit, edge_profile, membrane_distance, radial_profile,
    signal_to_noise,
};
use micrograph_image::{Depth, PixelSize};
use micrograph_testkit::assert_close;
use ndarray::{Axis, concatenate};

use crate::phantom::{cases, gray, views};

/// Every family with its usual settings.
pub(crate) fn every_set() -> Vec<FeatureSet> {
    let lipnet = [IntensityRange::from(Depth::U8), IntensityRange::Object].map(FeatureSet::lipnet);
    let others = [FeatureSet::shape(), FeatureSet::texture(), FeatureSet::appearance()];
    lipnet.into_iter().chain(others).chain([FeatureSet::wndcharm()]).collect()
}

fn phantoms() -> Vec<OwnedObject> {
    cases::<serde_json::Value>("lipnet.json").iter().map(|case| case.object()).collect()
}

#[test]
fn the_set_of_the_support_vector_machine_has_its_nine_descriptors() {
    let columns = FeatureSet::vironova(Depth::U8.into()).columns(1, None).unwrap();
    let mut kinds: Vec<&str> = columns
        .iter()
        .map(|column| column.name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_'))
        .collect();
    kinds.dedup();
    let expected = ["area_px", "circularity", "mu", "edge_profile", "histogram"];
    assert_eq!(kinds[..5], expected);
    assert_eq!(kinds[5..], ["internal_segmentation_variance"]);
    let moments: Vec<_> = columns[2..6].iter().map(|column| column.name.as_str()).collect();
    assert_eq!(moments, ["mu20", "mu02", "mu30", "mu03"]);
    assert_eq!(columns.len(), 1 + 1 + 4 + 24 + 32 + 1);
}

#[test]
fn sets_are_written_and_read() {
    for set in every_set() {
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(serde_json::from_str::<FeatureSet>(&text).unwrap(), set);
        let text = toml::to_string(&set).unwrap();
        assert_eq!(toml::from_str::<FeatureSet>(&text).unwrap(), set);
    }
    let written = "families = [\"area\", { edge_profile = { ring_width = { nanometers = 3.0 } } }]";
    let set: FeatureSet = toml::from_str(written).unwrap();
    assert_eq!(set.families[0], Family::Area);
    let size = PixelSize { y_nm: 1.5, x_nm: 1.5 };
    assert_eq!(set.columns(1, Some(size)).unwrap().len(), 1 + 24);
}

#[test]
fn lengths_are_in_nanometers_where_the_size_of_a_pixel_is_known() {
    let set = FeatureSet::lipnet(Depth::U8.into());
    for mut object in phantoms() {
        let in_pixels = set.extract(&object.view()).unwrap();
        object.pixel_size_nm = Some(PixelSize { y_nm: 2.5, x_nm: 2.5 });
        let in_nm = set.extract(&object.view()).unwrap();
        for ((pixel, nm), (a, b)) in in_pixels
            .columns
            .iter()
            .zip(&in_nm.columns)
            .zip(in_pixels.values.iter().zip(&in_nm.values))
        {
            if nm.name != pixel.name && nm.unit == pixel.unit {
                assert!(nm.name.contains("nm"), "{}", nm.name); // of other rings
                continue;
            }
            let factor = match nm.unit {
                Unit::Nanometers => 2.5,
                Unit::SquareNanometers => 6.25,
                _ => 1.0,
            };
            assert_eq!(a * factor, *b, "{}", nm.name);
            assert_eq!(pixel.name != nm.name, factor > 1.0);
        }
        assert_eq!(in_nm.get("diameter_polygon"), in_pixels.get("diameter_polygon"));
        assert!(in_nm.get("length_polygon_nm").is_some());
    }
}

#[test]
fn rings_are_in_nanometers_where_the_size_of_a_pixel_is_known() {
    let set = FeatureSet::lipnet(Depth::U8.into());
    for mut object in phantoms() {
        object.pixel_size_nm = Some(PixelSize { y_nm: 2.5, x_nm: 2.5 });
        let features = set.extract(&object.view()).unwrap();
        let (values, mask) = (gray(&object), object.mask.view());
        let radial = radial_profile(values, mask, 32, 5.0 / 2.5).unwrap();
        let membrane = membrane_distance(mask);
        let edge = edge_profile(values, membrane.view(), [16, 8], 2.0 / 2.5).unwrap();
        let signal = signal_to_noise(values, membrane.view(), 5.0 / 2.5).unwrap();
        for (k, value) in radial.into_iter().enumerate() {
            assert_close(
                &[features.get(&format!("radial_profile_5nm_{k:02}")).unwrap()],
                &[value],
                1e-9,
                0.0,
            );
        }
        for (k, value) in edge.into_iter().enumerate() {
            assert_close(
                &[features.get(&format!("edge_profile_2nm_{k:02}")).unwrap()],
                &[value],
                1e-9,
                0.0,
            );
        }
        assert_eq!(features.get("signal_to_noise_5nm"), Some(signal));
    }
}

#[test]
fn settings_that_are_not_the_usual_ones_stand_in_the_names() {
    let bytes = IntensityRange::from(Depth::U8);
    let eight = Levels { levels: 8, range: bytes };
    let cases = [
        (Family::Histogram(HistogramConfig { bins: 32, range: bytes }), "histogram_00"),
        (Family::Histogram(HistogramConfig { bins: 16, range: bytes }), "histogram_16bins_00"),
        (
            Family::Histogram(HistogramConfig { bins: 32, range: Depth::U16.into() }),
            "histogram_0to65536_00",
        ),
        (
            Family::Histogram(HistogramConfig {
                bins: 2,
                range: IntensityRange::Fixed { low: -1.5, high: 1.0 },
            }),
            "histogram_2bins_minus1p5to1_00",
        ),
        (
            Family::RadialProfile(RadialProfileConfig {
                rings: 9,
                ring_width: Distance::Pixels(1.5),
            }),
            "radial_profile_9rings_1p5px_00",
        ),
        (
            Family::EdgeProfile(EdgeProfileConfig { inside: 3, ..EdgeProfileConfig::default() }),
            "edge_profile_3inside_00",
        ),
        (
            Family::SignalToNoise(MembraneConfig { half_width: Distance::Pixels(2.0) }),
            "signal_to_noise_2px",
        ),
        (
            Family::Haralick(HaralickConfig { levels: eight, distance: 3 }),
            "haralick_8levels_0to256_3_angular_second_moment_mean",
        ),
        (Family::Runs(eight), "runs_8levels_0to256_short_emphasis_mean"),
        (Family::Zones(eight), "zones_8levels_0to256_short_emphasis"),
        (Family::ToneDifferences(eight), "tone_8levels_0to256_coarseness"),
        (
            Family::BinaryPatterns(BinaryPatternConfig { points: 16, radius_px: 2.5 }),
            "binary_pattern_16points_2p5_00",
        ),
        (
            Family::Gabor(GaborConfig { orientations: 6, ..GaborConfig::default() }),
            "gabor_6angles_0p25_00",
        ),
        (
            Family::FirstOrder(FirstOrderConfig {
                histogram: HistogramConfig { bins: 8, range: IntensityRange::Object },
            }),
            "intensity_8bins_minimum",
        ),
    ];
    for (family, first) in &cases {
        let set = FeatureSet { families: vec![family.clone()] };
        assert_eq!(set.columns(1, None).unwrap()[0].name, *first);
    }
    // All of them beside their usual forms: no name occurs twice.
    let mut families: Vec<Family> = cases.into_iter().map(|(family, _)| family).collect();
    families.extend(FeatureSet::texture().families);
    families.push(Family::RadialProfile(RadialProfileConfig::default()));
    families.push(Family::EdgeProfile(EdgeProfileConfig::default()));
    families.push(Family::SignalToNoise(MembraneConfig::default()));
    FeatureSet { families }.columns(1, None).unwrap();
}

#[test]
fn the_mask_is_measured_once_however_many_channels_there_are() {
    let columns = FeatureSet::shape().columns(3, None).unwrap();
    assert_eq!(columns, FeatureSet::shape().columns(1, None).unwrap());
}

#[test]
fn each_channel_has_its_columns_and_the_mask_has_one() {
    let mut object = phantoms().remove(0);
    let alone = FeatureSet::lipnet(Depth::U8.into()).extract(&object.view()).unwrap();
    let brighter = &object.pixels + 7.0;
    object.pixels = concatenate(Axis(0), &[brighter.view(), object.pixels.view()]).unwrap();
    let both = FeatureSet::lipnet(Depth::U8.into()).extract(&object.view()).unwrap();
    for (column, value) in alone.columns.iter().zip(&alone.values) {
        let same = both.get(&column.name).or(both.get(&format!("channel1_{}", column.name)));
        assert_eq!(same, Some(*value), "{}", column.name);
    }
    let profile = |name: &str| both.get(name).unwrap();
    let difference = profile("channel0_edge_profile_03") - profile("channel1_edge_profile_03");
    assert!((difference - 7.0).abs() < 1e-9);
    assert_eq!(both.get("edge_profile_03"), None);
}

#[test]
fn a_table_has_the_same_bits_for_any_number_of_threads() {
    let objects = phantoms();
    for set in every_set() {
        let rows: Vec<_> =
            objects.iter().map(|object| set.extract(&object.view()).unwrap()).collect();
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let table = pool.install(|| set.table(&views(&objects)).unwrap());
            let streamed = pool
                .install(|| set.table_of::<Error>(objects.len(), |n| Ok(objects[n].clone())))
                .unwrap();
            assert_eq!(table, streamed);
            for (row, expected) in table.values.outer_iter().zip(&rows) {
                assert_eq!(row.to_vec(), expected.values);
                assert_eq!(table.columns, expected.columns);
            }
        }
    }
}

#[test]
fn every_column_says_what_it_is() {
    for set in every_set() {
        for column in set.columns(1, None).unwrap() {
            assert!(!column.formula.is_empty() && !column.source.is_empty(), "{}", column.name);
            let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(column.name.chars().all(word), "{}", column.name);
        }
    }
}
