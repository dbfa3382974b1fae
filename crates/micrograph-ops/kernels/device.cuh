// What all kernels stand on: element types, numbering of threads, sums in a fixed order, Philox.
//
// A kernel file is compiled once for each element type: `T` is what memory holds, `Real` what is
// computed with. Nothing is contracted to fused multiply-adds but where a kernel says `fma`, so
// that elements have the bits of the CPU.
#pragma once

#ifdef __CUDACC__
#include <cuda_bf16.h>
#include <cuda_fp16.h>
// `THREADS` in src/cuda/program.rs keeps the promise.
#define KERNEL extern "C" __global__ void __launch_bounds__(256)
#endif

typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

#if defined(ELEMENT_F32)
typedef float T;
typedef float Real;
__device__ inline Real real(T x) { return x; }
__device__ inline T element(Real x) { return x; }
#elif defined(ELEMENT_F64)
typedef double T;
typedef double Real;
__device__ inline Real real(T x) { return x; }
__device__ inline T element(Real x) { return x; }
#elif defined(ELEMENT_BF16)
typedef __nv_bfloat16 T;
typedef float Real;
__device__ inline Real real(T x) { return __bfloat162float(x); }
__device__ inline T element(Real x) { return __float2bfloat16(x); }
#elif defined(ELEMENT_F16)
typedef __half T;
typedef float Real;
__device__ inline Real real(T x) { return __half2float(x); }
__device__ inline T element(Real x) { return __float2half(x); }
#else
#error "define one of ELEMENT_F32, ELEMENT_F64, ELEMENT_BF16, ELEMENT_F16"
#endif

// The number of this thread in a grid of one axis, and the threads of the grid.
__device__ inline u64 thread_number() { return u64(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ inline u64 threads_of_grid() { return u64(gridDim.x) * blockDim.x; }

// Four neighbors, moved at once where their address allows it.
struct alignas(4 * sizeof(T)) Quad {
    T x[4];
};

__device__ inline bool is_aligned(const void *address) {
    return reinterpret_cast<u64>(address) % alignof(Quad) == 0;
}

// Elements `i .. i + 4` of `n`; what lies beyond the end is not read.
__device__ inline void read4(const T *xs, u64 i, u64 n, Real out[4]) {
    if (i + 4 <= n && is_aligned(xs + i)) {
        const Quad quad = *reinterpret_cast<const Quad *>(xs + i);
        for (int j = 0; j < 4; j++) out[j] = real(quad.x[j]);
    } else {
        for (int j = 0; j < 4; j++) out[j] = i + j < n ? real(xs[i + j]) : Real(0);
    }
}

__device__ inline void write4(T *ys, u64 i, u64 n, const Real values[4]) {
    if (i + 4 <= n && is_aligned(ys + i)) {
        Quad quad;
        for (int j = 0; j < 4; j++) quad.x[j] = element(values[j]);
        *reinterpret_cast<Quad *>(ys + i) = quad;
    } else {
        for (int j = 0; j < 4; j++)
            if (i + j < n) ys[i + j] = element(values[j]);
    }
}

// What `join`, whose sides may change places, makes of the values of the 32 threads of a warp: the
// order is always the same. All threads call it, and all get it.
template <typename S, typename F> __device__ inline S warp_reduce(S value, F join) {
    for (int lane = 16; lane > 0; lane /= 2)
        value = join(value, __shfl_xor_sync(~0u, value, lane));
    return value;
}

// The same of a block of one axis and whole warps: of each, then of the warps in their order.
template <typename S, typename F> __device__ inline S block_reduce(S value, F join) {
    __shared__ S warps[8];
    value = warp_reduce(value, join);
    if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
    __syncthreads();
    S whole = warps[0];
    for (u32 warp = 1; warp < blockDim.x / 32; warp++) whole = join(whole, warps[warp]);
    __syncthreads();
    return whole;
}

template <typename S> __device__ inline S sum_of(S a, S b) { return a + b; }
template <typename S> __device__ inline S warp_sum(S value) { return warp_reduce(value, sum_of<S>); }
template <typename S> __device__ inline S block_sum(S value) {
    return block_reduce(value, sum_of<S>);
}

// Philox 4x32-10, the twin of `src/philox.rs`.
struct Bits {
    u32 word[4];
};

__device__ inline Bits random_bits(u64 block, u64 stream, u64 seed) {
    u32 c0 = u32(block), c1 = u32(block >> 32), c2 = u32(stream), c3 = u32(stream >> 32);
    u32 k0 = u32(seed), k1 = u32(seed >> 32);
    for (int round = 0; round < 10; round++) {
        const u64 product0 = u64(0xD2511F53u) * c0, product1 = u64(0xCD9E8D57u) * c2;
        c0 = u32(product1 >> 32) ^ c1 ^ k0;
        c1 = u32(product1);
        c2 = u32(product0 >> 32) ^ c3 ^ k1;
        c3 = u32(product0);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return Bits{{c0, c1, c2, c3}};
}
