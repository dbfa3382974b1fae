//! Which samples an epoch sees, in what order, and in which batches.

use std::collections::BTreeMap;

use micrograph_sampling::{oversample, shuffle, undersample};

use crate::{Balance, Prepared, Result, TrainConfig};

/// One appearance of a sample in an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Appearance {
    /// Index into the data set.
    pub(crate) sample: usize,
    /// How often the sample has appeared in this epoch before; copies are augmented differently.
    pub(crate) copy: u64,
}

/// The steps of `epoch`: a function of the settings, the labels, the sizes of the objects and the
/// epoch alone, so that a resumed run finds its place among them again.
pub(crate) fn epoch_batches(
    prepared: &Prepared,
    config: &TrainConfig,
    epoch: u64,
) -> Result<Vec<Vec<Appearance>>> {
    let order = epoch_order(&prepared.train, &prepared.labels, config, epoch)?;
    let preprocessing = &prepared.preprocessing;
    let seen = |&(sample, height, width): &(usize, usize, usize)| {
        (sample, preprocessing.target([height, width]))
    };
    let sizes: BTreeMap<usize, [usize; 2]> = prepared.sizes.iter().map(seen).collect();
    let size_of = |sample| sizes.get(&sample).copied().unwrap_or(preprocessing.size);
    Ok(by_size(&order, size_of, config, epoch))
}

/// Cuts `order` into batches of samples that the model sees at one size.
///
/// Samples of a size stay in their order. Where there are several sizes, their batches come in a
/// random order, so that no epoch ends with what a size has left over.
fn by_size(
    order: &[Appearance],
    size_of: impl Fn(usize) -> [usize; 2],
    config: &TrainConfig,
    epoch: u64,
) -> Vec<Vec<Appearance>> {
    let mut of_size: BTreeMap<[usize; 2], Vec<Appearance>> = BTreeMap::new();
    for &appearance in order {
        of_size.entry(size_of(appearance.sample)).or_default().push(appearance);
    }
    let chunks = |all: &Vec<Appearance>| -> Vec<Vec<Appearance>> {
        all.chunks(config.batch_size.max(1)).map(<[Appearance]>::to_vec).collect()
    };
    let mut batches: Vec<Vec<Appearance>> = of_size.values().flat_map(chunks).collect();
    if of_size.len() > 1 {
        let mut turns: Vec<usize> = (0..batches.len()).collect();
        // No run reaches the epoch from the other end, so that these draws are no sample's.
        shuffle(&mut turns, config.seed, !epoch);
        batches = turns.into_iter().map(|turn| std::mem::take(&mut batches[turn])).collect();
    }
    batches
}

/// The balanced and shuffled order of `epoch`.
fn epoch_order(
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

    /// Twelve samples of two sizes, in batches of four.
    #[test]
    fn a_batch_has_one_size_and_an_epoch_every_sample_once() {
        let config = TrainConfig { batch_size: 4, balance: Balance::None, ..Default::default() };
        let (train, labels): (Vec<usize>, _) = ((0..12).collect(), vec![0; 12]);
        let size_of = |sample| if sample < 7 { [16, 16] } else { [32, 16] };
        let of = |epoch| {
            let order = epoch_order(&train, &labels, &config, epoch).unwrap();
            by_size(&order, size_of, &config, epoch)
        };
        let batches = of(0);
        assert_eq!(batches.len(), 2 + 2);
        for batch in &batches {
            assert!(batch.iter().all(|a| size_of(a.sample) == size_of(batch[0].sample)));
        }
        let mut seen: Vec<usize> = batches.iter().flatten().map(|a| a.sample).collect();
        seen.sort_unstable();
        assert_eq!(seen, train);
        assert_eq!(of(0), batches);
        let firsts = |epoch| -> Vec<[usize; 2]> {
            of(epoch).iter().map(|batch| size_of(batch[0].sample)).collect()
        };
        assert!((1..9).any(|epoch| firsts(epoch) != firsts(0)), "batches stay in their order");
    }

    /// Of one size, batches are the order that there was, cut.
    #[test]
    fn batches_of_one_size_follow_the_order() {
        let config = TrainConfig { batch_size: 5, ..Default::default() };
        let order = epoch_order(&[3, 1, 4, 5, 9, 2, 6], &[0; 10], &config, 2).unwrap();
        let batches = by_size(&order, |_| [28, 28], &config, 2);
        assert_eq!(batches.concat(), order);
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [5, 2]);
    }
}
