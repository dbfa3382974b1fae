"""Goldens of scikit-learn: python make_sklearn.py > sklearn.json

Features are multiples of 1/64, so that scikit-learn's trees, which round to f32, see the same numbers.
"""

import json
import warnings

import numpy as np
import sklearn
from sklearn.calibration import _sigmoid_calibration
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import RobustScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

warnings.simplefilter("ignore", FutureWarning)  # of SVC(probability=True), whose coupling is compared
rng = np.random.default_rng(20261121)


def coarse(x):
    return np.round(x * 64) / 64


def blobs(counts, d, spread):
    labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    centers = rng.normal(0, 1, (len(counts), d))
    return coarse(centers[labels] + rng.normal(0, spread, (len(labels), d))), labels


def scaling():
    x = coarse(rng.gamma(2, 3, (11, 4)))
    x[:, 2] = 0.1  # constant, and not a binary fraction
    standard, robust = StandardScaler().fit(x), RobustScaler().fit(x)
    return {
        "x": x.tolist(),
        "standard": [standard.mean_.tolist(), standard.scale_.tolist()],
        "robust": [robust.center_.tolist(), robust.scale_.tolist()],
    }


def svm(name, counts, config, stretch=1.0, shift=0.0, **settings):
    x, y = blobs(counts, 5, 0.9)
    probe = coarse(rng.normal(0, 1.5, (40, 5)))
    x, probe = x * stretch + shift, probe * stretch + shift
    model = SVC(tol=1e-6, decision_function_shape="ovo", **settings).fit(x, y)
    values = model.decision_function(probe).reshape(len(probe), -1)
    if len(counts) == 2:
        values = -values  # scikit-learn turns the sign for two classes alone
    return {
        "name": name, "x": x.tolist(), "labels": y.tolist(), "config": config, "probe": probe.tolist(),
        "values": values.tolist(), "predicted": model.predict(probe).tolist(),
        "n_support": int(model.support_.size),
    }


def tree(counts, config, **settings):
    while True:  # until no two features tie, so that the order of features does not matter
        x, y = blobs(counts, 4, 1.1)
        probe = coarse(rng.normal(0, 1.5, (40, 4)))
        models = [DecisionTreeClassifier(random_state=s, **settings).fit(x, y) for s in range(20)]
        first = models[0].predict_proba(probe)
        if all(np.allclose(model.predict_proba(probe), first) for model in models):
            break
    return {
        "x": x.tolist(), "labels": y.tolist(), "config": config, "probe": probe.tolist(),
        "probabilities": first.tolist(),
        "importances": models[0].feature_importances_.tolist(), "n_leaves": int(models[0].get_n_leaves()),
    }


def sigmoid(rng, share, weights):
    """Weights of the second class and of the first, scaled so that their sum is Kish's effective number."""
    first = rng.random(50) < share
    decisions = coarse(rng.normal(0, 1, 50) + 1.4 * first)
    w = np.array(weights)[first.astype(int)]
    slope, offset = _sigmoid_calibration(decisions, first, sample_weight=w * w.sum() / (w**2).sum())
    return {"decisions": decisions.tolist(), "is_first": first.tolist(), "weights": weights,
            "slope": slope, "offset": offset}


def calibrated(rng, counts, apart, turned):
    """Balanced probabilities of two classes by leave-one-out: from values out of fold, or, where they would turn
    the order round (`turned`), from those of fitting."""
    while True:
        y = rng.permutation(np.repeat([0, 1], counts))
        x = coarse(rng.normal(0, 1, (len(y), 3)) + apart * y[:, None])
        weights = {c: len(y) / (2 * n) for c, n in enumerate(counts)}
        machine = SVC(tol=1e-6, gamma="auto", class_weight=weights)
        w = np.array([weights[c] for c in y])
        w *= w.sum() / (w**2).sum()
        # Of scikit-learn's two classes, values above 0 speak for the second.
        values = cross_val_predict(machine, x, y, cv=LeaveOneOut(), method="decision_function")
        slope, offset = _sigmoid_calibration(values, y, sample_weight=w)
        machine.fit(x, y)
        if (slope > 0) == turned:
            break
    if turned:
        slope, offset = _sigmoid_calibration(machine.decision_function(x), y, sample_weight=w)
    probe = coarse(rng.normal(0, 1.5, (20, 3)))
    second = 1 / (1 + np.exp(slope * machine.decision_function(probe) + offset))
    return {"x": x.tolist(), "labels": y.tolist(), "probe": probe.tolist(),
            "probabilities": np.stack([1 - second, second], axis=1).tolist()}


def coupling():
    """LIBSVM's probabilities of samples, and the pairs' that it makes them of."""
    cases = []
    for counts in ([30, 25, 20], [40, 10, 25, 15, 20]):
        x, y = blobs(counts, 3, 1.2)
        model = SVC(probability=True, random_state=0).fit(x, y)
        probe = coarse(rng.normal(0, 1.5, (4, 3)))
        model.decision_function_shape = "ovo"
        k = len(counts)
        for values, p in zip(model.decision_function(probe), model.predict_proba(probe)):
            r = np.zeros((k, k))
            pairs = [(i, j) for i in range(k) for j in range(i + 1, k)]
            for (i, j), value, a, b in zip(pairs, values, model.probA_, model.probB_):
                r[i, j] = np.clip(1 / (1 + np.exp(a * value + b)), 1e-7, 1 - 1e-7)
                r[j, i] = 1 - r[i, j]
            cases.append({"pairwise": r.tolist(), "probabilities": p.tolist()})
    return cases


