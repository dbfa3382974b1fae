//! Objects pasted into frames that have too few.

use std::collections::BTreeMap;

use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, Slice, Zip};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::stream::Operation;
use crate::{Error, Key, Label, Result};

/// An object without the ground on which it lay.
#[derive(Debug, Clone, PartialEq)]
pub struct Cutout {
    /// Its number in the map by which it was cut out; whoever pastes it may put its class here.
    pub number: u32,
    /// How the object differs from its ground, `(planes, height, width)`: of a window, with planes for
    /// each frame. It fades out towards the edge of the box.
    pub difference: Array3<f32>,
    /// Where the object is, `(height, width)`; of a window, in its middle frame.
    pub mask: Array2<bool>,
}

/// How many objects are cut out and pasted, and how.
///
/// ```toml
/// objects = [1, 4]
/// margin = 5
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pasting {
    /// The least and the greatest number of objects that a frame gets, each between them as likely;
    /// at most 1000. From 0 to 3.
    pub objects: [usize; 2],
    /// Pixels around the object that are cut out with it, over which it fades out; at most 1000. 3.
    pub margin: usize,
}

impl Default for Pasting {
    fn default() -> Self {
        Self { objects: [0, 3], margin: 3 }
    }
}

impl Pasting {
    /// Checks every range.
    ///
    /// # Errors
    /// [`Error::Pasting`].
    pub fn validate(self) -> Result<()> {
        const MOST: usize = 1000;
        let Self { objects: [least, greatest], margin } = self;
        if least <= greatest && greatest <= MOST && margin <= MOST {
            return Ok(());
        }
        Err(Error::Pasting { objects: self.objects, margin, most: MOST })
    }
}

/// Cuts out every object whose box, grown by `margin` pixels, lies in the frame without touching
/// another object.
///
/// What is cut out is the difference from the ground: of each plane the median of those pixels of the
/// grown box that belong to no object. It goes down linearly over the margin, so that no edge of the
/// box is seen. An object that leaves no ground in its box is not cut out.
///
/// # Shapes
/// - `pixels`: `(planes, height, width)`, a frame or a window
/// - `instances`: `(height, width)`, numbers of objects, 0 for none; of a window, of its middle frame
/// - returns: the objects in the order of their numbers
///
/// # Errors
/// [`Error::MaskShape`] where sizes differ.
///
/// # Example
/// ```
/// use micrograph_augment::cutouts;
/// use ndarray::array;
/// let frame = array![[[5.0, 5.0, 5.0], [5.0, 9.0, 5.0], [5.0, 5.0, 6.0]]];
/// let cells = array![[0, 0, 0], [0, 7, 0], [0, 0, 0]];
/// let found = cutouts(frame.view(), cells.view(), 1)?;
/// assert_eq!((found.len(), found[0].number), (1, 7));
/// assert_eq!(found[0].difference, array![[[0.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 0.5]]]);
/// assert!(cutouts(frame.view(), cells.view(), 2)?.is_empty()); // its margin is cut off
/// # Ok::<(), micrograph_augment::Error>(())
/// ```
pub fn cutouts(
    pixels: ArrayView3<'_, f32>,
    instances: ArrayView2<'_, u32>,
    margin: usize,
) -> Result<Vec<Cutout>> {
    let (_, height, width) = pixels.dim();
    if instances.dim() != (height, width) {
        let mask = [instances.nrows(), instances.ncols()];
        return Err(Error::MaskShape { image: [height, width], mask });
    }
    let mut boxes = BTreeMap::new();
    for ((row, column), &number) in instances.indexed_iter().filter(|&(_, &number)| number > 0) {
        let [top, left, bottom, right] = boxes.entry(number).or_insert([row, column, row, column]);
        (*top, *left) = ((*top).min(row), (*left).min(column));
        (*bottom, *right) = ((*bottom).max(row), (*right).max(column));
    }
    let cut = |(number, [top, left, bottom, right]): (u32, [usize; 4])| {
        let grown = |first: usize, last: usize, length: usize| {
            let end = last.checked_add(margin)?.checked_add(1)?;
            (end <= length).then_some(Slice::from(first.checked_sub(margin)?..end))
        };
        let (rows, columns) = (grown(top, bottom, height)?, grown(left, right, width)?);
        let mut around = instances;
        around.slice_axis_inplace(Axis(0), rows);
        around.slice_axis_inplace(Axis(1), columns);
        if around.iter().any(|&other| other > 0 && other != number) {
            return None;
        }
        let mut difference =
            pixels.slice_axis(Axis(1), rows).slice_axis(Axis(2), columns).to_owned();
        for mut plane in difference.outer_iter_mut() {
            let ground = plane.iter().zip(around).filter(|&(_, &number)| number == 0);
            let ground = median(ground.map(|(&pixel, _)| pixel).collect())?;
            plane -= ground;
        }
        fade(&mut difference, margin);
        Some(Cutout { number, difference, mask: around.mapv(|other| other == number) })
    };
    Ok(boxes.into_iter().filter_map(cut).collect())
}

/// The middle of some values, of an even number the upper one.
fn median(mut values: Vec<f32>) -> Option<f32> {
    let middle = values.len() / 2;
    let last = values.len().checked_sub(1)?;
    Some(*values.select_nth_unstable_by(middle.min(last), f32::total_cmp).1)
}

