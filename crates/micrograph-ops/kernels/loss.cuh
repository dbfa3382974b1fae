// What the losses share: sums of terms and of their weights, and the first term at fault.
#pragma once
#include "device.cuh"

#define NO_FAULT ~0ull

__device__ inline u64 block_min(u64 value, u64 *shared) {
    shared[threadIdx.x] = value;
    __syncthreads();
    for (u32 half = blockDim.x / 2; half > 0; half /= 2) {
        if (threadIdx.x < half)
            shared[threadIdx.x] = min(shared[threadIdx.x], shared[threadIdx.x + half]);
        __syncthreads();
    }
    const u64 least = shared[0];
    __syncthreads();
    return least;
}

// One part a block: the sums of the blocks, then those of the weights, and the first faults.
__device__ inline void write_part(double sum, double total, u64 fault, double *sums, u64 *faults) {
    __shared__ double shared[256];
    __shared__ u64 shared_faults[256];
    sum = block_sum(sum, shared);
    total = block_sum(total, shared);
    fault = block_min(fault, shared_faults);
    if (threadIdx.x > 0) return;
    sums[blockIdx.x] = sum;
    sums[gridDim.x + blockIdx.x] = total;
    faults[blockIdx.x] = fault;
}

// The sum of one of these tables, in every thread of a block.
__device__ inline double sum_of_parts(const double *parts, u32 blocks) {
    __shared__ double shared[256];
    double sum = 0;
    for (u32 i = threadIdx.x; i < blocks; i += blockDim.x) sum += parts[i];
    return block_sum(sum, shared);
}

__device__ inline u64 first_fault(const u64 *faults, u32 blocks) {
    __shared__ u64 shared[256];
    u64 fault = NO_FAULT;
    for (u32 i = threadIdx.x; i < blocks; i += blockDim.x) fault = min(fault, faults[i]);
    return block_min(fault, shared);
}
