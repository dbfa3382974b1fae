//! Recipes as values: files, names, limits, and the distribution of what is drawn.

use micrograph_augment::{Drawn, Error, Recipe, Steps, augment};
use micrograph_image::{Border, Interpolation};
use ndarray::{Array2, Array3};

use crate::key;

fn everything() -> Recipe {
    Recipe {
        border: Border::Constant(0.1),
        brightness: 0.1,
        contrast: [0.8, 1.25],
        gamma: [0.7, 1.4],
        noise_sigma: 0.02,
        ..Recipe::thesis()
    }
}

#[test]
fn a_recipe_survives_a_file() {
    let presets = Recipe::PRESETS.iter().map(|name| Recipe::preset(name).unwrap());
    for recipe in presets.chain([everything()]) {
        let text = toml::to_string(&recipe).unwrap();
        assert_eq!(toml::from_str::<Recipe>(&text).unwrap(), recipe, "{text}");
    }
}

#[test]
fn a_file_names_what_differs_from_nothing() {
    let text = "rotation_degrees = 10.0\nborder = { constant = 0.0 }\nsteps = \"whole\"";
    let expected = Recipe {
        rotation_degrees: 10.0,
        border: Border::Constant(0.0),
        steps: Steps::Whole,
        ..Recipe::none()
    };
    assert_eq!(toml::from_str::<Recipe>(text).unwrap(), expected);
    let error = toml::from_str::<Recipe>("rotation = 10.0").unwrap_err();
    assert!(error.to_string().contains("unknown field `rotation`"), "{error}");
}

#[test]
fn drawn_values_survive_a_file() {
    let drawn = everything().draw(key(5));
    assert_eq!(toml::from_str::<Drawn>(&toml::to_string(&drawn).unwrap()).unwrap(), drawn);
}

#[test]
fn the_thesis_is_the_thesis() {
    let recipe = Recipe::thesis();
    assert_eq!((recipe.rotation_degrees, recipe.shift_fraction), (180.0, 0.1));
    assert_eq!((recipe.shear_radians, recipe.zoom), ([0.0, 0.2], [0.8, 1.0]));
    assert_eq!((recipe.flip_horizontal, recipe.flip_vertical), (0.5, 0.5));
    assert_eq!((recipe.steps, recipe.interpolation), (Steps::Whole, Interpolation::CubicSpline));
}

#[test]
fn each_limit_has_its_error() {
    fn violation(change: impl FnOnce(&mut Recipe)) -> Error {
        let mut recipe = Recipe::thesis();
        change(&mut recipe);
        let pixels = Array3::zeros((1, 2, 2));
        let refused = augment(&recipe, key(0), pixels.view(), None, 255.0).unwrap_err();
        assert_eq!(recipe.validate().unwrap_err().to_string(), refused.to_string());
        refused
    }
    let refused = violation(|recipe| recipe.rotation_degrees = 181.0);
    assert_eq!(refused, Error::RotationDegrees { got: 181.0 });
    let refused = violation(|recipe| recipe.shift_fraction = -0.1);
    assert_eq!(refused, Error::ShiftFraction { got: -0.1 });
    let refused = violation(|recipe| recipe.shear_radians = [0.0, 11.0]);
    assert_eq!(refused, Error::ShearRadians { got: [0.0, 11.0] });
    let refused = violation(|recipe| recipe.zoom = [1.0, 0.8]);
    assert_eq!(refused, Error::Zoom { got: [1.0, 0.8] });
    let refused = violation(|recipe| recipe.flip_horizontal = 1.5);
    assert_eq!(refused, Error::FlipHorizontal { got: 1.5 });
    let refused = violation(|recipe| recipe.flip_vertical = f64::NAN);
    assert!(matches!(refused, Error::FlipVertical { .. }));
    let refused = violation(|recipe| recipe.border = Border::Constant(f32::INFINITY));
    assert_eq!(refused, Error::Border { got: f32::INFINITY });
    let refused = violation(|recipe| recipe.brightness = 20.0);
    assert_eq!(refused, Error::Brightness { got: 20.0 });
    let refused = violation(|recipe| recipe.contrast = [-0.5, 1.0]);
    assert_eq!(refused, Error::Contrast { got: [-0.5, 1.0] });
    let refused = violation(|recipe| recipe.gamma = [0.0, 1.0]);
    assert_eq!(
        refused.to_string(),
        "expected gamma [low, high] with 0.01 <= low <= high <= 100, but got [0.0, 1.0]; \
         [1, 1] leaves it alone"
    );
    let refused = violation(|recipe| recipe.noise_sigma = f64::INFINITY);
    assert_eq!(refused, Error::NoiseSigma { got: f64::INFINITY });
}

