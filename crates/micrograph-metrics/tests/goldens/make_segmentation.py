"""Writes segmentation.json: partitions by scikit-image 0.26, objects by the formulas of the papers,
written down a second time over arrays, with SciPy 1.17's assignment.

Run in this folder: python make_segmentation.py
"""

import json

import numpy as np
from scipy.optimize import linear_sum_assignment
from skimage import metrics


def cells(rng, n, shape=(18, 24)):
    """Overlapping disks, numbered with gaps."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, int)
    for number in rng.permutation(3 * n)[:n] + 1:
        cy, cx, r = rng.uniform(0, shape[0]), rng.uniform(0, shape[1]), rng.uniform(2, 4.5)
        labels[np.hypot(y - cy, x - cx) < r] = number
    return labels


def predicted_from(rng, truth):
    """Shifted, with objects joined, divided, missed and made up."""
    labels = np.roll(truth, rng.integers(-1, 2, 2), axis=(0, 1))
    numbers = np.unique(labels)[1:]
    if len(numbers) > 3:
        labels[labels == numbers[0]] = numbers[1]
        labels[labels == numbers[2]] = 0
        part = labels == numbers[3]
        part[:, : int(np.nonzero(part)[1].mean())] = False
        labels[part] = 90
    extra = cells(rng, 2)
    labels[(labels == 0) & (extra > 0)] = 95
    return labels


def iou_table(truth, predicted):
    t, p = np.unique(truth[truth > 0]), np.unique(predicted[predicted > 0])
    inter = np.array([[np.sum((truth == i) & (predicted == j)) for j in p] for i in t]).reshape(len(t), len(p))
    union = np.array([[np.sum((truth == i) | (predicted == j)) for j in p] for i in t]).reshape(len(t), len(p))
    return t, p, inter, union


def found(iou, threshold):
    if 0 in iou.shape:
        return 0
    good = iou >= threshold
    n = min(iou.shape)
    rows, columns = linear_sum_assignment(-good.astype(float) - iou / (2 * n))
    return int(np.sum(good[rows, columns]))


def aji(truth, predicted, inter, union, t, p):
    shared = united = 0
    used = set()
    for i, label in enumerate(t):
        ratios = inter[i] / union[i] if len(p) else np.array([])
        if len(ratios) and ratios.max() > 0:
            j = int(ratios.argmax())
            shared += inter[i, j]
            united += union[i, j]
            used.add(j)
        else:
            united += np.sum(truth == label)
    united += sum(np.sum(predicted == label) for j, label in enumerate(p) if j not in used)
    return shared / united if united else None


def tracking(truth, predicted, inter, union, t, p):
    """SEG, and what DET counts."""
    scores, owner = [], []
    for i, label in enumerate(t):
        cover = [j for j in range(len(p)) if inter[i, j] > 0.5 * np.sum(truth == label)]
        scores.append(inter[i, cover[0]] / union[i, cover[0]] if cover else 0.0)
        owner.append(cover[0] if cover else None)
    holders = [j for j in owner if j is not None]
    splits = sum(holders.count(j) - 1 for j in set(holders))
    return {
        "seg": float(np.mean(scores)) if scores else None,
        "det": [len(t), splits, owner.count(None), len(p) - len(set(holders))],
    }


def singletons(truth, predicted):
    """V^Rand and V^Info where every predicted background pixel has a number of its own."""
    predicted = predicted.copy()
    where = predicted == 0
    predicted[where] = 1000 + np.arange(where.sum())
    inside = truth > 0
    table = np.zeros((truth.max() + 1, predicted.max() + 1))
    np.add.at(table, (truth[inside], predicted[inside]), 1)
    squares = [np.sum(part**2) for part in (table, table.sum(1), table.sum(0))]

    def entropy(part):
        share = part[part > 0] / table.sum()
        return -np.sum(share * np.log(share))

    truth_h, predicted_h = entropy(table.sum(1)), entropy(table.sum(0))
    mutual = truth_h + predicted_h - entropy(table)
    return {
        "v_rand": 2 * squares[0] / (squares[1] + squares[2]),
        "rand_split": squares[0] / squares[1],
        "rand_merge": squares[0] / squares[2],
        "v_info": 2 * mutual / (truth_h + predicted_h),
        "info_split": mutual / predicted_h,
        "info_merge": mutual / truth_h,
    }


def case(name, truth, predicted):
    t, p, inter, union = iou_table(truth, predicted)
    iou = inter / np.maximum(union, 1)
    good = iou > 0.5
    tp = int(good.sum())
    result = {
        "name": name,
        "shape": truth.shape,
        "truth": truth.ravel().tolist(),
        "predicted": predicted.ravel().tolist(),
        "found": [found(iou, threshold) for threshold in (0.1, 0.3, *np.arange(50, 100, 5) / 100)],
        "aji": aji(truth, predicted, inter, union, t, p),
        "pq": float(iou[good].sum() / (0.5 * len(t) + 0.5 * len(p))) if len(t) + len(p) else None,
        "sq": float(iou[good].mean()) if tp else None,
    } | tracking(truth, predicted, inter, union, t, p)
    if len(t):
        error, precision, recall = metrics.adapted_rand_error(truth, predicted)
        split, merge = metrics.variation_of_information(truth, predicted, ignore_labels=[0])
        result |= {"adapted_rand_error": float(error), "variation_bits": [float(split), float(merge)]}
        result |= {name: float(value) for name, value in singletons(truth, predicted).items()}
    return result


def plain(value):
    if isinstance(value, (np.integer, np.floating)):
        return value.item()
    raise TypeError(type(value))


rng = np.random.default_rng(11)
cases = []
for n in (3, 7, 12):
    truth = cells(rng, n)
    cases.append(case(f"{n} cells", truth, predicted_from(rng, truth)))
nothing, some = np.zeros((4, 6), int), cells(rng, 2, (4, 6))
some[0, 0] = 1
cases.append(case("nothing found", some, nothing))
cases.append(case("nothing there", nothing, some))
cases.append(case("all right", some, some * 2))
# Each half of an object has an intersection over union of just 0.5.
cases.append(case("halves", np.array([[1, 1, 2, 2, 2]]), np.array([[4, 3, 3, 3, 3]])))
with open("segmentation.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(c, default=plain) for c in cases) + "\n]\n")
