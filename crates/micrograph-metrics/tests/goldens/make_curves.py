"""Writes curves.json: ROC and precision-recall curves by scikit-learn 1.9.1.

Run in this folder: python make_curves.py
The points are in order of falling threshold; the first threshold, where nothing is called
positive, is null.
"""

import json

import numpy as np
from sklearn import metrics


def expected(positive, score, weights):
    options = {"sample_weight": weights}
    fpr, tpr, roc_thresholds = metrics.roc_curve(
        positive, score, drop_intermediate=False, **options
    )
    precision, recall, pr_thresholds = metrics.precision_recall_curve(positive, score, **options)
    return {
        "fpr": fpr.tolist(),
        "tpr": tpr.tolist(),
        "roc_thresholds": [None] + roc_thresholds[1:].tolist(),
        "precision": precision[::-1].tolist(),
        "recall": recall[::-1].tolist(),
        "pr_thresholds": [None] + pr_thresholds[::-1].tolist(),
        "auroc": metrics.roc_auc_score(positive, score, **options),
        "average_precision": metrics.average_precision_score(positive, score, **options),
    }


def cases():
    rng = np.random.default_rng(1967)
    positive = rng.random(20) < 0.3
    score = rng.normal(size=20) + positive
    weights = np.round(rng.exponential(size=20), 2)
    weights[[0, 7]] = 0
    yield "continuous", positive, score, None
    yield "ties", positive, np.round(score), None
    yield "weights", positive, score, weights
    yield "ties and weights", positive, np.round(score), weights
    yield "all tied", positive, np.full(20, -2.5), None
    yield "perfect", positive, np.where(positive, 1.0, 0.0), None
    yield "inverted", positive, np.where(positive, 0.0, 1.0), None
    signed_zeros = np.where(np.arange(20) % 3 == 0, -0.0, np.round(score))
    yield "zeros of both signs", positive, signed_zeros, None


def main():
    golden = [
        {
            "name": name,
            "positive": positive.tolist(),
            "score": score.tolist(),
            "weights": None if weights is None else weights.tolist(),
            "expected": expected(positive, score, weights),
        }
        for name, positive, score, weights in cases()
    ]
    with open("curves.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in golden) + "\n]\n")


main()
