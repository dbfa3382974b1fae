//! Convolution as matrix products: `im2col` has the rearranged input, `forward` and `backward` the
//! products. Any kernel, stride, dilation and groups.

mod backward;
mod forward;
mod im2col;

pub(super) use backward::backward;
pub(super) use forward::forward;
