// Products of 16x16 and 16x8 matrices on the tensor cores, by the 32 threads of a warp. Files that
// take it say `capability: 80`: before it, no `mma` has 16 terms of these types.
#pragma once
#include "vector.cuh"

constexpr int TERMS = 32;      // of a stage, in two products
constexpr int ROW = TERMS + 8; // elements of a row in shared memory: no two rows share banks
constexpr int WORDS = ROW / 2; // of 32 bits

// What a thread holds of the operands, `a` of 16x16 by rows and `b` of 16x8 by columns, and of the
// sums (PTX ISA, "mma.m16n8k16"): with `row = lane / 4` and `pair = lane % 4`,
// a: [row, 2 pair], [row + 8, 2 pair], [row, 2 pair + 8], [row + 8, 2 pair + 8], two elements each;
// b: [2 pair, row], [2 pair + 8, row]; sums: [row, 2 pair], [row, 2 pair + 1], the same of row + 8.
#ifdef __CUDACC__
static __device__ inline void multiply(float (&sums)[4], const u32 (&a)[4], const u32 (&b)[2]) {
#if defined(ELEMENT_BF16)
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
        "{%8,%9}, {%0,%1,%2,%3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
        "{%8,%9}, {%0,%1,%2,%3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}
#else
// The same through memory that the warp shares, from the table above. `T` is not in its signature,
// so that without `static` the linker would take that of one type for all.
UNWATCHED static inline void multiply(float (&sums)[4], const u32 (&a)[4],
                                      const u32 (&b)[2]) {
    struct Held {
        T a[4][2], b[2][2];
    };
    static Held held[8][32];
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    memcpy(held[warp][lane].a, a, sizeof a);
    memcpy(held[warp][lane].b, b, sizeof b);
    __syncwarp();
    for (u32 i = 0; i < 4; i++) {
        const u32 row = lane / 4, col = lane % 4 * 2 + i % 2;
        for (u32 k = 0; k < 16; k++) {
            const u32 pair = k % 8 / 2, upper = k / 8;
            const T x = held[warp][row * 4 + pair].a[i / 2 + 2 * upper][k % 2];
            const T y = held[warp][col * 4 + pair].b[upper][k % 2];
            sums[i] += real(x) * real(y);
        }
    }
    __syncwarp();
}
#endif

// The product of a warp's rows of `a` and of `b`, both with their terms side by side, of a stage:
// `M` times 16 and `N` times 8 of them. `word` counts from the first row.
template <int M, int N>
static __device__ inline void multiply_stage(float (&sums)[M][N][4], const u32 *a, const u32 *b) {
    const int row = threadIdx.x % 32 / 4, pair = threadIdx.x % 4;
#pragma unroll
    for (int half = 0; half < TERMS / 16; half++) {
        const int word = row * WORDS + half * 8 + pair;
        u32 left[M][4], right[N][2];
#pragma unroll
        for (int m = 0; m < M; m++)
#pragma unroll
            for (int i = 0; i < 4; i++)
                left[m][i] = a[word + (m * 16 + i % 2 * 8) * WORDS + i / 2 * 4];
#pragma unroll
        for (int n = 0; n < N; n++)
#pragma unroll
            for (int i = 0; i < 2; i++) right[n][i] = b[word + n * 8 * WORDS + i * 4];
#pragma unroll
        for (int m = 0; m < M; m++)
#pragma unroll
            for (int n = 0; n < N; n++) multiply(sums[m][n], left[m], right[n]);
    }
}
