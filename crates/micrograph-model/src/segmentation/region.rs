//! Parts of an image, and what lies beyond its border.

use micrograph_image::Region;
use micrograph_nn::Field;
use ndarray::Array3;

use super::PixelSource;
use crate::Result;

/// A tile: what is kept of it, and what the network sees for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) core: Region,
    pub(crate) seen: Region,
}

/// Tiles of `side` pixels over an image of `size`, row by row; each sees the halo and more on every
/// side where the image goes on. `side` is a multiple of the stride.
///
/// What a tile sees begins at a multiple of the stride from the first row of the image, and ends at
/// one from the last row, so that its mirror image, too, lies on the stride of that of the image.
pub(crate) fn tiles(size: [usize; 2], side: usize, field: Field) -> Vec<Tile> {
    let halo = field.halo();
    let along = |length: usize| {
        (0..length).step_by(side.max(1)).map(move |from| {
            let to = (from + side).min(length);
            let last = (to + halo + length % field.stride).min(length);
            let first = from.saturating_sub(halo);
            [from, to - from, first, last - first]
        })
    };
    let columns: Vec<[usize; 4]> = along(size[1]).collect();
    let rows = along(size[0]);
    let tile = |[y, height, seen_y, seen_height]: [usize; 4], column: &[usize; 4]| {
        let [x, width, seen_x, seen_width] = *column;
        Tile {
            core: Region { y, x, height, width },
            seen: Region { y: seen_y, x: seen_x, height: seen_height, width: seen_width },
        }
    };
    rows.flat_map(|row| columns.iter().map(move |column| tile(row, column))).collect()
}

/// A region of the image continued by reflection about its last pixels, which are not repeated.
pub(crate) fn reflected(source: &mut dyn PixelSource, region: Region) -> Result<Array3<f32>> {
    let (channels, height, width) = source.dim();
    let mirrored = |from: usize, length: usize, side| -> Vec<usize> {
        (from..from + length).map(|at| mirror(at, side)).collect()
    };
    let rows = mirrored(region.y, region.height, height);
    let columns = mirrored(region.x, region.width, width);
    let span = |places: &[usize]| {
        let (first, last) = (places.iter().min()?, places.iter().max()?);
        Some((*first, last - first + 1))
    };
    let (Some((y, rows_seen)), Some((x, columns_seen))) = (span(&rows), span(&columns)) else {
        return Ok(Array3::zeros((channels, region.height, region.width)));
    };
    let seen = source.region(Region { y, x, height: rows_seen, width: columns_seen })?;
    if rows_seen == region.height && columns_seen == region.width && (y, x) == (region.y, region.x)
    {
        return Ok(seen);
    }
    Ok(Array3::from_shape_fn((channels, region.height, region.width), |(c, at_y, at_x)| {
        seen[[c, rows[at_y] - y, columns[at_x] - x]]
    }))
}

/// The place at which an image of so many pixels continues at `at`: `0 1 2 1 0 1 2 ...` of three.
fn mirror(at: usize, length: usize) -> usize {
    let period = 2 * length.saturating_sub(1);
    if period == 0 {
        return 0;
    }
    let at = at % period;
    at.min(period - at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reflection_is_that_of_numpy_pad() {
        let mirrored = |length| (0..7).map(|at| mirror(at, length)).collect::<Vec<_>>();
        assert_eq!(mirrored(3), [0, 1, 2, 1, 0, 1, 2]);
        assert_eq!(mirrored(1), [0; 7]);
    }

    #[test]
    fn tiles_cover_each_pixel_once() {
        let tiles = tiles([40, 24], 16, Field { stride: 8, radius: 5 });
        let mut covered = ndarray::Array2::<u8>::zeros((40, 24));
        for Tile { core, seen } in &tiles {
            for y in core.y..core.y + core.height {
                for x in core.x..core.x + core.width {
                    covered[[y, x]] += 1;
                }
            }
            assert!(seen.y + 8 == core.y || seen.y == 0, "{seen:?}");
        }
        assert!(covered.iter().all(|&count| count == 1));
        assert_eq!(tiles.len(), 6);
    }
    #[test]
    fn what_tiles_see_lies_on_the_stride_from_either_end() {
        for Tile { core, seen } in tiles([45, 27], 16, Field { stride: 8, radius: 5 }) {
            let (top, bottom) = (seen.y, 45 - seen.y - seen.height);
            let (left, right) = (seen.x, 27 - seen.x - seen.width);
            assert!([top, bottom, left, right].iter().all(|rest| rest % 8 == 0), "{seen:?}");
            let below = seen.y + seen.height - core.y - core.height;
            assert!(below >= 8 || bottom == 0, "{core:?} {seen:?}");
        }
    }
}
