// Binary cross-entropy from logits, in double as on the CPU.
// elements: f32 f64
#include "loss.cuh"

// A target without a share costs nothing, even at an infinite logit.
__device__ inline double term(double share, double x, double log_part) {
    return share > 0 ? share * (fmax(x, 0.0) + log_part) : 0;
}

__device__ inline double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

KERNEL bce_sums(const T *logits, const T *targets, const T *weights, double *sums, u64 *faults,
                u64 n, u32 weighted, double positive) {
    double loss = 0, total = 0;
    u64 fault = NO_FAULT;
    for (u64 i = thread_number(); i < n; i += threads_of_grid()) {
        const double x = double(real(logits[i])), z = double(real(targets[i]));
        const double weight = weighted ? double(real(weights[i])) : 1.0;
        if (!isfinite(weight) || weight < 0 || !(z >= 0 && z <= 1)) {
            if (fault == NO_FAULT) fault = i;
            continue;
        }
        const double log_part = log1p(exp(-fabs(x)));
        const double cost = term(positive * z, -x, log_part) + term(1 - z, x, log_part);
        loss += weight * (isnan(x) ? x : cost);
        total += weight;
    }
    write_part(loss, total, fault, sums, faults);
}

// One block: the loss, and of a fault its place, target and weight; the place is -1 without one.
KERNEL bce_loss(const T *targets, const T *weights, const double *sums, const u64 *faults,
                u32 blocks, u32 weighted, T *loss_out, double *fault_out) {
    const double loss = sum_of_parts(sums, blocks), total = sum_of_parts(sums + blocks, blocks);
    const u64 fault = first_fault(faults, blocks);
    if (threadIdx.x > 0) return;
    loss_out[0] = element(Real(total > 0 ? loss / total : 0));
    fault_out[0] = fault == NO_FAULT ? -1.0 : double(fault);
    fault_out[1] = fault == NO_FAULT ? 0.0 : double(real(targets[fault]));
    fault_out[2] = fault != NO_FAULT && weighted ? double(real(weights[fault])) : 1.0;
}

KERNEL bce_gradient(const T *logits, const T *targets, const T *weights, const T *grad,
                    const double *sums, u32 blocks, T *out, u64 n, u32 weighted, double positive) {
    const double total = sum_of_parts(sums + blocks, blocks);
    const double scale = total > 0 ? double(real(grad[0])) / total : 0;
    for (u64 i = thread_number(); i < n; i += threads_of_grid()) {
        const double x = double(real(logits[i])), z = double(real(targets[i]));
        const double slope = (1 - z) * sigmoid(x) - positive * z * sigmoid(-x);
        const double weight = weighted ? double(real(weights[i])) : 1.0;
        out[i] = element(Real(scale * weight * slope));
    }
}
