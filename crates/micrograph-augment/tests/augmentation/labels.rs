//! Frames and label maps in step.

use micrograph_augment::{Cropping, Elastic, Error, Recipe, augment_labels};
use micrograph_image::{Border, IGNORE, Interpolation};
use ndarray::{Array2, Array3, Axis, array, s, stack};
use proptest::prelude::*;

use crate::{image, key};

/// Everything that moves pixels, and nothing that changes them.
fn moving(elastic: Elastic) -> Recipe {
    Recipe {
        rotation_degrees: 180.0,
        zoom: [0.7, 1.4],
        shear_radians: [0.0, 0.2],
        shift_fraction: 0.1,
        elastic,
        interpolation: Interpolation::Nearest,
        ..Recipe::turns()
    }
}

const FIELDS: [Elastic; 3] = [
    Elastic::None,
    Elastic::Gaussian { alpha_px: 60.0, sigma_px: 4.0 },
    Elastic::Grid { nodes: 3, sigma_px: 6.0 },
];

/// Objects with numbers beyond a byte.
fn objects(height: usize, width: usize) -> Array2<u32> {
    Array2::from_shape_fn((height, width), |(y, x)| ((y / 5) * 1000 + x / 7) as u32)
}

#[test]
fn labels_and_all_planes_move_in_step() {
    let labels = objects(40, 33);
    let plane = labels.mapv(|label| label as f32);
    let window = stack(Axis(0), &[plane.view(), plane.view(), plane.view()]).unwrap();
    for (elastic, size) in FIELDS.into_iter().zip([[40, 33], [24, 24], [50, 20]]) {
        let cropping = Cropping { size, foreground: 0.5 };
        for n in 0..20 {
            let both = (window.view(), labels.view());
            let recipe = moving(elastic);
            let (pixels, moved) =
                augment_labels(&recipe, key(n), both, Some(&cropping), 255.0).unwrap();
            assert_eq!(moved.dim(), (size[0], size[1]));
            for plane in pixels.outer_iter() {
                assert_eq!(plane, moved.mapv(|label| label as f32), "{elastic:?} {n}");
            }
        }
    }
}

#[test]
fn gray_values_change_the_pixels_alone() {
    let labels = Array2::from_shape_fn((16, 16), |(y, _)| (y / 8) as u8);
    let recipe =
        Recipe { brightness: 0.2, contrast: [1.5, 2.0], noise_sigma: 0.1, ..Recipe::none() };
    let pixels = image(2, 16, 16);
    let both = (pixels.view(), labels.view());
    let (changed, same) = augment_labels(&recipe, key(3), both, None, 255.0).unwrap();
    assert_ne!(changed, pixels);
    assert_eq!(same, labels);
}

#[test]
fn a_crop_alone_copies() {
    let (pixels, labels) = (image(2, 30, 40), objects(30, 40));
    let cropping = Cropping { size: [12, 9], foreground: 0.0 };
    let mut corners = Vec::new();
    for n in 0..50 {
        let both = (pixels.view(), labels.view());
        let (cut, cut_labels) =
            augment_labels(&Recipe::none(), key(n), both, Some(&cropping), 255.0).unwrap();
        let places = (0..=18).flat_map(|y| (0..=31).map(move |x| (y, x)));
        let corner = places.into_iter().find(|&(y, x)| {
            pixels.slice(s![.., y..y + 12, x..x + 9]) == cut
                && labels.slice(s![y..y + 12, x..x + 9]) == cut_labels
        });
        corners.push(corner.unwrap());
    }
    corners.sort_unstable();
    corners.dedup();
    assert!(corners.len() > 40, "{}", corners.len());
}

#[test]
fn crops_contain_foreground_as_often_as_asked_for() {
    let pixels = Array3::zeros((1, 100, 100));
    for place in [[0, 0], [50, 50], [99, 98]] {
        let mut labels = Array2::<u8>::from_elem((100, 100), 0);
        labels[place] = 3;
        labels[[30, 30]] = IGNORE;
        for probability in [0.0, 0.5, 1.0] {
            let cropping = Cropping { size: [10, 10], foreground: probability };
            let with_foreground = |n: &u64| {
                let both = (pixels.view(), labels.view());
                let cropped =
                    augment_labels(&Recipe::turns(), key(*n), both, Some(&cropping), 255.0);
                cropped.unwrap().1.iter().any(|&label| label == 3)
            };
            let share = (0..400).filter(with_foreground).count() as f64 / 400.0;
            // By chance, at most 100 of 91 x 91 parts contain a pixel; 3.3 standard deviations.
            let expected = probability + (1.0 - probability) * 0.012;
            let tolerance = 3.3 * (expected * (1.0 - expected) / 400.0_f64).sqrt() + 0.013;
            assert!((share - expected).abs() <= tolerance, "{place:?} {probability} {share}");
        }
    }
}

