//! Views of matrices and their product: the safe face of the `gemm` crate.
//!
//! Each product runs on the thread that asks for it. The operations share the work out themselves,
//! over parts that depend on sizes alone, so that the sums have one order for any thread count.

use crate::parallel::*;
use crate::storage::Element;
use std::marker::PhantomData;
use std::ops::Range;

/// A matrix to read, with any strides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MatRef<'a, T> {
    // Invariant: `data` holds the elements `row * row_stride + col * col_stride`, for all rows and
    // columns.
    data: &'a [T],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a, T> MatRef<'a, T> {
    /// The whole of `data`, row by row.
    pub(crate) fn row_major(data: &'a [T], rows: usize, cols: usize) -> Self {
        assert_eq!(data.len(), rows * cols, "matrix of {rows} x {cols}");
        Self { data, rows, cols, row_stride: cols, col_stride: 1 }
    }

    pub(crate) fn transposed(self) -> Self {
        Self {
            data: self.data,
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
        }
    }

    pub(crate) fn rows(self, range: Range<usize>) -> Self {
        assert!(range.start < range.end && range.end <= self.rows, "rows of a matrix");
        let data = &self.data[range.start * self.row_stride..];
        Self { data, rows: range.len(), ..self }
    }

    pub(crate) fn columns(self, range: Range<usize>) -> Self {
        self.transposed().rows(range).transposed()
    }
}

/// A matrix to write: rows of adjacent elements, at a distance of `row_stride`.
#[derive(Debug)]
pub(crate) struct MatMut<'a, T> {
    // Invariant: the elements `pointer + row * row_stride + col`, for all rows and columns, are
    // valid for `'a` and reached through no other value; in `filled` they are not initialized yet.
    pointer: *mut T,
    rows: usize,
    cols: usize,
    row_stride: usize,
    lifetime: PhantomData<&'a mut [T]>,
}

// SAFETY: by the invariant it is as exclusive as the `&mut [T]` that it was made from.
unsafe impl<T: Send> Send for MatMut<'_, T> {}

impl<'a, T> MatMut<'a, T> {
    /// The whole of `data`, row by row.
    pub(crate) fn row_major(data: &'a mut [T], rows: usize, cols: usize) -> Self {
        assert_eq!(data.len(), rows * cols, "matrix of {rows} x {cols}");
        let pointer = data.as_mut_ptr();
        Self { pointer, rows, cols, row_stride: cols, lifetime: PhantomData }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Blocks of `height` rows from the top; the last may have fewer.
    pub(crate) fn into_row_blocks(self, height: usize) -> impl Iterator<Item = Self> {
        (0..self.rows).step_by(height).map(move |first| {
            let rows = height.min(self.rows - first);
            // SAFETY: the element (first, 0) is inside; blocks share no row.
            let pointer = unsafe { self.pointer.add(first * self.row_stride) };
            Self { pointer, rows, ..self }
        })
    }

    /// Blocks of `width` columns from the left; the last may have fewer.
    pub(crate) fn into_column_blocks(self, width: usize) -> impl Iterator<Item = Self> {
        (0..self.cols).step_by(width).map(move |first| {
            let cols = width.min(self.cols - first);
            // SAFETY: the element (0, first) is inside; blocks share no column.
            let pointer = unsafe { self.pointer.add(first) };
            Self { pointer, cols, ..self }
        })
    }

    /// One row after the other.
    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [T]> {
        (0..self.rows).map(|row| {
            // SAFETY: the elements of a row are adjacent, valid and ours; rows do not overlap, and
            // `self` stays borrowed while one of them lives.
            unsafe {
                let first = self.pointer.add(row * self.row_stride);
                std::slice::from_raw_parts_mut(first, self.cols)
            }
        })
    }
}

/// What a product finds in its destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Anything: it is written over.
    Overwrite,
    /// Numbers to which the product is added.
    Add,
}