def fitted(model, counts, twin=False):
    x, y = blobs(counts, 6, 1.0)
    probe = coarse(rng.normal(0, 1.5, (30, 6)))
    if twin:  # one feature is the sum of two others
        x[:, 5], probe[:, 5] = x[:, 0] + x[:, 1], probe[:, 0] + probe[:, 1]
    model.fit(x, y)
    return {"x": x.tolist(), "labels": y.tolist(), "probe": probe.tolist(),
            "probabilities": model.predict_proba(probe).tolist()}


def weighted_neighbors():
    """WND-5 by the formulas of Orlov et al., with the scores of wndchrm's FisherFeatureWeights, written out."""
    x, y = blobs([20, 12, 8], 6, 0.8)
    probe = coarse(rng.normal(0, 1.0, (15, 6)))
    groups = [x[y == c] for c in range(3)]
    scores = sum((g.mean(0) - x.mean(0)) ** 2 for g in groups) / (len(groups) - 1) / np.mean(
        [g.var(0, ddof=1) for g in groups], axis=0)
    best = np.argsort(-scores)[:3]
    low, high = x.min(0), x.max(0)
    scaled = [((g - low) / (high - low))[:, best] for g in groups]
    def similarities(p):
        p = ((p - low) / (high - low))[best]
        return np.array([np.mean(np.sum(scores[best] ** 2 * (p - g) ** 2, axis=1) ** -5.0) for g in scaled])
    s = np.array([similarities(p) for p in probe])
    return {"x": x.tolist(), "labels": y.tolist(), "probe": probe.tolist(), "scores": scores.tolist(),
            "probabilities": (s / s.sum(1, keepdims=True)).tolist()}


rbf = {"rbf": {"gamma": "scale"}}
poly = {"polynomial": {"degree": 3, "gamma": {"value": 0.25}, "coef0": 1.0}}
def wide():
    """Fewer samples than features."""
    x, y = blobs([9, 8, 7], 40, 1.0)
    probe = coarse(rng.normal(0, 1.5, (6, 40)))
    model = LinearDiscriminantAnalysis().fit(x, y)
    return {"x": x.tolist(), "labels": y.tolist(), "probe": probe.tolist(),
            "probabilities": model.predict_proba(probe).tolist()}


print(json.dumps({
    "scikit_learn": sklearn.__version__,
    "scaling": scaling(),
    "svm": [
        svm("rbf", [40, 30, 25], {"kernel": rbf}),
        svm("rbf, rare class, balanced", [70, 20, 4], {"kernel": rbf, "class_weights": "balanced"},
            class_weight="balanced"),
        svm("rbf, weights, far from 0, features of unlike size", [30, 40],
            {"kernel": {"rbf": {"gamma": "auto"}}, "c": 3.0, "class_weights": {"of": [2.0, 0.5]}},
            stretch=np.array([1, 40, 0.5, 1, 7.0]), shift=1000.0,
            C=3.0, gamma="auto", class_weight={0: 2.0, 1: 0.5}),
        svm("linear", [25, 35, 20, 15], {"kernel": "linear", "c": 0.5}, C=0.5, kernel="linear"),
        svm("polynomial", [40, 30], {"kernel": poly, "c": 0.2}, C=0.2, kernel="poly", degree=3,
            gamma=0.25, coef0=1.0),
    ],
    "tree": [
        tree([60, 40, 20], {"max_depth": 3, "min_leaf": 5}, max_depth=3, min_samples_leaf=5),
        tree([90, 25], {"max_depth": 4, "min_leaf": 7, "min_split": 30, "class_weights": "balanced"},
             max_depth=4, min_samples_leaf=7, min_samples_split=30, class_weight="balanced"),
    ],
    "sigmoids": [
        sigmoid(rng, 0.3, [1.0, 1.0]),
        sigmoid(np.random.default_rng(1), 0.1, [0.55, 6.0]),
        sigmoid(np.random.default_rng(2), 0.6, [3.0, 0.5]),
    ],
    "calibrated": [
        calibrated(np.random.default_rng(3), [32, 6], 1.5, turned=False),
        calibrated(np.random.default_rng(4), [30, 3], 0.0, turned=True),
    ],
    "lda": [
        fitted(LinearDiscriminantAnalysis(), [30, 20, 10]),
        fitted(LinearDiscriminantAnalysis(), [25, 30], twin=True),
    ],
    "neighbors": fitted(KNeighborsClassifier(5, algorithm="brute"), [30, 20, 10]),
    "wnd": weighted_neighbors(),
    "coupling": coupling(),
    "wide_lda": wide(),
}))