/// Pastes objects into a frame where it has none, and marks them in its label map.
///
/// Each is one of `cutouts`, mirrored and turned by quarters as chance has it, and put where it covers no
/// foreground; an object for which 30 places were tried in vain is left out. Its difference from its own
/// ground is added to the frame, so that texture and noise of the frame stay; sums are not held in the
/// range of the file.
///
/// # Shapes
/// - `pixels`: `(planes, height, width)`, as many planes as the cutouts have
/// - `labels`: `(height, width)`
/// - `label(nth, cutout)`: the label of the `nth` object that is pasted, from 0: its class, or a new number
/// - returns: how many were pasted
///
/// # Errors
/// [`Error::MaskShape`] where pixels and labels differ in size; [`Error::Cutout`] where a cutout has other
/// planes, or a mask of another size; those of [`Pasting::validate`].
///
/// # Source
/// StemNet thesis, section 11.5: fake cells in images, against imbalance.
///
/// # Example
/// ```
/// use micrograph_augment::{Cutout, Key, Pasting, paste};
/// use ndarray::{Array2, Array3, array};
/// let (difference, mask) = (array![[[40.0, 40.0]]], array![[true, true]]);
/// let cell = Cutout { number: 1, difference, mask };
/// let (mut frame, mut labels) = (Array3::from_elem((1, 8, 8), 100.0), Array2::<u8>::zeros((8, 8)));
/// let key = Key { seed: 1, epoch: 0, sample: 7, copy: 0 };
/// let two = Pasting { objects: [2, 2], ..Pasting::default() };
/// let n = paste(two, key, (&mut frame, &mut labels), &[cell], &|_, _| 1)?;
/// assert_eq!((n, labels.sum(), frame.iter().filter(|&&v| v == 140.0).count()), (2, 4, 4));
/// # Ok::<(), micrograph_augment::Error>(())
/// ```
pub fn paste<L: Label>(
    pasting: Pasting,
    key: Key,
    (pixels, labels): (&mut Array3<f32>, &mut Array2<L>),
    cutouts: &[Cutout],
    label: &dyn Fn(usize, &Cutout) -> L,
) -> Result<usize> {
    /// A crowded frame has no place for more.
    const TRIES: usize = 30;
    let (planes, height, width) = pixels.dim();
    if labels.dim() != (height, width) {
        let mask = [labels.nrows(), labels.ncols()];
        return Err(Error::MaskShape { image: [height, width], mask });
    }
    pasting.validate()?;
    for Cutout { difference, mask, .. } in cutouts {
        let (own, rows, columns) = difference.dim();
        if own != planes || mask.dim() != (rows, columns) {
            let mask = [mask.nrows(), mask.ncols()];
            return Err(Error::Cutout { planes, got: [own, rows, columns], mask });
        }
    }
    let [least, greatest] = pasting.objects;
    let mut stream = key.stream(Operation::Paste);
    let wanted = stream.random_range(least..=greatest);
    let mut pasted = 0;
    for _ in 0..if cutouts.is_empty() { 0 } else { wanted } {
        let cutout =
            turned(&cutouts[stream.random_range(0..cutouts.len())], stream.random_range(0..8));
        let (rows, columns) = cutout.mask.dim();
        let (Some(last_row), Some(last_column)) =
            (height.checked_sub(rows), width.checked_sub(columns))
        else {
            continue;
        };
        for _ in 0..TRIES {
            let top = stream.random_range(0..=last_row);
            let left = stream.random_range(0..=last_column);
            let place = [Slice::from(top..top + rows), Slice::from(left..left + columns)];
            if put(&cutout, place, pixels, labels, label(pasted, &cutout)) {
                pasted += 1;
                break;
            }
        }
    }
    Ok(pasted)
}

/// Puts a cutout at its place, unless it would cover foreground, or what is ignored.
fn put<L: Label>(
    cutout: &Cutout,
    [rows, columns]: [Slice; 2],
    pixels: &mut Array3<f32>,
    labels: &mut Array2<L>,
    label: L,
) -> bool {
    let mut labels = labels.view_mut();
    labels.slice_axis_inplace(Axis(0), rows);
    labels.slice_axis_inplace(Axis(1), columns);
    let covers = |(&object, &label): (&bool, &L)| object && !label.is_background();
    if cutout.mask.iter().zip(&labels).any(covers) {
        return false;
    }
    let mut pixels = pixels.view_mut();
    pixels.slice_axis_inplace(Axis(1), rows);
    pixels.slice_axis_inplace(Axis(2), columns);
    pixels += &cutout.difference;
    Zip::from(&mut labels).and(&cutout.mask).for_each(|here, &object| {
        if object {
            *here = label;
        }
    });
    true
}

/// One of the eight symmetries of a square.
fn turned(cutout: &Cutout, symmetry: u8) -> Cutout {
    let (mut difference, mut mask) = (cutout.difference.view(), cutout.mask.view());
    if symmetry & 1 > 0 {
        difference.invert_axis(Axis(1));
        mask.invert_axis(Axis(0));
    }
    if symmetry & 2 > 0 {
        difference.invert_axis(Axis(2));
        mask.invert_axis(Axis(1));
    }
    if symmetry & 4 > 0 {
        difference.swap_axes(1, 2);
        mask.swap_axes(0, 1);
    }
    Cutout { number: cutout.number, difference: difference.to_owned(), mask: mask.to_owned() }
}

/// Lets the outermost `margin` rows and columns go down to nothing.
fn fade(planes: &mut Array3<f32>, margin: usize) {
    let (_, height, width) = planes.dim();
    let weight = |at: usize, length: usize| {
        let from_edge = at.min(length - 1 - at) + 1;
        (from_edge as f32 / (margin + 1) as f32).min(1.0)
    };
    for ((_, y, x), value) in planes.indexed_iter_mut() {
        *value *= weight(y, height).min(weight(x, width));
    }
}
