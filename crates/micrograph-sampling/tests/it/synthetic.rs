//! What holds of every synthetic micrograph, and of many on average.

use micrograph_sampling::Error;
use micrograph_sampling::synthetic::{
    ClassRatio, Liposome, LiposomeConfig, Problem, class_counts, liposome,
};
use ndarray::Array2;
use proptest::prelude::*;

const SEED: u64 = 11;

fn drawn(problem: Problem, class: u32, n: u64) -> Vec<Liposome> {
    let config = LiposomeConfig::new(problem);
    (0..n).map(|index| liposome(&config, class, SEED, index).unwrap()).collect()
}

/// The first and last row and column of the mask.
fn mask_box(mask: &Array2<bool>) -> [usize; 4] {
    let inside: Vec<(usize, usize)> =
        mask.indexed_iter().filter(|(_, inside)| **inside).map(|(at, _)| at).collect();
    let rows = || inside.iter().map(|at| at.0);
    let columns = || inside.iter().map(|at| at.1);
    let bounds = [rows().min(), rows().max(), columns().min(), columns().max()];
    bounds.map(|bound| bound.expect("the mask is not empty"))
}

/// The longer side of the object's box.
fn size(liposome: &Liposome) -> usize {
    let (height, width) = liposome.mask.dim();
    height.max(width) - 100
}

/// For each pixel how far it is inside the mask, in steps to the eight neighbors; negative outside.
fn depth(mask: &Array2<bool>) -> Array2<i32> {
    let (height, width) = mask.dim();
    let near = |i: usize, end: usize| i.saturating_sub(1)..(i + 2).min(end);
    let mut depth = mask.mapv(|inside| if inside { i32::MAX } else { -i32::MAX });
    for step in 1..16 {
        let last = depth.clone();
        for ((y, x), value) in depth.indexed_iter_mut() {
            let sign = value.signum();
            let meets = near(y, height).any(|v| {
                near(x, width).any(|u| {
                    let other = last[[v, u]];
                    other.signum() != sign || (other.abs() < step && value.abs() > step)
                })
            });
            if value.abs() == i32::MAX && meets {
                *value = sign * step;
            }
        }
    }
    depth
}

/// The mean gray level where `holds` of the depth.
fn mean_where(liposome: &Liposome, holds: impl Fn(i32) -> bool) -> f32 {
    let depth = depth(&liposome.mask);
    let grays = depth.indexed_iter().filter(|(_, depth)| holds(**depth));
    let grays: Vec<f32> = grays.map(|((y, x), _)| liposome.pixels[[0, y, x]]).collect();
    grays.iter().sum::<f32>() / grays.len() as f32
}

#[test]
fn every_image_is_centered_on_its_object_with_fifty_pixels_around() {
    for problem in [Problem::Lamellarity, Problem::Encapsulation] {
        for class in 0..3 {
            for image in drawn(problem, class, 8) {
                let (channels, height, width) = image.pixels.dim();
                assert_eq!((channels, (height, width)), (1, image.mask.dim()));
                let expected = [50, height - 51, 50, width - 51];
                assert_eq!(mask_box(&image.mask), expected, "{problem} {class}");
                assert!(image.mask[[height / 2, width / 2]]);
                let is_gray = |gray: &f32| (0.0..=255.0).contains(gray) && gray.fract() == 0.0;
                assert!(image.pixels.iter().all(is_gray));
                assert_eq!((image.class, image.pixel_size_nm), (class, 1.0));
            }
        }
    }
}

#[test]
fn an_image_follows_from_its_seed_and_index_alone() {
    let config = LiposomeConfig::new(Problem::Lamellarity);
    let image = |seed, index| liposome(&config, 0, seed, index).unwrap();
    let alone = image(3, 17);
    for index in 0..17 {
        assert_ne!(image(3, index).pixels, alone.pixels);
    }
    assert_eq!(image(3, 17), alone);
    assert_ne!(image(4, 17).pixels, alone.pixels);
}

#[test]
fn multilamellar_liposomes_are_larger_but_size_does_not_decide() {
    let sizes = |class| {
        let mut sizes: Vec<usize> =
            drawn(Problem::Lamellarity, class, 80).iter().map(size).collect();
        sizes.sort_unstable();
        sizes
    };
    let (multi, uni) = (sizes(0), sizes(2));
    assert!(multi[40] > uni[40] + 30, "medians {} and {}", multi[40], uni[40]);
    let large = |sizes: &[usize]| sizes.iter().filter(|&&size| size > 100).count();
    assert!(large(&multi) > 52, "{multi:?}");
    assert!((8..34).contains(&large(&uni)), "{uni:?}");
    assert!(multi[0] < uni[60] && uni[79] > multi[20], "{multi:?} {uni:?}");
}

#[test]
fn the_membrane_is_a_dark_ring_inside_the_border() {
    let images = drawn(Problem::Lamellarity, 2, 24);
    let contrast = |image: &Liposome| {
        mean_where(image, |depth| (1..=5).contains(&depth))
            - mean_where(image, |depth| (-14..=-8).contains(&depth))
    };
    let contrasts: Vec<f32> = images.iter().map(contrast).collect();
    let darker = contrasts.iter().filter(|&&contrast| contrast < 0.0).count();
    assert!(darker >= 21, "{contrasts:?}");
    assert!(contrasts.iter().sum::<f32>() / 24.0 < -5.0, "{contrasts:?}");
}

