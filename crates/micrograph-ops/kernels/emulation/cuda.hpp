// As much of CUDA C++ as the kernels use, for the compiler of the host: one block of threads after
// the other, each thread a fiber that is left at barriers.
#pragma once
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#define KERNEL static void
#define __device__
#define __restrict__ __restrict
#define __align__(n) __attribute__((aligned(n)))
// What stands for the hardware.
#define UNWATCHED __attribute__((no_sanitize_thread))
// Blocks run one after the other on one thread of the host.
#define __shared__ static

struct dim3 {
    unsigned x, y, z;
};
extern dim3 gridDim, blockDim, blockIdx, threadIdx;
constexpr unsigned warpSize = 32;

namespace emulation {
constexpr size_t STACK = 128 << 10; // of a thread

// What stands in watch.cpp: the memory of a program, and the events that put accesses in order.
struct Watched {
    const void *begin;
    size_t size;
    bool written;
};
// Where the stack of the thread that runs begins; what lies on it is its own.
extern uintptr_t own_stack;
void know_shared(uintptr_t begin, uintptr_t size);
void watch(const std::vector<Watched> &buffers);
void watch_no_more();
void launch_begins();
void block_begins();
void block_meets();
void warp_meets(unsigned warp);
void touch_atomically(const void *address, size_t size);

enum Barrier { RUNNING, AT_BLOCK, AT_WARP, DONE };
// Leaves the fiber until all threads of the block or the warp are there.
void wait(Barrier barrier);
// A slot for each thread of the block, for exchanges within a warp.
uint64_t &slot(unsigned thread);
unsigned thread();

template <typename V> UNWATCHED V exchange(V value, unsigned lane) {
    static_assert(sizeof(V) <= sizeof(uint64_t));
    const unsigned first = thread() / warpSize * warpSize;
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof(V));
    slot(thread()) = bits;
    wait(AT_WARP);
    bits = slot(first + lane);
    wait(AT_WARP);
    memcpy(&value, &bits, sizeof(V));
    return value;
}
} // namespace emulation

inline void __syncthreads() { emulation::wait(emulation::AT_BLOCK); }
inline void __syncwarp(unsigned = ~0u) { emulation::wait(emulation::AT_WARP); }
template <typename V> V __shfl_sync(unsigned, V value, int lane) {
    return emulation::exchange(value, unsigned(lane) % warpSize);
}
template <typename V> V __shfl_xor_sync(unsigned, V value, int mask) {
    return emulation::exchange(value, (emulation::thread() % warpSize) ^ unsigned(mask));
}

template <typename V> V min(V a, V b) { return b < a ? b : a; }
template <typename V> V max(V a, V b) { return a < b ? b : a; }
// One thread of the host runs all threads.
template <typename V> UNWATCHED V atomicMin(V *address, V value) {
    emulation::touch_atomically(address, sizeof(V));
    const V old = *address;
    if (value < old) *address = value;
    return old;
}
template <typename V> UNWATCHED V atomicAdd(V *address, V value) {
    emulation::touch_atomically(address, sizeof(V));
    const V old = *address;
    *address = old + value;
    return old;
}

struct __nv_bfloat16 {
    uint16_t bits;
};
inline float __bfloat162float(__nv_bfloat16 x) {
    const uint32_t bits = uint32_t(x.bits) << 16;
    float out;
    memcpy(&out, &bits, 4);
    return out;
}
// To the nearest, ties to even.
inline __nv_bfloat16 __float2bfloat16(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    if (x != x) return {0x7fff};
    return {uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16)};
}

struct __half {
    uint16_t bits;
};
inline float __half2float(__half x) {
    const int exponent = (x.bits >> 10) & 31, mantissa = x.bits & 1023;
    float out = exponent == 0    ? ldexpf(float(mantissa), -24)
                : exponent == 31 ? (mantissa ? NAN : INFINITY)
                                 : ldexpf(float(mantissa + 1024), exponent - 25);
    return x.bits >> 15 ? -out : out;
}
inline __half __float2half(float x) {
    const uint16_t sign = signbit(x) ? 0x8000 : 0;
    const float size = fabsf(x);
    if (x != x) return {0x7fff};
    if (size == 0) return {sign};
    if (size >= 65520.0f) return {uint16_t(sign | 0x7c00)};
    int exponent;
    frexpf(size, &exponent);
    // Units in the last place: 2^-24 below the normal numbers. `rintf` takes ties to even.
    const int ulp = (exponent < -13 ? -13 : exponent) - 11;
    const float units = rintf(ldexpf(size, -ulp));
    const uint16_t normal = ulp == -24 ? 0 : uint16_t((ulp + 24) << 10);
    return {uint16_t(sign | (normal + uint16_t(units)))};
}

// Kernels by name, called with arguments whose kinds are known at run time alone.
namespace emulation {
struct Argument {
    // p: address, u: u32, U: u64, f: float, d: double, s: structure of ints
    char kind;
    uint32_t size;
    const void *value;
};

template <typename A> constexpr char kind() {
    if constexpr (std::is_pointer_v<A>) return 'p';
    else if constexpr (std::is_same_v<A, unsigned int>) return 'u';
    else if constexpr (std::is_same_v<A, unsigned long long>) return 'U';
    else if constexpr (std::is_same_v<A, float>) return 'f';
    else if constexpr (std::is_same_v<A, double>) return 'd';
    else return 's';
}

[[noreturn]] void fail(const char *message);

template <typename A> UNWATCHED A value(const Argument &argument) {
    if (argument.kind != kind<A>()) {
        fprintf(stderr, "an argument of kind %c was given %c\n", kind<A>(), argument.kind);
        fail("arguments that are not the kernel's");
    }
    if (argument.kind == 's' && argument.size != sizeof(A))
        fail("a structure of another size than the kernel's");
    A out;
    memcpy(&out, argument.value, sizeof(A));
    return out;
}

template <auto kernel> struct Call;
template <typename... A, void (*kernel)(A...)> struct Call<kernel> {
    static constexpr unsigned count = sizeof...(A);
    template <size_t... I>
    UNWATCHED static void with(const Argument *arguments, std::index_sequence<I...>) {
        kernel(value<A>(arguments[I])...);
    }
    static void call(const Argument *arguments) {
        with(arguments, std::make_index_sequence<sizeof...(A)>());
    }
};

struct Kernel {
    const char *name;
    unsigned arguments;
    void (*call)(const Argument *);
};
struct Kernels {
    const Kernel *first;
    unsigned count;
};
} // namespace emulation
