// Steps of optimizers, each in one pass over variable, gradient and state: the arithmetic of
// `src/optimizer`, operation by operation.
// elements: f32 f64
#include "device.cuh"

// Calls `rule(x, grad, state)` for each element; a thread takes four at a time.
template <int STATES, typename Rule>
__device__ inline void step(T *var, const T *grad, T *const (&rows)[STATES], u64 n, Rule rule) {
    for (u64 i = 4 * thread_number(); i < n; i += 4 * threads_of_grid()) {
        Real x[4], g[4], state[STATES][4];
        read4(var, i, n, x);
        read4(grad, i, n, g);
        for (int row = 0; row < STATES; row++) read4(rows[row], i, n, state[row]);
        for (int j = 0; j < 4; j++) {
            Real s[STATES];
            for (int row = 0; row < STATES; row++) s[row] = state[row][j];
            rule(x[j], g[j], s);
            for (int row = 0; row < STATES; row++) state[row][j] = s[row];
        }
        write4(var, i, n, x);
        for (int row = 0; row < STATES; row++) write4(rows[row], i, n, state[row]);
    }
}

// `decay * mean + (1 - decay) * x`, with `rest` for `1 - decay`.
__device__ inline Real blend(Real decay, Real rest, Real mean, Real x) {
    return decay * mean + rest * x;
}

KERNEL sgd(T *var, const T *grad, u64 n, Real lr, Real decay) {
    for (u64 i = 4 * thread_number(); i < n; i += 4 * threads_of_grid()) {
        Real x[4], g[4];
        read4(var, i, n, x);
        read4(grad, i, n, g);
        for (int j = 0; j < 4; j++) x[j] = x[j] - lr * (g[j] + decay * x[j]);
        write4(var, i, n, x);
    }
}

KERNEL sgd_classic(T *var, const T *grad, T *velocity, u64 n, Real lr, Real decay, Real momentum) {
    T *const rows[1] = {velocity};
    step(var, grad, rows, n, [=](Real &x, Real g, Real (&v)[1]) {
        v[0] = momentum * v[0] + (g + decay * x);
        x = x - lr * v[0];
    });
}

KERNEL sgd_nesterov(T *var, const T *grad, T *velocity, u64 n, Real lr, Real decay,
                    Real momentum) {
    T *const rows[1] = {velocity};
    step(var, grad, rows, n, [=](Real &x, Real g, Real (&v)[1]) {
        v[0] = momentum * v[0] + (g + decay * x);
        x = x - lr * (g + decay * x + momentum * v[0]);
    });
}

KERNEL adam(T *var, const T *grad, T *first, T *second, u64 n, Real beta1, Real rest1, Real beta2,
            Real rest2, Real keep, Real rate, Real root, Real epsilon) {
    T *const rows[2] = {first, second};
    step(var, grad, rows, n, [=](Real &x, Real g, Real (&s)[2]) {
        s[0] = blend(beta1, rest1, s[0], g);
        s[1] = blend(beta2, rest2, s[1], g * g);
        x = x * keep - rate * (s[0] / (sqrt(s[1]) / root + epsilon));
    });
}

KERNEL ams_grad(T *var, const T *grad, T *state, u64 n, Real beta1, Real rest1, Real beta2,
                Real rest2, Real keep, Real rate, Real root, Real epsilon) {
    T *const rows[3] = {state, state + n, state + 2 * n};
    step(var, grad, rows, n, [=](Real &x, Real g, Real (&s)[3]) {
        s[0] = blend(beta1, rest1, s[0], g);
        s[1] = blend(beta2, rest2, s[1], g * g);
        if (s[1] > s[2]) s[2] = s[1];
        x = x * keep - rate * (s[0] / (sqrt(s[2]) / root + epsilon));
    });
}

KERNEL nadam(T *var, const T *grad, T *state, u64 n, Real beta1, Real rest1, Real beta2,
             Real rest2, Real root, Real epsilon, Real grad_rate, Real first_rate) {
    T *const rows[2] = {state, state + n};
    step(var, grad, rows, n, [=](Real &x, Real g, Real (&s)[2]) {
        s[0] = blend(beta1, rest1, s[0], g);
        s[1] = blend(beta2, rest2, s[1], g * g);
        const Real size = sqrt(s[1]) / root + epsilon;
        x = x - (grad_rate * g + first_rate * s[0]) / size;
    });
}

