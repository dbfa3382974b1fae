//! A grown tree.

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::saved::Saved;

/// A binary tree; children stand side by side.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// The share of each class in each leaf, leaf by leaf.
    shares: Vec<f64>,
}

/// Left when `x[feature] <= threshold`; a leaf has `left = 0` and its number in `feature`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Node {
    feature: u32,
    left: u32,
    threshold: f64,
}

impl Tree {
    /// A tree of one node that is not yet settled.
    pub(super) fn root() -> Self {
        Self { nodes: vec![Node::default()], shares: Vec::new() }
    }

    /// Makes `node` a leaf with these shares of the classes.
    pub(super) fn settle(&mut self, node: usize, shares: impl ExactSizeIterator<Item = f64>) {
        let leaf = self.shares.len() / shares.len();
        self.nodes[node].feature = leaf as u32;
        self.shares.extend(shares);
    }

    /// Splits `node` and gives back its left child; the right one is the next.
    pub(super) fn split(&mut self, node: usize, feature: usize, threshold: f64) -> usize {
        let left = self.nodes.len();
        self.nodes[node] = Node { feature: feature as u32, left: left as u32, threshold };
        self.nodes.extend([Node::default(); 2]);
        left
    }

    /// The shares of the `k` classes in the leaf of `x`.
    pub(crate) fn shares(&self, x: ArrayView1<'_, f64>, k: usize) -> &[f64] {
        let mut node = &self.nodes[0];
        while node.left > 0 {
            let right = x[node.feature as usize] > node.threshold;
            node = &self.nodes[node.left as usize + usize::from(right)];
        }
        &self.shares[node.feature as usize * k..][..k]
    }

    /// Refuses nodes that lead backwards or out of the tree, features from `d` on, and leaves
    /// without shares of `k` classes.
    pub(super) fn check(&self, d: usize, k: usize, saved: Saved) -> Result<()> {
        let leaves = self.nodes.iter().filter(|node| node.left == 0).count();
        let fits = |(place, node): (usize, &Node)| {
            let (feature, left) = (node.feature as usize, node.left as usize);
            if left == 0 {
                feature < leaves
            } else {
                feature < d && left > place && left + 1 < self.nodes.len()
            }
        };
        saved.must(leaves > 0, "at least one leaf in each tree")?;
        saved.must(self.nodes.iter().enumerate().all(fits), "nodes that lead down to leaves")?;
        saved.finite(self.nodes.iter().map(|node| &node.threshold))?;
        saved.must(Some(self.shares.len()) == leaves.checked_mul(k), "a share of each class")?;
        let are_shares = |leaf: &[f64]| {
            let sum: f64 = leaf.iter().sum();
            (sum - 1.0).abs() < 1e-6 && leaf.iter().all(|share| (0.0..=1.0).contains(share))
        };
        saved.must(self.shares.chunks(k).all(are_shares), "shares that sum to 1 in each leaf")
    }

    /// How many leaves there are.
    pub(crate) fn n_leaves(&self) -> usize {
        self.nodes.len().div_ceil(2)
    }
}
