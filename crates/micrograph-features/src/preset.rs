//! Sets of descriptors by name.

use crate::binary_pattern::BinaryPatternConfig;
use crate::chebyshev::ChebyshevConfig;
use crate::compound::Compound;
use crate::cooccurrence::HaralickConfig;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::first_order::FirstOrderConfig;
use crate::fourier::FourierConfig;
use crate::gabor::GaborConfig;
use crate::granularity::GranularityConfig;
use crate::hog::HogConfig;
use crate::intensity::{HistogramConfig, IntensityRange};
use crate::levels::Levels;
use crate::membrane::MembraneConfig;
use crate::moments::Weight;
use crate::profile::{EdgeProfileConfig, RadialProfileConfig};
use crate::radial_distribution::RadialDistributionConfig;
use crate::radon::RadonConfig;
use crate::set::FeatureSet;
use crate::tamura::TamuraConfig;
use crate::transform::Transform;
use crate::zernike::ZernikeConfig;

/// The transforms of WND-CHARM, the first applied first.
const TRANSFORMS: [&[Transform]; 11] = {
    use Transform::{Chebyshev, Edges, Fourier, Wavelet};
    [
        &[Fourier],
        &[Wavelet],
        &[Chebyshev],
        &[Fourier, Chebyshev],
        &[Fourier, Wavelet],
        &[Wavelet, Fourier],
        &[Chebyshev, Fourier],
        &[Wavelet, Chebyshev],
        &[Edges],
        &[Edges, Fourier],
        &[Edges, Wavelet],
    ]
};

impl FeatureSet {
    /// The names that [`FeatureSet::preset`] knows.
    pub const PRESETS: [&'static str; 8] =
        ["lipnet", "vironova", "size", "shape", "texture", "appearance", "wndcharm", "all"];

    /// The set of that name.
    ///
    /// `range` is what the histogram of the LipNet thesis covers, as `Depth::U8.into()` for 8 bits.
    ///
    /// # Errors
    /// A name that is not one of [`FeatureSet::PRESETS`].
    ///
    /// # Example
    /// ```
    /// use micrograph_features::FeatureSet;
    /// use micrograph_image::Depth;
    /// let set = FeatureSet::preset("shape", Depth::U8.into())?;
    /// assert_eq!(set, FeatureSet::shape());
    /// assert!(FeatureSet::preset("shapes", Depth::U8.into()).is_err());
    /// # Ok::<(), micrograph_features::Error>(())
    /// ```
    pub fn preset(name: &str, range: IntensityRange) -> Result<Self> {
        match name {
            "lipnet" => Ok(Self::lipnet(range)),
            "vironova" => Ok(Self::vironova(range)),
            "size" => Ok(Self::size()),
            "shape" => Ok(Self::shape()),
            "texture" => Ok(Self::texture()),
            "appearance" => Ok(Self::appearance()),
            "wndcharm" => Ok(Self::wndcharm()),
            "all" => Ok(Self::all(range)),
            _ => Err(Error::Preset { name: name.into() }),
        }
    }

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

    /// The size alone: maximum width, diameter, length and area. What a classifier of these reaches
    /// tells how much of a result is owed to size.
    pub fn size() -> Self {
        let families = [Family::MaximumWidth, Family::Diameter, Family::Length, Family::Area];
        Self { families: families.to_vec() }
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

    /// What an object looks like as a picture: oriented gradients, Tamura's features, granularity, the
    /// radial distribution, Chebyshev coefficients, Radon projections.
    pub fn appearance() -> Self {
        Self {
            families: vec![
                Family::Hog(HogConfig::default()),
                Family::Tamura(TamuraConfig::default()),
                Family::Granularity(GranularityConfig::default()),
                Family::RadialDistribution(RadialDistributionConfig::default()),
                Family::Chebyshev(ChebyshevConfig::default()),
                Family::Radon(RadonConfig::default()),
            ],
        }
    }

    /// The idea of WND-CHARM: the same descriptors of the image, of its Fourier, wavelet and Chebyshev
    /// transforms, of its edges, and of transforms of transforms.
    ///
    /// Of each: first-order statistics, histograms of 3, 5, 7 and 9 bins, Haralick's features, Tamura's,
    /// Zernike moments, Radon projections and Chebyshev coefficients; of the image Gabor energies, too.
    /// The transforms are those of its long set (Orlov et al. 2008); the formulas are this crate's, so
    /// that the values are not those of WND-CHARM.
    pub fn wndcharm() -> Self {
        let mut of_each = vec![Family::FirstOrder(FirstOrderConfig::default())];
        of_each.extend([3, 5, 7, 9].map(|bins| {
            Family::Histogram(HistogramConfig { bins, range: IntensityRange::Object })
        }));
        of_each.extend([
            Family::Haralick(HaralickConfig::default()),
            Family::Tamura(TamuraConfig::default()),
            Family::ZernikeMoments(ZernikeConfig {
                weight: Weight::Intensity,
                ..ZernikeConfig::default()
            }),
            Family::Radon(RadonConfig::default()),
            Family::Chebyshev(ChebyshevConfig::default()),
        ]);
        let mut families = of_each.clone();
        families.push(Family::Gabor(GaborConfig::default()));
        for transforms in TRANSFORMS {
            families.extend(of_each.iter().map(|family| {
                let (transforms, family) = (transforms.to_vec(), Box::new(family.clone()));
                Family::Compound(Compound { transforms, family })
            }));
        }
        Self { families }
    }

    /// All of the other sets, each family once.
    pub fn all(range: IntensityRange) -> Self {
        let mut families: Vec<Family> = Vec::new();
        let sets = [
            Self::lipnet(range),
            Self::shape(),
            Self::texture(),
            Self::appearance(),
            Self::wndcharm(),
        ];
        for family in sets.into_iter().flat_map(|set| set.families) {
            if !families.contains(&family) {
                families.push(family);
            }
        }
        Self { families }
    }
}
