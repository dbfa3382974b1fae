// The mean of each window, and the way back. Windows are products of ranges of rows and columns,
// which stand in tables: first lines, then ends.
// elements: f32 f64 bf16 f16
#include "device.cuh"

struct Sizes {
    int height, width;
    int rows, cols;
};

// Summed in double, row by row, as on the CPU.
KERNEL average(const T *xs, T *ys, const u32 *row_table, const u32 *col_table, u64 planes,
               Sizes s) {
    const u64 windows = u64(s.rows) * s.cols;
    for (u64 i = thread_number(); i < planes * windows; i += threads_of_grid()) {
        const u64 row = i % windows / s.cols, col = i % windows % s.cols;
        const u32 y0 = row_table[row], y1 = row_table[s.rows + row];
        const u32 x0 = col_table[col], x1 = col_table[s.cols + col];
        const T *plane = xs + i / windows * s.height * s.width;
        double sum = 0;
        for (u32 y = y0; y < y1; y++) {
            double row_sum = 0;
            for (u32 x = x0; x < x1; x++) row_sum += double(real(plane[u64(y) * s.width + x]));
            sum += row_sum;
        }
        ys[i] = element(Real(sum / (double(y1 - y0) * double(x1 - x0))));
    }
}

// The same of large windows: a block takes one.
KERNEL average_of_blocks(const T *xs, T *ys, const u32 *row_table, const u32 *col_table,
                         u64 planes, Sizes s) {
    const u64 windows = u64(s.rows) * s.cols;
    for (u64 i = blockIdx.x; i < planes * windows; i += gridDim.x) {
        const u64 row = i % windows / s.cols, col = i % windows % s.cols;
        const u32 y0 = row_table[row], x0 = col_table[col];
        const u32 tall = row_table[s.rows + row] - y0, wide = col_table[s.cols + col] - x0;
        const T *first = xs + (i / windows * s.height + y0) * s.width + x0;
        double sum = 0;
        for (u64 j = threadIdx.x; j < u64(tall) * wide; j += blockDim.x)
            sum += double(real(first[j / wide * s.width + j % wide]));
        sum = block_sum(sum);
        if (threadIdx.x == 0) ys[i] = element(Real(sum / (double(tall) * double(wide))));
    }
}

// The adjoint: each pixel gathers the shares of the windows that cover it, in reading order. The
// last two tables hold, for each row and column of pixels, the windows that cover it.
KERNEL spread(const T *grad, T *out, const u32 *row_table, const u32 *col_table,
              const u32 *over_rows, const u32 *over_cols, u64 planes, Sizes s) {
    const u64 plane = u64(s.height) * s.width;
    for (u64 i = thread_number(); i < planes * plane; i += threads_of_grid()) {
        const u64 y = i % plane / s.width, x = i % plane % s.width;
        const T *gs = grad + i / plane * s.rows * s.cols;
        Real sum = 0;
        for (u32 row = over_rows[y]; row < over_rows[s.height + y]; row++)
            for (u32 col = over_cols[x]; col < over_cols[s.width + x]; col++) {
                const u32 tall = row_table[s.rows + row] - row_table[row];
                const u32 wide = col_table[s.cols + col] - col_table[col];
                sum += real(gs[u64(row) * s.cols + col]) / Real(u64(tall) * wide);
            }
        out[i] = element(sum);
    }
}
