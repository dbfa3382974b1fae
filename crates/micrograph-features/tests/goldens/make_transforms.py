"""Writes transforms.json: transforms of whole images by NumPy 2.4, PyWavelets 1.9 and scikit-image 0.26,
as sums over all pixels and some of them.

Run in this folder: python make_transforms.py
"""

import numpy as np
import pywt
from skimage.filters import sobel

from make_appearance import chebyshev_coefficients
from phantoms import write_values


def digest(values):
    """Height, width, sums with three weights, eight values."""
    flat = values.ravel()
    places = np.arange(flat.size)
    sums = [flat.sum(), (flat * np.sin(places)).sum(), (flat * np.cos(places * places % 97)).sum()]
    return [*values.shape, *sums, *flat[(places[:8] * 131 + 5) % flat.size]]


def spectrum(image):
    centered = image - image.mean()
    magnitude = abs(np.fft.fftshift(np.fft.fft2(centered)))
    return np.log1p(magnitude / np.sqrt(image.size) / image.std())


def wavelet(image):
    _, details = pywt.dwt2(image, "sym5", "symmetric")
    return np.sqrt(sum(part**2 for part in details))


def expected(image, mask):
    image = image.astype(float)
    # As many rows as a power of two has, too.
    square = np.pad(image, ((0, 2), (0, 0)))[:, :32]
    series = chebyshev_coefficients(image - image.mean(), image.shape)
    found = {
        "fourier": spectrum(image),
        "fourier_32": spectrum(square),
        "wavelet": wavelet(image),
        "chebyshev": np.reshape(series, image.shape),
        "edges": sobel(image),
    }
    return {name: [float(value) for value in digest(values)] for name, values in found.items()}


if __name__ == "__main__":
    write_values("transforms.json", expected)
