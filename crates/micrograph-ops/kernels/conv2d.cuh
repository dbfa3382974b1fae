// What the convolution kernels share: the sizes, the walk over kernel elements, the packed weight.
#pragma once
#include "vector.cuh"

// A convolution as sums over gathered pixels: `dst[map, place] = sum over channel and tap of
// weight[map, channel, tap] * src[channel, position(place, tap)]`. The forward pass gathers input
// pixels, the gradient of the input gathers gradients of outputs. Only integers, so that the
// host's side is an array of them.
struct Gather {
    int batch;
    int groups;
    int channels; // of the source, in one group: summed over
    int maps;     // of the destination, in one group
    int src_h, src_w;
    int dst_h, dst_w;
    int kernel_h, kernel_w;
    int stride_h, stride_w;
    int dilation_h, dilation_w;
    int top, left;
    int backward; // 0: forward, 1: from gradients of outputs to those of inputs
    int biased, relu;
    int padded_maps, padded_channels; // of the packed weight
};

// How the places of one axis find their sources: place `v` of tap `t` reads `v * advance + base +
// t * move`, and tap `t` is the kernel element `first + t * step`.
struct Axis {
    int phase, phases; // the destination is `v * phases + phase`
    int places;
    int first, step, taps;
    int advance, base, move;
};

__device__ inline Axis forward_axis(int dst, int kernel, int stride, int dilation, int before) {
    return Axis{0, 1, dst, 0, 1, kernel, stride, -before, dilation};
}

// Destinations of one residue modulo the stride see every `stride / gcd(stride, dilation)`-th tap,
// at a fixed distance: one residue at a time, no product is a product with zero.
__device__ inline Axis backward_axis(int phase, int dst, int kernel, int stride, int dilation,
                                     int before) {
    int divisor = stride, other = dilation;
    while (other != 0) {
        int rest = divisor % other;
        divisor = other;
        other = rest;
    }
    int step = stride / divisor, first = 0;
    while (first < step && first < kernel && (phase + before - first * dilation) % stride != 0)
        ++first;
    bool found = first < step && first < kernel;
    int taps = found ? (kernel - first - 1) / step + 1 : 0;
    int base = found ? (phase + before - first * dilation) / stride : 0;
    int places = phase < dst ? (dst - phase - 1) / stride + 1 : 0;
    return Axis{phase, stride, places, first, step, taps, 1, base, -(dilation / divisor)};
}

// The tile that a block computes, and its group and residues.
struct Tile {
    int group, map, pixel; // of the first row and column
    int pixels;            // of the residue, over the batch
    Axis y, x;
};

// Tiles of maps come first, so that blocks that run together read the same pixels.
__device__ inline Tile tile_of_block(const Gather &g, int tile_maps, int tile_pixels) {
    // Of a stride beyond the image, the last residues have no destination.
    int phases_h = g.backward ? min(g.stride_h, g.dst_h) : 1;
    int phases_w = g.backward ? min(g.stride_w, g.dst_w) : 1;
    int map_tiles = (g.maps + tile_maps - 1) / tile_maps;
    int block = blockIdx.x;
    Tile tile;
    tile.map = block % map_tiles * tile_maps;
    block /= map_tiles;
    tile.group = block % g.groups;
    block /= g.groups;
    int phase = block % (phases_h * phases_w);
    tile.pixel = block / (phases_h * phases_w) * tile_pixels;
    if (g.backward) {
        tile.y =
            backward_axis(phase / phases_w, g.dst_h, g.kernel_h, g.stride_h, g.dilation_h, g.top);
        tile.x =
            backward_axis(phase % phases_w, g.dst_w, g.kernel_w, g.stride_w, g.dilation_w, g.left);
    } else {
        tile.y = forward_axis(g.dst_h, g.kernel_h, g.stride_h, g.dilation_h, g.top);
        tile.x = forward_axis(g.dst_w, g.kernel_w, g.stride_w, g.dilation_w, g.left);
    }
    tile.pixels = g.batch * tile.y.places * tile.x.places;
    return tile;
}

// One pixel of a tile: where it stands, and where its sources begin.
struct Pixel {
    bool inside;
    int sample, row, col; // of the destination
    int src_row, src_col; // of tap 0
};

__device__ inline Pixel pixel_of(const Tile &tile, int pixel) {
    int plane = tile.y.places * tile.x.places;
    Pixel p;
    p.inside = pixel < tile.pixels;
    int place = p.inside ? pixel : 0;
    p.sample = place / plane;
    place -= p.sample * plane;
    int v = place / tile.x.places, w = place - v * tile.x.places;
    p.row = v * tile.y.phases + tile.y.phase;
    p.col = w * tile.x.phases + tile.x.phase;
    p.src_row = v * tile.y.advance + tile.y.base;
    p.src_col = w * tile.x.advance + tile.x.base;
    return p;
}

// A place in the sum: channels inside, taps outside.
struct Cursor {
    int channel, t, u;

    __device__ inline void advance(int by, int channels, int taps_x) {
        channel += by;
        while (channel >= channels) {
            channel -= channels;
            if (++u == taps_x) {
                u = 0;
                ++t;
            }
        }
    }
};

// Where map `map` of `pixel` stands in the destination.
__device__ inline i64 place_in(const Gather &g, const Pixel &p, int map) {
    i64 plane = (i64)p.sample * g.groups * g.maps + map;
    return plane * g.dst_h * g.dst_w + p.row * g.dst_w + p.col;
}

__device__ inline Real activated(Real value, int relu) {
    return relu && value <= Real(0) ? Real(0) : value; // NaN stays NaN
}

// An element of the weight `(o, c, kh, kw)`; zero behind the last map and the last channel.
__device__ inline T weight_at(const Gather &g, const T *weight, i64 group, int tap, int map,
                              int channel) {
    if (map >= g.maps || channel >= g.channels) return element(Real(0));
    const i64 plane = g.backward ? (group * g.channels + channel) * g.maps + map
                                 : (group * g.maps + map) * g.channels + channel;
    return weight[plane * g.kernel_h * g.kernel_w + tap];
}
