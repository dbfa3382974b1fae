// Softmax over the last axis. A block of threads takes a row.
// elements: f32 f64 bf16 f16
#include "device.cuh"

// The largest number of all threads of a block; NaN counts for nothing.
__device__ inline Real block_max(Real value, Real *shared) {
    shared[threadIdx.x] = value;
    __syncthreads();
    for (u32 half = blockDim.x / 2; half > 0; half /= 2) {
        if (threadIdx.x < half)
            shared[threadIdx.x] = fmax(shared[threadIdx.x], shared[threadIdx.x + half]);
        __syncthreads();
    }
    const Real largest = shared[0];
    __syncthreads();
    return largest;
}

KERNEL softmax(const T *logits, T *probabilities, u64 rows, u64 classes) {
    __shared__ Real shared[256];
    for (u64 row = blockIdx.x; row < rows; row += gridDim.x) {
        const T *xs = logits + row * classes;
        T *ys = probabilities + row * classes;
        Real largest = -INFINITY, sum = 0;
        for (u64 c = threadIdx.x; c < classes; c += blockDim.x) largest = fmax(largest, real(xs[c]));
        largest = block_max(largest, shared);
        for (u64 c = threadIdx.x; c < classes; c += blockDim.x) sum += exp(real(xs[c]) - largest);
        sum = block_sum(sum, shared);
        for (u64 c = threadIdx.x; c < classes; c += blockDim.x)
            ys[c] = element(exp(real(xs[c]) - largest) / sum);
    }
}

// `p_i * (g_i - sum over j of g_j * p_j)`.
KERNEL softmax_backward(const T *grad, const T *probabilities, T *out, u64 rows, u64 classes) {
    __shared__ Real shared[256];
    for (u64 row = blockIdx.x; row < rows; row += gridDim.x) {
        const T *gs = grad + row * classes, *ps = probabilities + row * classes;
        Real mean = 0;
        for (u64 c = threadIdx.x; c < classes; c += blockDim.x) mean += real(gs[c]) * real(ps[c]);
        mean = block_sum(mean, shared);
        for (u64 c = threadIdx.x; c < classes; c += blockDim.x)
            out[row * classes + c] = element(real(ps[c]) * (real(gs[c]) - mean));
    }
}
