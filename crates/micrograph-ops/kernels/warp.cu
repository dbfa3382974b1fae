// Grids of affine maps, and images read at the points of a grid: the arithmetic of `src/resample`,
// in double.
// elements: f32 f64 bf16 f16
#include "sort.cuh"

enum Interpolation { NEAREST, BILINEAR };
enum Border { ZERO, EDGE, REFLECT };
enum Alignment { EDGES, CENTERS };

struct Grid {
    int rows, cols;
    int alignment;
};

__device__ inline double place_of(int line, int lines, int alignment) {
    if (alignment == EDGES) return double(2 * i64(line) + 1) / double(lines) - 1.0;
    return lines == 1 ? 0.0 : double(2 * i64(line)) / double(lines - 1) - 1.0;
}

KERNEL affine_grid(const T *theta, T *grid, u64 samples, Grid g) {
    const u64 points = u64(g.rows) * g.cols;
    for (u64 i = thread_number(); i < samples * points; i += threads_of_grid()) {
        const T *matrix = theta + i / points * 6;
        const double x = place_of(int(i % points % g.cols), g.cols, g.alignment);
        const double y = place_of(int(i % points / g.cols), g.rows, g.alignment);
        for (int row = 0; row < 2; row++) {
            const T *m = matrix + 3 * row;
            const double sum = double(real(m[0])) * x + double(real(m[1])) * y + double(real(m[2]));
            grid[2 * i + row] = element(Real(sum));
        }
    }
}

// A block takes a sample: the sums of `grad * (x, y, 1)`.
KERNEL affine_grid_backward(const T *grad, T *theta, u64 samples, Grid g) {
    const u64 points = u64(g.rows) * g.cols;
    for (u64 sample = blockIdx.x; sample < samples; sample += gridDim.x) {
        double sums[6] = {0, 0, 0, 0, 0, 0};
        for (u64 i = threadIdx.x; i < points; i += blockDim.x) {
            const double x = place_of(int(i % g.cols), g.cols, g.alignment);
            const double y = place_of(int(i / g.cols), g.rows, g.alignment);
            for (int row = 0; row < 2; row++) {
                const double value = double(real(grad[2 * (sample * points + i) + row]));
                sums[3 * row] += value * x;
                sums[3 * row + 1] += value * y;
                sums[3 * row + 2] += value;
            }
        }
        for (int j = 0; j < 6; j++) {
            const double sum = block_sum(sums[j]);
            if (threadIdx.x == 0) theta[6 * sample + j] = element(Real(sum));
        }
    }
}

struct Sampling {
    int height, width;
    int rows, cols;
    int channels;
    int interpolation, border, alignment;
};

// The lines around a coordinate, -1 outside of the image, their weights, and the derivative of the
// second weight by the coordinate.
struct Taps {
    int line[2];
    double weight[2];
    double slope;
};

__device__ inline double clamped(double at, double size, double &slope) {
    const double last = size - 1.0;
    if (!(at > 0.0 && at < last)) slope = 0.0;
    return at < 0.0 ? 0.0 : at > last ? last : at;
}

// The position in pixels.
__device__ inline double position(double coordinate, double size, const Sampling &s,
                                  double &slope) {
    const bool edges = s.alignment == EDGES;
    double at = edges ? ((coordinate + 1.0) * size - 1.0) / 2.0
                      : (coordinate + 1.0) / 2.0 * (size - 1.0);
    slope = edges ? size / 2.0 : (size - 1.0) / 2.0;
    const double low = edges ? -0.5 : 0.0, high = edges ? size - 0.5 : size - 1.0;
    if (s.border == ZERO) return at;
    if (s.border == EDGE) return clamped(at, size, slope);
    if (low == high) {
        slope = 0.0;
        return isnan(at) ? at : 0.0;
    }
    const double distance = fabs(at - low), span = high - low;
    const double flips = floor(distance / span), extra = fmod(distance, span);
    if (at < low) slope = -slope;
    if (fmod(flips, 2.0) == 0.0) return clamped(low + extra, size, slope);
    slope = -slope;
    return clamped(low + span - extra, size, slope);
}

// NaN is outside of no image: it is read somewhere, with NaN for a weight.
__device__ inline int line_of(double at, int size) {
    if (isnan(at)) return 0;
    return at > -1.0 && at < double(size) ? int(at) : -1;
}

__device__ inline Taps taps_of(double coordinate, int size, const Sampling &s) {
    double slope;
    const double at = position(coordinate, size, s, slope);
    if (s.interpolation == NEAREST)
        return Taps{{line_of(rint(at), size), -1}, {isnan(at) ? at : 1.0, 0.0}, 0.0};
    const double first = floor(at), weight = at - first;
    return Taps{{line_of(first, size), line_of(first + 1.0, size)}, {1.0 - weight, weight}, slope};
}

