//! Images without pixels, of one pixel, of one value, with NaN; settings out of range.

use micrograph_segment::{
    Beyond, Connectivity, Element, Error, Foreground, Histogram, Holes, InstancesConfig,
    LocalMethod, Split, ThresholdMethod, border_pixels, close, contours, dilate_mask,
    distance_transform, erode, fill_holes, gaussian, instances, label_areas, label_components,
    local_threshold, open, outer_outline, propagate, reconstruct, relabel, remove_small,
    remove_small_labels, split_mask, thin, threshold, triangle, watershed, yen,
};
use ndarray::{Array2, array};

const METHODS: [ThresholdMethod; 4] =
    [ThresholdMethod::Otsu, ThresholdMethod::Li, ThresholdMethod::Triangle, ThresholdMethod::Yen];

const ELEMENTS: [Element; 4] =
    [Element::Disk(0), Element::Disk(9), Element::Square(9), Element::Cross(9)];

/// Images on which something could break: none of them may.
fn images() -> Vec<Array2<f32>> {
    let mut images: Vec<Array2<f32>> = [(0, 0), (0, 3), (3, 0), (1, 1), (1, 7), (7, 1), (4, 5)]
        .into_iter()
        .flat_map(|size| {
            [0.0, 1.0, -2.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX]
                .map(|value| Array2::from_elem(size, value))
        })
        .collect();
    let odd = [0.5, f32::NAN, f32::INFINITY, -f32::INFINITY, f32::MAX, f32::MIN, 1e-45, -0.0];
    images.push(Array2::from_shape_fn((6, 7), |(y, x)| odd[(y * 3 + x * 5) % odd.len()]));
    images
}

#[test]
fn nothing_breaks_on_odd_images() {
    for image in images() {
        let mask = image.mapv(|value| value > 0.4);
        let labels = mask.mapv(u32::from);
        let size = image.dim();
        for method in METHODS {
            let _ = threshold(image.view(), method).unwrap();
            let foreground = Foreground::Automatic(method);
            let config = InstancesConfig { foreground, blur_px: 0.7, ..Default::default() };
            assert_eq!(instances(image.view(), &config).unwrap().dim(), size);
        }
        for element in ELEMENTS {
            assert_eq!(open(image.view(), element).unwrap().dim(), size);
            assert_eq!(close(mask.view(), element).unwrap().dim(), size);
            assert_eq!(dilate_mask(mask.view(), element).unwrap().dim(), size);
        }
        for method in [LocalMethod::Mean, LocalMethod::Gaussian] {
            assert_eq!(local_threshold(image.view(), method, 11, 0.0).unwrap().dim(), size);
        }
        assert_eq!(thin(mask.view()).dim(), size);
        assert_eq!(fill_holes(mask.view(), Connectivity::Eight).dim(), size);
        assert_eq!(remove_small(mask.view(), 2, Connectivity::Eight).dim(), size);
        let wide = image.mapv(f64::from);
        let grown = reconstruct(wide.view(), wide.view(), Connectivity::Eight).unwrap();
        assert_eq!(grown.dim(), size);
        let _ = (contours(image.view(), 0.4), contours(image.view(), f64::NAN));
        let _ = (border_pixels(labels.view(), Connectivity::Eight), outer_outline(mask.view()));
        let all = Array2::from_elem(size, true);
        let flooded = watershed(image.view(), labels.view(), all.view(), Connectivity::Eight);
        assert_eq!(flooded.unwrap().dim(), size);
        let (spread, costs) = propagate(image.view(), labels.view(), all.view(), 1.0).unwrap();
        assert!(costs.iter().all(|cost| !cost.is_nan()));
        assert_eq!(spread.dim(), size);
    }
}

