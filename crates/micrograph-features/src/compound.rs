//! Descriptors of transformed images.

use std::rc::Rc;

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use crate::column::{Descriptor, Measure, Unit};
use crate::crop;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::object::{Channel, Object, Region};
use crate::transform::{Transform, transformed};

/// A family of descriptors of the object's box after transforms.
///
/// The box has the object's mean where the object is not. After [`Transform::Edges`] pixels stay where
/// they are, and so does the object; of the other transforms, all pixels count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compound {
    /// The transforms in the order in which they are applied.
    pub transforms: Vec<Transform>,
    /// What is taken of the result: a family that reads pixels.
    pub family: Box<Family>,
}

/// An image after transforms, and what of it counts.
pub(crate) struct Plane {
    pixels: Array2<f32>,
    mask: Array2<bool>,
}

impl Compound {
    /// # Errors
    /// No transform or more than 8, a family that reads the mask alone or is itself of transforms,
    /// settings outside their range.
    pub(crate) fn check(&self) -> Result<()> {
        let n = self.transforms.len();
        crate::settings::within("transforms", "from 1 to 8", n as f64, (1..=8).contains(&n))?;
        if !self.family.reads_pixels() || matches!(*self.family, Family::Compound(_)) {
            return Err(Error::Transformed { family: format!("{:?}", self.family) });
        }
        self.family.check(None)
    }

    /// The last transform first: `wavelet_of_spectrum_`.
    fn prefix(&self) -> String {
        let words: Vec<&str> = self.transforms.iter().rev().map(|t| t.word()).collect();
        words.join("_of_") + "_"
    }

    pub(crate) fn descriptors(&self) -> Vec<Descriptor> {
        let prefix = self.prefix();
        let mut descriptors = self.family.descriptors(false);
        for descriptor in &mut descriptors {
            descriptor.name = format!("{prefix}{}", descriptor.name).into();
            descriptor.measure = match descriptor.measure {
                Measure::Length => Measure::In(Unit::Pixels),
                Measure::Area => Measure::In(Unit::SquarePixels),
                Measure::In(Unit::Intensity | Unit::SquareIntensity)
                    if self.transforms.contains(&Transform::Fourier) =>
                {
                    Measure::In(Unit::One)
                }
                other => other,
            };
        }
        descriptors
    }

    pub(crate) fn compute(&self, region: &Region, channel: &Channel<'_>) -> Result<Vec<f64>> {
        let plane = plane_after(&self.transforms, region, channel)?;
        let pixels = plane.pixels.view().insert_axis(Axis(0));
        let object = Object { pixels, mask: plane.mask.view(), pixel_size_nm: None };
        let region = Region::new(&object, self.family.margin(None)?)?;
        self.family.compute(&region, &region.channel(Some(0)))
    }
}

/// The channel after the transforms, kept for the families that follow.
fn plane_after(
    transforms: &[Transform],
    region: &Region,
    channel: &Channel<'_>,
) -> Result<Rc<Plane>> {
    let known = |(done, _): &&(Vec<Transform>, Rc<Plane>)| done == transforms;
    if let Some((_, plane)) = channel.planes.borrow().iter().find(known) {
        return Ok(Rc::clone(plane));
    }
    let [before @ .., last] = transforms else {
        let (pixels, mask) = crop::boxed(channel.pixels, region.mask())
            .map_or_else(Default::default, |(p, m)| (p.to_owned(), m.to_owned()));
        return Ok(Rc::new(Plane { pixels, mask }));
    };
    let source = plane_after(before, region, channel)?;
    let filled = crop::filled(source.pixels.view(), source.mask.view());
    let result = transformed(filled.view(), *last)?;
    let mask = if last.keeps_places() {
        let boxed = crop::boxed(source.pixels.view(), source.mask.view());
        boxed.map_or_else(Default::default, |(_, mask)| mask.to_owned())
    } else {
        Array2::from_elem(result.dim(), true)
    };
    // Numbers of 64 bits pass the largest of 32.
    let pixels = result.mapv(|value| (value as f32).clamp(f32::MIN, f32::MAX));
    let plane = Rc::new(Plane { pixels, mask });
    channel.planes.borrow_mut().push((transforms.to_vec(), Rc::clone(&plane)));
    Ok(plane)
}
