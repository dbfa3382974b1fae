// The gradient of a convolution's weight on the tensor cores: as `conv2d_weight.cu`, with eight
// pixels side by side in memory.
// elements: bf16 f16
// capability: 80
#include "conv2d_weight.cuh"
#include "tensor_core.cuh"

// A block's tile has `SIDE` maps and as many kernel elements, a warp's 16 `M` and 8 `N`.
template <int SIDE, int M, int N>
__device__ inline void products(const T *__restrict__ src, const T *__restrict__ grad,
                                Real *__restrict__ parts, const WeightGather &g) {
    constexpr int WARPS_N = SIDE / (N * 8), THREADS = SIDE / (M * 16) * WARPS_N * 32;
    constexpr int ROWS = THREADS / 4;       // of eight pixels, that are fetched side by side
    constexpr int FETCH = SIDE / ROWS;      // for a thread, of each operand
    constexpr int STAGE = 2 * SIDE * WORDS; // words
    __shared__ __align__(16) u32 memory[2 * STAGE];

    const WeightTile tile = weight_tile_of_block(g, SIDE, SIDE);
    const int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
    const int run = thread % 4 * 8, own_row = thread / 4;
    const int src_plane = g.src_h * g.src_w, grad_plane = g.grad_h * g.grad_w;
    KernelElement columns[FETCH];
#pragma unroll
    for (int i = 0; i < FETCH; i++)
        columns[i] = kernel_element(g, tile.column + own_row + i * ROWS);
    // Eight gradients lie side by side, and on 16 bytes, where planes are whole runs.
    const bool whole = grad_plane % 8 == 0 && reinterpret_cast<u64>(grad) % 16 == 0;

    Vector<8> a_next[FETCH], b_next[FETCH];
    auto fetch = [&](int stage) {
        const int pixel = tile.begin + stage * TERMS + run;
        GradPixel p = grad_pixel_of(g, tile, pixel);
#pragma unroll
        for (int j = 0; j < 8; j++) {
            if (j > 0) p = next_grad_pixel(g, p, pixel + j < tile.end);
            const i64 group = (i64)p.sample * g.groups + tile.group;
            const T *const from = grad + group * g.maps * grad_plane + p.place;
            const T *const source = src + group * g.channels * src_plane;
#pragma unroll
            for (int i = 0; i < FETCH; i++) {
                const i64 map = tile.map + own_row + i * ROWS;
                const bool inside = p.inside && map < g.maps;
                if (!whole) a_next[i].at[j] = inside ? from[map * grad_plane] : element(0);
                if (whole && j == 0) {
                    if (inside) a_next[i] = read_vector<8>(from + map * grad_plane);
                    else
                        for (int k = 0; k < 8; k++) a_next[i].at[k] = element(0);
                }
                b_next[i].at[j] = source_at(source, g, p, columns[i]);
            }
        }
    };
    auto keep = [&](int stage) {
        T *const to = reinterpret_cast<T *>(memory + stage * STAGE) + run;
#pragma unroll
        for (int i = 0; i < FETCH; i++) {
            write_vector<8>(to + (own_row + i * ROWS) * ROW, a_next[i]);
            write_vector<8>(to + (SIDE + own_row + i * ROWS) * ROW, b_next[i]);
        }
    };

    const int first_map = warp / WARPS_N * M * 16, first_column = warp % WARPS_N * N * 8;
    const int stages = (tile.end - tile.begin + TERMS - 1) / TERMS;
    float sums[M][N][4] = {};
    if (stages > 0) {
        fetch(0);
        keep(0);
    }
    __syncthreads();
    for (int stage = 0; stage < stages; stage++) {
        const u32 *const now = memory + (stage & 1) * STAGE;
        if (stage + 1 < stages) fetch(stage + 1);
        multiply_stage(sums, now + first_map * WORDS, now + (SIDE + first_column) * WORDS);
        if (stage + 1 < stages) keep((stage + 1) & 1);
        __syncthreads();
    }
#pragma unroll
    for (int m = 0; m < M; m++)
#pragma unroll
        for (int n = 0; n < N; n++)
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const int map = tile.map + first_map + m * 16 + i / 2 * 8 + lane / 4;
                const int column = tile.column + first_column + n * 8 + lane % 4 * 2 + i % 2;
                keep_product(parts, g, tile, map, column, sums[m][n][i]);
            }
}

KERNEL conv2d_weight_tensor_64(const T *src, const T *grad, Real *parts, WeightGather g) {
    products<64, 2, 4>(src, grad, parts, g);
}

KERNEL conv2d_weight_tensor_128(const T *src, const T *grad, Real *parts, WeightGather g) {
    products<128, 4, 4>(src, grad, parts, g);
}
