//! Objects of a predicted frame as lines of a table.

use ndarray::ArrayView2;

/// A line of `objects.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectRow {
    /// The frame's name in the data set.
    pub frame: String,
    /// The object's number in `instances`.
    pub object: usize,
    /// Its pixels.
    pub area_px: usize,
    /// The mean of its rows and columns, from 0.
    pub center_px: [f64; 2],
    /// First row, first column, last row, last column.
    pub bounds_px: [usize; 4],
    /// The mean probability of the foreground in it.
    pub probability: f64,
}

/// The objects of a frame, numbered from 1.
pub(super) fn objects(
    frame: &str,
    labels: ArrayView2<'_, u32>,
    foreground: ArrayView2<'_, f32>,
) -> Vec<ObjectRow> {
    let n = labels.iter().max().map_or(0, |&label| label as usize);
    let mut rows: Vec<ObjectRow> = (1..=n)
        .map(|object| ObjectRow {
            frame: frame.to_owned(),
            object,
            area_px: 0,
            center_px: [0.0; 2],
            bounds_px: [usize::MAX, usize::MAX, 0, 0],
            probability: 0.0,
        })
        .collect();
    for (((y, x), &label), &p) in labels.indexed_iter().zip(&foreground) {
        let Some(row) = (label as usize).checked_sub(1).and_then(|place| rows.get_mut(place))
        else {
            continue;
        };
        row.area_px += 1;
        row.center_px[0] += y as f64;
        row.center_px[1] += x as f64;
        let [top, left, bottom, right] = row.bounds_px;
        row.bounds_px = [top.min(y), left.min(x), bottom.max(y), right.max(x)];
        row.probability += f64::from(p);
    }
    for row in &mut rows {
        let area = row.area_px.max(1) as f64;
        row.center_px = row.center_px.map(|sum| sum / area);
        row.probability /= area;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn an_object_is_measured_from_row_and_column_zero() {
        let labels = array![[0, 1, 1], [0, 1, 0]];
        let p = array![[0.0, 0.9, 0.7], [0.0, 0.8, 0.0]];
        let rows = objects("a.png", labels.view(), p.view());
        let [row] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!((row.area_px, row.bounds_px), (3, [0, 1, 1, 2]));
        assert!((row.center_px[0] - 1.0 / 3.0).abs() < 1e-12);
        assert!((row.probability - 0.8).abs() < 1e-6);
    }
}
