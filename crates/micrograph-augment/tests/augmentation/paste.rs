use micrograph_augment::{Cutout, Error, Pasting, cutouts, paste};
use ndarray::{Array2, Array3, array, s};

use crate::key;

/// A window with two cells that are brighter in its second frame.
fn frame() -> (Array3<f32>, Array2<u32>) {
    let mut cells = Array2::zeros((20, 24));
    cells.slice_mut(s![4..8, 5..10]).fill(3);
    cells.slice_mut(s![12..16, 14..17]).fill(9);
    let pixels = Array3::from_shape_fn((2, 20, 24), |(plane, y, x)| {
        100.0 + (10.0 + 5.0 * plane as f32) * cells[[y, x]] as f32
    });
    (pixels, cells)
}

fn up_to(most: usize) -> Pasting {
    Pasting { objects: [1, most], ..Pasting::default() }
}

#[test]
fn objects_are_cut_out_without_their_ground() {
    let (pixels, cells) = frame();
    let found = cutouts(pixels.view(), cells.view(), 2).unwrap();
    let numbers: Vec<u32> = found.iter().map(|cutout| cutout.number).collect();
    assert_eq!(numbers, [3, 9]);
    assert_eq!(found[0].mask.dim(), (8, 9));
    assert_eq!(found[0].mask.iter().filter(|&&object| object).count(), 20);
    for (plane, above) in found[0].difference.outer_iter().zip([30.0, 45.0]) {
        assert_eq!(plane, found[0].mask.mapv(|object| if object { above } else { 0.0 }));
    }
    // Margins that meet the other cell, or the border; a box that is all object.
    assert_eq!(cutouts(pixels.view(), cells.view(), 5).unwrap(), []);
    assert_eq!(cutouts(pixels.view(), cells.view(), usize::MAX).unwrap(), []);
    assert_eq!(cutouts(pixels.view(), cells.view(), 0).unwrap(), []);
    assert!(cutouts(pixels.view(), Array2::zeros((9, 9)).view(), 0).is_err());
}

#[test]
fn what_lies_around_an_object_fades_out() {
    let mut pixels = Array3::from_elem((1, 7, 7), 4.0);
    pixels.slice_mut(s![0, 3, ..]).fill(8.0);
    pixels.slice_mut(s![0, .., 3]).fill(8.0);
    let mut cells = Array2::zeros((7, 7));
    cells[[3, 3]] = 1;
    let found = cutouts(pixels.view(), cells.view(), 3).unwrap();
    let row = found[0].difference.slice(s![0, 3, ..]).to_owned();
    assert_eq!(row, array![1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0]);
    assert_eq!(found[0].difference[[0, 0, 3]], 1.0);
}

#[test]
fn pasted_objects_are_marked_and_cover_nothing() {
    let (pixels, cells) = frame();
    let found = cutouts(pixels.view(), cells.view(), 1).unwrap();
    let mut turned = false;
    for n in 0..20 {
        let (mut target, mut labels) = (pixels.clone(), cells.clone());
        let label = |nth: usize, cutout: &Cutout| 100 * cutout.number + nth as u32;
        let n_pasted = paste(up_to(4), key(n), (&mut target, &mut labels), &found, &label).unwrap();
        assert!((1..=4).contains(&n_pasted));
        for nth in 0..n_pasted as u32 {
            let area = |number: u32| labels.iter().filter(|&&l| l == 100 * number + nth).count();
            assert!([[20, 0], [0, 12]].contains(&[area(3), area(9)]));
        }
        for ((at, &before), &after) in cells.indexed_iter().zip(&labels) {
            assert!(before == 0 || before == after);
            let number = if before == after { 0 } else { after / 100 };
            for (plane, above) in [10.0, 15.0].into_iter().enumerate() {
                let change = target[[plane, at.0, at.1]] - pixels[[plane, at.0, at.1]];
                assert_eq!(change, above * number as f32, "{at:?} {before} {after}");
            }
        }
        // Four rows of five pixels lie the other way, somewhere.
        turned |= labels.columns().into_iter().any(|column| {
            column.windows(5).into_iter().any(|w| w[0] / 100 == 3 && w.iter().all(|&l| l == w[0]))
        });
        let (mut again, mut same) = (pixels.clone(), cells.clone());
        paste(up_to(4), key(n), (&mut again, &mut same), &found, &label).unwrap();
        assert_eq!((again, same), (target, labels));
    }
    assert!(turned);
}

#[test]
fn what_has_no_place_is_left_out() {
    let (difference, mask) = (Array3::ones((1, 3, 3)), Array2::from_elem((3, 3), true));
    let cell = [Cutout { number: 1, difference, mask }];
    let five = Pasting { objects: [5, 5], ..Pasting::default() };
    let mut small = (Array3::zeros((1, 2, 9)), Array2::<u8>::zeros((2, 9)));
    assert_eq!(paste(five, key(1), (&mut small.0, &mut small.1), &cell, &|_, _| 1), Ok(0));
    // What is ignored is no free place either.
    let mut full = (Array3::zeros((1, 9, 9)), Array2::<u8>::from_elem((9, 9), 255));
    assert_eq!(paste(five, key(1), (&mut full.0, &mut full.1), &cell, &|_, _| 1), Ok(0));
    assert_eq!(paste(five, key(1), (&mut full.0, &mut full.1), &[], &|_, _| 1), Ok(0));
    assert_eq!(full.0.sum(), 0.0);
}

#[test]
fn what_cannot_be_pasted_is_told() {
    let mut frame = (Array3::zeros((2, 9, 9)), Array2::<u8>::zeros((9, 9)));
    let both = (&mut frame.0, &mut frame.1);
    let wrong = Pasting { objects: [3, 2], margin: 4 };
    assert_eq!(
        paste(wrong, key(1), both, &[], &|_, _| 1).unwrap_err().to_string(),
        "expected numbers of objects to paste [least, greatest] and a margin, each at most 1000, \
         but got [3, 2] and 4"
    );
    assert!(Pasting { objects: [0, usize::MAX], margin: 0 }.validate().is_err());
    let (difference, mask) = (Array3::ones((1, 3, 4)), Array2::from_elem((3, 3), true));
    let cell = [Cutout { number: 1, difference, mask }];
    let both = (&mut frame.0, &mut frame.1);
    let refused = paste(Pasting::default(), key(1), both, &cell, &|_, _| 1).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "expected cutouts of 2 planes with masks of their size, but got one of 1 planes, 3x4, with \
         a mask of 3x3"
    );
    let mut other = (Array3::zeros((1, 9, 9)), Array2::<u8>::zeros((8, 9)));
    let both = (&mut other.0, &mut other.1);
    assert!(matches!(paste(up_to(1), key(1), both, &[], &|_, _| 1), Err(Error::MaskShape { .. })));
}
