//! Boxes by hand.

use micrograph_image::{Error, InputMode, apply_input_mode};
use ndarray::{Array2, Array3, array, s};

use crate::mask;

/// A pixel is ten times its row plus its column.
fn numbered(height: usize, width: usize) -> Array3<f32> {
    Array3::from_shape_fn((1, height, width), |(_, y, x)| (10 * y + x) as f32)
}

#[test]
fn the_surroundings_end_at_the_edge_of_the_image() {
    let image = numbered(6, 9);
    let objects = mask(&[
        ".........", //
        ".........",
        ".......#.",
        "......##.",
        ".........",
        ".........",
    ]);
    let cut = |surround_px| {
        apply_input_mode(image.view(), Some(objects.view()), InputMode::Surround, surround_px)
            .unwrap()
    };
    let (pixels, object) = cut(2);
    assert_eq!(pixels, image.slice(s![.., 0..6, 4..9]));
    assert_eq!(object.unwrap(), objects.slice(s![0..6, 4..9]));
    assert_eq!(cut(1).0, image.slice(s![.., 1..5, 5..9]));
    assert_eq!(cut(usize::MAX).0, image);
}

#[test]
fn the_box_holds_all_parts_of_a_mask() {
    let image = numbered(3, 4);
    let objects = mask(&["#...", "....", "..#."]);
    let (pixels, object) =
        apply_input_mode(image.view(), Some(objects.view()), InputMode::MaskBlack, 50).unwrap();
    assert_eq!(pixels, array![[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 22.0]]]);
    let (pixels, _) =
        apply_input_mode(image.view(), Some(objects.view()), InputMode::Mask, 50).unwrap();
    assert_eq!(pixels, array![[[0.0, 11.0, 11.0], [11.0, 11.0, 11.0], [11.0, 11.0, 22.0]]]);
    assert_eq!(object, Some(mask(&["#..", "...", "..#"])));
    let (pixels, _) =
        apply_input_mode(image.view(), Some(objects.view()), InputMode::Crop, 50).unwrap();
    assert_eq!(pixels, image.slice(s![.., .., 0..3]));
}

#[test]
fn without_a_mask_the_whole_image_is_shown() {
    let image = numbered(3, 4);
    for mode in InputMode::ALL {
        let (pixels, object) = apply_input_mode(image.view(), None, mode, 1).unwrap();
        assert_eq!((pixels, object), (image.clone(), None));
    }
}

#[test]
fn masks_that_do_not_fit_or_are_empty_are_refused() {
    let image = numbered(3, 4);
    let wide = Array2::from_elem((3, 5), true);
    let error = apply_input_mode(image.view(), Some(wide.view()), InputMode::Crop, 0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected a mask of 3 x 4 (height x width) as the image, but got 3 x 5; cut or scale both alike"
    );
    let empty = Array2::from_elem((3, 4), false);
    let error = apply_input_mode(image.view(), Some(empty.view()), InputMode::Crop, 0).unwrap_err();
    assert!(matches!(error, Error::EmptyMask { size: [3, 4] }), "{error}");
}

#[test]
fn names_are_read_as_they_are_written() {
    for mode in InputMode::ALL {
        assert_eq!(mode.to_string().parse::<InputMode>().unwrap(), mode);
    }
    let error = "masked".parse::<InputMode>().unwrap_err();
    assert_eq!(error.to_string(), "expected surround, crop, mask or mask_black, but got `masked`");
}
