// The largest pixel of each window, and the way back. Of equal pixels the first in reading order
// wins, and NaN wins over all numbers.
// elements: f32 f64 bf16 f16
#include "sort.cuh"

// Whether `b` wins over `a`, which comes first.
__device__ inline bool above(Real b, Real a) { return b > a || (isnan(b) && !isnan(a)); }

struct Windows {
    int height, width;
    int rows, cols;
    int kernel_y, kernel_x;
    int stride_y, stride_x;
    int top, left;
};

// The index `y * width + x` of each winner.
KERNEL arg_max(const T *xs, u32 *indices, u64 planes, Windows w) {
    const u64 windows = u64(w.rows) * w.cols;
    for (u64 i = thread_number(); i < planes * windows; i += threads_of_grid()) {
        const T *plane = xs + i / windows * w.height * w.width;
        const int row = int(i % windows / w.cols), col = int(i % windows % w.cols);
        const i64 first_y = i64(row) * w.stride_y - w.top, first_x = i64(col) * w.stride_x - w.left;
        const int y0 = int(max(first_y, i64(0))), x0 = int(max(first_x, i64(0)));
        const int y1 = int(min(first_y + w.kernel_y, i64(w.height)));
        const int x1 = int(min(first_x + w.kernel_x, i64(w.width)));
        u64 best = u64(y0) * w.width + x0;
        Real largest = real(plane[best]);
        for (int y = y0; y < y1; y++)
            for (int x = x0; x < x1; x++) {
                const u64 at = u64(y) * w.width + x;
                const Real candidate = real(plane[at]);
                if (above(candidate, largest)) {
                    best = at;
                    largest = candidate;
                }
            }
        indices[i] = u32(best);
    }
}

// `ys[i] = xs[plane of i][indices[i]]`.
KERNEL pick(const T *xs, const u32 *indices, T *ys, u64 planes, u64 plane, u64 out_plane) {
    for (u64 i = thread_number(); i < planes * out_plane; i += threads_of_grid())
        ys[i] = xs[i / out_plane * plane + indices[i]];
}

// The adjoint of `pick` after `arg_max`: each pixel adds the gradients of the windows that it has
// won, in reading order.
KERNEL give_back(const T *grad, const u32 *indices, T *out, u64 planes, Windows w) {
    const u64 plane = u64(w.height) * w.width, windows = u64(w.rows) * w.cols;
    for (u64 i = thread_number(); i < planes * plane; i += threads_of_grid()) {
        const u32 own = u32(i % plane);
        const i64 y = i64(own / u32(w.width)) + w.top, x = i64(own % u32(w.width)) + w.left;
        const T *gs = grad + i / plane * windows;
        const u32 *winners = indices + i / plane * windows;
        const i64 row0 = y < w.kernel_y ? 0 : (y - w.kernel_y) / w.stride_y + 1;
        const i64 col0 = x < w.kernel_x ? 0 : (x - w.kernel_x) / w.stride_x + 1;
        const i64 row1 = min(y / w.stride_y + 1, i64(w.rows));
        const i64 col1 = min(x / w.stride_x + 1, i64(w.cols));
        Real sum = 0;
        for (i64 row = row0; row < row1; row++)
            for (i64 col = col0; col < col1; col++) {
                const u64 window = u64(row) * w.cols + col;
                if (winners[window] == own) sum += real(gs[window]);
            }
        out[i] = element(sum);
    }
}

// For the adjoint of `pick` with any indices: sorts the gradients of each plane by the pixel that
// they go to. A block takes a plane; `cursors` has a word a pixel.
KERNEL sort_indices(const u32 *indices, u32 *starts, u32 *cursors, u32 *order, u64 planes,
                    u64 plane, u64 out_plane) {
    for (u64 p = blockIdx.x; p < planes; p += gridDim.x) {
        const u32 *own = indices + p * out_plane;
        u32 *sorted = order + p * out_plane;
        sort_by_target(
            out_plane, plane, starts + p * (plane + 1), cursors + p * plane,
            [&](u64 i) { return own[i]; }, [&](u64 i, u32 place) { sorted[place] = u32(i); });
    }
}

// Then each pixel adds its own, in the order in which they stand.
KERNEL put_back(const T *grad, const u32 *starts, const u32 *order, T *out, u64 planes, u64 plane,
                u64 out_plane) {
    for (u64 i = thread_number(); i < planes * plane; i += threads_of_grid()) {
        const u64 p = i / plane;
        const u32 *start = starts + p * (plane + 1) + i % plane;
        Real sum = 0;
        for (u32 at = start[0]; at < start[1]; at++)
            sum += real(grad[p * out_plane + order[p * out_plane + at]]);
        out[i] = element(sum);
    }
}

// The largest index that each block sees.
KERNEL largest_index(const u32 *indices, u64 n, u32 *largest) {
    u32 mine = 0;
    for (u64 i = thread_number(); i < n; i += threads_of_grid()) mine = max(mine, indices[i]);
    mine = block_reduce(mine, [](u32 a, u32 b) { return b > a ? b : a; });
    if (threadIdx.x == 0) largest[blockIdx.x] = mine;
}

__device__ inline Real larger(Real a, Real b) { return b > a || isnan(b) ? b : a; }

struct Size {
    int height, width;
};

// 2x2 windows side by side, without indices.
KERNEL max_pool_2x2(const T *xs, T *ys, u64 planes, Size size) {
    const int height = size.height, width = size.width;
    const int rows = height / 2, cols = width / 2;
    const u64 windows = u64(rows) * cols;
    for (u64 i = thread_number(); i < planes * windows; i += threads_of_grid()) {
        const u64 row = i % windows / cols, col = i % windows % cols;
        const T *upper = xs + i / windows * height * width + 2 * row * width + 2 * col;
        const T *lower = upper + width;
        const Real top = larger(real(upper[0]), real(upper[1]));
        ys[i] = element(larger(top, larger(real(lower[0]), real(lower[1]))));
    }
}

// Each gradient to the first winner of its window, zeros elsewhere; a thread takes four pixels or,
// at odd edges, what there is of them. With `rectified`, a winner that is not above zero gets none.
KERNEL max_pool_2x2_backward(const T *grad, const T *xs, T *out, u64 planes, Size size,
                             u32 rectified) {
    const int height = size.height, width = size.width;
    const int rows = (height + 1) / 2, cols = (width + 1) / 2;
    const u64 cells = u64(rows) * cols;
    for (u64 i = thread_number(); i < planes * cells; i += threads_of_grid()) {
        const u64 plane = i / cells, row = i % cells / cols, col = i % cells % cols;
        const bool right = 2 * col + 1 < u64(width), below = 2 * row + 1 < u64(height);
        const u64 at = (plane * height + 2 * row) * width + 2 * col;
        if (!right || !below) {
            out[at] = element(0);
            if (right) out[at + 1] = element(0);
            if (below) out[at + width] = element(0);
            continue;
        }
        const Real x[4] = {real(xs[at]), real(xs[at + 1]), real(xs[at + width]),
                           real(xs[at + width + 1])};
        int winner = 0;
        Real largest = x[0];
        for (int j = 1; j < 4; j++)
            if (above(x[j], largest)) {
                winner = j;
                largest = x[j];
            }
        const bool closed = rectified && largest <= 0;
        const T g = closed ? element(0) : grad[(plane * (height / 2) + row) * (width / 2) + col];
        out[at] = winner == 0 ? g : element(0);
        out[at + 1] = winner == 1 ? g : element(0);
        out[at + width] = winner == 2 ? g : element(0);
        out[at + width + 1] = winner == 3 ? g : element(0);
    }
}
