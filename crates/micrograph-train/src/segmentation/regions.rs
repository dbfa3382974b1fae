//! What is measured of regions: cells between membranes, and objects.

use micrograph_image::{IGNORE, LabelMap};
use micrograph_metrics::segmentation::{
    IOU_THRESHOLDS, Overlaps, aggregated_jaccard, instance_curve,
};
use micrograph_segment::{InstancesConfig, Slice, instances, isbi2012};
use ndarray::{Array2, Array3, Axis};

use super::evaluation::{Membranes, ObjectScores};
use crate::Result;

/// The regions of frames, gathered frame by frame.
#[derive(Default)]
pub(super) struct Regions {
    /// Truth and probability of the foreground, of two classes.
    inside: Vec<(Array2<bool>, Array2<f32>)>,
    objects: Vec<Overlaps>,
}

impl Regions {
    /// Adds a frame: its labels, and the probabilities `(k, h, w)` that were said.
    pub(super) fn add(
        &mut self,
        labels: &LabelMap,
        probabilities: &Array3<f32>,
        two_classes: bool,
    ) -> Result<()> {
        let mut foreground = probabilities.index_axis(Axis(0), 0).mapv(|p| 1.0 - p);
        // Nobody knows whether a region goes on there: it ends in truth and prediction.
        ndarray::Zip::from(&mut foreground).and(&labels.classes).for_each(|p, &class| {
            if class == IGNORE {
                *p = 0.0;
            }
        });
        if let Some(truth) = &labels.instances {
            let found = instances(foreground.view(), &InstancesConfig::default())?;
            self.objects.push(Overlaps::new(truth.view(), found.view())?);
        }
        if two_classes {
            self.inside.push((labels.foreground(), foreground));
        }
        Ok(())
    }

    /// The scores of cells between membranes; `None` without frames of two classes.
    pub(super) fn membranes(&self) -> Result<Option<Membranes>> {
        if self.inside.is_empty() {
            return Ok(None);
        }
        let slices: Vec<Slice<'_>> = self
            .inside
            .iter()
            .map(|(truth, probability)| Slice {
                truth: truth.view(),
                probability: probability.view(),
            })
            .collect();
        let scores = isbi2012(&slices)?;
        Ok(Some(Membranes {
            v_rand: scores.v_rand.map(|best| best.value),
            v_rand_threshold: scores.v_rand.map(|best| best.threshold),
            v_info: scores.v_info.map(|best| best.value),
            v_info_threshold: scores.v_info.map(|best| best.threshold),
        }))
    }

    /// The scores of objects; `None` where no mask told objects apart.
    pub(super) fn objects(&self) -> Result<Option<ObjectScores>> {
        let frames = &self.objects;
        if frames.is_empty() {
            return Ok(None);
        }
        let curve = instance_curve(frames, &IOU_THRESHOLDS)?;
        let points: Vec<f64> = curve.iter().filter_map(|point| point.mean.mean).collect();
        let all = points.len() == IOU_THRESHOLDS.len();
        Ok(Some(ObjectScores {
            truth: frames.iter().map(Overlaps::n_truth).sum(),
            predicted: frames.iter().map(Overlaps::n_predicted).sum(),
            ap_50: points.first().copied().filter(|_| all),
            ap_50_95: all.then(|| points.iter().sum::<f64>() / points.len() as f64),
            aji: aggregated_jaccard(frames),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// Two cells with a strip between them of which nothing is known: that the prediction fills it
    /// is no merging, and what it says there is no error.
    #[test]
    fn regions_end_where_nothing_is_known() {
        let classes = array![[1, 1, 1, IGNORE, 1, 1, 1, 0, 1, 1]];
        let labels = LabelMap { classes: classes.clone(), instances: None };
        let inside = array![[0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.2, 0.9, 0.9]];
        let of = |p: &Array2<f32>, labels: &LabelMap| {
            let mut probabilities = Array3::zeros((2, p.nrows(), p.ncols()));
            probabilities.index_axis_mut(Axis(0), 0).assign(&p.mapv(|p| 1.0 - p));
            probabilities.index_axis_mut(Axis(0), 1).assign(p);
            let mut regions = Regions::default();
            regions.add(labels, &probabilities, labels.instances.is_none()).unwrap();
            regions
        };
        let scores = of(&inside, &labels).membranes().unwrap().unwrap();
        assert_eq!((scores.v_rand, scores.v_info), (Some(1.0), Some(1.0)));
        let known = LabelMap { classes: classes.mapv(|c| c.min(1)), instances: None };
        let two = array![[0.9, 0.9, 0.9, 0.2, 0.9, 0.9, 0.9, 0.2, 0.9, 0.9]];
        let scores = of(&two, &known).membranes().unwrap().unwrap();
        assert!(scores.v_rand < Some(1.0), "a cell that is known to be one is split: {scores:?}");

        // Objects are parted alike.
        let place = |(_, x): (usize, usize)| if x == 5 { IGNORE } else { 1 };
        let classes = Array2::from_shape_fn((6, 11), place);
        let instances = Array2::from_shape_fn((6, 11), |(_, x)| [1, 2][usize::from(x > 5)]);
        let instances = ndarray::Zip::from(&instances)
            .and(&classes)
            .map_collect(|&object, &class| if class == IGNORE { 0 } else { object });
        let labels = LabelMap { classes, instances: Some(instances) };
        let objects = of(&Array2::from_elem((6, 11), 0.9), &labels).objects().unwrap().unwrap();
        assert_eq!((objects.predicted, objects.ap_50), (2, Some(1.0)));
    }
}
