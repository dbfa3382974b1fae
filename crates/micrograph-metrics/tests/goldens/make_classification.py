"""Writes classification.json: scores of class probabilities by scikit-learn 1.9.1.

Run in this folder: python make_classification.py
Where scikit-learn substitutes a number for 0/0 (with a warning), the golden has null.
"""

import json
import warnings

import numpy as np
from sklearn import metrics

warnings.simplefilter("error")


def number(value):
    return None if value is None or np.isnan(value) else float(value)


def both_outcomes(truth, weights):
    return len(set(truth[weights > 0])) == 2


def ranked(positive, score, weights):
    """AUROC and average precision of one class against the rest."""
    auroc = auprc = None
    if both_outcomes(positive, weights):
        auroc = metrics.roc_auc_score(positive, score, sample_weight=weights)
    if weights[positive].sum() > 0:
        auprc = metrics.average_precision_score(positive, score, sample_weight=weights)
    return auroc, auprc


def mean(values):
    values = [value for value in values if value is not None]
    return float(np.mean(values)) if values else None


def per_class(label, truth, predicted, score, weights):
    t, p = truth == label, predicted == label
    options = {"sample_weight": weights, "zero_division": np.nan}
    tpr = metrics.recall_score(t, p, **options)
    tnr = metrics.recall_score(t, p, pos_label=0, **options)
    if np.isnan(tpr) or np.isnan(tnr):
        f1_tpr_tnr = np.nan
    else:
        f1_tpr_tnr = 0.0 if tpr == 0 or tnr == 0 else 2 / (1 / tpr + 1 / tnr)
    return {
        "support": number(weights[t].sum()),
        "tpr": number(tpr),
        "tnr": number(tnr),
        "ppv": number(metrics.precision_score(t, p, **options)),
        "npv": number(metrics.precision_score(t, p, pos_label=0, **options)),
        "f1": number(metrics.f1_score(t, p, **options)),
        "f1_tpr_tnr": number(f1_tpr_tnr),
        "auroc": number(ranked(t, score, weights)[0]),
    }


def expected(classes, truth, probabilities, weights):
    labels = list(range(classes))
    predicted = probabilities.argmax(axis=1)
    w = np.ones(len(truth)) if weights is None else weights
    areas = [ranked(truth == k, probabilities[:, k], w) for k in labels]
    areas = areas[1:] if classes == 2 else areas
    seen = w > 0  # what has no weight is absent, also where scikit-learn looks at labels alone
    options = {"sample_weight": w[seen]}
    pair = (truth[seen], predicted[seen])
    constant = len(set(pair[0])) == 1 or len(set(pair[1])) == 1
    same = len(set(pair[0]) | set(pair[1])) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # classes that are predicted but absent
        balanced = metrics.balanced_accuracy_score(*pair, **options)

    def kappa(kind):
        if same:
            return None
        return number(metrics.cohen_kappa_score(*pair, labels=labels, weights=kind, **options))

    proba = probabilities[seen]
    scored = (pair[0], proba[:, 1] if classes == 2 else proba)
    brier_options = {"pos_label": 1} if classes == 2 else {"labels": labels}
    return {
        "confusion": metrics.confusion_matrix(*pair, labels=labels, **options).tolist(),
        "accuracy": number(metrics.accuracy_score(*pair, **options)),
        "balanced_accuracy": number(balanced),
        "auroc": mean([area[0] for area in areas]),
        "auprc": mean([area[1] for area in areas]),
        "log_loss": number(metrics.log_loss(pair[0], proba, labels=labels, **options)),
        "brier": number(metrics.brier_score_loss(*scored, **brier_options, **options)),
        "mcc": None if constant else number(metrics.matthews_corrcoef(*pair, **options)),
        "kappa": kappa(None),
        "kappa_linear": kappa("linear"),
        "kappa_quadratic": kappa("quadratic"),
        "macro_f1": number(metrics.f1_score(*pair, average="macro", **options)),
        "per_class": [
            per_class(k, truth, predicted, probabilities[:, k], w) for k in labels
        ],
    }


def softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def drawn(rng, shares, n, skill):
    """Imbalanced labels and probabilities that know them somewhat."""
    truth = rng.choice(len(shares), size=n, p=shares)
    logits = rng.normal(size=(n, len(shares))) + np.linspace(0.7, -0.3, len(shares))
    logits[np.arange(n), truth] += skill
    return truth, softmax(logits)


def tied(probabilities):
    """Probabilities in tenths: many equal scores, and rows with two largest."""
    tenths = np.floor(probabilities * 10)
    tenths[:, 0] += 10 - tenths.sum(axis=1)
    return tenths / 10


def cases():
    rng = np.random.default_rng(2016)
    truth, probabilities = drawn(rng, [0.7, 0.3], 24, 0.9)
    yield "binary", 2, truth, probabilities, None
    yield "binary with ties", 2, truth, tied(probabilities), None
    weights = np.round(rng.exponential(size=24), 2)
    weights[[3, 11]] = 0
    yield "binary with ties and weights", 2, truth, tied(probabilities), weights
    yield "binary, certain", 2, truth, np.round(probabilities), None
    yield "binary, truth constant", 2, np.zeros(24, int), probabilities, None
    yield "binary, prediction constant", 2, truth, np.tile([0.8, 0.2], (24, 1)), None
    yield "binary, all one and right", 2, np.ones(4, int), np.tile([0.1, 0.9], (4, 1)), None
    truth, probabilities = drawn(rng, [0.6, 0.3, 0.1], 36, 1.2)
    yield "three classes", 3, truth, probabilities, None
    weights = np.round(rng.exponential(size=36), 2)
    yield "three classes with ties and weights", 3, truth, tied(probabilities), weights
    weights = np.where(truth == 1, 0.0, 0.1)
    yield "three classes, one without weight", 3, truth, probabilities, weights
    # Class 1 is predicted but absent, class 3 is present but never predicted, 4 is neither.
    truth, probabilities = drawn(rng, [0.5, 0.0, 0.3, 0.2, 0.0], 30, 1.0)
    probabilities[:, 3:] *= 0.05
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    yield "five classes, some absent", 5, truth, probabilities, None


def main():
    golden = []
    for name, classes, truth, probabilities, weights in cases():
        # Few digits keep the golden small; scikit-learn wants sums within 1.5e-8 of 1.
        probabilities = np.round(probabilities, 9)
        golden.append(
            {
                "name": name,
                "classes": classes,
                "truth": truth.tolist(),
                "probabilities": probabilities.tolist(),
                "weights": None if weights is None else weights.tolist(),
                "expected": expected(classes, truth, probabilities, weights),
            }
        )
    with open("classification.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in golden) + "\n]\n")


main()
