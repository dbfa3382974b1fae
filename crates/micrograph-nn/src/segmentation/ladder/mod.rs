//! The shape that U-Net and its descendants have in common: down a ladder of resolutions by
//! pooling, up again by transposed convolutions, with a rung across at each.

mod net;
mod plan;

use net::Ladder;
pub use plan::Border;
pub(super) use plan::{Drop, FirstWeights, Plan, halvings, resolutions};
