//! Density profiles: from the center, and across the membrane.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit};
use crate::error::{Error, Result};
use crate::settings::{count, same_shape, within};

/// A distance in the image or in the specimen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distance {
    /// In sides of a pixel.
    Pixels(f64),
    /// In nanometers: the size of a pixel must be known.
    Nanometers(f64),
    /// In nanometers where the size of a pixel is known, else in pixels.
    Either {
        /// Where the size of a pixel is not known.
        pixels: f64,
        /// Where it is.
        nanometers: f64,
    },
}

impl Distance {
    /// The distance in pixels.
    ///
    /// # Errors
    /// A distance that is not above 0; nanometers where the size of a pixel is not known.
    pub(crate) fn pixels(self, what: &'static str, pixel_nm: Option<f64>) -> Result<f64> {
        let (value, in_nanometers) = self.value(pixel_nm.is_some());
        within(what, "above 0", value, value > 0.0 && value.is_finite())?;
        match (in_nanometers, pixel_nm) {
            (false, _) => Ok(value),
            (true, Some(side)) => Ok(value / side),
            (true, None) => Err(Error::PixelSizeUnknown { what, nanometers: value }),
        }
    }

    /// The number that counts, and whether it is in nanometers.
    pub(crate) fn value(self, size_is_known: bool) -> (f64, bool) {
        match self {
            Self::Pixels(pixels) => (pixels, false),
            Self::Nanometers(nanometers) => (nanometers, true),
            Self::Either { nanometers, .. } if size_is_known => (nanometers, true),
            Self::Either { pixels, .. } => (pixels, false),
        }
    }
}

/// Settings of the radial density profile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RadialProfileConfig {
    /// The number of rings; 32 by our choice, the thesis says none.
    pub rings: usize,
    /// The width of each; by our choice 5 nanometers, about a membrane, or 2 pixels where the size of a
    /// pixel is not known.
    pub ring_width: Distance,
}

impl Default for RadialProfileConfig {
    fn default() -> Self {
        Self { rings: 32, ring_width: Distance::Either { pixels: 2.0, nanometers: 5.0 } }
    }
}

/// Settings of the edge density profile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EdgeProfileConfig {
    /// The number of rings inside the membrane; 16 by our choice.
    pub inside: usize,
    /// The number of rings outside; 8 by our choice.
    pub outside: usize,
    /// The width of each; by our choice 2 nanometers, so that a membrane has two rings, or 2 pixels
    /// where the size of a pixel is not known.
    pub ring_width: Distance,
}

impl Default for EdgeProfileConfig {
    fn default() -> Self {
        let ring_width = Distance::Either { pixels: 2.0, nanometers: 2.0 };
        Self { inside: 16, outside: 8, ring_width }
    }
}

/// The mean of `values` in rings of equal width along `distance`.
///
/// Ring `k` holds the pixels with `floor((distance - start) / width) = k`.
///
/// # Shapes
/// - `values`, `distance`: `(height, width)`; pixels of distance NaN belong to no ring
/// - returns: `rings` means with the number of pixels of each; a ring without pixels has `None`
///
/// # Errors
/// Arrays of different shapes, no ring or more than 65536, a width that is not above 0.
///
/// # Example
/// ```
/// use micrograph_features::ring_means;
/// use ndarray::array;
/// let values = array![[10.0, 20.0, 40.0]];
/// let means = ring_means(values.view(), array![[0.0, 0.9, 2.0]].view(), 0.0, 1.0, 3)?;
/// assert_eq!(means, [Some((15.0, 2)), None, Some((40.0, 1))]);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn ring_means(
    values: ArrayView2<'_, f32>,
    distance: ArrayView2<'_, f64>,
    start: f64,
    width: f64,
    rings: usize,
) -> Result<Vec<Option<(f64, usize)>>> {
    same_shape(values.dim(), distance.dim())?;
    count("rings", rings)?;
    within("the width of rings", "above 0", width, width > 0.0 && width.is_finite())?;
    let mut sums = vec![(0.0, 0_usize); rings];
    for (&value, &d) in values.iter().zip(&distance) {
        let ring = ((d - start) / width).floor();
        if ring >= 0.0 && ring < rings as f64 {
            let (sum, n) = &mut sums[ring as usize];
            *sum += f64::from(value);
            *n += 1;
        }
    }
    Ok(sums.into_iter().map(|(sum, n)| (n > 0).then(|| (sum / n as f64, n))).collect())
}

/// The distance of each object pixel to the center of the object, NaN outside.
///
/// The center is that of mass of the shape. Pixels.
///
/// # Example
/// ```
/// use micrograph_features::center_distance;
/// use ndarray::array;
/// let distance = center_distance(array![[true, true, true, false]].view());
/// assert_eq!(distance.as_slice().unwrap()[..3], [1.0, 0.0, 1.0]);
/// assert!(distance[[0, 3]].is_nan());
/// ```
#[must_use]
pub fn center_distance(mask: ArrayView2<'_, bool>) -> Array2<f64> {
    let weights = mask.mapv(|object| f64::from(u8::from(object)));
    let (_, [y_mean, x_mean]) = crate::moments::center_of_mass(weights.view());
    Array2::from_shape_fn(mask.dim(), |(y, x)| {
        if mask[[y, x]] { (y as f64 - y_mean).hypot(x as f64 - x_mean) } else { f64::NAN }
    })
}

