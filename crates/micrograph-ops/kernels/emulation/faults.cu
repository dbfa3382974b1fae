// Kernels with faults that the emulation must see. `ys` has a number for each of 64 threads.
// elements: f32
#include "device.cuh"

KERNEL right(T *ys) {
    __shared__ T shared[64];
    shared[threadIdx.x] = T(threadIdx.x);
    __syncthreads();
    ys[threadIdx.x] = shared[threadIdx.x ^ 33];
}

// Both warps take what a thread of the other has written.
KERNEL without_barrier(T *ys) {
    __shared__ T shared[64];
    shared[threadIdx.x] = T(threadIdx.x);
    __syncwarp();
    ys[threadIdx.x] = shared[threadIdx.x ^ 33];
}

// All threads add to one number, and all but one are lost.
KERNEL lost_update(T *ys) {
    if (threadIdx.x == 0) ys[0] = T(0);
    else ys[threadIdx.x] = T(0);
    __syncthreads();
    ys[0] += T(1);
}

// The number of another block.
KERNEL across_blocks(T *ys) {
    ys[blockIdx.x * 32 + threadIdx.x] = T(1);
    ys[threadIdx.x] += T(1);
}

KERNEL unwritten_shared(T *ys) {
    __shared__ T shared[64];
    if (threadIdx.x != 7) shared[threadIdx.x] = T(0);
    __syncthreads();
    ys[threadIdx.x] = shared[63 - threadIdx.x];
}

KERNEL unwritten(T *ys) {
    if (threadIdx.x > 0) ys[threadIdx.x] = T(0);
    __syncthreads();
    if (threadIdx.x == 5) ys[5] += ys[0];
}

KERNEL beyond(T *ys) { ys[threadIdx.x + 1] = T(0); }

KERNEL beyond_shared(T *ys) {
    __shared__ T shared[64];
    T *const to = shared + threadIdx.x;
    to[threadIdx.x / 63] = T(0);
    ys[threadIdx.x] = T(0);
}
