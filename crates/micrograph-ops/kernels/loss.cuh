// What the losses share: sums of terms and of their weights, and the first term at fault.
#pragma once
#include "device.cuh"

#define NO_FAULT ~0ull

__device__ inline u64 block_min(u64 value) {
    return block_reduce(value, [](u64 a, u64 b) { return b < a ? b : a; });
}

// One part a block: the sums of the blocks, then those of the weights, and the first faults.
__device__ inline void write_part(double sum, double total, u64 fault, double *sums, u64 *faults) {
    sum = block_sum(sum);
    total = block_sum(total);
    fault = block_min(fault);
    if (threadIdx.x > 0) return;
    sums[blockIdx.x] = sum;
    sums[gridDim.x + blockIdx.x] = total;
    faults[blockIdx.x] = fault;
}

// The sum of one of these tables, in every thread of a block.
__device__ inline double sum_of_parts(const double *parts, u32 blocks) {
    double sum = 0;
    for (u32 i = threadIdx.x; i < blocks; i += blockDim.x) sum += parts[i];
    return block_sum(sum);
}

__device__ inline u64 first_fault(const u64 *faults, u32 blocks) {
    u64 fault = NO_FAULT;
    for (u32 i = threadIdx.x; i < blocks; i += blockDim.x) fault = min(fault, faults[i]);
    return block_min(fault);
}
