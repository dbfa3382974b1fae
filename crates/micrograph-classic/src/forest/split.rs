//! The best cut of a feature by Gini impurity.

use super::ranks::Ranks;

/// A sample of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) sample: u32,
    pub(super) class: u16,
    /// How often it was drawn.
    pub(super) count: u16,
}

/// A cut between two ranks of a feature.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub(super) feature: usize,
    pub(super) below: u32,
    pub(super) above: u32,
    /// `sum over sides of (sum over classes of weight^2) / weight`: the greater, the purer.
    pub(super) purity: f64,
}

/// Members of at least so many are sorted by digits, fewer by comparison.
const MANY: usize = 384;

/// Bits of a digit.
const DIGIT: u32 = 11;

/// Finds cuts; its memory is used again for each node.
pub(super) struct Finder {
    /// Rank (32 bits), class (16), count (16) of each member.
    keys: Vec<u64>,
    spare: Vec<u64>,
    left: Vec<f64>,
    right: Vec<f64>,
}

/// What a node is cut by.
pub(super) struct Rules<'a> {
    pub(super) ranks: &'a Ranks,
    /// The weight of a draw of each class.
    pub(super) weights: &'a [f64],
    pub(super) min_leaf: usize,
}

impl Finder {
    pub(super) fn new(n_classes: usize) -> Self {
        let zeros = vec![0.0; n_classes];
        Self { keys: Vec::new(), spare: Vec::new(), left: zeros.clone(), right: zeros }
    }

    /// The best cut of `feature`; `None` where it is constant, `Some(None)` where no cut leaves
    /// enough members on both sides. `totals` are the classes' weights in the node.
    pub(super) fn best(
        &mut self,
        feature: usize,
        members: &[Member],
        totals: &[f64],
        rules: &Rules<'_>,
    ) -> Option<Option<Cut>> {
        let ranks = rules.ranks.of(feature);
        let (mut least, mut greatest) = (u32::MAX, 0);
        self.keys.clear();
        self.keys.extend(members.iter().map(|member| {
            let rank = ranks[member.sample as usize];
            (least, greatest) = (least.min(rank), greatest.max(rank));
            u64::from(rank) << 32 | u64::from(member.class) << 16 | u64::from(member.count)
        }));
        if least == greatest {
            return None;
        }
        self.sort(least, greatest);
        Some(self.scan(feature, totals, rules))
    }

    fn sort(&mut self, least: u32, greatest: u32) {
        if self.keys.len() < MANY {
            self.keys.sort_unstable();
            return;
        }
        let mut shift = 0;
        while (greatest - least) >> shift > 0 {
            let digit =
                |key: u64| ((((key >> 32) as u32 - least) >> shift) & ((1 << DIGIT) - 1)) as usize;
            let mut places = [0_u32; 1 << DIGIT];
            self.keys.iter().for_each(|&key| places[digit(key)] += 1);
            let mut before = 0;
            for place in &mut places {
                (*place, before) = (before, before + *place);
            }
            self.spare.resize(self.keys.len(), 0);
            for &key in &self.keys {
                let place = &mut places[digit(key)];
                self.spare[*place as usize] = key;
                *place += 1;
            }
            std::mem::swap(&mut self.keys, &mut self.spare);
            shift += DIGIT;
        }
    }

    /// Moves the sorted members from right to left, one by one, and looks between unlike ranks.
    fn scan(&mut self, feature: usize, totals: &[f64], rules: &Rules<'_>) -> Option<Cut> {
        self.left.fill(0.0);
        self.right.copy_from_slice(totals);
        let (mut left_weight, mut right_weight) = (0.0, totals.iter().sum::<f64>());
        let (mut left_squares, mut right_squares) =
            (0.0, totals.iter().map(|total| total * total).sum::<f64>());
        let mut best: Option<Cut> = None;
        let last = self.keys.len() - rules.min_leaf;
        for (place, pair) in self.keys.windows(2).take(last).enumerate() {
            let class = (pair[0] >> 16) as u16 as usize;
            let weight = rules.weights[class] * f64::from(pair[0] as u16);
            left_squares += weight * (2.0 * self.left[class] + weight);
            right_squares -= weight * (2.0 * self.right[class] - weight);
            self.left[class] += weight;
            self.right[class] -= weight;
            left_weight += weight;
            right_weight -= weight;
            let [below, above] = [pair[0], pair[1]].map(|key| (key >> 32) as u32);
            if below < above && place + 1 >= rules.min_leaf {
                let purity = left_squares / left_weight + right_squares / right_weight;
                if best.is_none_or(|best| purity > best.purity) {
                    best = Some(Cut { feature, below, above, purity });
                }
            }
        }
        best
    }
}