/// The radial density profile: mean intensity in rings around the center, within the object.
///
/// The first ring is the center. In the thesis's pairs, ring `k` has the distance
/// `(k + 1/2) ring_width`.
///
/// # Edge cases
/// A ring without pixels has the value of the next ring inwards that has some, and if there is none,
/// outwards: beyond the object the profile stays at its last value. Without an object all are 0.
///
/// # Errors
/// As [`ring_means`].
///
/// # Source
/// LipNet thesis, section 3, "concentric rings" with "the distance in nanometres to the center of the
/// particle"; rings of a fixed number and width are ours, so that objects compare.
///
/// # Example
/// ```
/// use micrograph_features::radial_profile;
/// use ndarray::array;
/// let mask = array![[true, true, true, false]];
/// let values = array![[2.0, 8.0, 4.0, 99.0]];
/// assert_eq!(radial_profile(values.view(), mask.view(), 3, 1.0)?, [8.0, 3.0, 3.0]);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn radial_profile(
    values: ArrayView2<'_, f32>,
    mask: ArrayView2<'_, bool>,
    rings: usize,
    ring_width_px: f64,
) -> Result<Vec<f64>> {
    let distance = center_distance(mask);
    Ok(filled(&ring_means(values, distance.view(), 0.0, ring_width_px, rings)?))
}

/// The edge density profile: mean intensity in rings along the membrane.
///
/// The first `inside` values lie inside, from the deepest outwards; then come `outside` values. The
/// membrane, distance 0, lies between them: ring `k` has the distance
/// `(k - inside + 1/2) ring_width`.
///
/// # Shapes
/// - `membrane`: [`membrane_distance`](crate::membrane_distance) of the object
/// - `rings`: the numbers inside and outside
///
/// # Edge cases
/// A ring without pixels has the value of the next ring towards the membrane that has some, and if
/// there is none, away from it. Without an object all are 0.
///
/// # Errors
/// As [`ring_means`].
///
/// # Source
/// LipNet thesis, section 3.
///
/// # Example
/// ```
/// use micrograph_features::{edge_profile, membrane_distance};
/// use ndarray::array;
/// let membrane = membrane_distance(array![[true, true, true, false, false]].view());
/// let values = array![[1.0, 2.0, 3.0, 7.0, 9.0]];
/// // The border of the image ends the object too: all three pixels lie 1/2 inside.
/// let profile = edge_profile(values.view(), membrane.view(), [2, 2], 1.0)?;
/// assert_eq!(profile, [2.0, 2.0, 7.0, 9.0]);
/// # Ok::<(), micrograph_features::Error>(())
/// ```
pub fn edge_profile(
    values: ArrayView2<'_, f32>,
    membrane: ArrayView2<'_, f64>,
    [inside, outside]: [usize; 2],
    ring_width_px: f64,
) -> Result<Vec<f64>> {
    let start = -(inside as f64) * ring_width_px;
    let rings = inside.saturating_add(outside);
    let means = ring_means(values, membrane, start, ring_width_px, rings)?;
    if means.iter().all(Option::is_none) {
        return Ok(vec![0.0; means.len()]);
    }
    let (deep, far) = means.split_at(inside);
    let deep: Vec<_> = deep.iter().rev().copied().collect();
    let nearest = deep.iter().chain(far).copied().flatten().next();
    let [mut deep, far] = [&deep, far].map(|side| {
        let known = side.iter().any(Option::is_some);
        if known { filled(side) } else { vec![nearest.map_or(0.0, |(mean, _)| mean); side.len()] }
    });
    deep.reverse();
    deep.extend(far);
    Ok(deep)
}

/// Means, where rings without pixels repeat the one before, and the first ones the one after.
fn filled(means: &[Option<(f64, usize)>]) -> Vec<f64> {
    let mut last = means.iter().flatten().next().map_or(0.0, |&(mean, _)| mean);
    means
        .iter()
        .map(|ring| {
            last = ring.map_or(last, |(mean, _)| mean);
            last
        })
        .collect()
}

const THESIS: &str = "LipNet thesis, section 3";

pub(crate) const RADIAL: Descriptor = Descriptor::new(
    "radial_profile",
    Measure::In(Unit::Intensity),
    "mean intensity in the ring around the center",
    THESIS,
);

pub(crate) const EDGE: Descriptor = Descriptor::new(
    "edge_profile",
    Measure::In(Unit::Intensity),
    "mean intensity in the ring along the membrane, from inside to outside",
    THESIS,
);
