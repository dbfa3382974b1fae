//! Average pooling, softmax and the fully connected layer: against PyTorch.

use crate::golden_case::check_golden;
use candle::Result;
use micrograph_ops::{Pool2dConfig, avg_pool2d, global_avg_pool2d, linear, softmax};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Layer {
    Average { pool: Pool2dConfig },
    Whole,
    Softmax,
    Linear,
}

#[test]
fn values_and_gradients_of_pytorch() -> Result<()> {
    check_golden("layers.json", |layer: &Layer, inputs, _| match layer {
        Layer::Average { pool } => avg_pool2d(&inputs[0], pool),
        Layer::Whole => global_avg_pool2d(&inputs[0]),
        Layer::Softmax => softmax(&inputs[0]),
        Layer::Linear => linear(&inputs[0], &inputs[1], inputs.get(2)),
    })
}
