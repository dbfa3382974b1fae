//! What a classical model is for the data at hand: units, ranges, columns, weights of classes.

use micrograph_features::{FeatureSet, IntensityRange};
use micrograph_image::Depth;
use micrograph_model::{
    ClassicalConfig, ClassicalInput, FeatureInput, HeadConfig, HeadedConfig, Lengths, ModelConfig,
};

use super::balance::weigh;
use crate::config::{ClassicalView, ModelName};
use crate::{Readable, Result, TrainConfig};

impl Readable {
    /// The model that the settings ask for, for images of so many channels; classes are weighed by
    /// their counts in `train`.
    ///
    /// Units and types are those of all samples that were read, so that folds do not differ in them.
    pub(crate) fn model_for(
        &self,
        config: &TrainConfig,
        train: &[usize],
        channels: usize,
    ) -> Result<ModelConfig> {
        let n_classes = self.dataset.classes.len();
        let ModelName::Classical(name) = config.model else {
            let network = self.network_for(config, channels)?;
            let Some(settings) = &config.head else { return Ok(ModelConfig::Network(network)) };
            let pipeline = weigh(settings.pipeline()?, config, &self.labels_of(train), n_classes)?;
            let features = settings.features.as_deref().map(|set| self.features_for(set, channels));
            let head = HeadConfig {
                name: settings.model.name().to_owned(),
                features: features.transpose()?,
                pipeline,
            };
            return Ok(ModelConfig::Headed(HeadedConfig { network, head }));
        };
        let Some(pipeline) = config.classical.pipeline_of(config.model)? else {
            return Ok(ModelConfig::Network(self.network_for(config, channels)?));
        };
        let pipeline = weigh(pipeline, config, &self.labels_of(train), n_classes)?;
        let input = match config.classical.input {
            ClassicalView::Pixels => ClassicalInput::Pixels,
            ClassicalView::Features => {
                ClassicalInput::Features(self.features_for(&config.classical.features, channels)?)
            }
        };
        Ok(ModelConfig::Classical(ClassicalConfig {
            name: name.name().to_owned(),
            input,
            pipeline,
        }))
    }

    fn features_for(&self, name: &str, channels: usize) -> Result<FeatureInput> {
        let seen = self.scanned.iter().flatten().map(|s| (s.depth, s.has_pixel_size));
        feature_input(name, channels, &seen.collect::<Vec<_>>())
    }
}

/// The set called `name` for samples of these types, which tell the size of a pixel or not.
pub(crate) fn feature_input(
    name: &str,
    channels: usize,
    seen: &[(Depth, bool)],
) -> Result<FeatureInput> {
    let first = seen.first().map(|sample| sample.0);
    let common = first.filter(|depth| seen.iter().all(|sample| sample.0 == *depth));
    let set =
        FeatureSet::preset(name, common.map_or(IntensityRange::Object, IntensityRange::from))?;
    // What reads the mask alone has no column for a second channel.
    let reads_pixels = set.columns(1, None)?.len() < set.columns(2, None)?.len();
    let sized = !seen.is_empty() && seen.iter().all(|sample| sample.1);
    let mut input = FeatureInput {
        name: name.to_owned(),
        lengths: if sized { Lengths::Nanometers } else { Lengths::Pixels },
        depth: common.filter(|_| reads_pixels),
        columns: Vec::new(),
        set,
    };
    input.columns = input.column_names(channels)?;
    Ok(input)
}
