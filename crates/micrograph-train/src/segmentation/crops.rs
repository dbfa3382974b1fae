//! Batches of random crops.

use micrograph_augment::{Cropping, Key, augment_labels};
use micrograph_image::{IGNORE, LabelMap};
use micrograph_segment::{Connectivity, border_weights, label_components};
use ndarray::{Array2, Axis};

use super::{SegmentationConfig, SegmentationData};
use crate::loader::{full_scale, guarded_as};
use crate::plan::Appearance;
use crate::{Error, Result};

/// Crops with their classes, ready for the network.
#[derive(Debug)]
pub(crate) struct Crops {
    /// Crop by crop, channel by channel and row by row.
    pub(crate) pixels: Vec<f32>,
    pub(crate) labels: Vec<u32>,
    /// What each pixel weighs in the loss, where it asks for borders; else empty.
    pub(crate) weights: Vec<f32>,
    /// Crops, channels, height and width.
    pub(crate) shape: (usize, usize, usize, usize),
}

/// The crops of a batch; each is a function of the settings, the frame, the epoch and its copy.
pub(crate) fn crops(
    data: &SegmentationData,
    config: &SegmentationConfig,
    plan: &[Appearance],
    epoch: u64,
) -> Result<Crops> {
    let [height, width] = data.crop;
    let channels = data.input.in_channels();
    let area = plan.len() * height * width;
    let weighed = config.loss.border.map_or(0, |_| area);
    let mut crops = Crops {
        pixels: Vec::with_capacity(area * channels),
        labels: Vec::with_capacity(area),
        weights: Vec::with_capacity(weighed),
        shape: (plan.len(), channels, height, width),
    };
    for &Appearance { sample, copy } in plan {
        let frame = &data.dataset.frames[sample];
        let key = Key { seed: config.seed, epoch, sample: frame.key(), copy };
        guarded_as(&frame.id, || one(data, config, (sample, key), &mut crops))?;
    }
    Ok(crops)
}

fn one(
    data: &SegmentationData,
    config: &SegmentationConfig,
    (sample, key): (usize, Key),
    crops: &mut Crops,
) -> Result<()> {
    let window = data.window(sample)?;
    let frame = data.frame(sample)?;
    let Some(known) = &frame.labels else {
        let problem = format!("{} has no mask any more", data.dataset.frames[sample].id);
        return Err(Error::Data { path: data.dataset.source.clone(), problem });
    };
    let views: Vec<_> = window.iter().map(|frame| frame.pixels.view()).collect();
    let planes = data.input.window_of(&views)?;
    let cropping = Cropping { size: data.crop, foreground: config.crop.foreground };
    let scale = full_scale(frame.depth, &frame.pixels);
    let (mut crop, classes) = augment_labels(
        &config.augment,
        key,
        (planes.view(), known.classes.view()),
        Some(&cropping),
        scale,
    )?;
    let of: Vec<_> = window.iter().map(|frame| (&frame.normalizer, frame.depth)).collect();
    data.input.normalize(&mut crop, &of)?;
    if let Some(border) = config.loss.border {
        let (first, objects) = (planes.slice_axis(Axis(0), (..1).into()), objects(known));
        let both = (first, objects.view());
        // The same key moves the objects as it moved the classes.
        let (_, objects) = augment_labels(&config.augment, key, both, Some(&cropping), scale)?;
        let weights = border_weights(objects.view(), border.weight, border.sigma_px)?;
        crops.weights.extend(weights.iter());
    }
    crops.pixels.extend(crop.iter());
    crops.labels.extend(classes.iter().map(|&class| u32::from(class)));
    Ok(())
}

/// The objects of a mask, with the same foreground as its classes; parts that hang together, where
/// it does not number them.
fn objects(known: &LabelMap) -> Array2<u32> {
    let foreground = known.classes.mapv(|class| class > 0 && class != IGNORE);
    let Some(numbers) = &known.instances else {
        return label_components(foreground.view(), Connectivity::Four).0;
    };
    let inside =
        foreground.iter().zip(numbers).map(|(&inside, &number)| number * u32::from(inside));
    Array2::from_shape_vec(numbers.dim(), inside.collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use micrograph_image::{Depth, SegmentationDataset, SegmentationOptions, write_png};
    use micrograph_nn::{BorderWeights, SegmentationLoss};
    use ndarray::Array3;

    use super::*;
    use crate::{Surroundings, Unreadable};

    /// Two numbered squares, three pixels apart, in frames that are cut, turned and bent.
    #[test]
    fn weights_of_borders_follow_the_objects() {
        let folder = micrograph_testkit::temporary_folder();
        let object = |y: usize, x: usize| match (y, x) {
            (8..24, 6..15) => 1,
            (8..24, 18..30) => 2,
            _ => 0,
        };
        for kind in ["image", "instances"] {
            std::fs::create_dir(folder.path().join(kind)).unwrap();
            for name in ["a.png", "b.png"] {
                let pixels = Array3::from_shape_fn((1, 32, 40), |(_, y, x)| object(y, x) as f32);
                let path = folder.path().join(kind).join(name);
                write_png(&path, pixels.view(), Depth::U8).unwrap();
            }
        }
        let dataset =
            SegmentationDataset::open(folder.path(), &SegmentationOptions::default()).unwrap();
        let border = Some(BorderWeights { weight: 10.0, sigma_px: 2.0 });
        let mut config = SegmentationConfig {
            loss: SegmentationLoss { border, ..SegmentationLoss::default() },
            ..SegmentationConfig::default()
        };
        config.crop.size = 32;
        let around = Surroundings::default();
        let data = SegmentationData::open(dataset, &config, Unreadable::Refuse, &around).unwrap();
        let sample = data.train[0];
        let plan: Vec<_> = (0..12).map(|copy| Appearance { sample, copy }).collect();
        let crops = crops(&data, &config, &plan, 3).unwrap();
        assert_eq!(crops.weights.len(), crops.labels.len());
        let mut between = 0;
        for (&weight, &label) in crops.weights.iter().zip(&crops.labels) {
            assert!((1.0..=11.0).contains(&weight));
            assert!(label == 0 || weight == 1.0, "an object weighs {weight}");
            between += usize::from(weight > 3.0);
        }
        assert!(between > 12 * 20, "{between} pixels lie between the squares");
    }
}