#[test]
fn a_small_frame_stands_in_the_middle() {
    let (pixels, classes) = (array![[[5.0, 6.0]]], array![[1_u8, 2]]);
    let cropping = Cropping { size: [3, 4], foreground: 1.0 };
    let recipe = Recipe { border: Border::Constant(9.0), ..Recipe::none() };
    let both = (pixels.view(), classes.view());
    let (grown, labels) = augment_labels(&recipe, key(1), both, Some(&cropping), 255.0).unwrap();
    assert_eq!(grown.slice(s![0, 1, ..]), array![9.0, 5.0, 6.0, 9.0]);
    assert_eq!(labels.row(1), array![IGNORE, 1, 2, IGNORE]);
    assert!(labels.row(0).iter().all(|&label| label == IGNORE));
    let both = (pixels.view(), classes.mapv(u32::from));
    let (_, labels) =
        augment_labels(&recipe, key(1), (both.0, both.1.view()), Some(&cropping), 255.0).unwrap();
    assert_eq!(labels.row(1), array![0, 1, 2, 0]);
    let recipe = Recipe::none();
    let both = (pixels.view(), classes.view());
    let (_, labels) = augment_labels(&recipe, key(1), both, Some(&cropping), 255.0).unwrap();
    assert_eq!(labels.row(0), array![1, 1, 2, 2]);
}

#[test]
fn the_eight_symmetries_all_occur() {
    let pixels = image(1, 6, 6);
    let labels = objects(6, 6);
    let mut seen: Vec<Array3<f32>> = Vec::new();
    for n in 0..100 {
        let both = (pixels.view(), labels.view());
        let (turned, _) = augment_labels(&Recipe::turns(), key(n), both, None, 255.0).unwrap();
        if !seen.contains(&turned) {
            seen.push(turned);
        }
    }
    assert_eq!(seen.len(), 8);
    assert!(seen.contains(&pixels));
}

#[test]
fn a_key_gives_the_same_bits_and_no_other_does() {
    let (pixels, labels) = (image(1, 20, 20), objects(20, 20));
    let both = || (pixels.view(), labels.view());
    let of = |n| augment_labels(&Recipe::unet(), key(n), both(), None, 255.0).unwrap();
    assert_eq!(of(1), of(1));
    assert_ne!(of(1).0, of(2).0);
}

#[test]
fn bad_arguments_are_refused() {
    let (pixels, labels) = (image(1, 4, 4), objects(4, 4));
    let refused = |cropping: Cropping| {
        let both = (pixels.view(), labels.view());
        augment_labels(&Recipe::none(), key(1), both, Some(&cropping), 255.0).unwrap_err()
    };
    let none = Cropping { size: [0, 4], foreground: 0.5 };
    assert_eq!(
        refused(none).to_string(),
        "expected a crop of at least 1 x 1 pixel and a probability of foreground in [0, 1], but got 0 x 4 \
         and 0.5"
    );
    let nan = Cropping { size: [2, 2], foreground: f64::NAN };
    assert!(matches!(refused(nan), Error::Cropping { .. }));
    let other = objects(4, 5);
    let both = (pixels.view(), other.view());
    let mismatch = augment_labels(&Recipe::none(), key(1), both, None, 255.0).unwrap_err();
    assert_eq!(mismatch, Error::MaskShape { image: [4, 4], mask: [4, 5] });
    for elastic in [
        Elastic::Grid { nodes: 1, sigma_px: 1.0 },
        Elastic::Grid { nodes: 3, sigma_px: 0.0 },
        Elastic::Gaussian { alpha_px: f64::NAN, sigma_px: 1.0 },
        Elastic::Gaussian { alpha_px: 1.0, sigma_px: 1001.0 },
    ] {
        let recipe = Recipe { elastic, ..Recipe::none() };
        assert!(matches!(recipe.validate(), Err(Error::Elastic { .. })), "{elastic:?}");
    }
}

proptest! {
    #[test]
    fn any_size_is_taken(
        (height, width) in (0_usize..12, 0_usize..12),
        size in prop::option::of((1_usize..16, 1_usize..16)),
        field in 0_usize..3,
        n in any::<u64>(),
    ) {
        let (pixels, labels) = (image(1, height, width), objects(height, width));
        let cropping = size.map(|(h, w)| Cropping { size: [h, w], foreground: 0.7 });
        let both = (pixels.view(), labels.view());
        let recipe = Recipe { interpolation: Interpolation::CubicSpline, ..moving(FIELDS[field]) };
        let (moved, moved_labels) =
            augment_labels(&recipe, key(n), both, cropping.as_ref(), 255.0).unwrap();
        let expected = size.unwrap_or((height, width));
        prop_assert_eq!(moved.dim(), (1, expected.0, expected.1));
        let known = |label: &u32| labels.iter().any(|known| known == label) || *label == 0;
        prop_assert!(moved_labels.iter().all(known));
        prop_assert!(moved.iter().all(|value| value.is_finite()));
    }
}
