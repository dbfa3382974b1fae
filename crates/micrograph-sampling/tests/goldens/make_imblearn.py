"""Goldens of imbalanced-learn for resampling: python make_imblearn.py > imblearn.json

What imbalanced-learn draws from is written down on its way into `_make_samples`: from which samples
(`from`), to which neighbors of each (`to`), and how many new samples. All indices are rows of `x`.
"""

import json
import sys
import warnings

import imblearn
import numpy as np
import sklearn
from imblearn.combine import SMOTEENN, SMOTETomek
from imblearn.over_sampling import ADASYN, SMOTE, SVMSMOTE, BorderlineSMOTE, KMeansSMOTE, RandomOverSampler
from imblearn.over_sampling._smote.base import BaseSMOTE
from imblearn.under_sampling import EditedNearestNeighbours, NearMiss, RandomUnderSampler, TomekLinks
from sklearn.cluster import KMeans
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import SVC

warnings.simplefilter("ignore")
log = []


def index_of(X, rows):
    """The rows of X that equal `rows`; no two rows of X are equal."""
    table = {row.tobytes(): index for index, row in enumerate(np.ascontiguousarray(X))}
    assert len(table) == len(X)
    return [table[np.ascontiguousarray(row).tobytes()] for row in rows]


def record(X):
    original_make, original_generate = BaseSMOTE.__dict__["_make_samples"], BaseSMOTE.__dict__["_generate_samples"]

    def make(self, X_from, y_dtype, y_type, nn_data, nn_num, n_samples, step_size=1.0, y=None):
        to = np.array(index_of(X, nn_data))[nn_num]
        log.append({
            "label": int(y_type), "from": index_of(X, X_from), "to": to.tolist(),
            "count": int(n_samples), "step": float(step_size),
        })
        return original_make(self, X_from, y_dtype, y_type, nn_data, nn_num, n_samples, step_size, y)

    BaseSMOTE._make_samples = make
    return original_make


def drawn(X, sampler, y):
    """The draws of an oversampler, and the class counts that it ends with."""
    log.clear()
    _, labels = sampler.fit_resample(X, y)
    return {"draws": list(log), "counts": np.bincount(labels, minlength=y.max() + 1).tolist()}


def interpolated(X, y):
    """Some new samples with the draws that they were made of."""
    kept = []
    original = BaseSMOTE._generate_samples

    def generate(self, X_from, nn_data, nn_num, rows, cols, steps, y_type=None, y=None):
        made = original(self, X_from, nn_data, nn_num, rows, cols, steps, y_type, y)
        from_, to = index_of(X, X_from), index_of(X, nn_data)
        for place in range(0, len(rows), 7):
            kept.append({
                "from": from_[rows[place]], "to": to[nn_num[rows[place], cols[place]]],
                "step": float(steps[place, 0]), "x": made[place].tolist(),
            })
        return made

    BaseSMOTE._generate_samples = generate
    SMOTE(random_state=1).fit_resample(X, y)
    BaseSMOTE._generate_samples = original
    return kept


def adasyn(X, y):
    """How many new samples start at each sample."""
    counts = {}
    original = np.repeat

    def repeat(rows, times):
        counts[len(counts)] = times.tolist()
        return original(rows, times)

    np.repeat = repeat
    _, labels = ADASYN(random_state=1).fit_resample(X, y)
    np.repeat = original
    return {"starts": list(counts.values()), "counts": np.bincount(labels).tolist()}


def kept(X, y, sampler):
    sampler.fit_resample(X, y)
    return sorted(int(row) for row in sampler.sample_indices_)


