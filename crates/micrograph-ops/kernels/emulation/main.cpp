// Reads programs and their memory from standard input, runs the kernels, and writes the memory.
//
// Everything runs twice: threads and blocks in ascending order, under watch.cpp, then in descending
// order, each time over another filling of fresh memory. Results of other bits mean that threads
// race, or that something is read before it is written.
#include "cuda.hpp"
#include <memory>
#include <string>

dim3 gridDim, blockDim, blockIdx, threadIdx;
emulation::Kernels kernels_f32(), kernels_f64(), kernels_bf16(), kernels_f16();

namespace emulation {
// What `KERNEL` promises to the compiler.
constexpr unsigned MOST_THREADS = 256;

struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack{new char[STACK]};
    Barrier state = DONE;
};

static std::vector<Fiber> fibers;
static std::vector<uint64_t> slots;
static ucontext_t scheduler;
static unsigned current;
// Whether a thread of this launch has waited at a barrier.
static bool waited;
// Whether the block that runs was expected to have no barriers.
static bool without_fibers;
static const Kernel *kernel;
static const std::vector<Argument> *arguments;

void fail(const char *message) {
    fprintf(stderr, "emulation of %s: %s\n", kernel ? kernel->name : "a program", message);
    fflush(stderr);
    _exit(3); // without the destructors of a thread that is left
}

uint64_t &slot(unsigned thread) { return slots.at(thread); }
unsigned thread() { return current; }

void wait(Barrier barrier) {
    if (without_fibers) fail("a barrier, but none in the first block");
    waited = true;
    fibers[current].state = barrier;
    swapcontext(&fibers[current].context, &scheduler);
}

static void enter() {
    kernel->call(arguments->data());
    fibers[current].state = DONE;
}

static void number(unsigned thread) {
    current = thread;
    threadIdx = {thread % blockDim.x, thread / blockDim.x % blockDim.y,
                 thread / blockDim.x / blockDim.y};
}

static void resume(unsigned thread) {
    number(thread);
    own_stack = reinterpret_cast<uintptr_t>(fibers[thread].stack.get());
    swapcontext(&scheduler, &fibers[thread].context);
}

// Lets the threads of `first .. end` go on that wait at the barrier, if all of them do.
static bool release(Barrier barrier, unsigned first, unsigned end) {
    unsigned waiting = 0;
    for (unsigned i = first; i < end; i++) waiting += fibers[i].state == barrier;
    if (waiting != end - first) return false;
    for (unsigned i = first; i < end; i++) fibers[i].state = RUNNING;
    if (barrier == AT_BLOCK) block_meets();
    else warp_meets(first / warpSize);
    return true;
}

static void run_block(bool descending) {
    const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
    if (fibers.size() < threads) fibers.resize(threads);
    slots.assign(threads, 0);
    for (unsigned i = 0; i < threads; i++) {
        Fiber &fiber = fibers[i];
        getcontext(&fiber.context);
        fiber.context.uc_stack.ss_sp = fiber.stack.get();
        fiber.context.uc_stack.ss_size = STACK;
        fiber.context.uc_link = &scheduler;
        makecontext(&fiber.context, enter, 0);
        fiber.state = RUNNING;
    }
    for (;;) {
        for (unsigned i = 0; i < threads; i++) {
            const unsigned thread = descending ? threads - 1 - i : i;
            if (fibers[thread].state == RUNNING) resume(thread);
        }
        bool all_done = true, released = release(AT_BLOCK, 0, threads);
        for (unsigned i = 0; i < threads; i += warpSize)
            released |= release(AT_WARP, i, i + warpSize < threads ? i + warpSize : threads);
        for (unsigned i = 0; i < threads; i++) all_done &= fibers[i].state == DONE;
        if (all_done) return;
        if (!released) fail("a barrier that not all threads reach");
    }
}

// Threads that wait for nobody need no fibers.
static void run_block_without_barriers(bool descending) {
    const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
    own_stack = reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) - STACK;
    for (unsigned i = 0; i < threads; i++) {
        number(descending ? threads - 1 - i : i);
        kernel->call(arguments->data());
    }
}

static void read_bytes(void *to, size_t size) {
    if (size > 0 && fread(to, size, 1, stdin) != 1) fail("the program ends too early");
}
template <typename V> static V read() {
    V value;
    read_bytes(&value, sizeof(V));
    return value;
}
static std::string read_text() {
    std::string text(read<uint32_t>(), ' ');
    read_bytes(text.data(), text.size());
    return text;
}

enum Role : uint8_t { FRESH, GIVEN, SCRATCH };
struct Buffer {
    Role role;
    std::vector<char> bytes;
};
struct Launch {
    std::string name;
    dim3 grid, block;
    struct Given {
        char kind;
        std::vector<char> bytes;
    };
    std::vector<Given> arguments;
};

