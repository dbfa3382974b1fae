//! A recipe applied to an image and its mask.

use micrograph_image::{Affine, warp, warp_mask_with_border};
use ndarray::{Array2, Array3, ArrayView2, ArrayView3};

use crate::{Error, Key, Recipe, Result};

/// Augments an image, and its mask in step, as `recipe` draws for `key`.
///
/// The geometry is one resampling, whatever it is composed of. Flips, quarter turns and shifts by
/// whole pixels copy pixels and interpolate nothing.
///
/// # Shapes
/// - `pixels`: `(channels, height, width)`, before normalization
/// - `mask`: `(height, width)`
/// - returns: the same
///
/// # Units and ranges
/// `full_scale` is white: 255 for 8 bits, 65535 for 16 bits; the limits of brightness and noise are
/// fractions of it. Results are not clamped to it, except by gamma.
///
/// # Edge cases
/// Where nothing happens, the result has the bits of the image. An image of no pixels comes back.
///
/// # Errors
/// Those of [`Recipe::validate`]; [`Error::MaskShape`]; [`Error::FullScale`] where the recipe changes
/// intensities.
///
/// # Example
/// ```
/// use micrograph_augment::{Key, Recipe, augment};
/// use ndarray::array;
/// let recipe = Recipe { flip_horizontal: 1.0, ..Recipe::none() };
/// let key = Key { seed: 1, epoch: 0, sample: 7, copy: 0 };
/// let pixels = array![[[1.0, 2.0, 3.0]]];
/// let mask = array![[true, false, false]];
/// let (pixels, mask) = augment(&recipe, key, pixels.view(), Some(mask.view()), 255.0)?;
/// assert_eq!(pixels, array![[[3.0, 2.0, 1.0]]]);
/// assert_eq!(mask, Some(array![[false, false, true]]));
/// # Ok::<(), micrograph_augment::Error>(())
/// ```
pub fn augment(
    recipe: &Recipe,
    key: Key,
    pixels: ArrayView3<'_, f32>,
    mask: Option<ArrayView2<'_, bool>>,
    full_scale: f32,
) -> Result<(Array3<f32>, Option<Array2<bool>>)> {
    recipe.validate()?;
    let (_, height, width) = pixels.dim();
    let size = (height, width);
    if let Some(mask) = mask.filter(|mask| mask.dim() != size) {
        let (mask_height, mask_width) = mask.dim();
        return Err(Error::MaskShape { image: [height, width], mask: [mask_height, mask_width] });
    }
    if recipe.changes_intensity() && !(full_scale > 0.0 && full_scale.is_finite()) {
        return Err(Error::FullScale { got: full_scale });
    }
    let drawn = recipe.draw(key);
    let transform = recipe.transform(&drawn, size);
    let (mut pixels, mask) = if transform == Affine::IDENTITY {
        (pixels.to_owned(), mask.map(|mask| mask.to_owned()))
    } else {
        let warped = warp(pixels, size, &transform, recipe.interpolation, recipe.border);
        let warp_mask = |mask| warp_mask_with_border(mask, size, &transform, recipe.border);
        (warped, mask.map(warp_mask))
    };
    recipe.adjust(&drawn, key, &mut pixels, full_scale);
    Ok((pixels, mask))
}
