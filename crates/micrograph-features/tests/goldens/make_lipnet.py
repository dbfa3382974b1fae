"""Writes lipnet.json: the LipNet thesis's descriptors by scikit-image 0.26, SciPy 1.17 and NumPy 2.4.

Run in this folder: python make_lipnet.py
scikit-image's moments have rows first; transposed arrays make them columns first, as Hu has them.
"""

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist
from skimage import measure

from phantoms import write


def moments(weights):
    mu = measure.moments_central(weights.T, order=3)
    eta = measure.moments_normalized(mu, order=3)
    return {
        "mu": mu.tolist(),
        "eta": [eta[p, q] for p, q in ((2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3))],
        "hu": measure.moments_hu(eta).tolist(),
    }


def filled(values, rings):
    """Means by ring; a ring without pixels takes the one before, the first ones the one after."""
    means = [np.mean(v) if len(v) else None for v in (values(k) for k in rings)]
    known = [m for m in means if m is not None]
    last, result = known[0], []
    for mean in means:
        last = mean if mean is not None else last
        result.append(float(last))
    return result


def signal_to_noise(image, membrane, half_width):
    band = np.abs(membrane) <= half_width
    rings = np.floor(membrane[band]).astype(int)
    values = image[band]
    means = np.array([values[rings == ring].mean() for ring in rings])
    return float(np.var(means) / np.mean((values - means) ** 2))


def segmentation_variance(values):
    best = 0.0
    for threshold in np.unique(values)[:-1]:
        low, high = values[values <= threshold], values[values > threshold]
        weights = len(low) / len(values), len(high) / len(values)
        best = max(best, weights[0] * weights[1] * (low.mean() - high.mean()) ** 2)
    return float(best)


def expected(image, mask):
    inside = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    outside = ndimage.distance_transform_edt(~mask)
    membrane = np.where(mask, 0.5 - inside, outside - 0.5)
    rows, columns = np.nonzero(mask)
    corners = np.unique(
        [(r + i, c + j) for r, c in zip(rows, columns) for i in (0, 1) for j in (0, 1)], axis=0
    )
    hull = corners[ConvexHull(corners).vertices]
    center = np.hypot(*(np.indices(mask.shape) - [[[rows.mean()]], [[columns.mean()]]]))
    region = measure.regionprops(mask.astype(np.uint8))[0]
    ring = np.floor(membrane / 1.5)
    deep = filled(lambda k: image[ring == k], range(-1, -13, -1))[::-1]
    far = filled(lambda k: image[ring == k], range(6)) if not mask.all() else [deep[-1]] * 6
    histogram, _ = np.histogram(image[mask], bins=32, range=(0, 256))
    return {
        "area": float(mask.sum()),
        "perimeter": measure.perimeter(mask, 4),
        "axes": [region.axis_major_length, region.axis_minor_length],
        "polygon_diameter": pdist(hull).max(),
        "deepest": inside.max(),
        "shape": moments(mask.astype(float)),
        "intensity": moments(np.where(mask, image, 0.0)),
        "histogram": (histogram / mask.sum()).tolist(),
        "radial_profile": filled(lambda k: image[mask & (np.floor(center / 1.5) == k)], range(12)),
        "edge_profile": deep + far,
        "signal_to_noise": signal_to_noise(image, membrane, 4),
        "segmentation_variance": segmentation_variance(image[membrane < -1.2])
        if (membrane < -1.2).any()
        else 0.0,
    }


write("lipnet.json", expected)
