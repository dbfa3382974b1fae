// Sees what kernels touch. They are compiled for the thread sanitizer, which calls a function at each
// access, and these are the functions, in place of the compiler's. They know the buffers of a program
// and the shared arrays of the kernels, and end the emulation where
// - an access lies outside of them;
// - something is read that nobody has written: in fresh buffers, and in shared memory in each block;
// - two threads touch the same memory, one of them to write, and nothing orders them: no barrier of
//   their block, none of their warp, no end of a launch. Atomics may meet atomics.
#include "cuda.hpp"
#include <algorithm>
#include <vector>

namespace emulation {
// Several threads of one warp, of one block, of several blocks.
constexpr uint16_t OF_WARP = 0x8000, OF_BLOCK = 0xffff, OF_BLOCKS = 0xfffe;

// The last accesses of one kind to a place: when, and by whom.
struct Trace {
    uint32_t at = 0;
    uint16_t who = 0;
};

constexpr uintptr_t BYTES = 2; // of a place: no number is smaller

struct Place {
    Trace reads, writes, atomics;
    bool written = false;
};

struct Region {
    uintptr_t begin, end;
    bool shared;
    std::vector<Place> places;
};

static std::vector<Region> shared_arrays, regions; // by address
static size_t last;                 // that was touched
static bool watching;
uintptr_t own_stack;
// Time goes on at barriers: now, and when the launch and the block began, and when the threads of
// the block and of each warp last met.
static uint32_t now = 1, launch_began, block_began, block_met;
static std::vector<uint32_t> warp_met;

static void allot(Region &region, bool written) {
    region.places.assign((region.end - region.begin + BYTES - 1) / BYTES, Place());
    for (Place &place : region.places) place.written = written;
}

void know_shared(uintptr_t begin, uintptr_t size) {
    shared_arrays.push_back(Region{begin, begin + size, true, {}});
}

void watch(const std::vector<Watched> &buffers) {
    regions = shared_arrays;
    for (Region &region : regions) allot(region, false);
    for (const Watched &buffer : buffers) {
        const uintptr_t begin = reinterpret_cast<uintptr_t>(buffer.begin);
        regions.push_back(Region{begin, begin + buffer.size, false, {}});
        allot(regions.back(), buffer.written);
    }
    const auto earlier = [](const Region &a, const Region &b) { return a.begin < b.begin; };
    std::sort(regions.begin(), regions.end(), earlier);
    last = 0;
    watching = true;
}

void watch_no_more() { watching = false; }
void launch_begins() { launch_began = ++now; }

void block_begins() {
    block_began = block_met = ++now;
    warp_met.assign(warp_met.size(), now);
}

void block_meets() { block_met = ++now; }

void warp_meets(unsigned warp) {
    if (warp_met.size() <= warp) warp_met.resize(warp + 1, now);
    warp_met[warp] = ++now;
}

// Whether what was done comes before what this thread does now.
static bool is_before(const Trace &trace, bool shared) {
    if (trace.at < launch_began) return true;
    if (trace.who == OF_BLOCKS) return false;
    if (trace.at < block_began) return shared; // a block has its own
    if (trace.at < block_met || trace.who == thread()) return true;
    if (trace.who == OF_BLOCK) return false;
    const unsigned warp = trace.who & OF_WARP ? trace.who & ~OF_WARP : trace.who / warpSize;
    return warp == thread() / warpSize && warp < warp_met.size() && trace.at < warp_met[warp];
}

static void note(Trace &trace, bool shared) {
    const unsigned warp = thread() / warpSize;
    uint16_t who = uint16_t(thread());
    if (!is_before(trace, shared)) {
        const bool foreign = trace.at < block_began || trace.who == OF_BLOCKS;
        const bool near = trace.who == (OF_WARP | warp) ||
                          (!(trace.who & OF_WARP) && trace.who / warpSize == warp);
        who = foreign ? OF_BLOCKS : near ? uint16_t(OF_WARP | warp) : OF_BLOCK;
    }
    trace = Trace{now, who};
}

[[noreturn]] static void complain(const char *what, const Region *region, uintptr_t address) {
    fprintf(stderr, "block %u, thread %u, ", blockIdx.x, thread());
    if (region)
        fprintf(stderr, "byte %zu of %zu of a %s: ", size_t(address - region->begin),
                size_t(region->end - region->begin), region->shared ? "shared array" : "buffer");
    fail(what);
}

static Region *region_of(uintptr_t address) {
    if (last < regions.size() && address >= regions[last].begin && address < regions[last].end)
        return &regions[last];
    const auto later = [](uintptr_t address, const Region &r) { return address < r.begin; };
    const auto after = std::upper_bound(regions.begin(), regions.end(), address, later);
    if (after == regions.begin() || address >= (after - 1)->end) return nullptr;
    last = size_t(after - 1 - regions.begin());
    return &regions[last];
}

// The numbers of blocks and threads.
static bool is_number(uintptr_t address) {
    for (const dim3 *given : {&gridDim, &blockDim, &blockIdx, &threadIdx}) {
        const uintptr_t begin = reinterpret_cast<uintptr_t>(given);
        if (address >= begin && address < begin + sizeof(dim3)) return true;
    }
    return false;
}

enum Kind { READ, WRITE, ATOMIC };

static void touch(uintptr_t address, size_t size, Kind kind) {
    if (!watching || address - own_stack < STACK) return;
    Region *const region = region_of(address);
    if (!region) {
        if (is_number(address)) return;
        complain("an access outside of all buffers", nullptr, address);
    }
    if (address + size > region->end) complain("an access beyond a buffer", region, address);
    const bool shared = region->shared;
    const size_t end = (address + size - 1 - region->begin) / BYTES;
    for (size_t i = (address - region->begin) / BYTES; i <= end; i++) {
        Place &place = region->places[i];
        // Most often, many read what nobody writes until they meet.
        const Trace &reads = place.reads;
        if (kind == READ && reads.at == now && place.writes.at < now && place.atomics.at < now &&
            (reads.who == OF_BLOCK || reads.who == thread()))
            continue;
        const bool known = shared ? std::max(place.writes.at, place.atomics.at) >= block_began
                                  : place.written;
        if (kind != WRITE && !known) complain("memory is read before it is written", region, address);
        const bool ordered = is_before(place.writes, shared) &&
                             (kind == ATOMIC || is_before(place.atomics, shared)) &&
                             (kind == READ || is_before(place.reads, shared));
        if (!ordered) complain("a race of two threads", region, address);
        note(kind == READ ? place.reads : kind == WRITE ? place.writes : place.atomics, shared);
        place.written |= kind != READ;
    }
}

void touch_atomically(const void *address, size_t size) {
    touch(reinterpret_cast<uintptr_t>(address), size, ATOMIC);
}
} // namespace emulation

