// Batch normalization: sums over channels in double, about the mean.
// elements: f32 f64 bf16 f16
#include "device.cuh"

struct Sizes {
    int samples, channels, plane;
    // Blocks that share a channel.
    int parts;
};

// Calls `f(i)` for the pixels of a channel that this block takes; blocks are numbered channel by
// channel.
template <typename F> __device__ inline void pixels_of_part(const Sizes &s, F f) {
    const u32 channel = blockIdx.x / s.parts, part = blockIdx.x % s.parts;
    const u32 count = u32(s.samples) * u32(s.plane);
    const u32 step = s.parts * blockDim.x;
    for (u32 i = part * blockDim.x + threadIdx.x; i < count; i += step) {
        const u32 sample = i / u32(s.plane);
        f((u64(sample) * s.channels + channel) * s.plane + i % u32(s.plane));
    }
}

// The sum of the parts of a channel, in their order.
__device__ inline double whole(const double *parts, int channel, const Sizes &s) {
    double sum = 0;
    for (int part = 0; part < s.parts; part++) sum += parts[channel * s.parts + part];
    return sum;
}

KERNEL channel_sums(const T *xs, double *parts, Sizes s) {
    double sum = 0;
    pixels_of_part(s, [&](u64 i) { sum += double(real(xs[i])); });
    sum = block_sum(sum);
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

// The first row of `statistics`.
KERNEL means(const double *parts, double *statistics, Sizes s) {
    for (u64 c = thread_number(); c < u64(s.channels); c += threads_of_grid())
        statistics[c] = whole(parts, int(c), s) / (double(s.samples) * s.plane);
}

KERNEL channel_squares(const T *xs, const double *statistics, double *parts, Sizes s) {
    const double mean = statistics[blockIdx.x / s.parts];
    double sum = 0;
    pixels_of_part(s, [&](u64 i) {
        const double x = double(real(xs[i])) - mean;
        sum += x * x;
    });
    sum = block_sum(sum);
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

// The second row.
KERNEL variances(const double *parts, double *statistics, Sizes s) {
    for (u64 c = thread_number(); c < u64(s.channels); c += threads_of_grid())
        statistics[s.channels + c] = whole(parts, int(c), s) / (double(s.samples) * s.plane);
}

// `numbers` are the means of the channels, then one over their deviations.
KERNEL normalize(const T *xs, const T *weight, const T *bias, const double *numbers, T *ys,
                 Sizes s) {
    const u64 count = u64(s.samples) * s.channels * s.plane;
    for (u64 i = thread_number(); i < count; i += threads_of_grid()) {
        const u64 c = i / s.plane % s.channels;
        const double x = (double(real(xs[i])) - numbers[c]) * numbers[s.channels + c];
        ys[i] = element(Real(x * double(real(weight[c])) + double(real(bias[c]))));
    }
}

// Parts of the sums of the gradient, then of its products with the normalized pixels.
KERNEL gradient_parts(const T *grad, const T *xs, const double *numbers, double *parts, Sizes s) {
    const u32 c = blockIdx.x / s.parts;
    const double mean = numbers[c], scale = numbers[s.channels + c];
    double sum = 0, product = 0;
    pixels_of_part(s, [&](u64 i) {
        const double g = double(real(grad[i]));
        sum += g;
        product += g * ((double(real(xs[i])) - mean) * scale);
    });
    sum = block_sum(sum);
    product = block_sum(product);
    if (threadIdx.x > 0) return;
    parts[blockIdx.x] = sum;
    parts[gridDim.x + blockIdx.x] = product;
}

KERNEL gradient_sums(const double *parts, double *sums, Sizes s) {
    const int channels = s.channels;
    for (u64 c = thread_number(); c < u64(channels); c += threads_of_grid()) {
        sums[c] = whole(parts, int(c), s);
        sums[channels + c] = whole(parts + u64(channels) * s.parts, int(c), s);
    }
}

// `weight * scale * (g - mean of g - normalized * mean of g * normalized)`; in evaluation
// the divisor is 0, and there are no means.
KERNEL normalize_backward(const T *grad, const T *xs, const T *weight, const double *numbers,
                          const double *sums, T *out, Sizes s, double divisor) {
    const u64 count = u64(s.samples) * s.channels * s.plane;
    for (u64 i = thread_number(); i < count; i += threads_of_grid()) {
        const u64 c = i / s.plane % s.channels;
        const double scale = numbers[s.channels + c], factor = double(real(weight[c])) * scale;
        const double mean = divisor > 0 ? sums[c] / divisor : 0;
        const double slope = divisor > 0 ? sums[s.channels + c] / divisor : 0;
        const double x = (double(real(xs[i])) - numbers[c]) * scale;
        out[i] = element(Real(factor * (double(real(grad[i])) - mean - slope * x)));
    }
}
