// Softmax, cross-entropy and focal loss at once. Logits are `(n, k, plane)`; a thread takes a pixel.
// All is computed in double, as on the CPU: in float, the loss of a pixel that is right by a margin
// of 17 would be 0, and its own class would have no gradient while the others have theirs.
// elements: f32 f64
#include "loss.cuh"

struct Settings {
    int classes;
    int plane;
    // -1 where no label is ignored; else 1, and the label is `ignored`.
    int ignores;
    int ignored;
    // Whether each pixel has a weight.
    int weighted;
};

// The target of a class is its weight times `own` or `other`.
struct Targets {
    const double *weights;
    double own, other;
    __device__ double of(u32 label, u32 c) const {
        return weights[c] * (c == label ? own : other);
    }
};

// What a pixel's softmax needs: `log p = (x - largest) - log_sum`.
struct Row {
    const T *logits;
    u64 plane;
    double largest, log_sum;
    __device__ Row(const T *all, u64 pixel, const Settings &s)
        : logits(all + pixel / s.plane * s.classes * s.plane + pixel % s.plane), plane(s.plane),
          largest(-INFINITY), log_sum(0) {
        for (int c = 0; c < s.classes; c++) largest = fmax(largest, logit(c));
        for (int c = 0; c < s.classes; c++) log_sum += exp(logit(c) - largest);
        log_sum = log(log_sum);
    }
    __device__ double logit(int c) const { return double(real(logits[c * plane])); }
    __device__ double log_p(int c) const { return (logit(c) - largest) - log_sum; }
};

// `-(1 - p)^focusing * log p`, and its derivative by `log p`.
__device__ inline double cost(double log_p, double focusing) {
    return focusing == 0 ? -log_p : -pow(-expm1(log_p), focusing) * log_p;
}

__device__ inline double slope(double log_p, double focusing) {
    if (focusing == 0) return -1;
    const double others = -expm1(log_p);
    if (others <= 0) return 0;
    return focusing * exp(log_p) * pow(others, focusing - 1) * log_p - pow(others, focusing);
}

__device__ inline bool is_ignored(u32 label, const Settings &s) {
    return s.ignores > 0 && label == u32(s.ignored);
}

// Sums over a block's pixels: the loss, the weights that divide it, and the first pixel whose label
// is no class, or whose weight is negative or not finite.
KERNEL cross_entropy_sums(const T *logits, const u32 *labels, const T *weights,
                          const double *class_weights, double *sums, u64 *faults, u64 pixels,
                          Settings settings, double own, double other, double focusing) {
    const Targets targets{class_weights, own, other};
    double loss = 0, total = 0;
    u64 fault = NO_FAULT;
    for (u64 pixel = thread_number(); pixel < pixels; pixel += threads_of_grid()) {
        const u32 label = labels[pixel];
        if (is_ignored(label, settings)) continue;
        const double weight = settings.weighted ? double(real(weights[pixel])) : 1.0;
        if (label >= u32(settings.classes) || !isfinite(weight) || weight < 0) {
            if (fault == NO_FAULT) fault = pixel;
            continue;
        }
        total += weight * class_weights[label];
        const Row row(logits, pixel, settings);
        double sum = 0;
        for (int c = 0; c < settings.classes; c++) {
            const double target = targets.of(label, c);
            if (target > 0) sum += target * cost(row.log_p(c), focusing);
        }
        loss += weight * sum;
    }
    write_part(loss, total, fault, sums, faults);
}

// One block: the loss, and of a fault its pixel, label and weight; the pixel is -1 without one.
KERNEL cross_entropy_loss(const u32 *labels, const T *weights, const double *sums,
                          const u64 *faults, u32 blocks, T *loss_out, double *fault_out,
                          Settings settings) {
    const double loss = sum_of_parts(sums, blocks), total = sum_of_parts(sums + blocks, blocks);
    const u64 fault = first_fault(faults, blocks);
    if (threadIdx.x > 0) return;
    loss_out[0] = element(Real(total > 0 ? loss / total : 0));
    fault_out[0] = fault == NO_FAULT ? -1.0 : double(fault);
    fault_out[1] = fault == NO_FAULT ? 0.0 : double(labels[fault]);
    fault_out[2] = fault != NO_FAULT && settings.weighted ? double(real(weights[fault])) : 1.0;
}

// The second half of `sums`, for the gradient: labels and weights are known to be right.
KERNEL cross_entropy_totals(const u32 *labels, const T *weights, const double *class_weights,
                            double *sums, u64 pixels, Settings settings) {
    double total = 0;
    for (u64 pixel = thread_number(); pixel < pixels; pixel += threads_of_grid()) {
        const u32 label = labels[pixel];
        if (is_ignored(label, settings) || label >= u32(settings.classes)) continue;
        total += (settings.weighted ? double(real(weights[pixel])) : 1.0) * class_weights[label];
    }
    total = block_sum(total);
    if (threadIdx.x == 0) sums[gridDim.x + blockIdx.x] = total;
}

// `scale * weight * (slope_c - p_c * sum of slopes)`, where the scale is the gradient of the loss
// divided by the total of the weights.
KERNEL cross_entropy_gradient(const T *logits, const u32 *labels, const T *weights, const T *grad,
                              const double *class_weights, const double *sums, u32 blocks, T *out,
                              u64 pixels, Settings settings, double own, double other, double focusing) {
    const double total = sum_of_parts(sums + blocks, blocks);
    const double scale = total > 0 ? double(real(grad[0])) / total : 0;
    const Targets targets{class_weights, own, other};
    const u64 plane = settings.plane;
    for (u64 pixel = thread_number(); pixel < pixels; pixel += threads_of_grid()) {
        T *gradient = out + pixel / plane * settings.classes * plane + pixel % plane;
        const u32 label = labels[pixel];
        if (is_ignored(label, settings) || label >= u32(settings.classes)) {
            for (int c = 0; c < settings.classes; c++) gradient[c * plane] = element(0);
            continue;
        }
        const double factor = scale * (settings.weighted ? double(real(weights[pixel])) : 1.0);
        const Row row(logits, pixel, settings);
        double sum = 0;
        for (int c = 0; c < settings.classes; c++) {
            const double target = targets.of(label, c);
            if (target > 0) sum += target * slope(focusing == 0 ? 0 : row.log_p(c), focusing);
        }
        for (int c = 0; c < settings.classes; c++) {
            const double target = targets.of(label, c), log_p = row.log_p(c);
            const double own_slope = target > 0 ? target * slope(log_p, focusing) : 0;
            gradient[c * plane] = element(Real(factor * (own_slope - exp(log_p) * sum)));
        }
    }
}
