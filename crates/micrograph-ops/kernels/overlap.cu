// The Tversky loss, and with it Dice: logits are `(n, k, plane)`; one class alone is class 1, and
// class 0 has a logit of zero. All is computed in double, as on the CPU.
// elements: f32 f64
#include "loss.cuh"

struct Settings {
    int samples, classes, plane;
    // Blocks that share the areas of a class in a sample.
    int parts;
    // Whether a label is ignored, and which.
    int ignores, ignored;
    // Whether each image has its own indices, and whether class 0 is left out.
    int per_image, foreground;
};

__device__ inline bool is_ignored(u32 label, const Settings &s) {
    return s.ignores > 0 && label == u32(s.ignored);
}

__device__ inline bool is_of(u32 label, int c, const Settings &s) {
    return label == u32(s.classes == 1 ? 1 : c);
}

__device__ inline bool is_counted(int c, const Settings &s) {
    return !s.foreground || c > 0 || s.classes == 1;
}

// The largest logit and the logarithm of the sum of each pixel, one after the other in `rows`, and
// each block's first pixel whose label is no class.
KERNEL softmax_rows(const T *logits, const u32 *labels, double *rows, u64 *faults, u64 pixels,
                    Settings s) {
    u64 fault = NO_FAULT;
    for (u64 pixel = thread_number(); pixel < pixels; pixel += threads_of_grid()) {
        const u32 label = labels[pixel];
        const bool known = is_ignored(label, s) || label < u32(s.classes == 1 ? 2 : s.classes);
        if (!known && fault == NO_FAULT) fault = pixel;
        const T *xs = logits + pixel / s.plane * s.classes * s.plane + pixel % s.plane;
        const auto logit = [&](int c) { return double(real(xs[u64(c) * s.plane])); };
        double largest = s.classes == 1 ? 0.0 : -INFINITY;
        for (int c = 0; c < s.classes; c++) largest = fmax(largest, logit(c));
        double sum = s.classes == 1 ? exp(-largest) : 0.0;
        for (int c = 0; c < s.classes; c++) sum += exp(logit(c) - largest);
        rows[2 * pixel] = largest;
        rows[2 * pixel + 1] = log(sum);
    }
    fault = block_min(fault);
    if (threadIdx.x == 0) faults[blockIdx.x] = fault;
}

__device__ inline double probability(double x, const double *rows, u64 pixel) {
    return exp((x - rows[2 * pixel]) - rows[2 * pixel + 1]);
}

// The sums of an area: the probability on the pixels of the class, on all, and the pixels of the
// class. Blocks are numbered by sample, class and part; each writes three numbers.
KERNEL areas(const T *logits, const u32 *labels, const double *rows, double *parts, Settings s) {
    const u32 part = blockIdx.x % s.parts, plane_number = blockIdx.x / s.parts;
    const u64 sample = plane_number / s.classes;
    const int c = int(plane_number % s.classes);
    double hit = 0, all = 0, truth = 0;
    for (u32 i = part * blockDim.x + threadIdx.x; i < u32(s.plane); i += s.parts * blockDim.x) {
        const u64 pixel = sample * s.plane + i;
        const u32 label = labels[pixel];
        if (is_ignored(label, s)) continue;
        const double x = double(real(logits[u64(plane_number) * s.plane + i]));
        const double p = probability(x, rows, pixel);
        const bool of_class = is_of(label, c, s);
        hit += of_class ? p : 0;
        all += p;
        truth += of_class ? 1 : 0;
    }
    hit = block_sum(hit);
    all = block_sum(all);
    truth = block_sum(truth);
    if (threadIdx.x > 0) return;
    double *const own = parts + 3 * u64(blockIdx.x);
    own[0] = hit;
    own[1] = all;
    own[2] = truth;
}

