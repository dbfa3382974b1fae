"""Writes segment.json and propagate.json: small phantoms, segmented by scikit-image 0.26 and SciPy
1.17, and by centrosome 1.3.4 (the code of CellProfiler).

Run in this folder: python make_segment.py
propagate.json is written where centrosome can be imported, segment.json where scikit-image can.
"""

import json

import numpy as np


def cells(height, width, seed, spread=0.04):
    """Blurred disks on a slope, as whole multiples of 1/256, so that f32 holds them."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    image = 0.15 + 0.1 * x / width
    for _ in range(7):
        cy, cx, r = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(2, 5)
        image += rng.uniform(0.3, 0.6) / (1 + np.exp(1.5 * (np.hypot(y - cy, x - cx) - r)))
    image += rng.normal(0, spread, image.shape)
    return np.rint(np.clip(image, 0, 2) * 256) / 256


def flat(array):
    return np.asarray(array).ravel().tolist()


def rounded(array, digits=7):
    return [round(float(value), digits) for value in np.ravel(array)]


def whole(array):
    return np.rint(256 * array).astype(int).ravel().tolist()


def digits(array):
    """A mask, or labels below ten, as a row of digits."""
    return "".join(str(int(value)) for value in np.ravel(array))


def write(name, value):
    with open(name, "w") as file:
        file.write(json.dumps(value).replace('], "', '],\n"') + "\n")


def thresholds(image):
    from skimage import filters

    return {
        name: float(getattr(filters, f"threshold_{name}")(image))
        for name in ("otsu", "li", "triangle", "yen")
    }


def closed_from_smallest(line):
    """A closed line from its smallest point on; where it begins is nobody's business."""
    points = [tuple(round(float(v), 6) for v in point) for point in line]
    if points[0] != points[-1]:
        return points
    points = points[:-1]
    start = points.index(min(points))
    points = points[start:] + points[:start]
    return points + points[:1]


def segment():
    from scipy import ndimage
    from skimage import feature, filters, measure, morphology, segmentation

    image = cells(20, 27, 1)
    corner = image[:9, :13]
    grays = np.rint(image * 64).astype(np.uint8)
    levels = np.rint(cells(20, 27, 2) * 20_000).astype(np.uint16)
    mask = image > 0.45
    result = {
        "shape": image.shape,
        "image": whole(image),
        "levels": flat(levels),
        "grays": flat(grays),
        "of_values": thresholds(image),
        "of_levels": thresholds(levels),
        "of_dark_levels": thresholds(65_535 - levels),
        "histogram": flat(np.histogram(image, 16)[0]),
        "local_mean": rounded(filters.threshold_local(corner, 7, "mean", offset=0.01)),
        "local_gaussian": rounded(filters.threshold_local(corner, 9, "gaussian")),
        "blurred": rounded(ndimage.gaussian_filter(corner, 9.0)),
        "mask": digits(mask),
        "filled": digits(ndimage.binary_fill_holes(mask)),
        "without_small": digits(morphology.remove_small_objects(mask, max_size=11)),
        "thin": digits(morphology.thin(mask)),
    }
    elements = {}
    for name, footprint in (
        ("disk", morphology.disk(3)),
        ("square", morphology.footprint_rectangle((5, 5))),
        ("cross", np.array([[abs(y) * abs(x) == 0 for x in range(-2, 3)] for y in range(-2, 3)]).astype(np.uint8)),
    ):
        elements[name] = {
            operation: flat(getattr(morphology, operation)(grays, footprint))
            for operation in ("erosion", "dilation")
        } | {
            "opened": digits(morphology.opening(mask, footprint)),
            "closed": digits(morphology.closing(mask, footprint)),
        }
    result["elements"] = elements

    limit = image
    result["reconstructed"] = {
        "four": whole(morphology.reconstruction(limit - 0.25, limit, footprint=morphology.disk(1))),
        "eight": whole(morphology.reconstruction(limit - 0.25, limit)),
    }
    dark = 2 - image
    peaks = feature.peak_local_max(filters.gaussian(image, 1.5), exclude_border=False)
    markers = np.zeros(image.shape, int)
    for number, (y, x) in enumerate(peaks, 1):
        markers[y, x] = number
    result["markers"] = digits(markers)
    result["watershed"] = {
        name: digits(segmentation.watershed(dark, markers, connectivity=c, mask=image > 0.3))
        for name, c in (("four", 1), ("eight", 2))
    }
    # A plateau, which the order of arrival divides; the markers lie below it, the first one lowest,
    # since among equal markers scikit-image has no order.
    plateau = np.where(markers > 0, markers - 10, 0)
    result["plateau"] = digits(segmentation.watershed(plateau, markers, mask=mask | (markers > 0)))
    labels = segmentation.watershed(dark, markers, mask=image > 0.3)
    labels[~mask] = 0
    result["labels"] = digits(labels)
    result["border"] = {
        name: digits(segmentation.find_boundaries(labels, connectivity=c, mode="inner"))
        for name, c in (("four", 1), ("eight", 2))
    }
    result["level"] = 0.7001
    result["contours"] = sorted(closed_from_smallest(line) for line in measure.find_contours(image, 0.7001))
    write("segment.json", result)


def spread():
    from centrosome.propagate import propagate

    # Whole numbers, whose sums are exact in every order.
    image = np.rint(cells(13, 23, 5) * 64)
    seeds = np.zeros(image.shape, int)
    for number, at in enumerate([(3, 4), (10, 6), (9, 17), (2, 20)], 1):
        seeds[at] = number
        seeds[at[0] + 1, at[1]] = number
    mask = image > 8
    mask[:, 12] = False
    mask[5:9, 12] = True
    cases = []
    for weight in (0.0, 4.0, 1000.0):
        labels, distances = propagate(image, seeds, mask, weight)
        cases.append({
            "lambda": weight,
            "labels": digits(labels),
            "costs": [round(float(d), 7) for d in np.ravel(distances)],
        })
    write("propagate.json", {
        "shape": image.shape, "image": flat(image), "seeds": digits(seeds),
        "mask": digits(mask), "cases": cases,
    })


for make in (segment, spread):
    try:
        make()
    except ImportError as error:
        print(f"left out: {error}")
