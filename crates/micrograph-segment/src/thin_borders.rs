//! Regions that grow until one pixel is left between them.

use std::collections::VecDeque;

use ndarray::{Array2, ArrayView2};

use crate::neighbors::Connectivity;

/// A pixel between two regions.
const LINE: u32 = u32::MAX;

/// Grows labeled regions into the background until borders of one pixel part them.
///
/// All regions grow at one speed, over the sides of pixels. A pixel that meets two regions when it is
/// reached stays background, as does what such pixels enclose; a dead end of background, which parts
/// nothing, is filled.
///
/// # Edge cases
/// Without labels nothing grows. The label 2^32 - 1 is taken for a border and becomes 0.
///
/// # Source
/// The thinning of borders in the scores of ISBI 2012 (Arganda-Carreras et al. 2015; a watershed in
/// Fiji's Trainable Segmentation). Watersheds differ in the order of pixels of one height; here regions
/// begin in reading order, and stay connected.
///
/// # Example
/// ```
/// use micrograph_segment::thin_borders;
/// let labels = ndarray::array![[1, 0, 0, 0, 0, 2, 0]];
/// assert_eq!(thin_borders(labels.view()), ndarray::array![[1, 1, 1, 0, 2, 2, 2]]);
/// ```
#[must_use]
pub fn thin_borders(labels: ArrayView2<'_, u32>) -> Array2<u32> {
    let mut grown = labels.to_owned();
    let mut queue: VecDeque<((usize, usize), u32)> = labels
        .indexed_iter()
        .filter(|&(_, &label)| label > 0 && label != LINE)
        .map(|(at, &label)| (at, label))
        .collect();
    let n_seeds = queue.len();
    for popped in 0.. {
        let Some((at, label)) = queue.pop_front() else {
            break;
        };
        if popped >= n_seeds {
            if grown[at] != 0 {
                continue;
            }
            let meets = |other: (usize, usize)| {
                let other = grown[other];
                other != 0 && other != LINE && other != label
            };
            if Connectivity::Four.around(at, grown.dim()).any(meets) {
                grown[at] = LINE;
                continue;
            }
            grown[at] = label;
        }
        let free = |other: &(usize, usize)| grown[*other] == 0;
        queue.extend(
            Connectivity::Four.around(at, grown.dim()).filter(free).map(|other| (other, label)),
        );
    }
    grown.mapv_inplace(|label| if label == LINE { 0 } else { label });
    grown
}
