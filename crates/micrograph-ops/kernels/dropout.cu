// Dropout of elements and of maps: the masks of the CPU, made anew in each pass.
// elements: f32 f64 bf16 f16
#include "device.cuh"

// A thread takes the four elements of a Philox block.
KERNEL dropout(const T *xs, T *ys, u64 n, u64 seed, u64 stream, u32 threshold, Real scale) {
    for (u64 block = thread_number(); 4 * block < n; block += threads_of_grid()) {
        const Bits bits = random_bits(block, stream, seed);
        Real x[4];
        read4(xs, 4 * block, n, x);
        for (int j = 0; j < 4; j++) x[j] = bits.word[j] < threshold ? Real(0) : x[j] * scale;
        write4(ys, 4 * block, n, x);
    }
}

// A block of threads takes a map.
KERNEL spatial_dropout(const T *xs, T *ys, u64 maps, u64 plane, u64 seed, u64 stream,
                       u32 threshold, Real scale) {
    for (u64 map = blockIdx.x; map < maps; map += gridDim.x) {
        const bool dropped = random_bits(map / 4, stream, seed).word[map % 4] < threshold;
        for (u64 i = map * plane + threadIdx.x; i < (map + 1) * plane; i += blockDim.x)
            ys[i] = element(dropped ? Real(0) : real(xs[i]) * scale);
    }
}
