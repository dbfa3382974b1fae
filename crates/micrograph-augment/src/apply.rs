//! A recipe applied to an image and its mask.

use micrograph_image::{Border, Interpolation};
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, Slice};

use crate::geometry::Placement;
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
    augment_with(recipe, key, (pixels, mask), None, full_scale)
}

/// Augments an object that was cut out of its image, and its mask in step.
///
/// As [`augment`], but beyond the image lies `background`, one value a channel, whatever border the
/// recipe asks for: by reflection, pieces of the object would appear a second time beside it.
///
/// # Errors
/// Those of [`augment`]; [`Error::Background`] where the values are not one a channel.
///
/// # Example
/// ```
/// use micrograph_augment::{Key, Recipe, augment_object};
/// use ndarray::{Array2, Array3};
/// let recipe = Recipe { rotation_degrees: 45.0, zoom: [1.5, 1.5], ..Recipe::none() };
/// let key = Key { seed: 1, epoch: 0, sample: 7, copy: 0 };
/// let (pixels, object) = (Array3::ones((1, 8, 8)), Array2::from_elem((8, 8), true));
/// let object = (pixels.view(), object.view());
/// let (pixels, mask) = augment_object(&recipe, key, object, &[5.0], 255.0)?;
/// assert_eq!((pixels[[0, 0, 0]], mask[[0, 0]]), (5.0, false));
/// assert_eq!((pixels[[0, 4, 4]], mask[[4, 4]]), (1.0, true));
/// # Ok::<(), micrograph_augment::Error>(())
/// ```
pub fn augment_object(
    recipe: &Recipe,
    key: Key,
    (pixels, mask): (ArrayView3<'_, f32>, ArrayView2<'_, bool>),
    background: &[f32],
    full_scale: f32,
) -> Result<(Array3<f32>, Array2<bool>)> {
    let channels = pixels.dim().0;
    if background.len() != channels {
        return Err(Error::Background { got: background.len(), channels });
    }
    let object = (pixels, Some(mask));
    let (pixels, moved) = augment_with(recipe, key, object, Some(background), full_scale)?;
    Ok((pixels, moved.unwrap_or_else(|| mask.to_owned())))
}

fn augment_with(
    recipe: &Recipe,
    key: Key,
    (pixels, mask): (ArrayView3<'_, f32>, Option<ArrayView2<'_, bool>>),
    background: Option<&[f32]>,
    full_scale: f32,
) -> Result<(Array3<f32>, Option<Array2<bool>>)> {
    recipe.check(pixels, mask.map(|mask| mask.dim()), full_scale)?;
    let (_, height, width) = pixels.dim();
    let size = (height, width);
    let drawn = recipe.draw(key);
    let placement = Placement::new(recipe, &drawn, key, size, [0.0; 2]);
    let (mut pixels, mask) = if placement.changes_nothing(size) {
        (pixels.to_owned(), mask.map(|mask| mask.to_owned()))
    } else {
        let border = background.map_or(recipe.border, |_| Border::Constant(0.0));
        let warp_mask = |mask| placement.warp_mask(mask, border);
        let pixels = match background {
            None => placement.warp(pixels, recipe.interpolation, recipe.border),
            Some(values) => warp_onto(pixels, &placement, recipe.interpolation, values),
        };
        (pixels, mask.map(warp_mask))
    };
    recipe.adjust(&drawn, key, &mut pixels, full_scale);
    Ok((pixels, mask))
}

impl Recipe {
    /// Whether the recipe can be applied to these pixels and a mask of this size.
    pub(crate) fn check(
        &self,
        pixels: ArrayView3<'_, f32>,
        mask: Option<(usize, usize)>,
        full_scale: f32,
    ) -> Result<()> {
        self.validate()?;
        let (_, height, width) = pixels.dim();
        if let Some((rows, columns)) = mask.filter(|&size| size != (height, width)) {
            return Err(Error::MaskShape { image: [height, width], mask: [rows, columns] });
        }
        if self.changes_intensity() && !(full_scale > 0.0 && full_scale.is_finite()) {
            return Err(Error::FullScale { got: full_scale });
        }
        Ok(())
    }
}

/// [`Placement::warp`] with a border of its own for each channel.
fn warp_onto(
    pixels: ArrayView3<'_, f32>,
    placement: &Placement,
    interpolation: Interpolation,
    background: &[f32],
) -> Array3<f32> {
    let mut moved = Array3::zeros(pixels.dim());
    for (channel, &value) in background.iter().enumerate() {
        let plane = Slice::from(channel..=channel);
        let from = pixels.slice_axis(Axis(0), plane);
        let warped = placement.warp(from, interpolation, Border::Constant(value));
        moved.slice_axis_mut(Axis(0), plane).assign(&warped);
    }
    moved
}