#ifdef WATCHED
extern "C" {
void __tsan_init() {}
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}

#define OF_SIZE(n)                                                                                 \
    void __tsan_read##n(uintptr_t at) { emulation::touch(at, n, emulation::READ); }                \
    void __tsan_write##n(uintptr_t at) { emulation::touch(at, n, emulation::WRITE); }              \
    void __tsan_unaligned_read##n(uintptr_t at) { emulation::touch(at, n, emulation::READ); }      \
    void __tsan_unaligned_write##n(uintptr_t at) { emulation::touch(at, n, emulation::WRITE); }
OF_SIZE(1)
OF_SIZE(2)
OF_SIZE(4)
OF_SIZE(8)
OF_SIZE(16)
void __tsan_read_range(uintptr_t at, size_t n) { emulation::touch(at, n, emulation::READ); }
void __tsan_write_range(uintptr_t at, size_t n) { emulation::touch(at, n, emulation::WRITE); }
void *__tsan_memset(void *to, int byte, size_t n) {
    __tsan_write_range(reinterpret_cast<uintptr_t>(to), n);
    return memset(to, byte, n);
}
void *__tsan_memcpy(void *to, const void *from, size_t n) {
    __tsan_read_range(reinterpret_cast<uintptr_t>(from), n);
    __tsan_write_range(reinterpret_cast<uintptr_t>(to), n);
    return memcpy(to, from, n);
}
}
#endif