def cleaning(X, y):
    return {
        "tomek": kept(X, y, TomekLinks()),
        "tomek_all": kept(X, y, TomekLinks(sampling_strategy="all")),
        "enn": kept(X, y, EditedNearestNeighbours()),
        "enn_all": kept(X, y, EditedNearestNeighbours(sampling_strategy="all")),
        "enn_mode_all": kept(X, y, EditedNearestNeighbours(sampling_strategy="all", kind_sel="mode")),
        "enn_mode_6": kept(X, y, EditedNearestNeighbours(n_neighbors=6, kind_sel="mode")),
        "near_miss1": kept(X, y, NearMiss(version=1)),
        "near_miss2": kept(X, y, NearMiss(version=2)),
        "near_miss3": kept(X, y, NearMiss(version=3)),
        "near_miss1_k5": kept(X, y, NearMiss(version=1, n_neighbors=5)),
        "near_miss2_k5": kept(X, y, NearMiss(version=2, n_neighbors=5)),
        "near_miss3_2_1": kept(X, y, NearMiss(version=3, n_neighbors=2, n_neighbors_ver3=1)),
    }


def counts(y, sampler):
    _, labels = sampler.fit_resample(np.arange(len(y), dtype=float)[:, None], y)
    return np.bincount(labels).tolist()


def strategies():
    two = np.repeat([0, 1], [37, 11])
    three = np.repeat([0, 1, 2], [20, 5, 9])
    over, under = RandomOverSampler, RandomUnderSampler
    return {
        "over_even": counts(three, over()),
        "over_ratio_0.73": counts(two, over(sampling_strategy=0.73)),
        "over_counts_25_7_9": counts(three, over(sampling_strategy={0: 25, 1: 7, 2: 9})),
        "under_even": counts(three, under()),
        "under_ratio_0.37": counts(two, under(sampling_strategy=0.37)),
        "under_counts_12_5_8": counts(three, under(sampling_strategy={0: 12, 1: 5, 2: 8})),
    }


def case(rng, shares, centers, spread):
    y = rng.permutation(np.repeat(np.arange(len(shares)), shares))
    X = (np.array(centers)[y] + spread * rng.normal(size=(len(y), len(centers[0])))).round(3)
    record_original = record(X)
    machine = SVC(gamma="scale").fit(X, y)
    result = {
        "x": X.tolist(),
        "labels": y.tolist(),
        "smote": drawn(X, SMOTE(random_state=1), y),
        "borderline1": drawn(X, BorderlineSMOTE(random_state=1), y),
        "borderline2": drawn(X, BorderlineSMOTE(random_state=1, kind="borderline-2"), y),
        "support": machine.support_.tolist(),
        "svm_smote": drawn(X, SVMSMOTE(random_state=1, out_step=0.5), y),
        "adasyn": adasyn(X, y),
        "interpolated": interpolated(X, y),
        "cleaning": cleaning(X, y),
    }
    BaseSMOTE._make_samples = record_original
    return result


def clustered(rng):
    """Three clusters that any k-means finds; the last has too little of class 1."""
    sizes, rare = [20, 24, 20], [12, 14, 1]
    X = np.vstack([
        np.array(center) + spread * rng.normal(size=(n, 2))
        for n, center, spread in zip(sizes, [(0, 0), (40, 0), (0, 40)], [1.0, 2.5, 1.0])
    ]).round(3)
    y = np.concatenate([np.arange(n) < r for n, r in zip(sizes, rare)]).astype(int)
    record_original = record(X)
    sampler = KMeansSMOTE(random_state=1, kmeans_estimator=KMeans(3, n_init=10, random_state=0))
    result = {"x": X.tolist(), "labels": y.tolist(), "kmeans_smote": drawn(X, sampler, y)}
    BaseSMOTE._make_samples = record_original
    return result


rng = np.random.default_rng(20160530)
golden = {
    "imbalanced_learn": imblearn.__version__,
    "scikit_learn": sklearn.__version__,
    "cases": [
        # Few features: scikit-learn searches a tree. Many: products of matrices.
        case(rng, [34, 12, 16], [[0, 0, 0], [1.2, 0.6, 0], [0, 1.2, 0.9]], 0.9),
        case(rng, [30, 14], [[0] * 16, [0.5] * 16], 1.0),
    ],
    "clustered": clustered(rng),
    "strategies": strategies(),
}
text = json.dumps(golden, separators=(",", ":"))
print(text.replace(',"', ',\n"'))
