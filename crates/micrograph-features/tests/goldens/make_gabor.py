"""Writes gabor.json: Gabor energies by scikit-image 0.26 and SciPy 1.17.

Run in this folder: python make_gabor.py
"""

import numpy as np
from scipy import ndimage
from skimage.filters import gabor_kernel

from phantoms import write


def energies(image, mask, frequency, orientations):
    values = image - image[mask].mean()
    result = []
    for k in range(orientations):
        kernel = gabor_kernel(frequency, theta=np.pi * k / orientations)
        real, imaginary = (
            ndimage.correlate(values, part, mode="nearest") for part in (kernel.real, kernel.imag)
        )
        result.append(float(np.hypot(real, imaginary)[mask].mean()))
    return result


def expected(image, mask):
    return {"quarter": energies(image, mask, 0.25, 4), "tenth": energies(image, mask, 0.1, 3)}


write("gabor.json", expected)
