"""Writes segment.json, measures.json and propagate.json: small phantoms, segmented by scikit-image
0.26 and SciPy 1.17, and by centrosome 1.3.4 (the code of CellProfiler).

Run in this folder: python make_segment.py
propagate.json is written where centrosome can be imported, the others where
scikit-image can.
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


def simple(mask, at):
    """Whether a pixel can change sides, counted by components of its 3 x 3 neighborhood."""
    from scipy import ndimage

    y, x = at
    near = np.pad(mask, 1)[y : y + 3, x : x + 3].copy()

    def touching(part, structure, reach):
        part = part.copy()
        part[1, 1] = False
        labels, _ = ndimage.label(part, structure)
        return len(set(labels[reach & part]))

    sides = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], bool)
    around = np.ones((3, 3), bool)
    return touching(near, sides, sides) == 1 and touching(~near, np.ones((3, 3)), around) == 1


def warped(truth, predicted):
    """Flips simple pixels in reading order until nothing changes."""
    truth = truth.copy()
    while True:
        flipped = 0
        for at in np.argwhere(truth != predicted):
            if simple(truth, at):
                truth[tuple(at)] = ~truth[tuple(at)]
                flipped += 1
        if not flipped:
            return truth


def grown(labels):
    """Regions grown a step at a time, in the order in which pixels were reached, up to lines of one
    pixel. (scikit-image's watershed with lines has no order among the first pixels.)"""
    labels, height, width = labels.copy(), *labels.shape
    lines = set()

    def sides(y, x):
        near = ((y - 1, x), (y, x - 1), (y, x + 1), (y + 1, x))
        return [(v, u) for v, u in near if 0 <= v < height and 0 <= u < width]

    frontier = [tuple(at) for at in np.argwhere(labels > 0)]
    while frontier:
        reached = [(to, labels[at]) for at in frontier for to in sides(*at) if labels[to] == 0 and to not in lines]
        frontier = []
        for at, label in reached:
            if labels[at] > 0 or at in lines:
                continue
            if {labels[to] for to in sides(*at)} - {0, label}:
                lines.add(at)
            else:
                labels[at] = label
                frontier.append(at)
    return labels


def compare():
    """measures.json: what needs geometry of two masks."""
    from scipy import ndimage
    from skimage import metrics

    probability = np.rint(np.clip(cells(24, 30, 3, 0.2), 0, 1) * 64) / 64
    truth = ndimage.gaussian_filter(cells(24, 30, 3, 0), 0.8) > 0.42
    predicted = probability > 0.45

    def border(mask):
        return mask & ~ndimage.binary_erosion(mask)

    def distances(a, b):
        return ndimage.distance_transform_edt(~border(b))[border(a)]

    there, back = distances(truth, predicted), distances(predicted, truth)
    percentile = max(np.percentile(side, 95) for side in (there, back))
    shares = [np.mean(side <= 1.5) for side in (there, back)]
    thinned = grown(ndimage.label(predicted)[0])

    v_rand, v_info, pixel = {}, {}, {}
    cells_of_truth, _ = ndimage.label(truth)
    for step in range(11):
        inside = probability > step / 10
        regions = grown(ndimage.label(inside)[0])
        alone = regions == 0
        regions = regions.copy()
        regions[alone] = 1000 + np.arange(alone.sum())
        table = np.zeros((cells_of_truth.max() + 1, regions.max() + 1))
        np.add.at(table, (cells_of_truth[truth], regions[truth]), 1)
        parts = (table, table.sum(1), table.sum(0))
        squares = [np.sum(part**2) for part in parts]
        shares_of = [part[part > 0] / table.sum() for part in parts]
        both, t, p = (-np.sum(share * np.log(share)) for share in shares_of)
        v_rand[step] = 2 * squares[0] / (squares[1] + squares[2])
        v_info[step] = 2 * (t + p - both) / (t + p)
        hits = np.sum(inside & truth)
        pixel[step] = 1 - 2 * hits / (inside.sum() + truth.sum())
    best = {"v_rand": max(v_rand, key=v_rand.get), "v_info": max(v_info, key=v_info.get), "pixel_error": min(pixel, key=pixel.get)}
    bent = warped(truth, predicted)
    write("measures.json", {
        "shape": truth.shape,
        "truth": digits(truth),
        "probability": np.rint(probability * 64).astype(int).ravel().tolist(),
        "hausdorff": float(metrics.hausdorff_distance(border(truth), border(predicted))),
        "hausdorff_95": float(percentile),
        "boundary_f": float(2 * shares[0] * shares[1] / sum(shares)),
        "thinned": digits(thinned > 0),
        "warped": digits(bent),
        "warping_error": float(np.mean(bent != predicted)),
        "steps": best,
        "v_rand": v_rand[best["v_rand"]],
        "v_info": v_info[best["v_info"]],
        "pixel_error": float(pixel[best["pixel_error"]]),
    })


for make in (segment, compare, spread):
    try:
        make()
    except ImportError as error:
        print(f"left out: {error}")