// Of each class of each image, or of all, the index and the derivatives of the loss by the
// probability of a pixel outside and inside of the class, three numbers. A block takes a class.
KERNEL indices(const double *parts, double *table, Settings s, double smooth,
               double false_positives, double false_negatives) {
    const int groups = s.per_image ? s.samples : 1, samples = s.per_image ? 1 : s.samples;
    const int counted = s.foreground && s.classes > 1 ? s.classes - 1 : s.classes;
    const double share = 1.0 / (double(groups) * counted);
    for (u64 i = blockIdx.x; i < u64(groups) * s.classes; i += gridDim.x) {
        const u64 group = i / s.classes;
        const int c = int(i % s.classes);
        double hit = 0, all = 0, truth = 0;
        for (u64 j = threadIdx.x; j < u64(samples) * s.parts; j += blockDim.x) {
            const u64 plane = (group * samples + j / s.parts) * s.classes + c;
            const double *of = parts + (plane * s.parts + j % s.parts) * 3;
            hit += of[0];
            all += of[1];
            truth += of[2];
        }
        hit = block_sum(hit);
        all = block_sum(all);
        truth = block_sum(truth);
        if (threadIdx.x > 0) continue;
        const double found = hit + smooth;
        const double wrong = false_positives * (all - hit);
        const double whole = found + wrong + false_negatives * (truth - hit);
        const bool flat = whole == 0 || !is_counted(c, s);
        const double inside = whole - found * (1.0 - false_negatives);
        table[3 * i] = whole == 0 ? 1.0 : found / whole;
        table[3 * i + 1] = flat ? 0 : share * found * false_positives / (whole * whole);
        table[3 * i + 2] = flat ? 0 : -share * inside / (whole * whole);
    }
}

// One block: the loss, and of a fault its pixel and label; the pixel is -1 without one.
KERNEL overlap_loss(const double *table, const u64 *faults, u32 fault_blocks, const u32 *labels,
                    T *loss_out, double *fault_out, Settings s) {
    const u64 groups = s.per_image ? s.samples : 1;
    const int counted = s.foreground && s.classes > 1 ? s.classes - 1 : s.classes;
    double sum = 0;
    for (u64 i = threadIdx.x; i < groups * s.classes; i += blockDim.x)
        if (is_counted(int(i % s.classes), s)) sum += table[3 * i];
    sum = block_sum(sum);
    const u64 fault = first_fault(faults, fault_blocks);
    if (threadIdx.x > 0) return;
    loss_out[0] = element(Real(1.0 - sum / (double(groups) * counted)));
    fault_out[0] = fault == NO_FAULT ? -1.0 : double(fault);
    fault_out[1] = fault == NO_FAULT ? 0.0 : double(labels[fault]);
}

// `p_c * (slope_c - sum of slope_j * p_j)`, times the gradient of the loss.
KERNEL overlap_gradient(const T *logits, const u32 *labels, const T *grad, const double *rows,
                        const double *table, T *out, u64 pixels, Settings s) {
    const double scale = double(real(grad[0]));
    for (u64 pixel = thread_number(); pixel < pixels; pixel += threads_of_grid()) {
        const u64 sample = pixel / s.plane;
        const u64 first = sample * s.classes * s.plane + pixel % s.plane;
        const double *slopes = table + (s.per_image ? sample * s.classes * 3 : 0);
        const u32 label = labels[pixel];
        const bool ignored = is_ignored(label, s);
        double mean = 0;
        for (int c = 0; c < s.classes; c++) {
            const double x = double(real(logits[first + u64(c) * s.plane]));
            mean += probability(x, rows, pixel) * slopes[3 * c + (is_of(label, c, s) ? 2 : 1)];
        }
        for (int c = 0; c < s.classes; c++) {
            const u64 at = first + u64(c) * s.plane;
            const double p = probability(double(real(logits[at])), rows, pixel);
            const double slope = slopes[3 * c + (is_of(label, c, s) ? 2 : 1)];
            out[at] = element(ignored ? Real(0) : Real(scale * p * (slope - mean)));
        }
    }
}
