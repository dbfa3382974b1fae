//! Descriptors of many objects.

use micrograph_image::PixelSize;
use ndarray::{Array2, ArrayView1};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::column::Column;
use crate::error::{Error, Result};
use crate::object::{Object, OwnedObject};
use crate::set::FeatureSet;

/// A table of descriptors: a row an object, a column a descriptor.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureTable {
    /// What the columns are.
    pub columns: Vec<Column>,
    /// The values, `(objects, columns)`: all are finite.
    pub values: Array2<f64>,
}

impl FeatureTable {
    /// The values of the column `name`, one an object.
    pub fn column(&self, name: &str) -> Option<ArrayView1<'_, f64>> {
        let column = self.columns.iter().position(|column| column.name == name)?;
        Some(self.values.column(column))
    }
}

/// The values of one object, and what decides about their columns.
struct Row {
    channels: usize,
    pixel_size_nm: Option<PixelSize>,
    values: Vec<f64>,
}

/// How many objects [`FeatureSet::table_of`] loads before it looks for errors.
const PIECE: usize = 1024;

impl FeatureSet {
    /// The descriptors of all objects, on the threads of the current rayon pool.
    ///
    /// The same bits for any number of threads.
    ///
    /// # Errors
    /// No objects; objects of different channels, or with and without a pixel size; what
    /// [`FeatureSet::extract`] refuses, for the first object that has it.
    ///
    /// # Example
    /// ```
    /// use micrograph_features::{Family, FeatureSet, Object};
    /// use ndarray::{Array2, Array3};
    ///
    /// let set = FeatureSet { families: vec![Family::Area] };
    /// let pixels = Array3::zeros((1, 4, 4));
    /// let [small, large] = [2, 4].map(|n| Array2::from_shape_fn((4, 4), |(y, _)| y < n));
    /// let object = |mask| Object { pixels: pixels.view(), mask, pixel_size_nm: None };
    /// let table = set.table(&[object(small.view()), object(large.view())])?;
    /// assert_eq!(table.column("area_px2").unwrap(), ndarray::aview1(&[8.0, 16.0]));
    /// # Ok::<(), micrograph_features::Error>(())
    /// ```
    pub fn table(&self, objects: &[Object<'_>]) -> Result<FeatureTable> {
        let rows = (0..objects.len())
            .into_par_iter()
            .map(|index| self.indexed_row(index, &objects[index]))
            .collect();
        self.assemble(rows)
    }

    /// The descriptors of objects that are loaded when their turn comes: as many are in memory as
    /// there are threads.
    ///
    /// `load` is called once for each index in `0..n`, on any thread and in any order; after an error
    /// fewer than 1024 are still loaded.
    ///
    /// # Errors
    /// As [`FeatureSet::table`], and what `load` gives, for the first object that has it.
    pub fn table_of<E: From<Error> + Send>(
        &self,
        n: usize,
        load: impl Fn(usize) -> Result<OwnedObject, E> + Sync,
    ) -> Result<FeatureTable, E> {
        let row = |index| Ok(self.indexed_row(index, &load(index)?.view())?);
        let mut rows = Vec::new();
        // In pieces, so that nothing is done long after an error.
        for start in (0..n).step_by(PIECE) {
            let piece: Vec<Result<Row, E>> =
                (start..n.min(start.saturating_add(PIECE))).into_par_iter().map(row).collect();
            let broken = piece.iter().any(Result::is_err);
            rows.extend(piece);
            if broken {
                break;
            }
        }
        self.assemble(rows)
    }

    fn indexed_row(&self, index: usize, object: &Object<'_>) -> Result<Row> {
        let values =
            self.row(object).map_err(|source| Error::Object { index, source: Box::new(source) })?;
        let (channels, pixel_size_nm) = (object.pixels.dim().0, object.pixel_size_nm);
        Ok(Row { channels, pixel_size_nm, values })
    }

    fn assemble<E: From<Error>>(&self, rows: Vec<Result<Row, E>>) -> Result<FeatureTable, E> {
        // Collected before errors are looked at: the first in order is told, not the first in time.
        let rows = rows.into_iter().collect::<Result<Vec<Row>, E>>()?;
        let first = rows.first().ok_or(Error::NoObjects)?;
        let columns = self.columns(first.channels, first.pixel_size_nm)?;
        let kind = |row: &Row| match (row.channels, row.pixel_size_nm) {
            (n, Some(_)) => format!("{n} channels and a known pixel size"),
            (n, None) => format!("{n} channels and no pixel size"),
        };
        let mut values = Array2::zeros((rows.len(), columns.len()));
        for (index, row) in rows.iter().enumerate() {
            let (expected, got) = (kind(first), kind(row));
            if expected != got {
                return Err(Error::Mixed { index, expected, got }.into());
            }
            values.row_mut(index).assign(&ArrayView1::from(&row.values));
        }
        Ok(FeatureTable { columns, values })
    }
}
