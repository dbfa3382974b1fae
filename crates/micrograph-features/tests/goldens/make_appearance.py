"""Writes appearance.json: oriented gradients and projections by scikit-image 0.26, granularity and the
radial distribution by cp_measure 0.3 (CellProfiler's formulas), Chebyshev coefficients by NumPy 2.4,
Tamura's features by a second definition in NumPy and SciPy 1.17.

Run in this folder: python make_appearance.py
"""

import numpy as np
from cp_measure.core.measuregranularity import get_granularity
from cp_measure.core.measureobjectintensitydistribution import get_radial_distribution
from numpy.polynomial import chebyshev
from scipy import ndimage
from skimage.feature import hog
from skimage.transform import radon

from phantoms import write_values


def granularity(image, mask, steps, radius):
    found = get_granularity(mask.astype(int), image, 1, 1, radius, steps)
    return [float(found[f"Granularity_{k}"][0]) for k in range(1, steps + 1)]


def radial_distribution(image, mask, rings):
    """With background around: an object ends at the border. Values of rings without pixels are 0."""
    image, mask = np.pad(image, 1), np.pad(mask, 1).astype(int)
    found = get_radial_distribution(mask, image, scaled=True, bin_count=rings)
    kinds = ("FracAtD", "MeanFrac", "RadialCV")
    names = [f"RadialDistribution_{kind}_{k}of{rings}" for kind in kinds for k in range(1, rings + 1)]
    return [float(np.ma.filled(found[name], 0)[0]) for name in names]


def chebyshev_coefficients(image, orders):
    """Interpolates at the first kind's points, one axis after the other, and keeps the low orders."""

    def along(axis, order):
        n = image.shape[axis]
        nodes = chebyshev.chebpts1(max(n, order))
        places = (nodes + 1) / 2 * n - 0.5
        others = np.arange(image.shape[1 - axis])
        grid = np.meshgrid(places, others, indexing="ij")
        values = ndimage.map_coordinates(
            image if axis == 0 else image.T, grid, order=1, mode="nearest"
        )
        found = np.linalg.solve(chebyshev.chebvander(nodes, len(nodes) - 1), values)[:order]
        return found if axis == 0 else found.T

    for axis, order in enumerate(orders):
        image = along(axis, order)
    return image.ravel().tolist()


def tamura(image, mask, scales, directions):
    differences = np.zeros((scales + 1, *image.shape))
    height, width = image.shape
    for k in range(1, scales + 1):
        h = 2 ** (k - 1)
        for y, x in zip(*np.nonzero(mask)):
            for dy, dx in ((h, 0), (0, h)):
                sides = []
                for sign in (1, -1):
                    top, left = y + sign * dy - h, x + sign * dx - h
                    if top >= 0 and left >= 0 and top + 2 * h <= height and left + 2 * h <= width:
                        sides.append(image[top : top + 2 * h, left : left + 2 * h].mean())
                if len(sides) == 2:
                    difference = abs(sides[0] - sides[1])
                    differences[k, y, x] = max(differences[k, y, x], difference)
    best = differences.argmax(0)
    counted = mask & (best > 0)
    coarseness = (2.0 ** best[counted]).mean() if counted.any() else 0.0

    values = image[mask]
    deviation = values.std()
    contrast = deviation / (((values - values.mean()) ** 4).mean() / deviation**4) ** 0.25

    inner = mask.copy()
    inner[[0, -1]] = inner[:, [0, -1]] = False
    down, right = (ndimage.prewitt(image, axis)[inner] for axis in (0, 1))
    size = (abs(down) + abs(right)) / 2
    kept = size >= 0.1 * size.max()
    angles = np.mod(np.arctan2(down[kept], right[kept]), np.pi)
    bins = np.rint(angles / np.pi * directions).astype(int) % directions
    fractions = np.bincount(bins, minlength=directions) / len(bins)
    apart = abs(np.arange(directions) - fractions.argmax())
    angle = np.minimum(apart, directions - apart) * np.pi / directions
    return [float(coarseness), float(contrast), float(1 - 12 / np.pi**2 * (fractions * angle**2).sum())]


def expected(image, mask):
    image = image.astype(float)
    projections = radon(image, [30, 45, 90], circle=False)
    return {
        "hog": hog(image, 4, (10, 10), (2, 2), "L2-Hys").round(14).tolist(),
        "tamura": tamura(image, mask, 3, 16),
        "granularity_10": granularity(image, mask, 16, 10),
        "granularity_3": granularity(image, mask, 6, 3),
        "radial_4": radial_distribution(image, mask, 4),
        "radial_3": radial_distribution(image, mask, 3),
        "chebyshev": chebyshev_coefficients(image, (4, 3)),
        "radon": projections[::6].T.tolist(),
    }


if __name__ == "__main__":
    write_values("appearance.json", expected)
