//! Loops over pieces of slices on all threads, with the names of rayon's.
//!
//! rayon compiles its splitting and stealing anew for every loop: of the code of this crate that was
//! half. Here every loop ends in [`each`], which is compiled once.

mod slices;

use std::mem::MaybeUninit;
use std::ops::Range;

use rayon::iter::{IndexedParallelIterator, ParallelIterator};

pub(crate) use self::slices::Cut;

/// Calls `work` with each of `0..n` on the threads of the current pool; a task takes at least `few`.
fn each(n: usize, few: usize, work: &(dyn Fn(usize) + Sync)) {
    rayon::iter::IntoParallelIterator::into_par_iter(0..n).with_min_len(few).for_each(work);
}

/// Pieces that threads take by their indices.
///
/// # Safety
/// `piece` may be called from any thread; pieces of different indices do not overlap where they can
/// be written.
pub(crate) unsafe trait Pieces: Sync + Sized {
    type Piece;

    fn pieces(&self) -> usize;

    /// # Safety
    /// `index < pieces()`, and no index is taken twice.
    unsafe fn piece(&self, index: usize) -> Self::Piece;

    /// Pairs of pieces, as many as both have.
    fn zip<B: IntoPieces>(self, other: B) -> Zip<Self, B::Pieces> {
        Zip(self, other.into_par_iter())
    }

    fn enumerate(self) -> Zip<Numbers, Self> {
        Zip(Numbers(0..self.pieces()), self)
    }

    fn for_each(self, work: impl Fn(Self::Piece) + Sync) {
        self.for_each_of_few(1, work);
    }

    /// As `for_each`, where a task is worth its while from that many pieces on.
    fn for_each_of_few(self, few: usize, work: impl Fn(Self::Piece) + Sync) {
        // SAFETY: `each` counts up to `pieces` and gives no index twice.
        each(self.pieces(), few, &|index| work(unsafe { self.piece(index) }));
    }

    /// What `work` makes of the pieces, in their order.
    fn map_to_vec<R: Send>(self, work: impl Fn(Self::Piece) -> R + Sync) -> Vec<R> {
        self.map_to_vec_of_few(1, work)
    }

    /// As `map_to_vec`, where a task is worth its while from that many pieces on.
    fn map_to_vec_of_few<R: Send>(
        self,
        few: usize,
        work: impl Fn(Self::Piece) -> R + Sync,
    ) -> Vec<R> {
        let mut all = Vec::with_capacity(self.pieces());
        let len = self.pieces();
        let slots = all.spare_capacity_mut()[..len].par_chunks_exact_mut(1);
        self.zip(slots).for_each_of_few(few, |(piece, slot): (_, &mut [MaybeUninit<R>])| {
            slot[0].write(work(piece));
        });
        // SAFETY: each slot was written; a panic in `work` does not come here.
        unsafe { all.set_len(len) };
        all
    }
}

/// What has pieces.
pub(crate) trait IntoPieces {
    type Pieces: Pieces;

    fn into_par_iter(self) -> Self::Pieces;
}

impl<P: Pieces> IntoPieces for P {
    type Pieces = P;

    fn into_par_iter(self) -> P {
        self
    }
}

impl IntoPieces for Range<usize> {
    type Pieces = Numbers;

    fn into_par_iter(self) -> Numbers {
        Numbers(self)
    }
}

impl<T: Send> IntoPieces for Vec<T> {
    type Pieces = Items<T>;

    fn into_par_iter(mut self) -> Items<T> {
        let len = self.len();
        // SAFETY: 0 is less than any capacity; from here on the elements belong to `piece`.
        unsafe { self.set_len(0) };
        Items { buffer: self, len }
    }
}

/// The numbers of a range.
pub(crate) struct Numbers(Range<usize>);

/// See [`Pieces::zip`].
pub(crate) struct Zip<A, B>(A, B);

/// The elements of a vector; those that nobody takes are not dropped.
pub(crate) struct Items<T> {
    /// Of length 0, so that it frees its memory alone.
    buffer: Vec<T>,
    len: usize,
}

// SAFETY: a thread gets elements of its own alone, which `T: Send` allows.
unsafe impl<T: Send> Sync for Items<T> {}

// SAFETY: nothing is written.
unsafe impl Pieces for Numbers {
    type Piece = usize;

    fn pieces(&self) -> usize {
        self.0.len()
    }

    unsafe fn piece(&self, index: usize) -> usize {
        self.0.start + index
    }
}

// SAFETY: an element is moved out by the one call with its index.
unsafe impl<T: Send> Pieces for Items<T> {
    type Piece = T;

    fn pieces(&self) -> usize {
        self.len
    }

    unsafe fn piece(&self, index: usize) -> T {
        // SAFETY: `index < len`, so that the buffer holds an element there, which nobody has taken.
        unsafe { self.buffer.as_ptr().add(index).read() }
    }
}

// SAFETY: as for both sides.
unsafe impl<A: Pieces, B: Pieces> Pieces for Zip<A, B> {
    type Piece = (A::Piece, B::Piece);

    fn pieces(&self) -> usize {
        self.0.pieces().min(self.1.pieces())
    }

    unsafe fn piece(&self, index: usize) -> Self::Piece {
        // SAFETY: no side has fewer pieces than both.
        unsafe { (self.0.piece(index), self.1.piece(index)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_taken_once_and_in_its_place() {
        let xs: Vec<usize> = (0..1003).collect();
        let mut ys = vec![0; 1003];
        ys.par_chunks_mut(10).zip(xs.par_chunks(10)).enumerate().for_each(|(i, (ys, xs))| {
            assert_eq!(xs.len(), if i == 100 { 3 } else { 10 });
            ys.iter_mut().zip(xs).for_each(|(y, x)| *y += x + i);
        });
        assert!(ys.iter().enumerate().all(|(at, &y)| y == at + at / 10));
        ys.par_chunks_exact_mut(10).for_each(|ys| ys.fill(0));
        assert_eq!(ys.iter().filter(|&&y| y != 0).count(), 3);
    }

    #[test]
    fn vectors_give_their_elements_away_and_results_keep_their_order() {
        let words: Vec<String> = (0..500).map(|i| i.to_string()).collect();
        let lengths = words.clone().into_par_iter().zip(0..400).map_to_vec(|(word, i)| (i, word));
        assert_eq!(lengths.len(), 400);
        assert!(lengths.iter().all(|(i, word)| *word == words[*i]));
        assert_eq!(words.par_iter().map_to_vec_of_few(64, String::len)[10..12], [2, 2]);
        assert!((5..5).into_par_iter().map_to_vec(|i| i).is_empty());
    }
}