#[test]
fn full_liposomes_are_darker_inside_than_empty_ones() {
    let contrast = |image: &Liposome| {
        mean_where(image, |depth| depth > 10) - mean_where(image, |depth| depth < -6)
    };
    let mean =
        |class| drawn(Problem::Encapsulation, class, 24).iter().map(contrast).sum::<f32>() / 24.0;
    let (empty, full) = (mean(0), mean(1));
    assert!(empty.abs() < 12.0, "{empty}");
    assert!(full < empty - 20.0, "{full} {empty}");
}

#[test]
fn pixel_size_and_surroundings_are_as_asked() {
    let draw = |pixel_size_nm, surround_px| {
        let config = LiposomeConfig {
            pixel_size_nm,
            surround_px,
            ..LiposomeConfig::new(Problem::Encapsulation)
        };
        liposome(&config, 0, 5, 0).unwrap().mask
    };
    let (fine, coarse) = (draw(0.5, 0), draw(2.0, 10));
    let (height, width) = fine.dim();
    assert_eq!(mask_box(&fine), [0, height - 1, 0, width - 1]);
    assert_eq!(mask_box(&coarse)[0], 10);
    // The object is the same: a quarter of the pixels along each side, give or take one.
    let expected = (height as f64 / 4.0).round() as i64;
    assert!((coarse.dim().0 as i64 - 20 - expected).abs() <= 1);
}

proptest! {
    #[test]
    fn counts_are_those_of_the_largest_remainder(
        parts in prop::collection::vec(0.0_f64..10.0, 3), n in 0_usize..2000
    ) {
        let sum: f64 = parts.iter().sum();
        prop_assume!(sum > 0.1);
        let ratio = ClassRatio::Given(parts.clone());
        let config = LiposomeConfig { ratio, ..LiposomeConfig::new(Problem::Lamellarity) };
        let counts = class_counts(&config, n).unwrap();
        prop_assert_eq!(counts.iter().sum::<usize>(), n);
        for (&count, &part) in counts.iter().zip(&parts) {
            let exact = n as f64 * part / sum;
            // Two where the largest class gives one to each class that would have had none.
            prop_assert!((count as f64 - exact).abs() < 3.0);
            prop_assert!(part == 0.0 || n < 3 || count > 0);
        }
    }
}

#[test]
fn the_thesis_ratios_give_the_thesis_counts() {
    let lamellarity = LiposomeConfig::new(Problem::Lamellarity);
    assert_eq!(class_counts(&lamellarity, 14_169), Ok(vec![1_717, 84, 12_368]));
    let encapsulation = LiposomeConfig::new(Problem::Encapsulation);
    assert_eq!(class_counts(&encapsulation, 24_918), Ok(vec![161, 24_255, 502]));
    let balanced = LiposomeConfig { ratio: ClassRatio::Balanced, ..encapsulation };
    assert_eq!(class_counts(&balanced, 7), Ok(vec![3, 2, 2]));
}

#[test]
fn settings_outside_their_range_are_named() {
    let base = LiposomeConfig::new(Problem::Lamellarity);
    let message = |config: LiposomeConfig| liposome(&config, 0, 0, 0).unwrap_err().to_string();
    let config = LiposomeConfig { pixel_size_nm: 12.0, ..base.clone() };
    assert_eq!(message(config), "pixel_size_nm = 12: expected 0.25 to 4");
    let config = LiposomeConfig { defocus_nm: [3000.0, 2000.0], ..base.clone() };
    assert!(message(config).starts_with("defocus_nm = [3000.0, 2000.0]: expected two ascending"));
    let config = LiposomeConfig { electrons_per_pixel: [f64::NAN, 9.0], ..base.clone() };
    assert!(message(config).starts_with("electrons_per_pixel"));
    let config = LiposomeConfig { neighbors: -1.0, ..base.clone() };
    assert!(message(config).starts_with("neighbors = -1"));
    for ratio in [vec![1.0, 2.0], vec![0.0; 3], vec![1.0, -1.0, 1.0], vec![f64::MAX; 3]] {
        let config = LiposomeConfig { ratio: ClassRatio::Given(ratio), ..base.clone() };
        assert!(matches!(class_counts(&config, 9), Err(Error::Ratio { n_classes: 3, .. })));
    }
    let error = liposome(&base, 3, 0, 0).unwrap_err().to_string();
    assert_eq!(error, "class 3 of the lamellarity problem: expected below 3");
    let error = "lamelarity".parse::<Problem>().unwrap_err().to_string();
    assert_eq!(error, "unknown problem `lamelarity`: expected lamellarity or encapsulation");
}

#[test]
fn a_configuration_survives_json_and_unknown_fields_do_not() {
    let config = LiposomeConfig {
        ratio: ClassRatio::Given(vec![1.0, 1.0, 2.0]),
        ..LiposomeConfig::new(Problem::Encapsulation)
    };
    let text = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<LiposomeConfig>(&text).unwrap(), config);
    let partial: LiposomeConfig = serde_json::from_str(r#"{"problem":"encapsulation"}"#).unwrap();
    assert_eq!(partial, LiposomeConfig::new(Problem::Encapsulation));
    assert!(serde_json::from_str::<LiposomeConfig>(r#"{"neighbours":2}"#).is_err());
}
