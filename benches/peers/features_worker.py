"""The Python side of `cargo bench -p micrograph-features`: features_worker.py OBJECTS

Reads the objects, says `ready`, and for each line `WORK` on standard input computes that work's
descriptors of all objects with scikit-image and mahotas, and answers with the milliseconds, on the clock
and of the processor, and the mean of all values. What does not depend on the object (kernels) is made before.
"""

import sys
import time
import warnings

import mahotas
import numpy as np
from PIL import Image
from scipy import ndimage
from skimage import measure
from skimage.feature import hog, local_binary_pattern
from skimage.filters import gabor_kernel

warnings.simplefilter("ignore")
KERNELS = [gabor_kernel(0.25, theta=np.pi * k / 4) for k in range(4)]


def read(file):
    data = np.fromfile(file, np.uint8)
    at = 0
    while at < len(data):
        height, width = data[at : at + 4].view("<u2").astype(int)
        planes = data[at + 4 : at + 4 + 2 * height * width].reshape(2, height, width)
        yield planes[0].copy(), planes[1].astype(bool)
        at += 4 + 2 * height * width


def shape(image, mask):
    region = measure.regionprops(mask.astype(np.uint8))[0]
    hu = measure.moments_hu(
        measure.moments_normalized(measure.moments_central(region.image.T.astype(float), order=3))
    )
    return [
        region.area,
        measure.perimeter(mask, 4),
        region.axis_major_length,
        region.axis_minor_length,
        region.eccentricity,
        region.orientation,
        region.solidity,
        region.extent,
        region.euler_number,
        *hu,
    ]


def zernike(image, mask):
    rows, columns = np.nonzero(mask)
    radius = np.hypot(rows - rows.mean(), columns - columns.mean()).max() + 0.5
    return mahotas.features.zernike_moments(mask.astype(float), radius, degree=9)


def haralick(image, mask):
    values = image[mask].astype(float)
    low, width = values.min(), np.ptp(values)
    levels = np.minimum(15, np.floor(16 * ((image - low) / width))) + 1
    levels = np.where(mask, levels, 0).astype(np.uint8)
    rows, columns = np.nonzero(mask)
    box = levels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return mahotas.features.haralick(
        box, ignore_zeros=True, return_mean_ptp=True, use_x_minus_y_variance=True
    )


def binary_patterns(image, mask):
    inner = mask.copy()
    inner[[0, -1]] = inner[:, [0, -1]] = False
    classes = local_binary_pattern(image, 8, 1, "uniform")[inner]
    counts = np.bincount(classes.astype(int), minlength=10)
    return counts / counts.sum()


def gabor(image, mask):
    values = image - image[mask].mean()
    found = []
    for kernel in KERNELS:
        real, imaginary = (
            ndimage.correlate(values, part, mode="nearest") for part in (kernel.real, kernel.imag)
        )
        found.append(np.hypot(real, imaginary)[mask].mean())
    return found


def gradients(image, mask):
    rows, columns = np.nonzero(mask)
    box = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    scaled = Image.fromarray(box.astype(np.float32)).resize((32, 32), Image.Resampling.BILINEAR)
    return hog(np.asarray(scaled), 9, (8, 8), (2, 2), "L2-Hys")


WORKS = {
    "shape": shape,
    "zernike": zernike,
    "haralick": haralick,
    "binary_patterns": binary_patterns,
    "gabor": gabor,
    "hog": gradients,
}
OBJECTS = list(read(sys.argv[1]))
print("ready", flush=True)

for line in sys.stdin:
    work = WORKS[line.strip()]
    start = time.perf_counter(), time.process_time()
    values = [work(image, mask) for image, mask in OBJECTS]
    wall, busy = time.perf_counter() - start[0], time.process_time() - start[1]
    mean = np.concatenate([np.ravel(v) for v in values]).mean()
    print(wall * 1000, busy * 1000, mean, flush=True)