#[test]
fn a_threshold_of_one_value_is_that_value_and_of_none_there_is_none() {
    for method in METHODS {
        for value in [3.0, 0.25] {
            let flat = Array2::from_elem((3, 4), value);
            assert_eq!(threshold(flat.view(), method), Ok(Some(f64::from(value))), "{method:?}");
        }
        let none = array![[f32::NAN, f32::INFINITY]];
        assert_eq!(threshold(none.view(), method), Ok(None));
        let some = array![[f32::NAN, 1.0, 1.0, 9.0, f32::INFINITY]];
        let level = threshold(some.view(), method).unwrap().unwrap();
        assert!((1.0..9.0).contains(&level), "{method:?}: {level}");
    }
}

#[test]
fn histograms_of_nothing_have_no_threshold() {
    let none = Histogram::of_levels(Array2::zeros((0, 5)).view());
    assert!(none.counts().is_empty());
    assert_eq!((triangle(&none), yen(&none)), (None, None));
    let all = Histogram::of_levels(array![[0, u16::MAX]].view());
    assert_eq!((all.counts().len(), all.center(65_535)), (65_536, 65_535.0));
}

#[test]
fn nan_is_as_if_beyond_the_image_in_morphology() {
    let image = array![[4.0_f32, f32::NAN, 2.0, 9.0]];
    let least = erode(image.view(), Element::Square(1)).unwrap();
    assert_eq!(least, array![[4.0, 2.0, 2.0, 2.0]]);
    let alone = erode(array![[f32::NAN]].view(), Element::Disk(3)).unwrap();
    assert_eq!(alone, array![[f32::INFINITY]]);
}

#[test]
fn seeds_outside_the_mask_do_not_grow() {
    let image = Array2::zeros((1, 4));
    let seeds = array![[1, 0, 0, 2]];
    let mask = array![[false, true, true, true]];
    let (labels, costs) = propagate(image.view(), seeds.view(), mask.view(), 1.0).unwrap();
    assert_eq!(labels, array![[1, 2, 2, 2]]);
    assert_eq!(costs, array![[0.0, 2.0, 1.0, 0.0]]);
    let flooded = watershed(image.view(), seeds.view(), mask.view(), Connectivity::Four).unwrap();
    assert_eq!(flooded, array![[0, 2, 2, 2]]);
}

#[test]
fn a_seed_keeps_its_label_where_ways_cost_nothing() {
    let image = Array2::zeros((1, 3));
    let all = Array2::from_elem((1, 3), true);
    let (labels, _) = propagate(image.view(), array![[3, 0, 2]].view(), all.view(), 0.0).unwrap();
    assert_eq!(labels, array![[3, 2, 2]]);
}

#[test]
fn labels_may_be_any_numbers() {
    let labels = array![[u32::MAX, 0, 7], [u32::MAX, 0, 0]];
    assert_eq!(remove_small_labels(labels.view(), 2), array![[u32::MAX, 0, 0], [u32::MAX, 0, 0]]);
    assert_eq!(relabel(labels.view()).1, 2);
    assert_eq!(label_areas(labels.view()).len(), 8);
}

#[test]
fn a_split_can_be_deep_shallow_or_none() {
    // Two disks of radius 5, 8 px apart: the saddle lies 2 px below their tops.
    let within = |y: usize, x: usize, center: f64| (y as f64 - 6.0).hypot(x as f64 - center) < 5.5;
    let mask = Array2::from_shape_fn((13, 21), |(y, x)| within(y, x, 6.0) || within(y, x, 14.0));
    let n = |split| {
        let config = InstancesConfig { split, ..Default::default() };
        split_mask(mask.view(), &config).unwrap().into_iter().max().unwrap()
    };
    assert_eq!(n(Split::Never), 1);
    assert_eq!(n(Split::Depth(1.0)), 2);
    assert_eq!(n(Split::Depth(4.0)), 1);
    assert!(n(Split::Depth(0.0)) >= 2);
}

