//! Slices as pieces.

use std::marker::PhantomData;

use super::Pieces;

/// Slices cut into pieces.
pub(crate) trait Cut<T> {
    /// The elements one by one.
    fn par_iter(&self) -> Elements<'_, T>;
    /// Pieces of `size` elements; the last may have fewer.
    fn par_chunks(&self, size: usize) -> Chunks<'_, T>;
    /// Pieces of `size` elements; what is left over belongs to none.
    fn par_chunks_exact(&self, size: usize) -> Chunks<'_, T>;
    /// See [`Cut::par_chunks`].
    fn par_chunks_mut(&mut self, size: usize) -> ChunksMut<'_, T>;
    /// See [`Cut::par_chunks_exact`].
    fn par_chunks_exact_mut(&mut self, size: usize) -> ChunksMut<'_, T>;
}

impl<T> Cut<T> for [T] {
    fn par_iter(&self) -> Elements<'_, T> {
        Elements(self)
    }

    fn par_chunks(&self, size: usize) -> Chunks<'_, T> {
        assert_ne!(size, 0, "pieces of no elements");
        Chunks { slice: self, size }
    }

    fn par_chunks_exact(&self, size: usize) -> Chunks<'_, T> {
        assert_ne!(size, 0, "pieces of no elements");
        self[..self.len() / size * size].par_chunks(size)
    }

    fn par_chunks_mut(&mut self, size: usize) -> ChunksMut<'_, T> {
        assert_ne!(size, 0, "pieces of no elements");
        ChunksMut { data: self.as_mut_ptr(), len: self.len(), size, slice: PhantomData }
    }

    fn par_chunks_exact_mut(&mut self, size: usize) -> ChunksMut<'_, T> {
        assert_ne!(size, 0, "pieces of no elements");
        let len = self.len() / size * size;
        self[..len].par_chunks_mut(size)
    }
}

/// See [`Cut::par_iter`].
pub(crate) struct Elements<'a, T>(&'a [T]);

/// See [`Cut::par_chunks`].
pub(crate) struct Chunks<'a, T> {
    slice: &'a [T],
    size: usize,
}

/// See [`Cut::par_chunks_mut`].
pub(crate) struct ChunksMut<'a, T> {
    data: *mut T,
    len: usize,
    size: usize,
    slice: PhantomData<&'a mut [T]>,
}

// SAFETY: a thread gets elements of its own alone, which `T: Send` allows.
unsafe impl<T: Send> Sync for ChunksMut<'_, T> {}

// SAFETY: nothing is written.
unsafe impl<'a, T: Sync> Pieces for Elements<'a, T> {
    type Piece = &'a T;

    fn pieces(&self) -> usize {
        self.0.len()
    }

    unsafe fn piece(&self, index: usize) -> &'a T {
        &self.0[index]
    }
}

// SAFETY: nothing is written.
unsafe impl<'a, T: Sync> Pieces for Chunks<'a, T> {
    type Piece = &'a [T];

    fn pieces(&self) -> usize {
        self.slice.len().div_ceil(self.size)
    }

    unsafe fn piece(&self, index: usize) -> &'a [T] {
        let start = index * self.size;
        &self.slice[start..self.slice.len().min(start + self.size)]
    }
}

// SAFETY: pieces of two indices have no element in common, and the slice is borrowed for `'a`.
unsafe impl<'a, T: Send> Pieces for ChunksMut<'a, T> {
    type Piece = &'a mut [T];

    fn pieces(&self) -> usize {
        self.len.div_ceil(self.size)
    }

    unsafe fn piece(&self, index: usize) -> &'a mut [T] {
        let start = index * self.size;
        // SAFETY: `index < pieces()`, so that `start` and the elements from there on lie in the slice.
        unsafe {
            std::slice::from_raw_parts_mut(self.data.add(start), self.size.min(self.len - start))
        }
    }
}
