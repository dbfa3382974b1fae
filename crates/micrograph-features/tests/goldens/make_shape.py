"""Writes shape.json: shape descriptors by scikit-image 0.26, mahotas 1.4.19, SciPy 1.17 and NumPy 2.4.

Run in this folder: python make_shape.py
"""

import mahotas
import numpy as np
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist
from skimage import measure

from phantoms import write


def feret(mask):
    """The longest extent of the pixels' corners, and the least across a side of their convex hull."""
    rows, columns = np.nonzero(mask)
    corners = np.concatenate([np.c_[rows + i, columns + j] for i in (0, 1) for j in (0, 1)])
    corners = np.unique(corners, axis=0)
    hull = ConvexHull(corners)
    least = min(np.ptp(corners @ normal) for normal in hull.equations[:, :2])
    angles = np.linspace(0, np.pi, 100_001)
    extents = np.ptp(corners[hull.vertices] @ [np.sin(angles), np.cos(angles)], axis=0)
    assert least <= extents.min() + 1e-9
    return [float(pdist(corners[hull.vertices]).max()), float(least)]


def circularity(mask):
    """Of the contours at one half, each vertex the mean of itself and its neighbors."""
    area = length = 0.0
    for contour in measure.find_contours(np.pad(mask, 1).astype(float), 0.5, fully_connected="high"):
        points = contour[:-1]
        points = (np.roll(points, 1, 0) + points + np.roll(points, -1, 0)) / 3
        (y, x), (y1, x1) = points.T, np.roll(points, -1, 0).T
        area += np.sum(x * y1 - x1 * y) / 2
        length += np.hypot(x1 - x, y1 - y).sum()
    return float(4 * np.pi * abs(area) / length**2)


def zernike(weights, radius):
    return mahotas.features.zernike_moments(weights, radius, degree=9).tolist()


def expected(image, mask):
    region = measure.regionprops(mask.astype(np.uint8))[0]
    rows, columns = np.nonzero(mask)
    radius = np.hypot(rows - rows.mean(), columns - columns.mean()).max() + 0.5
    weights = np.where(mask, image, 0.0)
    return {
        "circularity": circularity(mask),
        "eccentricity": region.eccentricity,
        "orientation": region.orientation,
        "solidity": region.solidity,
        "extent": region.extent,
        "euler_number": int(measure.euler_number(mask, 2)),
        "feret": feret(mask),
        "radius": radius,
        "zernike_shape": zernike(mask.astype(float), radius),
        "zernike_half": zernike(weights, radius / 2),
    }


write("shape.json", expected)
