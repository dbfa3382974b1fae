// Sums in a fixed order: of channels, and of the parts that other kernels leave; and the bias that
// products of libraries leave out.
// elements: f32 f64 bf16 f16
#include "device.cuh"

// A block takes one part of one channel's `samples * plane` elements; `sums` is `(part, channel)`.
KERNEL channel_sum(const T *xs, Real *sums, u64 samples, u64 channels, u64 plane,
                   u64 part_elements) {
    const u64 channel = blockIdx.x % channels, part = blockIdx.x / channels;
    const u64 begin = part * part_elements, elements = samples * plane;
    const u64 end = elements - begin > part_elements ? begin + part_elements : elements;
    Real sum = 0;
    for (u64 i = begin + threadIdx.x; i < end; i += blockDim.x) {
        const u64 sample = i / plane;
        sum += real(xs[(sample * channels + channel) * plane + (i - sample * plane)]);
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) sums[part * channels + channel] = sum;
}

// `ys[i] = sum over part of parts[part, i]`, in the order of the parts.
KERNEL sum_parts(const Real *parts, T *ys, u64 elements, u64 n_parts) {
    for (u64 i = thread_number(); i < elements; i += threads_of_grid()) {
        Real sum = 0;
        for (u64 part = 0; part < n_parts; ++part) sum += parts[part * elements + i];
        ys[i] = element(sum);
    }
}

// `ys[n, c, i] += bias[c]`, where there is one, then perhaps `max(ys, 0)`; NaN stays NaN.
KERNEL shift_channels(T *ys, const T *bias, u64 elements, u64 channels, u64 plane, u32 biased,
                      u32 rectified) {
    for (u64 i = thread_number(); i < elements; i += threads_of_grid()) {
        const Real y = real(ys[i]) + (biased ? real(bias[i / plane % channels]) : Real(0));
        ys[i] = element(rectified && y <= Real(0) ? Real(0) : y);
    }
}
