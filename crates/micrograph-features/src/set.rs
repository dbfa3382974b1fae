//! Sets of descriptors, and their values for one object.

use std::collections::HashSet;

use micrograph_image::PixelSize;
use serde::{Deserialize, Serialize};

use crate::binary_pattern::BinaryPatternConfig;
use crate::column::{Column, Descriptor};
use crate::cooccurrence::HaralickConfig;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::first_order::FirstOrderConfig;
use crate::fourier::FourierConfig;
use crate::gabor::GaborConfig;
use crate::intensity::{HistogramConfig, IntensityRange};
use crate::levels::Levels;
use crate::membrane::MembraneConfig;
use crate::moments::Weight;
use crate::object::{Object, Region, pixel_nm};
use crate::profile::{EdgeProfileConfig, RadialProfileConfig};
use crate::settings::within;
use crate::zernike::ZernikeConfig;

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
    /// Everything that the data of the LipNet thesis come with (section 3), normalized and Hu's
    /// moments, and what its section 4.1 adds.
    ///
    /// `range` is what the 32 bins of the histogram cover, as `Depth::U8.into()` for 8 bits.
    pub fn lipnet(range: IntensityRange) -> Self {
        let mut families = vec![
            Family::MaximumWidth,
            Family::Diameter,
            Family::Length,
            Family::NormalizedMoments(Weight::Intensity),
            Family::HuMoments(Weight::Intensity),
            Family::RadialProfile(RadialProfileConfig::default()),
            Family::SignalToNoise(MembraneConfig::default()),
        ];
        families.extend(Self::vironova(range).families);
        Self { families }
    }

    /// The nine descriptors of Vironova's support vector machine (LipNet thesis, section 4.1): area,
    /// circularity, four image moments, edge density profile, histogram, internal segmentation
    /// variance; 63 columns for one channel.
    pub fn vironova(range: IntensityRange) -> Self {
        Self {
            families: vec![
                Family::Area,
                Family::Circularity,
                Family::CentralMoments(Weight::Intensity),
                Family::EdgeProfile(EdgeProfileConfig::default()),
                Family::Histogram(HistogramConfig { bins: 32, range }),
                Family::InternalSegmentationVariance(MembraneConfig::default()),
            ],
        }
    }

    /// The shape of the object: area, perimeter, circularity, ellipse, solidity, extent, Euler number,
    /// Feret diameters, Hu's moments, Zernike moments to order 9 and Fourier descriptors.
    pub fn shape() -> Self {
        Self {
            families: vec![
                Family::Area,
                Family::Perimeter,
                Family::Circularity,
                Family::Ellipse,
                Family::Solidity,
                Family::Extent,
                Family::EulerNumber,
                Family::FeretDiameters,
                Family::HuMoments(Weight::Shape),
                Family::ZernikeMoments(ZernikeConfig::default()),
                Family::FourierDescriptors(FourierConfig::default()),
            ],
        }
    }

    /// Intensity and texture: first-order statistics, Haralick's features at distances 1, 2 and 4,
    /// runs, zones, neighborhood gray tone differences, local binary patterns, and Gabor energies at
    /// stripes of 4 and 8 pixels.
    ///
    /// Gray levels cover each object's own range: what is measured is texture, not brightness. Only
    /// Gabor energies and the first-order statistics grow with contrast.
    pub fn texture() -> Self {
        let haralick = [1, 2, 4].map(|distance| {
            Family::Haralick(HaralickConfig { distance, ..HaralickConfig::default() })
        });
        let mut families = vec![Family::FirstOrder(FirstOrderConfig::default())];
        families.extend(haralick);
        families.extend([
            Family::Runs(Levels::default()),
            Family::Zones(Levels::default()),
            Family::ToneDifferences(Levels::default()),
            Family::BinaryPatterns(BinaryPatternConfig::default()),
            Family::Gabor(GaborConfig { frequency: 0.25, ..GaborConfig::default() }),
            Family::Gabor(GaborConfig { frequency: 0.125, ..GaborConfig::default() }),
        ]);
        Self { families }
    }

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
        let descriptors = self.descriptors(n_channels, pixel_nm.is_some());
        debug_assert_eq!(descriptors.len(), values.len());
        for (value, (_, descriptor)) in values.iter_mut().zip(&descriptors) {
            *value *= descriptor.factor(pixel_nm);
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
