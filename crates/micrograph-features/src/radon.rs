//! Radon transform: projections of an object along directions.

use std::f64::consts::PI;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit};
use crate::crop;
use crate::error::Result;
use crate::intensity::{HistogramConfig, IntensityRange, histogram};
use crate::settings::within;

/// Settings of the Radon transform of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RadonConfig {
    /// The number of directions, equally far apart over half a turn; 4 as in WND-CHARM.
    pub directions: usize,
    /// The number of bins of each projection's values; 3 as in WND-CHARM.
    pub bins: usize,
}

impl Default for RadonConfig {
    fn default() -> Self {
        Self { directions: 4, bins: 3 }
    }
}

impl RadonConfig {
    pub(crate) fn check(&self) -> Result<()> {
        let few = (1..=180).contains(&self.directions);
        within("the directions of projections", "from 1 to 180", self.directions as f64, few)?;
        self.histogram().check()
    }

    fn histogram(&self) -> HistogramConfig {
        HistogramConfig { bins: self.bins, range: IntensityRange::Object }
    }
}

/// The sums of the image along lines in one direction.
///
/// The image lies in the middle of a square of 0 with a side of its diagonal. That square is turned by
/// `theta`, bilinear, and its columns are summed: without a turn these are the image's columns, after
/// a quarter its rows.
///
/// # Shapes
/// - returns: as many sums as the square has columns, `ceil(sqrt(2) max(height, width))`
///
/// # Units
/// Intensities; `theta` in radians.
///
/// # Edge cases
/// No sum for an image without pixels. Values that are not finite give sums that are not.
///
/// # Source
/// Radon 1917; the oracle is `skimage.transform.radon` with `circle=False`.
///
/// # Example
/// ```
/// use micrograph_features::radon_projection;
/// use ndarray::array;
/// let image = array![[1.0, 2.0], [3.0, 4.0]];
/// assert_eq!(radon_projection(image.view(), 0.0), [4.0, 6.0, 0.0]);
/// ```
#[must_use]
pub fn radon_projection(values: ArrayView2<'_, f64>, theta: f64) -> Vec<f64> {
    let (height, width) = values.dim();
    if values.is_empty() {
        return Vec::new();
    }
    // Where the image lies in the square, so that its middle pixel is the square's.
    let side = (std::f64::consts::SQRT_2 * height.max(width) as f64).ceil() as usize;
    let [top, left] = [height, width].map(|n| (side / 2) as f64 - (n / 2) as f64);
    let center = (side / 2) as f64;
    let (sin, cos) = exact_sin_cos(theta);
    let at = |y: f64, x: f64| {
        let inside = y >= 0.0 && x >= 0.0 && y < height as f64 && x < width as f64;
        if inside { values[[y as usize, x as usize]] } else { 0.0 }
    };
    let value = |y: f64, x: f64| {
        let (below, right) = (y.floor(), x.floor());
        let (down, across) = (y - below, x - right);
        let upper = at(below, right) * (1.0 - across) + at(below, right + 1.0) * across;
        let lower = at(below + 1.0, right) * (1.0 - across) + at(below + 1.0, right + 1.0) * across;
        upper * (1.0 - down) + lower * down
    };
    let column = |x: usize| {
        let dx = x as f64 - center;
        let from = |y: usize| {
            let dy = y as f64 - center;
            (cos * dy - sin * dx + center - top, cos * dx + sin * dy + center - left)
        };
        (0..side).map(from).map(|(y, x)| value(y, x)).sum()
    };
    (0..side).map(column).collect()
}

/// Quarters are exact, so that pixels lie on pixels.
fn exact_sin_cos(theta: f64) -> (f64, f64) {
    let (sin, cos) = theta.sin_cos();
    let exact = |value: f64| if value.abs() < 1e-15 { 0.0 } else { value };
    (exact(sin), exact(cos))
}

/// The histogram of each projection's values over its own range: of the object alone, in its box, with
/// 0 around it.
pub(crate) fn object_radon(
    values: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    config: &RadonConfig,
) -> Result<Vec<f64>> {
    config.check()?;
    let Some((values, mask)) = crop::boxed(values, mask) else {
        return Ok(vec![0.0; config.directions * config.bins]);
    };
    let mut object = values.mapv(f64::from);
    object.zip_mut_with(&mask, |value, &object| *value = if object { *value } else { 0.0 });
    let mut all = Vec::new();
    for k in 0..config.directions {
        let projection = radon_projection(object.view(), PI * k as f64 / config.directions as f64);
        all.extend(histogram(&projection, &config.histogram())?);
    }
    Ok(all)
}

pub(crate) fn descriptors(config: &RadonConfig) -> Vec<Descriptor> {
    let one = Descriptor::new(
        "radon",
        Measure::In(Unit::One),
        "fraction of the projection's values in the bin, over their own range",
        "Orlov et al. 2008; scikit-image radon",
    );
    let named = |(k, bin): (usize, usize)| Descriptor {
        name: format!("radon_{k:02}_{bin:02}").into(),
        ..one.clone()
    };
    let bins = config.bins;
    (0..config.directions).flat_map(|k| (0..bins).map(move |bin| (k, bin))).map(named).collect()
}
