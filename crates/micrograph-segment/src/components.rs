//! Connected components.

use ndarray::{Array2, ArrayView2};

use crate::neighbors::Connectivity;

/// Numbers the connected components of `mask` in reading order of their first pixels.
///
/// Returns the labels, 0 on background and `1..=n` on objects, and `n`.
///
/// # Source
/// Two passes with union-find (Rosenfeld, Pfaltz 1966); the labels are those of
/// `scipy.ndimage.label` and `skimage.measure.label`.
///
/// # Example
/// ```
/// use micrograph_segment::{Connectivity, label_components};
/// use ndarray::array;
/// let mask = array![[true, false, true], [false, true, false]];
/// let (labels, n) = label_components(mask.view(), Connectivity::Four);
/// assert_eq!((labels, n), (array![[1, 0, 2], [0, 3, 0]], 3));
/// assert_eq!(label_components(mask.view(), Connectivity::Eight).1, 1);
/// ```
#[must_use]
pub fn label_components(
    mask: ArrayView2<'_, bool>,
    connectivity: Connectivity,
) -> (Array2<u32>, u32) {
    let (height, width) = mask.dim();
    let mut labels = Array2::zeros((height, width));
    // Index 0 is the background; a parent is never larger than its child.
    let mut parent: Vec<u32> = vec![0];
    for y in 0..height {
        for x in 0..width {
            if !mask[[y, x]] {
                continue;
            }
            let mut own = 0;
            for &(dy, dx) in connectivity.before() {
                let (Some(v), Some(u)) = (y.checked_add_signed(dy), x.checked_add_signed(dx))
                else {
                    continue;
                };
                if let Some(&other) = labels.get((v, u)).filter(|&&label| label > 0) {
                    own = if own == 0 { other } else { unite(&mut parent, own, other) };
                }
            }
            if own == 0 {
                own = parent.len() as u32;
                parent.push(own);
            }
            labels[[y, x]] = own;
        }
    }
    let n = renumber(&mut labels, &mut parent);
    (labels, n)
}

fn root(parent: &mut [u32], mut label: u32) -> u32 {
    while parent[label as usize] != label {
        let above = parent[parent[label as usize] as usize];
        parent[label as usize] = above;
        label = above;
    }
    label
}

fn unite(parent: &mut [u32], a: u32, b: u32) -> u32 {
    let (a, b) = (root(parent, a), root(parent, b));
    let (low, high) = (a.min(b), a.max(b));
    parent[high as usize] = low;
    low
}

/// Replaces provisional labels by `1..=n`, and returns `n`.
fn renumber(labels: &mut Array2<u32>, parent: &mut [u32]) -> u32 {
    let mut n = 0;
    let mut number = vec![0; parent.len()];
    for label in 1..parent.len() as u32 {
        let root = root(parent, label);
        if root == label {
            n += 1;
            number[label as usize] = n;
        } else {
            number[label as usize] = number[root as usize];
        }
    }
    labels.mapv_inplace(|label| number[label as usize]);
    n
}
