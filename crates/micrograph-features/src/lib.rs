//! Handcrafted descriptors of objects in biomedical images: shape, intensity, profiles and texture,
//! with names and units.
//!
//! A [`FeatureSet`] is a list of [`Family`] values. It turns an [`Object`] (an image, a mask, and the
//! size of a pixel where it is known) into [`Features`], and many objects into a [`FeatureTable`]
//! with a named [`Column`] a descriptor. Beneath stand plain functions, one a family, which can be
//! used without a set: [`perimeter`], [`hu_moments`], [`edge_profile`], ...
//!
//! ```
//! use micrograph_features::{FeatureSet, Object};
//! use micrograph_image::{Depth, PixelSize};
//! use ndarray::Array;
//!
//! // A disk of radius 10 with a dark membrane, 2 nm a pixel.
//! let radius = |y: usize, x: usize| (y as f64 - 20.0).hypot(x as f64 - 20.0);
//! let mask = Array::from_shape_fn((41, 41), |(y, x)| radius(y, x) < 10.0);
//! let pixels = Array::from_shape_fn((1, 41, 41), |(_, y, x)| {
//!     if (7.0..10.0).contains(&radius(y, x)) { 40.0 } else { 120.0 }
//! });
//! let pixel_size_nm = Some(PixelSize { y_nm: 2.0, x_nm: 2.0 });
//! let object = Object { pixels: pixels.view(), mask: mask.view(), pixel_size_nm };
//!
//! let features = FeatureSet::lipnet(Depth::U8.into()).extract(&object)?;
//! assert_eq!(features.get("area_nm2"), Some(305.0 * 4.0));
//! assert_eq!(features.get("maximum_width_polygon_nm"), Some(20.0)); // the center's distance
//! assert_eq!(features.get("edge_profile_2nm_15"), Some(40.0)); // just inside the membrane
//! assert_eq!(features.get("edge_profile_2nm_16"), Some(120.0)); // just outside
//! # Ok::<(), micrograph_features::Error>(())
//! ```
//!
//! # Decisions
//! - Every value is finite. What is 0/0 (no object, one pixel, one intensity) has a value by a rule
//!   that the function states, so that a table can be handed to any classifier; broken input (a NaN,
//!   a mask of another size) is an [`Error`].
//! - Lengths and areas are in nanometers where the size of a pixel is known, else in pixels, and the
//!   name of the column says which. Pixels have to be square.
//! - An object ends at the border of its image. Nothing beyond the border is looked at.
//! - Intensities are taken as they come. Sort them into bins over a fixed range where brightness
//!   means something, over the object's own where it does not ([`IntensityRange`]).
//! - The same bits for any number of threads; to rounding, the same wherever in its image an object
//!   lies.
//!
//! # Limits
//! Two dimensions; one object a mask.
#![forbid(unsafe_code)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "array views are small and `Copy`; clippy does not see it through ndarray's types"
)]

mod binary_pattern;
mod chebyshev;
mod column;
mod compound;
mod convexity;
mod cooccurrence;
mod crop;
mod ellipse;
mod error;
mod family;
mod fft;
mod first_order;
mod fourier;
mod gabor;
mod granularity;
mod hog;
mod hull;
mod intensity;
mod levels;
mod membrane;
mod moments;
mod object;
mod outline;
mod preset;
mod profile;
mod radial_distribution;
mod radon;
mod runs;
mod set;
mod settings;
mod size;
mod table;
mod tag;
mod tamura;
mod tone;
mod transform;
mod zernike;

pub use binary_pattern::{BinaryPatternConfig, binary_patterns};
pub use chebyshev::{ChebyshevConfig, chebyshev_coefficients};
pub use column::{Column, Unit};
pub use compound::Compound;
pub use convexity::{euler_number, extent, feret_diameters, solidity};
pub use cooccurrence::{HARALICK_NAMES, HaralickConfig, cooccurrence, haralick};
pub use ellipse::{eccentricity, orientation};
pub use error::{Error, Result};
pub use family::Family;
pub use first_order::{FIRST_ORDER_NAMES, FirstOrderConfig, first_order};
pub use fourier::{FourierConfig, fourier_descriptors};
pub use gabor::{GaborConfig, gabor_energy};
pub use granularity::{GranularityConfig, granularity};
pub use hog::{HogConfig, hog};
pub use intensity::{HistogramConfig, IntensityRange, bin_of_values, histogram};
pub use levels::{Levels, gray_levels};
pub use membrane::{
    MembraneConfig, SIGNAL_TO_NOISE_CAP, internal_segmentation_variance, signal_to_noise,
};
pub use moments::{Weight, center_of_mass, central_moments, hu_moments, normalized_moments};
pub use object::{Object, OwnedObject, membrane_distance};
pub use outline::circularity;
pub use profile::{
    Distance, EdgeProfileConfig, RadialProfileConfig, center_distance, edge_profile,
    radial_profile, ring_means,
};
pub use radial_distribution::{RadialDistributionConfig, RingShare, radial_distribution};
pub use radon::{RadonConfig, radon_projection};
pub use runs::{RUN_NAMES, Run, gray_level_runs, gray_level_zones, run_statistics};
pub use set::{FeatureSet, Features};
pub use size::{area, ellipse_axes, perimeter, polygon_diameter};
pub use table::FeatureTable;
pub use tamura::{TAMURA_NAMES, TamuraConfig, tamura};
pub use tone::{COARSENESS_CAP, TONE_NAMES, tone_differences};
pub use transform::{Transform, transformed};
pub use zernike::{ZernikeConfig, zernike_moments, zernike_orders};

/// Holds the README's example to be true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
