// Items put in the order of their targets, so that each target finds its own: what scatters becomes
// what gathers, in an order that does not depend on threads.
#pragma once
#include "device.cuh"

// The target of an item that has none.
#define NOWHERE ~0u

// Sorts items by `target(item)`, those of one target in their order; a block of 256 threads at most
// calls it. `starts` gets the place of each target's first item, and one more; `put(item, place)`
// is called with each item that has a target. `cursors` has a word a target.
template <typename Target, typename Put>
__device__ inline void sort_by_target(u64 items, u64 targets, u32 *starts, u32 *cursors,
                                      Target target, Put put) {
    __shared__ u32 shared[256];
    for (u64 i = threadIdx.x; i < targets; i += blockDim.x) cursors[i] = 0;
    __syncthreads();
    for (u64 item = threadIdx.x; item < items; item += blockDim.x) {
        const u32 to = target(item);
        if (to != NOWHERE) atomicAdd(&cursors[to], 1u);
    }
    __syncthreads();
    // Each thread sums a stretch of targets up, then numbers it from the sum before it.
    const u64 stretch = (targets + blockDim.x - 1) / blockDim.x;
    const u64 from = min(threadIdx.x * stretch, targets), to = min(from + stretch, targets);
    u32 sum = 0;
    for (u64 i = from; i < to; i++) sum += cursors[i];
    shared[threadIdx.x] = sum;
    __syncthreads();
    u32 before = 0;
    for (u32 i = 0; i < threadIdx.x; i++) before += shared[i];
    for (u64 i = from; i < to; i++) {
        starts[i] = before;
        before += cursors[i];
        cursors[i] = starts[i];
    }
    if (threadIdx.x == blockDim.x - 1) starts[targets] = before;
    __syncthreads();
    // So many items at a time as there are threads; a thread counts the items of its target before
    // its own, and the last of them moves the cursor on.
    for (u64 first = 0; first < items; first += blockDim.x) {
        const u64 item = first + threadIdx.x;
        const u32 own = item < items ? target(item) : NOWHERE;
        shared[threadIdx.x] = own;
        __syncthreads();
        u32 earlier = 0, later = 0, place = 0;
        if (own != NOWHERE) {
            for (u32 i = 0; i < threadIdx.x; i++) earlier += shared[i] == own;
            for (u32 i = threadIdx.x + 1; i < blockDim.x; i++) later += shared[i] == own;
            place = cursors[own] + earlier;
            put(item, place);
        }
        __syncthreads();
        if (own != NOWHERE && later == 0) cursors[own] = place + 1;
        __syncthreads();
    }
}
