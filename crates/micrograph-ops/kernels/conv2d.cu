// Convolution, forward and to the input: tiles of maps and pixels whose sums stay in
// registers, over pixels gathered into shared memory (implicit GEMM), two stages deep.
// elements: f32 f64
#include "conv2d.cuh"
#include "multiply_add.cuh"

constexpr int DEPTH = 8; // terms of a stage

// From `(o, c, kh, kw)` to `(group, tap, channel, padded map)`.
KERNEL conv2d_pack(const T *weight, T *packed, Gather g, u64 elements) {
    for (u64 i = thread_number(); i < elements; i += threads_of_grid()) {
        const int map = i % g.padded_maps;
        const u64 plane = i / g.padded_maps, row = plane / g.channels;
        const int taps = g.kernel_h * g.kernel_w;
        packed[i] = weight_at(g, weight, row / taps, row % taps, map, plane % g.channels);
    }
}

// A block's tile has `BM` maps and `BN` pixels, a thread's `TM` and `TN` in runs of 16 bytes.
template <int BM, int BN, int TM, int TN>
__device__ inline void gather(const T *__restrict__ src, const T *__restrict__ packed,
                              const T *__restrict__ bias, T *__restrict__ dst, const Gather &g) {
    using Sums = Share<BM, BN, TM, TN>;
    constexpr int V = Sums::V, THREADS = Sums::THREADS;
    constexpr int A = BM * DEPTH / THREADS,
                  B = BN * DEPTH / THREADS; // elements that a thread fetches
    constexpr int LANES = THREADS / BN;     // terms that are fetched side by side
    static_assert(THREADS % BN == 0 && BM % A == 0, "tile");
    __shared__ __align__(32) T weights[2][DEPTH][BM];
    __shared__ __align__(16) T pixels[2][DEPTH][BN];

    const Tile tile = tile_of_block(g, BM, BN);
    if (tile.pixel >= tile.pixels) return;
    const int thread = threadIdx.x;
    const int terms = tile.y.taps * tile.x.taps * g.channels;
    const int stages = (terms + DEPTH - 1) / DEPTH;

    // Of the weight, a thread fetches a run of one term; of the pixels, terms of one pixel.
    const int a_map = thread % (BM / A) * A, a_term = thread / (BM / A);
    const int b_pixel = thread % BN, b_term = thread / BN;
    const Pixel own = pixel_of(tile, tile.pixel + b_pixel);
    const int plane = g.src_h * g.src_w;
    const T *const source = src + ((i64)own.sample * g.groups + tile.group) * g.channels * plane;
    const i64 panel = (i64)tile.group * g.kernel_h * g.kernel_w * g.channels;
    Cursor a_at{0, 0, 0}, b_at{0, 0, 0};
    if (terms > 0) {
        a_at.advance(a_term, g.channels, tile.x.taps);
        b_at.advance(b_term, g.channels, tile.x.taps);
    }

    Vector<A> a_next;
    T b_next[B];
    auto fetch = [&] {
        for (int i = 0; i < A; ++i) a_next.at[i] = T(0);
        if (a_at.t < tile.y.taps) {
            int tap = (tile.y.first + a_at.t * tile.y.step) * g.kernel_w + tile.x.first +
                      a_at.u * tile.x.step;
            i64 row = panel + (i64)tap * g.channels + a_at.channel;
            a_next = read_vector<A>(packed + row * g.padded_maps + tile.map + a_map);
        }
        a_at.advance(DEPTH, g.channels, tile.x.taps);
#pragma unroll
        for (int i = 0; i < B; ++i) {
            int row = own.src_row + b_at.t * tile.y.move, col = own.src_col + b_at.u * tile.x.move;
            bool inside = own.inside && b_at.t < tile.y.taps && row >= 0 && row < g.src_h &&
                          col >= 0 && col < g.src_w;
            b_next[i] = inside ? source[(i64)b_at.channel * plane + row * g.src_w + col] : T(0);
            b_at.advance(LANES, g.channels, tile.x.taps);
        }
    };
    auto keep = [&](int stage) {
        write_vector<A>(&weights[stage][a_term][a_map], a_next);
#pragma unroll
        for (int i = 0; i < B; ++i) pixels[stage][b_term + i * LANES][b_pixel] = b_next[i];
    };

    Sums share;
    if (stages > 0) {
        fetch();
        keep(0);
    }
    __syncthreads();
    for (int stage = 0; stage < stages; ++stage) {
        const int now = stage & 1;
        if (stage + 1 < stages) fetch();
        share.add(weights[now], pixels[now]);
        if (stage + 1 < stages) keep(now ^ 1);
        __syncthreads();
    }

    // Runs of pixels lie side by side, and on 16 bytes, where planes are whole runs.
    const bool whole = !g.backward && tile.y.places * tile.x.places % V == 0;
#pragma unroll
    for (int run = 0; run < Sums::RUNS_N; ++run) {
        const int first = tile.pixel + share.column(run * V);
#pragma unroll
        for (int j = 0; j < V; ++j) {
            if (whole && j > 0) break;
            const Pixel p = pixel_of(tile, first + j);
            if (!p.inside) break;
#pragma unroll
            for (int i = 0; i < TM; ++i) {
                const int map = tile.map + share.row(i);
                if (map >= g.maps) continue;
                const int of_all = tile.group * g.maps + map;
                const T shift = g.biased ? bias[of_all] : T(0);
                T *const to = dst + place_in(g, p, of_all);
                if (whole) {
                    Vector<V> values;
#pragma unroll
                    for (int k = 0; k < V; ++k)
                        values.at[k] = activated(share.sums[i][run * V + k] + shift, g.relu);
                    write_vector<V>(to, values);
                } else {
                    *to = activated(share.sums[i][run * V + j] + shift, g.relu);
                }
            }
        }
    }
}

KERNEL conv2d_32(const T *src, const T *packed, const T *bias, T *dst, Gather g) {
    gather<32, 128, 4, 8>(src, packed, bias, dst, g);
}

KERNEL conv2d_64(const T *src, const T *packed, const T *bias, T *dst, Gather g) {
    gather<64, 128, 8, 8>(src, packed, bias, dst, g);
}

KERNEL conv2d_128(const T *src, const T *packed, const T *bias, T *dst, Gather g) {
    gather<128, 128, 8, 8>(src, packed, bias, dst, g);
}
