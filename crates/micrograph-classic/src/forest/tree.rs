//! A grown tree.

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

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

    /// How many leaves there are.
    pub(crate) fn n_leaves(&self) -> usize {
        self.nodes.len().div_ceil(2)
    }
}
