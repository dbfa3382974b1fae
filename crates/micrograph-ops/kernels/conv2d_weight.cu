// The gradient of a convolution's weight: products of the outputs' gradient and
// gathered pixels, summed over parts of the batch's pixels, then over the parts in their order.
// elements: f32 f64
#include "conv2d_weight.cuh"
#include "multiply_add.cuh"

constexpr int DEPTH = 64 / sizeof(T); // pixels of a stage

// A block's tile has `BM` maps and `BN` kernel elements, a thread's `TM` and `TN` in runs.
template <int BM, int BN, int TM, int TN>
__device__ inline void products(const T *__restrict__ src, const T *__restrict__ grad,
                                Real *__restrict__ parts, const WeightGather &g) {
    using Sums = Share<BM, BN, TM, TN>;
    constexpr int V = Sums::V, THREADS = Sums::THREADS;
    constexpr int ROWS = THREADS / DEPTH; // maps, or kernel elements, that are fetched side by side
    constexpr int A = BM / ROWS, B = BN / ROWS;
    static_assert(BM % ROWS == 0 && BN % ROWS == 0, "tile");
    __shared__ __align__(16) T grads[2][DEPTH][BM + V];
    __shared__ __align__(16) T pixels[2][DEPTH][BN + V];
    __shared__ KernelElement columns[BN];

    const WeightTile tile = weight_tile_of_block(g, BM, BN);
    const int thread = threadIdx.x;
    for (int i = thread; i < BN; i += THREADS) columns[i] = kernel_element(g, tile.column + i);
    __syncthreads();

    const int own_pixel = thread % DEPTH, own_row = thread / DEPTH;
    const int src_plane = g.src_h * g.src_w, grad_plane = g.grad_h * g.grad_w;
    T a_next[A], b_next[B];
    auto fetch = [&](int stage) {
        const GradPixel p = grad_pixel_of(g, tile, tile.begin + stage * DEPTH + own_pixel);
        const i64 first = ((i64)p.sample * g.groups + tile.group) * g.maps;
        const T *const from = grad + first * grad_plane + p.place;
#pragma unroll
        for (int i = 0; i < A; ++i) {
            const int map = tile.map + own_row + i * ROWS;
            a_next[i] = p.inside && map < g.maps ? from[(i64)map * grad_plane] : T(0);
        }
        const T *const source =
            src + ((i64)p.sample * g.groups + tile.group) * g.channels * src_plane;
#pragma unroll
        for (int i = 0; i < B; ++i)
            b_next[i] = source_at(source, g, p, columns[own_row + i * ROWS]);
    };
    auto keep = [&](int stage) {
#pragma unroll
        for (int i = 0; i < A; ++i) grads[stage][own_pixel][own_row + i * ROWS] = a_next[i];
#pragma unroll
        for (int i = 0; i < B; ++i) pixels[stage][own_pixel][own_row + i * ROWS] = b_next[i];
    };

    const int stages = (tile.end - tile.begin + DEPTH - 1) / DEPTH;
    Sums share;
    if (stages > 0) {
        fetch(0);
        keep(0);
    }
    __syncthreads();
    for (int stage = 0; stage < stages; ++stage) {
        const int now = stage & 1;
        if (stage + 1 < stages) fetch(stage + 1);
        share.add(grads[now], pixels[now]);
        if (stage + 1 < stages) keep(now ^ 1);
        __syncthreads();
    }

#pragma unroll
    for (int i = 0; i < TM; ++i)
#pragma unroll
        for (int j = 0; j < TN; ++j) {
            const int map = tile.map + share.row(i), column = tile.column + share.column(j);
            keep_product(parts, g, tile, map, column, share.sums[i][j]);
        }
}

KERNEL conv2d_weight_64(const T *src, const T *grad, Real *parts, WeightGather g) {
    products<64, 64, 8, 4>(src, grad, parts, g);
}

KERNEL conv2d_weight_128(const T *src, const T *grad, Real *parts, WeightGather g) {
    products<128, 128, 8, 8>(src, grad, parts, g);
}
