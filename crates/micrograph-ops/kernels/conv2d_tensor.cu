// Convolution on the tensor cores, forward and to the input: as `conv2d.cu`, with the terms of eight
// channels side by side in memory, and the results of a tile collected before they are stored.
// elements: bf16 f16
// capability: 80
#include "conv2d.cuh"
#include "tensor_core.cuh"

// From `(o, c, kh, kw)` to `(group, tap, padded map, padded channel)`.
KERNEL conv2d_tensor_pack(const T *weight, T *packed, Gather g, u64 elements) {
    for (u64 i = thread_number(); i < elements; i += threads_of_grid()) {
        const int channel = i % g.padded_channels;
        const u64 plane = i / g.padded_channels, row = plane / g.padded_maps;
        const int taps = g.kernel_h * g.kernel_w;
        packed[i] = weight_at(g, weight, row / taps, row % taps, plane % g.padded_maps, channel);
    }
}

constexpr int BN = 128;     // pixels of a tile
constexpr int OUT = BN + 8; // elements of a row of results

template <int BM>
__device__ inline void gather(const T *__restrict__ src, const T *__restrict__ packed,
                              const T *__restrict__ bias, T *__restrict__ dst, const Gather &g) {
    constexpr int WARPS_M = BM == 128 ? 2 : 1, THREADS = WARPS_M * 4 * 32;
    constexpr int M = BM / WARPS_M / 16, N = 4; // products of a warp: 16 rows, 8 columns each
    constexpr int A = BM * 4 / THREADS;         // runs of eight terms that a thread fetches
    constexpr int LANES = THREADS / BN, B = 4 / LANES;
    constexpr int STAGE = (BM + BN) * WORDS; // words
    static_assert(2 * STAGE * 2 >= BM * OUT, "the results fit where the stages were");
    __shared__ __align__(16) u32 memory[2 * STAGE];

    const Tile tile = tile_of_block(g, BM, BN);
    if (tile.pixel >= tile.pixels) return;
    const int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
    const int runs = g.padded_channels / 8;
    const int stages = (tile.y.taps * tile.x.taps * runs + 3) / 4;
    const int b_pixel = thread % BN, b_run = thread / BN, a_run = thread % 4, a_map = thread / 4;
    const Pixel own = pixel_of(tile, tile.pixel + b_pixel);
    const int plane = g.src_h * g.src_w;
    const T *const source = src + ((i64)own.sample * g.groups + tile.group) * g.channels * plane;
    Cursor a_at{0, 0, 0}, b_at{0, 0, 0};
    if (stages > 0) {
        a_at.advance(a_run, runs, tile.x.taps);
        b_at.advance(b_run, runs, tile.x.taps);
    }

    Vector<8> a_next[A], b_next[B];
    auto fetch = [&] {
        const int tap = (tile.y.first + a_at.t * tile.y.step) * g.kernel_w + tile.x.first +
                        a_at.u * tile.x.step;
        const i64 panel = (i64)tile.group * g.kernel_h * g.kernel_w + tap;
        const T *const from = packed + (panel * g.padded_maps + tile.map) * g.padded_channels;
#pragma unroll
        for (int i = 0; i < A; i++) {
            const i64 map = a_map + i * (THREADS / 4);
            if (a_at.t < tile.y.taps)
                a_next[i] = read_vector<8>(from + map * g.padded_channels + a_at.channel * 8);
            else
                for (int j = 0; j < 8; j++) a_next[i].at[j] = element(0);
        }
        a_at.advance(4, runs, tile.x.taps);
#pragma unroll
        for (int i = 0; i < B; i++) {
            const int row = own.src_row + b_at.t * tile.y.move;
            const int col = own.src_col + b_at.u * tile.x.move;
            const bool inside = own.inside && b_at.t < tile.y.taps && row >= 0 && row < g.src_h &&
                                col >= 0 && col < g.src_w;
            const int channel = b_at.channel * 8;
            const T *const at = source + (i64)channel * plane + row * g.src_w + col;
#pragma unroll
            for (int j = 0; j < 8; j++)
                b_next[i].at[j] =
                    inside && channel + j < g.channels ? at[(i64)j * plane] : element(0);
            b_at.advance(LANES, runs, tile.x.taps);
        }
    };
    auto keep = [&](int stage) {
        T *const to = reinterpret_cast<T *>(memory + stage * STAGE);
#pragma unroll
        for (int i = 0; i < A; i++)
            write_vector<8>(to + (a_map + i * (THREADS / 4)) * ROW + a_run * 8, a_next[i]);
#pragma unroll
        for (int i = 0; i < B; i++)
            write_vector<8>(to + (BM + b_pixel) * ROW + (b_run + i * LANES) * 8, b_next[i]);
    };

    const int first_map = warp / 4 * M * 16, first_pixel = warp % 4 * N * 8;
    float sums[M][N][4] = {};
    if (stages > 0) {
        fetch();
        keep(0);
    }
    __syncthreads();
    for (int stage = 0; stage < stages; stage++) {
        const u32 *const now = memory + (stage & 1) * STAGE;
        if (stage + 1 < stages) fetch();
        multiply_stage(sums, now + first_map * WORDS, now + (BM + first_pixel) * WORDS);
        if (stage + 1 < stages) keep((stage + 1) & 1);
        __syncthreads();
    }

    T *const results = reinterpret_cast<T *>(memory);
#pragma unroll
    for (int m = 0; m < M; m++)
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const int row = first_map + m * 16 + i / 2 * 8 + lane / 4, map = tile.map + row;
            const bool shifted = g.biased && map < g.maps;
            const float shift = shifted ? real(bias[tile.group * g.maps + map]) : 0.0f;
            T *const to = results + row * OUT + first_pixel + lane % 4 * 2 + i % 2;
#pragma unroll
            for (int n = 0; n < N; n++)
                to[n * 8] = element(activated(sums[m][n][i] + shift, g.relu));
        }
    __syncthreads();
    const int maps = g.maps - tile.map < BM ? g.maps - tile.map : BM;
    const int first = tile.group * g.maps + tile.map;
    // Eight pixels lie side by side, and on 16 bytes, where planes are whole runs.
    if (!g.backward && tile.y.places * tile.x.places % 8 == 0) {
        const int run = thread % (BN / 8) * 8;
        const Pixel p = pixel_of(tile, tile.pixel + run);
        for (int row = thread / (BN / 8); p.inside && row < maps; row += THREADS / (BN / 8))
            write_vector<8>(dst + place_in(g, p, first + row),
                            read_vector<8>(results + row * OUT + run));
    } else {
        for (int row = thread / BN; own.inside && row < maps; row += LANES)
            dst[place_in(g, own, first + row)] = results[row * OUT + b_pixel];
    }
}

KERNEL conv2d_tensor_32(const T *src, const T *packed, const T *bias, T *dst, Gather g) {
    gather<32>(src, packed, bias, dst, g);
}

KERNEL conv2d_tensor_64(const T *src, const T *packed, const T *bias, T *dst, Gather g) {
    gather<64>(src, packed, bias, dst, g);
}

KERNEL conv2d_tensor_128(const T *src, const T *packed, const T *bias, T *dst, Gather g) {
    gather<128>(src, packed, bias, dst, g);
}
