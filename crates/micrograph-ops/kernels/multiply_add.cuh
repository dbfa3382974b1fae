// What a thread adds up of the products of two tiles in shared memory, by plain fused multiply-adds.
#pragma once
#include "vector.cuh"

// Of a block's `BM` rows and `BN` columns a thread has `TM` and `TN`, in runs of 16 bytes that lie
// side by side in neighboring threads.
template <int BM, int BN, int TM, int TN> struct Share {
    static constexpr int V = 16 / sizeof(T);
    static constexpr int THREADS_N = BN / TN, THREADS = BM / TM * THREADS_N;
    static constexpr int RUNS_M = TM / V, RUNS_N = TN / V;
    static_assert(TM % V == 0 && TN % V == 0, "runs");

    int first_row, first_column; // of the first run
    T sums[TM][TN];

    __device__ inline Share()
        : first_row(threadIdx.x / THREADS_N * V), first_column(threadIdx.x % THREADS_N * V) {
#pragma unroll
        for (int i = 0; i < TM; ++i)
#pragma unroll
            for (int j = 0; j < TN; ++j) sums[i][j] = T(0);
    }

    // Of sum `[i][j]`; runs are columns `first_column`, then so many further on.
    __device__ inline int row(int i) const { return i / V * (BM / RUNS_M) + first_row + i % V; }
    __device__ inline int column(int j) const {
        return j / V * (BN / RUNS_N) + first_column + j % V;
    }

    // Adds the products of a stage, term by term.
    template <int DEPTH, int ROW_A, int ROW_B>
    __device__ inline void add(const T (&a_rows)[DEPTH][ROW_A], const T (&b_rows)[DEPTH][ROW_B]) {
#pragma unroll
        for (int term = 0; term < DEPTH; ++term) {
            Vector<V> a[RUNS_M], b[RUNS_N];
#pragma unroll
            for (int run = 0; run < RUNS_M; ++run)
                a[run] = read_vector<V>(&a_rows[term][row(run * V)]);
#pragma unroll
            for (int run = 0; run < RUNS_N; ++run)
                b[run] = read_vector<V>(&b_rows[term][column(run * V)]);
#pragma unroll
            for (int i = 0; i < TM; ++i)
#pragma unroll
                for (int j = 0; j < TN; ++j)
                    sums[i][j] = fma(a[i / V].at[i % V], b[j / V].at[j % V], sums[i][j]);
        }
    }
};
