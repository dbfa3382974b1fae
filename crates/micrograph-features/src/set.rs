//! Sets of descriptors, and their values for one object.

use std::collections::HashSet;

use micrograph_image::PixelSize;
use serde::{Deserialize, Serialize};

use crate::column::{Column, Descriptor};
use crate::error::{Error, Result};
use crate::family::Family;
use crate::object::{Object, Region, pixel_nm};
use crate::settings::within;

/// Which descriptors are computed, in this order.
///
/// A set is a value: it can be compared, and written to a file.
///
/// # Example
/// ```
/// use micrograph_features::{Family, FeatureSet, Object};
/// use ndarray::{Array3, array};
///
/// let set = FeatureSet { families: vec![Family::Area, Family::Diameter] };
/// let mask = array![[true, true, true], [true, true, true]];
/// let pixels = Array3::zeros((1, 2, 3));
/// let object = Object { pixels: pixels.view(), mask: mask.view(), pixel_size_nm: None };
/// let features = set.extract(&object)?;
/// assert_eq!(features.get("area_px2"), Some(6.0));
/// assert_eq!(features.get("diameter_polygon"), Some(13.0_f64.sqrt()));
/// # Ok::<(), micrograph_features::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureSet {
    /// The families.
    pub families: Vec<Family>,
}

/// The descriptors of one object, with their names.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// What the values are.
    pub columns: Vec<Column>,
    /// The values: all are finite.
    pub values: Vec<f64>,
}

impl Features {
    /// The value of the column `name`.
    pub fn get(&self, name: &str) -> Option<f64> {
        let column = self.columns.iter().position(|column| column.name == name)?;
        self.values.get(column).copied()
    }
}

impl FeatureSet {
    /// The columns for images of that many channels, with or without a known size of a pixel.
    ///
    /// What reads the mask alone has one column, the rest one for each channel.
    ///
    /// Settings that are not the usual ones stand in the names: a histogram of 16 bins is
    /// `histogram_16bins_00` ..., a radial profile in nanometers `radial_profile_5nm_00` ...
    ///
    /// # Errors
    /// Settings outside their range, pixels that are not square, more than 65536 channels, a
    /// descriptor that occurs twice.
    pub fn columns(
        &self,
        channels: usize,
        pixel_size_nm: Option<PixelSize>,
    ) -> Result<Vec<Column>> {
        let pixel_nm = pixel_nm(pixel_size_nm)?;
        within("channels", "of at most 65536", channels as f64, channels <= 65_536)?;
        self.families.iter().try_for_each(|family| family.check(pixel_nm))?;
        let columns: Vec<Column> = self
            .descriptors(channels, pixel_nm.is_some())
            .iter()
            .map(|(prefix, descriptor)| descriptor.column(prefix, pixel_size_nm.is_some()))
            .collect();
        let mut names = HashSet::new();
        match columns.iter().find(|column| !names.insert(&column.name)) {
            Some(column) => Err(Error::Duplicate { name: column.name.clone() }),
            None => Ok(columns),
        }
    }

    /// The descriptors of one object.
    ///
    /// # Edge cases
    /// Every value is finite, by the rules that the families state; an empty mask has 0 everywhere.
    ///
    /// # Errors
    /// A mask of another size than the image, pixels that are not finite or not square, settings
    /// outside their range, a descriptor that occurs twice.
    pub fn extract(&self, object: &Object<'_>) -> Result<Features> {
        let columns = self.columns(object.pixels.dim().0, object.pixel_size_nm)?;
        Ok(Features { columns, values: self.row(object)? })
    }

    /// The values alone.
    pub(crate) fn row(&self, object: &Object<'_>) -> Result<Vec<f64>> {
        let pixel_nm = pixel_nm(object.pixel_size_nm)?;
        let mut margin = 0;
        for family in &self.families {
            family.check(pixel_nm)?;
            margin = margin.max(family.margin(pixel_nm)?);
        }
        let region = Region::new(object, margin)?;
        let n_channels = object.pixels.dim().0;
        let shape = region.channel(None);
        let channels: Vec<_> = (0..n_channels).map(|c| region.channel(Some(c))).collect();
        let mut values = Vec::new();
        for family in &self.families {
            if family.reads_pixels() {
                for channel in &channels {
                    values.extend(family.compute(&region, channel)?);
                }
            } else {
                values.extend(family.compute(&region, &shape)?);
            }
        }
        if pixel_nm.is_some() {
            let descriptors = self.descriptors(n_channels, true);
            for (value, (_, descriptor)) in values.iter_mut().zip(&descriptors) {
                *value *= descriptor.factor(pixel_nm);
            }
        }
        Ok(values)
    }

    /// The descriptors with what stands in front of their names.
    fn descriptors(&self, channels: usize, size_is_known: bool) -> Vec<(String, Descriptor)> {
        let mut all = Vec::new();
        for family in &self.families {
            let prefixes = match (family.reads_pixels(), channels) {
                (false, _) | (true, 1) => vec![String::new()],
                (true, _) => (0..channels).map(|channel| format!("channel{channel}_")).collect(),
            };
            for prefix in prefixes {
                let descriptors = family.descriptors(size_is_known).into_iter();
                all.extend(descriptors.map(|descriptor| (prefix.clone(), descriptor)));
            }
        }
        all
    }
}
