//! Which samples an epoch sees, and in what order.

use micrograph_sampling::{oversample, shuffle, undersample};

use crate::{Balance, Result, TrainConfig};

/// One appearance of a sample in an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Appearance {
    /// Index into the data set.
    pub(crate) sample: usize,
    /// How often the sample has appeared in this epoch before; copies are augmented differently.
    pub(crate) copy: u64,
}

/// The balanced and shuffled order of `epoch`: a function of the settings, the labels and the
/// epoch alone, so that a resumed run finds its place in it again.
pub(crate) fn epoch_order(
    train: &[usize],
    labels: &[u32],
    config: &TrainConfig,
    epoch: u64,
) -> Result<Vec<Appearance>> {
    let of_train: Vec<u32> = train.iter().map(|&index| labels[index]).collect();
    let mut positions: Vec<usize> = (0..train.len()).collect();
    positions = match config.remedy() {
        // Resampling is for classical models, which have no epochs.
        Balance::None | Balance::Weights | Balance::Resample => positions,
        Balance::Auto | Balance::Over => oversample(&of_train, &positions, config.seed, epoch),
        Balance::Under => {
            undersample(&of_train, &positions, config.undersample_fraction, config.seed, epoch)?
        }
    };
    shuffle(&mut positions, config.seed, epoch);
    let mut seen = vec![0; train.len()];
    Ok(positions
        .into_iter()
        .map(|position| {
            let copy = seen[position];
            seen[position] += 1;
            Appearance { sample: train[position], copy }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_a_rare_sample_are_numbered() {
        let labels = [0, 0, 0, 1];
        let config = TrainConfig { balance: Balance::Over, ..Default::default() };
        let order = epoch_order(&[0, 1, 2, 3], &labels, &config, 0).unwrap();
        let copies: Vec<u64> = order.iter().filter(|a| a.sample == 3).map(|a| a.copy).collect();
        assert_eq!(copies, [0, 1, 2]);
        assert_eq!(order.len(), 6);
        assert_ne!(order, epoch_order(&[0, 1, 2, 3], &labels, &config, 1).unwrap());
    }
}
