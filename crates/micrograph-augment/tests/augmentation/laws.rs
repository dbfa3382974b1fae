//! What holds for any image and any key.

use micrograph_augment::{Drawn, Key, Recipe, augment};
use micrograph_image::{Border, Interpolation};
use ndarray::{Array2, Array3, Axis};
use proptest::prelude::*;

use crate::{image, key};

/// Everything at once, with a border that shows.
fn strong() -> Recipe {
    Recipe {
        brightness: 0.2,
        contrast: [0.5, 2.0],
        gamma: [0.5, 2.0],
        noise_sigma: 0.05,
        ..Recipe::thesis()
    }
}

fn any_key() -> impl Strategy<Value = Key> {
    (any::<u64>(), any::<u64>(), any::<u64>(), 0u64..5)
        .prop_map(|(seed, epoch, sample, copy)| Key { seed, epoch, sample, copy })
}

fn bits(pixels: &Array3<f32>) -> Vec<u32> {
    pixels.iter().map(|value| value.to_bits()).collect()
}

fn augmented(recipe: &Recipe, key: Key, pixels: &Array3<f32>) -> Array3<f32> {
    augment(recipe, key, pixels.view(), None, 255.0).unwrap().0
}

fn objects(pixels: &Array3<f32>) -> Array2<bool> {
    pixels.index_axis(Axis(0), 0).mapv(|value| value > 100.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_key_decides_all_bits(key in any_key()) {
        let pixels = image(2, 9, 11);
        let first = augmented(&strong(), key, &pixels);
        prop_assert_eq!(bits(&first), bits(&augmented(&strong(), key, &pixels)));
    }

    #[test]
    fn each_part_of_a_key_matters(key in any_key()) {
        let pixels = image(1, 9, 11);
        let first = augmented(&strong(), key, &pixels);
        let others = [
            Key { seed: key.seed ^ 1, ..key },
            Key { epoch: key.epoch ^ 1, ..key },
            Key { sample: key.sample ^ 1, ..key },
            Key { copy: key.copy + 1, ..key },
        ];
        for other in others {
            prop_assert_ne!(bits(&first), bits(&augmented(&strong(), other, &pixels)));
        }
    }

    #[test]
    fn the_empty_recipe_keeps_all_bits(key in any_key()) {
        let pixels = image(3, 5, 7).mapv(|value| value / 7.0);
        let mask = objects(&pixels);
        let (same, same_mask) =
            augment(&Recipe::none(), key, pixels.view(), Some(mask.view()), 255.0).unwrap();
        prop_assert_eq!(bits(&same), bits(&pixels));
        prop_assert_eq!(same_mask, Some(mask));
    }

    #[test]
    fn an_operation_leaves_the_draws_of_the_others(key in any_key()) {
        let all = strong().draw(key);
        let without = Recipe { rotation_degrees: 0.0, zoom: [1.0, 1.0], gamma: [1.0, 1.0], ..strong() };
        let expected = Drawn { rotation_degrees: 0.0, zoom: 1.0, gamma: 1.0, ..all };
        prop_assert_eq!(without.draw(key), expected);
    }

    #[test]
    fn noise_does_not_depend_on_other_operations(key in any_key()) {
        let pixels = image(1, 6, 6);
        let noise = Recipe { noise_sigma: 0.1, ..Recipe::none() };
        let both = Recipe { flip_horizontal: 1.0, ..noise };
        let flip = Recipe { noise_sigma: 0.0, ..both };
        let alone = augmented(&noise, key, &pixels) - &pixels;
        let after = augmented(&both, key, &pixels) - augmented(&flip, key, &pixels);
        prop_assert!(alone.iter().zip(&after).all(|(a, b)| (a - b).abs() < 1e-4));
    }

    #[test]
    fn flipping_twice_is_nothing(key in any_key(), horizontal in any::<bool>()) {
        let probability = |flips: bool| if flips { 1.0 } else { 0.0 };
        let recipe = Recipe {
            flip_horizontal: probability(horizontal),
            flip_vertical: probability(!horizontal),
            ..Recipe::none()
        };
        let pixels = image(2, 6, 9);
        let twice = augmented(&recipe, key, &augmented(&recipe, key, &pixels));
        prop_assert_eq!(twice, pixels);
    }

    #[test]
    fn a_mask_follows_its_image(key in any_key()) {
        let mask = objects(&image(1, 14, 11));
        let binary = mask.mapv(|object| if object { 255.0 } else { 0.0 }).insert_axis(Axis(0));
        for border in [Border::Constant(0.0), Border::Nearest, Border::Reflect, Border::Wrap] {
            let recipe = Recipe { interpolation: Interpolation::Nearest, border, ..Recipe::thesis() };
            let (pixels, moved) = augment(&recipe, key, binary.view(), Some(mask.view()), 255.0).unwrap();
            prop_assert_eq!(Some(objects(&pixels)), moved);
        }
    }

    #[test]
    fn the_mask_is_the_same_whatever_the_interpolation(key in any_key()) {
        let pixels = image(1, 14, 11);
        let mask = objects(&pixels);
        let moved = |interpolation| {
            let recipe = Recipe { interpolation, ..Recipe::thesis() };
            augment(&recipe, key, pixels.view(), Some(mask.view()), 255.0).unwrap().1
        };
        prop_assert_eq!(moved(Interpolation::Nearest), moved(Interpolation::CubicSpline));
    }
}

#[test]
fn the_mean_is_kept_on_average() {
    // A disk that never reaches the edge: turning, moving and mirroring keep its area.
    let disk = Array3::from_shape_fn((1, 40, 40), |(_, y, x)| {
        let (y, x) = (y as f32 - 19.5, x as f32 - 19.5);
        if y * y + x * x < 64.0 { 200.0 } else { 100.0 }
    });
    let rigid = Recipe { shear_radians: [0.0, 0.0], zoom: [1.0, 1.0], ..Recipe::thesis() };
    let mean = disk.mean().unwrap();
    for n in 0..50 {
        let got = augmented(&rigid, key(n), &disk).mean().unwrap();
        assert!((got - mean).abs() < 0.2, "sample {n}: {got}, expected {mean}");
    }
}

#[test]
fn an_image_without_pixels_comes_back() {
    let none = Array3::<f32>::zeros((1, 0, 4));
    assert_eq!(augmented(&strong(), key(0), &none), none);
}

#[test]
fn types_can_be_sent_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<(Recipe, Key, Drawn, micrograph_augment::Error)>();
}