/// `dst = lhs * rhs` or `dst += lhs * rhs`, on this thread.
pub(crate) fn gemm<T: Element>(
    dst: &mut MatMut<'_, T>,
    lhs: MatRef<'_, T>,
    rhs: MatRef<'_, T>,
    destination: Destination,
) {
    let (m, n, k) = (dst.rows, dst.cols, lhs.cols);
    assert_eq!((lhs.rows, rhs.cols, rhs.rows), (m, n, k), "sizes of a matrix product");
    let alpha = if destination == Destination::Add { T::one() } else { T::zero() };
    // SAFETY: by their invariants the views reach valid, initialized elements alone, and `dst` shares
    // none with the others; the sizes agree.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            dst.pointer,
            1,
            dst.row_stride as isize,
            destination == Destination::Add,
            lhs.data.as_ptr(),
            lhs.col_stride as isize,
            lhs.row_stride as isize,
            rhs.data.as_ptr(),
            rhs.col_stride as isize,
            rhs.row_stride as isize,
            alpha,
            T::one(),
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// A new matrix, row by row.
///
/// # Safety
/// `fill` writes every element, by products that overwrite, before it reads any.
pub(crate) unsafe fn filled<T: Element>(
    rows: usize,
    cols: usize,
    fill: impl FnOnce(MatMut<'_, T>),
) -> Vec<T> {
    let mut data = Vec::with_capacity(rows * cols);
    let pointer = data.as_mut_ptr();
    fill(MatMut { pointer, rows, cols, row_stride: cols, lifetime: PhantomData });
    // SAFETY: there is room for them, and by the caller's promise they are written.
    unsafe { data.set_len(rows * cols) };
    data
}

/// The product of two matrices, row by row, on all threads.
pub(crate) fn product<T: Element>(lhs: MatRef<'_, T>, rhs: MatRef<'_, T>) -> Vec<T> {
    let fill = |dst: MatMut<'_, T>| parallel_gemm(dst, lhs, rhs, Destination::Overwrite);
    // SAFETY: the tiles of `parallel_gemm` cover the matrix.
    unsafe { filled(lhs.rows, rhs.cols, fill) }
}

/// [`gemm`] on all threads, in tiles whose size is fixed.
pub(crate) fn parallel_gemm<T: Element>(
    dst: MatMut<'_, T>,
    lhs: MatRef<'_, T>,
    rhs: MatRef<'_, T>,
    destination: Destination,
) {
    const TILE: [usize; 2] = [64, 128];
    let tiles: Vec<_> = dst
        .into_row_blocks(TILE[0])
        .enumerate()
        .flat_map(|(i, block)| {
            block.into_column_blocks(TILE[1]).enumerate().map(move |(j, tile)| (i, j, tile))
        })
        .collect();
    tiles.into_par_iter().for_each(|(i, j, mut tile)| {
        let rows = i * TILE[0]..i * TILE[0] + tile.rows;
        let cols = j * TILE[1]..j * TILE[1] + tile.cols;
        gemm(&mut tile, lhs.rows(rows), rhs.columns(cols), destination);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_the_product_whole() {
        let (m, n, k) = (65, 130, 3);
        let lhs: Vec<f64> = (0..m * k).map(|i| (i % 7) as f64).collect();
        let rhs: Vec<f64> = (0..n * k).map(|i| (i % 5) as f64).collect();
        let mut dst = vec![1.0; m * n];
        let (a, b) = (MatRef::row_major(&lhs, m, k), MatRef::row_major(&rhs, n, k).transposed());
        parallel_gemm(MatMut::row_major(&mut dst, m, n), a, b, Destination::Add);
        for i in 0..m {
            for j in 0..n {
                let dot: f64 = (0..k).map(|x| lhs[i * k + x] * rhs[j * k + x]).sum();
                assert_eq!(dst[i * n + j], 1.0 + dot, "at ({i}, {j})");
            }
        }
    }
}