#[test]
fn images_that_do_not_fit_are_refused() {
    let pixels = Array3::zeros((1, 2, 3));
    let mask = Array2::from_elem((3, 2), true);
    let refused = augment(&Recipe::none(), key(0), pixels.view(), Some(mask.view()), 1.0);
    assert_eq!(refused.unwrap_err(), Error::MaskShape { image: [2, 3], mask: [3, 2] });
    let refused = augment(&everything(), key(0), pixels.view(), None, 0.0);
    assert_eq!(refused.unwrap_err(), Error::FullScale { got: 0.0 });
}

/// Draws 10,000 values, and checks their range and their mean to four standard errors of a uniform
/// distribution, `4 (high - low) / sqrt(12 * 10,000)`.
#[track_caller]
fn check_uniform(recipe: &Recipe, [low, high]: [f64; 2], value: impl Fn(&Drawn) -> f64) {
    let values: Vec<f64> = (0..10_000).map(|n| value(&recipe.draw(key(n)))).collect();
    assert!(values.iter().all(|value| (low..=high).contains(value)));
    let mean = values.iter().sum::<f64>() / 10_000.0;
    let allowed = 4.0 * (high - low) / 120_000f64.sqrt();
    assert!((mean - (low + high) / 2.0).abs() < allowed, "mean {mean}");
    // All parts of the range occur: a tenth of it holds a tenth of the values, within four errors.
    for part in 0..10 {
        let share = |value: &&f64| ((*value - low) / (high - low) * 10.0).min(9.0) as usize == part;
        let count = values.iter().filter(share).count();
        assert!((880..=1120).contains(&count), "{count} values in part {part}");
    }
}

#[test]
fn what_is_drawn_is_uniform_within_its_limits() {
    let recipe = Recipe { steps: Steps::Continuous, ..everything() };
    check_uniform(&recipe, [-180.0, 180.0], |drawn| drawn.rotation_degrees);
    check_uniform(&recipe, [-2.8, 2.8], |drawn| recipe.shift_px(drawn, (28, 64))[0]);
    check_uniform(&recipe, [-6.4, 6.4], |drawn| recipe.shift_px(drawn, (28, 64))[1]);
    check_uniform(&recipe, [0.0, 0.2], |drawn| drawn.shear_radians);
    check_uniform(&recipe, [0.8, 1.0], |drawn| drawn.zoom);
    check_uniform(&recipe, [-0.1, 0.1], |drawn| drawn.brightness);
    check_uniform(&recipe, [0.8, 1.25], |drawn| drawn.contrast);
    check_uniform(&recipe, [0.7, 1.4], |drawn| drawn.gamma);
}

#[test]
fn whole_steps_are_whole_and_equally_likely() {
    let recipe = Recipe::thesis();
    let mut counts = [0; 5];
    for n in 0..10_000 {
        let drawn = recipe.draw(key(n));
        let [down, _] = recipe.shift_px(&drawn, (28, 28));
        assert_eq!((drawn.rotation_degrees.fract(), down.fract()), (0.0, 0.0));
        counts[(down + 2.0) as usize] += 1;
    }
    // Five whole pixels: 2,000 each, within four standard errors of 40.
    assert!(counts.iter().all(|count| (1840..=2160).contains(count)), "{counts:?}");
    check_uniform(&recipe, [-180.0, 180.0], |drawn| drawn.rotation_degrees);
}

#[test]
fn flips_have_their_probability() {
    let recipe = Recipe { flip_horizontal: 0.5, flip_vertical: 0.2, ..Recipe::none() };
    let drawn: Vec<Drawn> = (0..10_000).map(|n| recipe.draw(key(n))).collect();
    let count = |flips: fn(&&Drawn) -> bool| drawn.iter().filter(flips).count();
    // Four standard errors: 200, 160, 120.
    assert!((4800..=5200).contains(&count(|drawn| drawn.flip_horizontal)));
    assert!((1840..=2160).contains(&count(|drawn| drawn.flip_vertical)));
    assert!((880..=1120).contains(&count(|drawn| drawn.flip_horizontal && drawn.flip_vertical)));
}
