// ReLU, its gradient, multiples, and noise.
// elements: f32 f64 bf16 f16
#include "device.cuh"

// Calls `f` with each element; a thread takes four at a time.
template <typename F> __device__ inline void map(const T *xs, T *ys, u64 n, F f) {
    for (u64 i = 4 * thread_number(); i < n; i += 4 * threads_of_grid()) {
        Real x[4];
        read4(xs, i, n, x);
        for (int j = 0; j < 4; j++) x[j] = f(x[j]);
        write4(ys, i, n, x);
    }
}

// NaN stays NaN.
KERNEL relu(const T *xs, T *ys, u64 n) {
    map(xs, ys, n, [](Real x) { return x <= 0 ? Real(0) : x; });
}

// The gradient where the output of the ReLU is above zero.
KERNEL relu_backward(const T *grad, const T *ys, T *out, u64 n) {
    for (u64 i = 4 * thread_number(); i < n; i += 4 * threads_of_grid()) {
        Real g[4], y[4];
        read4(grad, i, n, g);
        read4(ys, i, n, y);
        for (int j = 0; j < 4; j++) g[j] = y[j] <= 0 ? Real(0) : g[j];
        write4(out, i, n, g);
    }
}

KERNEL times(const T *xs, T *ys, u64 n, Real factor) {
    map(xs, ys, n, [=](Real x) { return x * factor; });
}

// Adds `sigma * z`, where the four words of a Philox block give four normal numbers `z`, by the
// transform of Box and Muller.
KERNEL gaussian_noise(const T *xs, T *ys, u64 n, u64 seed, u64 stream, double sigma) {
    const double turn = 6.283185307179586;
    for (u64 block = thread_number(); 4 * block < n; block += threads_of_grid()) {
        const Bits bits = random_bits(block, stream, seed);
        Real x[4];
        read4(xs, 4 * block, n, x);
        for (int pair = 0; pair < 4; pair += 2) {
            const double a = (bits.word[pair] + 0.5) / 4294967296.0;
            const double b = (bits.word[pair + 1] + 0.5) / 4294967296.0;
            const double radius = sqrt(-2.0 * log(a));
            x[pair] += Real(sigma * (radius * cos(turn * b)));
            x[pair + 1] += Real(sigma * (radius * sin(turn * b)));
        }
        write4(ys, 4 * block, n, x);
    }
}

// `running = keep * running + take * batch`.
KERNEL running_mean(T *running, const T *batch, u64 n, Real keep, Real take) {
    for (u64 i = thread_number(); i < n; i += threads_of_grid())
        running[i] = element(keep * real(running[i]) + take * real(batch[i]));
}