#[test]
fn holes_are_kept_or_filled_and_small_objects_go() {
    let mut mask = Array2::from_elem((9, 9), false);
    mask.slice_mut(ndarray::s![1..6, 1..6]).fill(true);
    mask[[3, 3]] = false;
    mask[[8, 8]] = true;
    let base = InstancesConfig { split: Split::Never, ..Default::default() };
    let areas = |config| label_areas(split_mask(mask.view(), &config).unwrap().view());
    assert_eq!(areas(base), [56, 25]);
    assert_eq!(areas(InstancesConfig { holes: Holes::Keep, ..base }), [57, 24]);
    assert_eq!(areas(InstancesConfig { least_px: 1, ..base }), [55, 25, 1]);
}

#[test]
fn errors_say_what_was_expected() {
    let (image, mask) = (Array2::<f32>::zeros((3, 4)), Array2::from_elem((4, 3), true));
    let markers = Array2::zeros((3, 4));
    let error = watershed(image.view(), markers.view(), mask.view(), Connectivity::Four);
    let message = "expected a mask of 3 x 4 pixels, as the image has, got 4 x 3; crop or resize both together";
    assert_eq!(error.unwrap_err().to_string(), message);
    let all = Array2::from_elem((3, 4), true);
    let error = propagate(image.view(), markers.view(), all.view(), f64::NAN).unwrap_err();
    assert_eq!(error.to_string(), "expected the weight of distance from 0 to 1e100, got NaN");
    let error = local_threshold(image.view(), LocalMethod::Mean, 4, 0.0).unwrap_err();
    assert_eq!(error.to_string(), "expected a window of an odd number of pixels up to 2001, got 4");
    assert!(matches!(erode(image.view(), Element::Disk(5000)), Err(Error::Setting { .. })));
    assert!(matches!(gaussian(image.view(), -1.0), Err(Error::Setting { .. })));
    assert!(matches!(Histogram::of_values(image.view(), 0), Err(Error::Setting { .. })));
    let config = InstancesConfig { foreground: Foreground::Above(f64::NAN), ..Default::default() };
    assert!(matches!(instances(image.view(), &config), Err(Error::Setting { .. })));
    let config = InstancesConfig { split: Split::Depth(f64::INFINITY), ..Default::default() };
    assert!(matches!(split_mask(all.view(), &config), Err(Error::Setting { .. })));
}

#[test]
fn settings_survive_json_and_unknown_ones_do_not() {
    let config = InstancesConfig {
        foreground: Foreground::Automatic(ThresholdMethod::Li),
        split: Split::Depth(2.0),
        ..Default::default()
    };
    let text = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<InstancesConfig>(&text).unwrap(), config);
    let part: InstancesConfig = serde_json::from_str(r#"{"split":"never"}"#).unwrap();
    assert_eq!(part, InstancesConfig { split: Split::Never, ..Default::default() });
    assert!(serde_json::from_str::<InstancesConfig>(r#"{"splits":"never"}"#).is_err());
}

#[test]
fn distances_and_components_of_nothing() {
    let none = Array2::from_elem((0, 2), true);
    assert_eq!(distance_transform(none.view(), Beyond::Nothing).dim(), (0, 2));
    assert_eq!(label_components(none.view(), Connectivity::Four).1, 0);
}

#[test]
fn one_pixel_spoils_the_windows_that_hold_it_and_no_other() {
    let mut image = Array2::from_shape_fn((20, 30), |(y, x)| (y * x) as f32);
    image[[5, 9]] = f32::NAN;
    image[[12, 20]] = f32::INFINITY;
    let thresholds = local_threshold(image.view(), LocalMethod::Mean, 5, 0.0).unwrap();
    for ((y, x), threshold) in thresholds.indexed_iter() {
        let holds = |(row, column): (usize, usize)| y.abs_diff(row) <= 2 && x.abs_diff(column) <= 2;
        assert_eq!(threshold.is_nan(), holds((5, 9)) || holds((12, 20)), "{y} {x}");
    }
}
