// The largest pixel of each window, and the way back. Of equal pixels the first in reading order
// wins, and NaN wins over all numbers.
// elements: f32 f64 bf16 f16
#include "device.cuh"

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

#define NOBODY ~0u

// The adjoint of `pick`: each gradient is added to the pixel at its index, several in the order in
// which they stand. A block takes a plane. In each round, of the gradients left, the first of each
// pixel is added: as many rounds as a pixel has gradients. `first` has a word for each pixel,
// `done` one for each gradient.
KERNEL put_back(const T *grad, const u32 *indices, T *out, u32 *first, u32 *done, u64 planes,
                u64 plane, u64 out_plane) {
    __shared__ u32 left[2];
    for (u64 p = blockIdx.x; p < planes; p += gridDim.x) {
        const T *gs = grad + p * out_plane;
        const u32 *at = indices + p * out_plane;
        T *ys = out + p * plane;
        u32 *head = first + p * plane, *finished = done + p * out_plane;
        for (u64 i = threadIdx.x; i < plane; i += blockDim.x) {
            ys[i] = element(0);
            head[i] = NOBODY;
        }
        for (u64 i = threadIdx.x; i < out_plane; i += blockDim.x) finished[i] = 0;
        if (threadIdx.x == 0) left[0] = left[1] = 1;
        __syncthreads();
        for (u32 round = 1; left[round % 2] > 0; round++) {
            if (threadIdx.x == 0) left[(round + 1) % 2] = 0;
            for (u64 i = threadIdx.x; i < out_plane; i += blockDim.x)
                if (finished[i] == 0) atomicMin(&head[at[i]], u32(i));
            __syncthreads();
            for (u64 i = threadIdx.x; i < out_plane; i += blockDim.x) {
                if (finished[i] > 0) continue;
                if (head[at[i]] == i) {
                    ys[at[i]] = element(real(ys[at[i]]) + real(gs[i]));
                    finished[i] = round;
                } else {
                    left[(round + 1) % 2] = 1;
                }
            }
            __syncthreads();
            for (u64 i = threadIdx.x; i < out_plane; i += blockDim.x)
                if (finished[i] == round) head[at[i]] = NOBODY;
            __syncthreads();
        }
        __syncthreads();
    }
}

// The largest index that each block sees.
KERNEL largest_index(const u32 *indices, u64 n, u32 *largest) {
    __shared__ u32 shared[256];
    u32 mine = 0;
    for (u64 i = thread_number(); i < n; i += threads_of_grid()) mine = max(mine, indices[i]);
    shared[threadIdx.x] = mine;
    __syncthreads();
    if (threadIdx.x == 0) {
        for (u32 i = 1; i < blockDim.x; i++) mine = max(mine, shared[i]);
        largest[blockIdx.x] = mine;
    }
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
