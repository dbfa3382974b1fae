//! How a tree grows.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::ranks::Ranks;
use super::split::{Cut, Finder, Member, Rules};
use super::tree::Tree;

/// What limits the growth of a tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Growth {
    /// Features that are tried at each split.
    pub(super) tried: usize,
    pub(super) max_depth: usize,
    pub(super) min_split: usize,
    pub(super) min_leaf: usize,
}

/// A grown tree and, for each feature, by how much its splits made the nodes purer.
pub(super) struct Grown {
    pub(super) tree: Tree,
    pub(super) importances: Vec<f64>,
}

/// A node that waits to be split, and where its members stand.
struct Waiting {
    node: usize,
    start: usize,
    end: usize,
    depth: usize,
}

/// Grows a tree over `members` by draws of `rng`.
pub(super) fn grow(
    ranks: &Ranks,
    weights: &[f64],
    growth: &Growth,
    mut members: Vec<Member>,
    rng: ChaCha8Rng,
) -> Grown {
    let rules = Rules { ranks, weights, min_leaf: growth.min_leaf };
    let features: Vec<usize> = (0..ranks.n_features()).collect();
    let mut grown = Grown { tree: Tree::root(), importances: vec![0.0; features.len()] };
    let finder = Finder::new(weights.len());
    let mut chooser = Chooser { rules, tried: growth.tried, finder, features, rng };
    let mut spare = Vec::new();
    let mut waiting = vec![Waiting { node: 0, start: 0, end: members.len(), depth: 0 }];
    while let Some(Waiting { node, start, end, depth }) = waiting.pop() {
        let here = &mut members[start..end];
        let totals = totals(here, weights);
        let weight: f64 = totals.iter().sum();
        let mixed = totals.iter().filter(|&&total| total > 0.0).count() > 1;
        let large = here.len() >= growth.min_split.max(2 * growth.min_leaf);
        let cut = (mixed && large && depth < growth.max_depth)
            .then(|| chooser.choose(here, &totals))
            .flatten();
        let Some(cut) = cut else {
            grown.tree.settle(node, totals.iter().map(|total| total / weight));
            continue;
        };
        let squares: f64 = totals.iter().map(|total| total * total).sum();
        grown.importances[cut.feature] += cut.purity - squares / weight;
        let middle = start + divide(here, ranks.of(cut.feature), cut.below, &mut spare);
        let threshold = ranks.threshold(cut.feature, cut.below, cut.above);
        let left = grown.tree.split(node, cut.feature, threshold);
        let depth = depth + 1;
        waiting.push(Waiting { node: left + 1, start: middle, end, depth });
        waiting.push(Waiting { node: left, start, end: middle, depth });
    }
    grown
}

/// Draws features and finds their best cut.
struct Chooser<'a> {
    rules: Rules<'a>,
    tried: usize,
    finder: Finder,
    /// All features, in the order of the last draws.
    features: Vec<usize>,
    rng: ChaCha8Rng,
}

impl Chooser<'_> {
    /// The best cut of features drawn without replacement: as many as are to be tried, and more
    /// only until one is not constant in the node, as in scikit-learn.
    fn choose(&mut self, members: &[Member], totals: &[f64]) -> Option<Cut> {
        let (mut best, mut varied): (Option<Cut>, bool) = (None, false);
        for drawn in 0..self.features.len() {
            if drawn >= self.tried && varied {
                break;
            }
            let other = self.rng.random_range(drawn..self.features.len());
            self.features.swap(drawn, other);
            let feature = self.features[drawn];
            if let Some(cut) = self.finder.best(feature, members, totals, &self.rules) {
                varied = true;
                if cut.is_some_and(|cut| best.is_none_or(|best| cut.purity > best.purity)) {
                    best = cut;
                }
            }
        }
        best
    }
}

/// The weight of each class among `members`.
fn totals(members: &[Member], weights: &[f64]) -> Vec<f64> {
    let mut counts = vec![0_u64; weights.len()];
    members.iter().for_each(|m| counts[usize::from(m.class)] += u64::from(m.count));
    counts.iter().zip(weights).map(|(&count, weight)| count as f64 * weight).collect()
}

/// Moves members of rank up to `below` to the front, all in their order, and counts them.
fn divide(members: &mut [Member], ranks: &[u32], below: u32, spare: &mut Vec<Member>) -> usize {
    spare.clear();
    let mut kept = 0;
    for place in 0..members.len() {
        let member = members[place];
        if ranks[member.sample as usize] <= below {
            members[kept] = member;
            kept += 1;
        } else {
            spare.push(member);
        }
    }
    members[kept..].copy_from_slice(spare);
    kept
}