KERNEL ada_grad(T *var, const T *grad, T *state, u64 n, Real lr, Real epsilon) {
    T *const rows[1] = {state};
    step(var, grad, rows, n, [=](Real &x, Real g, Real (&s)[1]) {
        s[0] = s[0] + g * g;
        x = x - lr * (g / (sqrt(s[0]) + epsilon));
    });
}

// The CPU finds the steps as they were from what they became; so does this, for the same bits.
KERNEL ada_delta(T *var, const T *grad, T *state, u64 n, Real lr, Real decay, Real rest,
                 Real epsilon) {
    T *const rows[2] = {state, state + n};
    step(var, grad, rows, n, [=](Real &x, Real g, Real (&s)[2]) {
        s[0] = blend(decay, rest, s[0], g * g);
        const Real ratio = g * g / (s[0] + epsilon);
        s[1] = blend(decay, rest, s[1], (s[1] + epsilon) * ratio);
        const Real old = (s[1] + decay * epsilon) / blend(decay, rest, Real(1), ratio);
        x = x - lr * (g * sqrt(old / (s[0] + epsilon)));
    });
}

KERNEL ftrl(T *var, const T *grad, T *state, u64 n, Real lr, Real beta, Real l1, Real l2) {
    T *const rows[2] = {state, state + n};
    step(var, grad, rows, n, [=](Real &x, Real g, Real (&s)[2]) {
        const Real sum = s[0] + g * g;
        const Real sigma = (sqrt(sum) - sqrt(s[0])) / lr;
        const Real linear = s[1] + g - sigma * x;
        s[0] = sum;
        s[1] = linear;
        const Real size = linear < 0 ? 0 - linear : linear;
        const Real shrunk = (size - l1) / ((beta + sqrt(sum)) / lr + l2);
        x = size <= l1 ? Real(0) : linear < 0 ? shrunk : 0 - shrunk;
    });
}

// States are the square or the variance, then the mean where it is centered, then the steps where
// there is momentum.
template <bool CENTERED, bool MOMENTUM>
__device__ inline void rms_prop_step(T *var, const T *grad, T *state, u64 n, Real lr, Real decay,
                                     Real rest, Real epsilon, Real momentum) {
    constexpr int STATES = 1 + CENTERED + MOMENTUM;
    T *rows[STATES];
    for (int row = 0; row < STATES; row++) rows[row] = state + row * n;
    step(var, grad, rows, n, [=](Real &x, Real g, Real (&s)[STATES]) {
        if (CENTERED) {
            Real &mean = s[STATES > 1 ? 1 : 0];
            s[0] = decay * (s[0] + rest * (g - mean) * (g - mean));
            mean = blend(decay, rest, mean, g);
        } else {
            s[0] = blend(decay, rest, s[0], g * g);
        }
        Real scaled = g / (sqrt(s[0]) + epsilon);
        if (MOMENTUM) scaled = s[STATES - 1] = momentum * s[STATES - 1] + scaled;
        x = x - lr * scaled;
    });
}

KERNEL rms_prop(T *var, const T *grad, T *state, u64 n, Real lr, Real decay, Real rest,
                Real epsilon, Real momentum) {
    rms_prop_step<false, false>(var, grad, state, n, lr, decay, rest, epsilon, momentum);
}

KERNEL rms_prop_momentum(T *var, const T *grad, T *state, u64 n, Real lr, Real decay, Real rest,
                         Real epsilon, Real momentum) {
    rms_prop_step<false, true>(var, grad, state, n, lr, decay, rest, epsilon, momentum);
}

KERNEL rms_prop_centered(T *var, const T *grad, T *state, u64 n, Real lr, Real decay, Real rest,
                         Real epsilon, Real momentum) {
    rms_prop_step<true, false>(var, grad, state, n, lr, decay, rest, epsilon, momentum);
}

KERNEL rms_prop_centered_momentum(T *var, const T *grad, T *state, u64 n, Real lr, Real decay,
                                  Real rest, Real epsilon, Real momentum) {
    rms_prop_step<true, true>(var, grad, state, n, lr, decay, rest, epsilon, momentum);
}
