// Softmax over the last axis.
// elements: f32 f64 bf16 f16
#include "device.cuh"

// A warp takes a row: a block takes several, and its warps need not wait for each other. Rows that
// are long are taken by whole blocks.
struct OfWarp {
    __device__ static u64 row() { return thread_number() / 32; }
    __device__ static u64 rows() { return threads_of_grid() / 32; }
    __device__ static u32 first() { return threadIdx.x % 32; }
    __device__ static u32 step() { return 32; }
    template <typename F> __device__ static Real reduce(Real value, F join) {
        return warp_reduce(value, join);
    }
};

struct OfBlock {
    __device__ static u64 row() { return blockIdx.x; }
    __device__ static u64 rows() { return gridDim.x; }
    __device__ static u32 first() { return threadIdx.x; }
    __device__ static u32 step() { return blockDim.x; }
    template <typename F> __device__ static Real reduce(Real value, F join) {
        return block_reduce(value, join);
    }
};

// The largest number; NaN counts for nothing.
__device__ inline Real larger(Real a, Real b) { return fmax(a, b); }

template <typename Team>
__device__ inline void of_rows(const T *logits, T *probabilities, u64 rows, u64 classes) {
    for (u64 row = Team::row(); row < rows; row += Team::rows()) {
        const T *xs = logits + row * classes;
        T *ys = probabilities + row * classes;
        Real largest = -INFINITY, sum = 0;
        for (u64 c = Team::first(); c < classes; c += Team::step())
            largest = fmax(largest, real(xs[c]));
        largest = Team::reduce(largest, larger);
        for (u64 c = Team::first(); c < classes; c += Team::step()) sum += exp(real(xs[c]) - largest);
        sum = Team::reduce(sum, sum_of<Real>);
        for (u64 c = Team::first(); c < classes; c += Team::step())
            ys[c] = element(exp(real(xs[c]) - largest) / sum);
    }
}

// `p_i * (g_i - sum over j of g_j * p_j)`.
template <typename Team>
__device__ inline void back(const T *grad, const T *probabilities, T *out, u64 rows, u64 classes) {
    for (u64 row = Team::row(); row < rows; row += Team::rows()) {
        const T *gs = grad + row * classes, *ps = probabilities + row * classes;
        Real mean = 0;
        for (u64 c = Team::first(); c < classes; c += Team::step())
            mean += real(gs[c]) * real(ps[c]);
        mean = Team::reduce(mean, sum_of<Real>);
        for (u64 c = Team::first(); c < classes; c += Team::step())
            out[row * classes + c] = element(real(ps[c]) * (real(gs[c]) - mean));
    }
}

KERNEL softmax_of_warps(const T *logits, T *probabilities, u64 rows, u64 classes) {
    of_rows<OfWarp>(logits, probabilities, rows, classes);
}

KERNEL softmax_of_blocks(const T *logits, T *probabilities, u64 rows, u64 classes) {
    of_rows<OfBlock>(logits, probabilities, rows, classes);
}

KERNEL softmax_backward_of_warps(const T *grad, const T *probabilities, T *out, u64 rows,
                                 u64 classes) {
    back<OfWarp>(grad, probabilities, out, rows, classes);
}

KERNEL softmax_backward_of_blocks(const T *grad, const T *probabilities, T *out, u64 rows,
                                  u64 classes) {
    back<OfBlock>(grad, probabilities, out, rows, classes);
}