KERNEL grid_sample(const T *xs, const T *grid, T *ys, u64 samples, Sampling s) {
    const u64 points = u64(s.rows) * s.cols, plane = u64(s.height) * s.width;
    for (u64 i = thread_number(); i < samples * s.channels * points; i += threads_of_grid()) {
        const T *point = grid + 2 * (i / points / s.channels * points + i % points);
        const Taps rows = taps_of(double(real(point[1])), s.height, s);
        const Taps cols = taps_of(double(real(point[0])), s.width, s);
        const T *pixels = xs + i / points * plane;
        double sum = 0.0;
        for (int row = 0; row < 2; row++)
            for (int col = 0; col < 2; col++) {
                const int y = rows.line[row], x = cols.line[col];
                const double weight = rows.weight[row] * cols.weight[col];
                // What has no weight does not count, even where it is infinite.
                if (y >= 0 && x >= 0 && weight != 0.0)
                    sum += weight * double(real(pixels[u64(y) * s.width + x]));
            }
        ys[i] = element(Real(sum));
    }
}

// The derivatives by the coordinates of each point, summed over channels.
KERNEL grid_gradient(const T *xs, const T *grid, const T *grad, T *out, u64 samples, Sampling s) {
    const u64 points = u64(s.rows) * s.cols, plane = u64(s.height) * s.width;
    for (u64 i = thread_number(); i < samples * points; i += threads_of_grid()) {
        const Taps rows = taps_of(double(real(grid[2 * i + 1])), s.height, s);
        const Taps cols = taps_of(double(real(grid[2 * i])), s.width, s);
        double by_y = 0.0, by_x = 0.0;
        for (int c = 0; c < s.channels; c++) {
            const u64 p = i / points * s.channels + c;
            const double g = double(real(grad[p * points + i % points]));
            for (int row = 0; row < 2; row++)
                for (int col = 0; col < 2; col++) {
                    const int y = rows.line[row], x = cols.line[col];
                    if (y < 0 || x < 0) continue;
                    const double product = double(real(xs[p * plane + u64(y) * s.width + x])) * g;
                    by_y += product * (row == 0 ? -rows.slope : rows.slope) * cols.weight[col];
                    by_x += product * (col == 0 ? -cols.slope : cols.slope) * rows.weight[row];
                }
        }
        out[2 * i] = element(Real(by_x));
        out[2 * i + 1] = element(Real(by_y));
    }
}

// The pixel that read number `read` of a sample reads, four reads a point, and with what weight.
__device__ inline u32 pixel_of(const T *grid, u64 read, const Sampling &s, double &weight) {
    const T *point = grid + 2 * (read / 4);
    const int row = int(read % 4 / 2), col = int(read % 2);
    const Taps rows = taps_of(double(real(point[1])), s.height, s);
    const Taps cols = taps_of(double(real(point[0])), s.width, s);
    weight = rows.weight[row] * cols.weight[col];
    if (rows.line[row] < 0 || cols.line[col] < 0) return NOWHERE;
    return u32(rows.line[row]) * u32(s.width) + u32(cols.line[col]);
}

// Sorts the reads of each sample by pixel, those of a pixel in their order: `starts` gets the place
// of each pixel's first read, and one more. A block takes a sample; `next` has a word a pixel.
KERNEL sort_reads(const T *all, u32 *starts, u32 *next, u32 *reads, double *weights, u64 samples,
                  Sampling s) {
    const u64 points = u64(s.rows) * s.cols, plane = u64(s.height) * s.width;
    for (u64 sample = blockIdx.x; sample < samples; sample += gridDim.x) {
        const T *grid = all + sample * points * 2;
        double weight;
        sort_by_target(
            4 * points, plane, starts + sample * (plane + 1), next + sample * plane,
            [&](u64 read) { return pixel_of(grid, read, s, weight); },
            [&](u64 read, u32 place) {
                reads[sample * 4 * points + place] = u32(read);
                weights[sample * 4 * points + place] = weight;
            });
    }
}

// The gradient of the image: each pixel gathers from the reads that saw it, in their order.
KERNEL gather_reads(const T *grad, const u32 *starts, const u32 *reads, const double *weights,
                    T *out, u64 samples, Sampling s) {
    const u64 points = u64(s.rows) * s.cols, plane = u64(s.height) * s.width;
    for (u64 i = thread_number(); i < samples * s.channels * plane; i += threads_of_grid()) {
        const u64 sample = i / plane / s.channels, first = sample * 4 * points;
        const u32 *start = starts + sample * (plane + 1) + i % plane;
        Real sum = 0;
        for (u32 at = start[0]; at < start[1]; at++) {
            const double g = double(real(grad[i / plane * points + reads[first + at] / 4]));
            sum += Real(weights[first + at] * g);
        }
        out[i] = element(sum);
    }
}
