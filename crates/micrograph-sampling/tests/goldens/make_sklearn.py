"""Goldens of scikit-learn for folds and class weights: python make_sklearn.py > sklearn.json"""

import json

import numpy as np
import sklearn
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, StratifiedKFold
from sklearn.utils.class_weight import compute_class_weight


def stratified(rng, counts, k):
    """The class counts of each fold, which do not depend on the shuffle."""
    labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    folds = StratifiedKFold(k, shuffle=True, random_state=0).split(labels, labels)
    tables = [np.bincount(labels[test], minlength=len(counts)).tolist() for _, test in folds]
    return {"labels": labels.tolist(), "k": k, "fold_class_counts": tables}


def grouped(rng, n_groups, shares, k):
    """Groups of which no two tie, so that scikit-learn's folds do not depend on their order."""
    while True:
        sizes = rng.integers(4, 40, n_groups)
        groups = rng.permutation(np.repeat(np.arange(n_groups), sizes))
        labels = rng.choice(len(shares), groups.size, p=shares)
        table = np.zeros((n_groups, len(shares)))
        np.add.at(table, (groups, labels), 1)
        if len(np.unique(table.std(axis=1).round(9))) == n_groups:
            break
    fold_of = np.zeros(groups.size, int)
    splitter = StratifiedGroupKFold(k)
    for fold, (_, test) in enumerate(splitter.split(labels, labels, groups)):
        fold_of[test] = fold
    sizes = [len(test) for _, test in GroupKFold(k).split(labels, labels, groups)]
    return {
        "labels": labels.tolist(),
        "groups": groups.tolist(),
        "k": k,
        "stratified_group_fold": fold_of.tolist(),
        "group_fold_sizes": sorted(sizes),
    }


def weights(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    balanced = compute_class_weight("balanced", classes=np.arange(len(counts)), y=labels)
    return {"counts": counts, "balanced": balanced.tolist()}


rng = np.random.default_rng(20160530)
print(
    json.dumps(
        {
            "scikit_learn": sklearn.__version__,
            "stratified": [
                stratified(rng, [37, 12, 5], 5),
                stratified(rng, [10, 11, 13, 2], 4),
                stratified(rng, [7, 1], 3),
            ],
            "grouped": [
                grouped(rng, 9, [0.6, 0.3, 0.1], 3),
                grouped(rng, 14, [0.9, 0.1], 5),
            ],
            "weights": [weights([1717, 84, 12368]), weights([161, 24255, 502]), weights([3, 3])],
        }
    )
)
