// What the kernels for the gradient of a convolution's weight share.
#pragma once
#include "vector.cuh"

// The sizes, integers alone. A part is a range of the batch's output pixels.
struct WeightGather {
    int batch;
    int groups;
    int channels, maps; // of one group
    int src_h, src_w;
    int grad_h, grad_w;
    int kernel_h, kernel_w;
    int stride_h, stride_w;
    int dilation_h, dilation_w;
    int top, left;
    int part_pixels; // of each part but the last; a multiple of a stage's
};

struct WeightTile {
    int group, map, column; // of the first row and column
    int part, begin, end;   // pixels
};

__device__ inline WeightTile weight_tile_of_block(const WeightGather &g, int tile_maps,
                                                  int tile_columns) {
    int depth = g.channels * g.kernel_h * g.kernel_w;
    int map_tiles = (g.maps + tile_maps - 1) / tile_maps;
    int column_tiles = (depth + tile_columns - 1) / tile_columns;
    int block = blockIdx.x;
    WeightTile tile;
    tile.map = block % map_tiles * tile_maps;
    block /= map_tiles;
    tile.column = block % column_tiles * tile_columns;
    block /= column_tiles;
    tile.group = block % g.groups;
    tile.part = block / g.groups;
    int pixels = g.batch * g.grad_h * g.grad_w;
    tile.begin = tile.part * g.part_pixels;
    tile.end = pixels - tile.begin > g.part_pixels ? tile.begin + g.part_pixels : pixels;
    return tile;
}

// A kernel element of one channel: which plane it reads, and how far from a pixel's first source.
struct KernelElement {
    int channel; // -1: none
    int row, col;
};

__device__ inline KernelElement kernel_element(const WeightGather &g, int column) {
    int taps = g.kernel_h * g.kernel_w;
    int channel = column / taps, tap = column - channel * taps;
    int i = tap / g.kernel_w, j = tap - i * g.kernel_w;
    return KernelElement{channel < g.channels ? channel : -1, i * g.dilation_h - g.top,
                         j * g.dilation_w - g.left};
}

struct GradPixel {
    bool inside;
    int sample, place; // in the plane of gradients
    int row, col;      // of the source under the kernel's corner, without padding
};

__device__ inline GradPixel grad_pixel_of(const WeightGather &g, const WeightTile &tile,
                                          int pixel) {
    GradPixel p;
    p.inside = pixel < tile.end;
    int plane = g.grad_h * g.grad_w;
    p.place = p.inside ? pixel : 0;
    p.sample = p.place / plane;
    p.place -= p.sample * plane;
    int y = p.place / g.grad_w;
    p.row = y * g.stride_h;
    p.col = (p.place - y * g.grad_w) * g.stride_w;
    return p;
}

__device__ inline GradPixel next_grad_pixel(const WeightGather &g, GradPixel p, bool inside) {
    p.inside = inside;
    p.place += 1;
    p.col += g.stride_w;
    if (p.col == g.grad_w * g.stride_w) {
        p.col = 0;
        p.row += g.stride_h;
    }
    if (p.place == g.grad_h * g.grad_w) {
        p.place = p.row = 0;
        p.sample += 1;
    }
    return p;
}

__device__ inline T source_at(const T *source, const WeightGather &g, const GradPixel &p,
                              const KernelElement &e) {
    int row = p.row + e.row, col = p.col + e.col;
    bool inside =
        p.inside && e.channel >= 0 && row >= 0 && row < g.src_h && col >= 0 && col < g.src_w;
    return inside ? source[((i64)e.channel * g.src_h + row) * g.src_w + col] : element(Real(0));
}

__device__ inline void keep_product(Real *parts, const WeightGather &g, const WeightTile &tile,
                                    int map, int column, Real value) {
    int depth = g.channels * g.kernel_h * g.kernel_w;
    if (map >= g.maps || column >= depth) return;
    i64 row = ((i64)tile.part * g.groups + tile.group) * g.maps + map;
    parts[row * depth + column] = value;
}