static const Kernel *find(const std::string &name) {
    for (Kernels some : {kernels_f32(), kernels_f64(), kernels_bf16(), kernels_f16()})
        for (unsigned i = 0; i < some.count; i++)
            if (name == some.first[i].name) return &some.first[i];
    fprintf(stderr, "%s: ", name.c_str());
    fail("no such kernel");
}

// Heap blocks of the very sizes, so that the sanitizer sees what lies beyond them.
static std::vector<char *> copies(const std::vector<Buffer> &buffers, int filling) {
    std::vector<char *> memory;
    for (const Buffer &buffer : buffers) {
        const size_t size = buffer.bytes.size();
        void *fresh = nullptr;
        if (posix_memalign(&fresh, 64, size) != 0) fail("no memory");
        char *copy = static_cast<char *>(fresh);
        memset(copy, filling, size);
        if (buffer.role == GIVEN && size > 0) memcpy(copy, buffer.bytes.data(), size);
        memory.push_back(copy);
    }
    return memory;
}

static void run(const Launch &launch, const std::vector<char *> &memory, bool descending) {
    kernel = find(launch.name);
    if (kernel->arguments != launch.arguments.size()) fail("another number of arguments");
    std::vector<Argument> given;
    for (const Launch::Given &argument : launch.arguments) {
        const void *value = argument.bytes.data();
        if (argument.kind == 'p') {
            uint32_t index;
            memcpy(&index, value, sizeof(index));
            value = &memory.at(index);
        }
        given.push_back({argument.kind, uint32_t(argument.bytes.size()), value});
    }
    arguments = &given;
    gridDim = launch.grid;
    blockDim = launch.block;
    if (blockDim.x * blockDim.y * blockDim.z > MOST_THREADS) fail("more threads than promised");
    waited = false;
    launch_begins();
    const uint64_t blocks = uint64_t(gridDim.x) * gridDim.y * gridDim.z;
    for (uint64_t i = 0; i < blocks; i++) {
        const uint64_t block = descending ? blocks - 1 - i : i;
        blockIdx = {unsigned(block % gridDim.x), unsigned(block / gridDim.x % gridDim.y),
                    unsigned(block / gridDim.x / gridDim.y)};
        without_fibers = i > 0 && !waited;
        block_begins();
        if (!without_fibers) run_block(descending);
        else run_block_without_barriers(descending);
    }
}
} // namespace emulation

// One program: `count` buffers, launches, then all memory back.
static void serve(uint32_t count, bool watched_too) {
    using namespace emulation;
    std::vector<Buffer> buffers(count);
    for (Buffer &buffer : buffers) {
        buffer.role = read<Role>();
        buffer.bytes.resize(read<uint64_t>());
        if (buffer.role == GIVEN) read_bytes(buffer.bytes.data(), buffer.bytes.size());
    }
    std::vector<Launch> launches(read<uint32_t>());
    for (Launch &launch : launches) {
        launch.name = read_text();
        read_bytes(&launch.grid, sizeof(dim3));
        read_bytes(&launch.block, sizeof(dim3));
        launch.arguments.resize(read<uint32_t>());
        for (Launch::Given &argument : launch.arguments) {
            argument.kind = read<char>();
            argument.bytes.resize(read<uint32_t>());
            read_bytes(argument.bytes.data(), argument.bytes.size());
        }
    }
    const std::vector<char *> memory = copies(buffers, 0xa5), again = copies(buffers, 0x5a);
    std::vector<Watched> watched;
    for (uint32_t i = 0; i < count; i++)
        watched.push_back({memory[i], buffers[i].bytes.size(), buffers[i].role == GIVEN});
    if (watched_too) watch(watched);
    for (const Launch &launch : launches) run(launch, memory, false);
    watch_no_more();
    for (const Launch &launch : launches) run(launch, again, true);
    for (size_t i = 0; i < buffers.size(); i++) {
        const size_t size = buffers[i].bytes.size();
        if (buffers[i].role != SCRATCH && size > 0 && memcmp(memory[i], again[i], size) != 0) {
            fprintf(stderr, "buffer %zu: ", i);
            fail("other bits in another order of threads: a race, or memory read before it is written");
        }
        if (size > 0) fwrite(memory[i], size, 1, stdout);
        free(memory[i]);
        free(again[i]);
    }
    fflush(stdout);
}

// First the shared arrays; without any, memory is not watched.
int main() {
    const uint32_t arrays = emulation::read<uint32_t>();
    for (uint32_t i = 0; i < arrays; i++) {
        const uint64_t begin = emulation::read<uint64_t>();
        emulation::know_shared(begin, emulation::read<uint64_t>());
    }
    for (uint32_t count; fread(&count, sizeof(count), 1, stdin) == 1;) serve(count, arrays > 0);
}
