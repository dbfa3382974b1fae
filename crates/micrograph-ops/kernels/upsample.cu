// Images of other sizes. An output line lies between two input lines: tables hold the first, then
// the second of each, and in another the share of the second.
// elements: f32 f64 bf16 f16
#include "device.cuh"

struct Sizes {
    int height, width;
    int rows, cols;
};

// The second counts for nothing without weight, even where it is infinite.
__device__ inline Real blend(Real weight, Real first, Real second) {
    return weight == 0 ? first : (Real(1) - weight) * first + weight * second;
}

KERNEL upsample(const T *xs, T *ys, const u32 *row_table, const double *row_weights,
                const u32 *col_table, const double *col_weights, u64 planes, Sizes s) {
    const u64 outputs = u64(s.rows) * s.cols;
    for (u64 i = thread_number(); i < planes * outputs; i += threads_of_grid()) {
        const u64 row = i % outputs / s.cols, col = i % outputs % s.cols;
        const T *plane = xs + i / outputs * s.height * s.width;
        const T *first = plane + u64(row_table[row]) * s.width;
        const T *second = plane + u64(row_table[s.rows + row]) * s.width;
        const u32 left = col_table[col], right = col_table[s.cols + col];
        const Real weight = Real(row_weights[row]);
        const Real a = blend(weight, real(first[left]), real(second[left]));
        const Real b = blend(weight, real(first[right]), real(second[right]));
        ys[i] = element(blend(Real(col_weights[col]), a, b));
    }
}

// Adds what of the gradients of `outputs` lines goes to the input line `line`: those from `from` to
// `to` lie beside it.
template <typename G>
__device__ inline Real gathered(const u32 *table, const double *weights, int outputs, u32 line,
                                u32 from, u32 to, G grad) {
    Real sum = 0;
    for (u32 output = from; output < to; output++) {
        const Real g = grad(output), second = Real(weights[output]) * g;
        if (table[output] == line) sum += g - second;
        if (table[outputs + output] == line) sum += second;
    }
    return sum;
}

// The adjoint along the columns: `(planes, rows, cols)` to `(planes, rows, width)`.
KERNEL gather_cols(const T *grad, Real *between, const u32 *col_table, const double *col_weights,
                   const u32 *beside_cols, u64 planes, Sizes s) {
    const u64 count = planes * s.rows * s.width;
    for (u64 i = thread_number(); i < count; i += threads_of_grid()) {
        const u32 x = u32(i % s.width);
        const T *gs = grad + i / s.width * s.cols;
        between[i] = gathered(col_table, col_weights, s.cols, x, beside_cols[x],
                              beside_cols[s.width + x], [=](u32 col) { return real(gs[col]); });
    }
}

// The adjoint along the rows: `(planes, rows, width)` to `(planes, height, width)`.
KERNEL gather_rows(const Real *between, T *out, const u32 *row_table, const double *row_weights,
                   const u32 *beside_rows, u64 planes, Sizes s) {
    const u64 plane = u64(s.height) * s.width;
    for (u64 i = thread_number(); i < planes * plane; i += threads_of_grid()) {
        const u32 y = u32(i % plane / s.width);
        const Real *column = between + i / plane * s.rows * s.width + i % s.width;
        const Real sum =
            gathered(row_table, row_weights, s.rows, y, beside_rows[y], beside_rows[s.height + y],
                     [=](u32 row) { return column[u64(row) * s.width]; });
        out[i] = element(sum);
    }
}

struct Margins {
    int height, width;
    int rows, cols;
    // Lines added before the first; negative where they are cut off.
    int top, left;
};

KERNEL crop_or_pad(const T *xs, T *ys, u64 planes, Margins m) {
    const u64 outputs = u64(m.rows) * m.cols;
    for (u64 i = thread_number(); i < planes * outputs; i += threads_of_grid()) {
        const i64 y = i64(i % outputs / m.cols) - m.top, x = i64(i % outputs % m.cols) - m.left;
        const bool inside = y >= 0 && y < m.height && x >= 0 && x < m.width;
        ys[i] = inside ? xs[(i / outputs * m.height + y) * m.width + x] : element(0);
    }
}
