"""More goldens of scikit-learn: python make_more.py > more.json

Logistic regression, nearest centroids, nu-SVM, one-class machines, principal components, selections,
a grid search, and ensembles.
"""

import itertools
import json

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_selection import RFE
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, NuSVC, OneClassSVM

rng = np.random.default_rng(20261122)


def coarse(x):
    return np.round(x * 64) / 64


def blobs(counts, d, spread):
    labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    centers = rng.normal(0, 1, (len(counts), d))
    return coarse(centers[labels] + rng.normal(0, spread, (len(labels), d))), labels


def case(x, y, probe, **more):
    return {"x": x.tolist(), "labels": y.tolist(), "probe": probe.tolist(), **more}


def logistic(counts, config, **settings):
    x, y = blobs(counts, 4, 1.2)
    x = x + 5  # the intercept is not punished
    probe = coarse(rng.normal(5, 1.5, (8, 4)))
    model = LogisticRegression(solver="newton-cg", tol=1e-12, max_iter=100000, **settings).fit(x, y)
    return case(x, y, probe, config=config, probabilities=model.predict_proba(probe).tolist())


def centroid():
    x, y = blobs([12, 9, 5], 4, 1.3)
    probe = coarse(rng.normal(0, 1.5, (20, 4)))
    model = NearestCentroid().fit(x, y)
    variance = np.mean(model.within_class_std_dev_ ** 2)
    p = np.exp(-((probe[:, None] - model.centroids_[None]) ** 2).sum(2) / 2 / variance)
    return case(x, y, probe, predicted=model.predict(probe).tolist(),
                probabilities=(p / p.sum(1, keepdims=True)).tolist())


def nu_svm(counts, config, **settings):
    x, y = blobs(counts, 3, 1.0)
    probe = coarse(rng.normal(0, 1.5, (10, 3)))
    model = NuSVC(tol=1e-6, decision_function_shape="ovo", **settings).fit(x, y)
    values = model.decision_function(probe).reshape(len(probe), -1)
    if len(counts) == 2:
        values = -values  # scikit-learn turns the sign for two classes alone
    return case(x, y, probe, config=config, values=values.tolist(), n_support=int(model.support_.size))


def one_class(config, shift=0.0, **settings):
    x = coarse(rng.normal(shift, 1, (40, 3)))
    probe = coarse(rng.normal(shift, 1.5, (10, 3)))
    model = OneClassSVM(tol=1e-6, **settings).fit(x)
    return case(x, np.zeros(0, int), probe, config=config, values=model.decision_function(probe).tolist(),
                n_support=int(model.support_.size))


def pca(shape, config, n):
    x = coarse(rng.normal(0, 1, shape) * np.linspace(3, 1, shape[1]) + 7)
    probe = coarse(rng.normal(7, 2, (4, shape[1])))
    model = PCA(n, svd_solver="full").fit(x)
    turn = np.sign(model.components_[np.arange(model.n_components_), np.abs(model.components_).argmax(1)])
    return case(x, np.zeros(0, int), probe, config=config, shares=model.explained_variance_ratio_.tolist(),
                components=(model.components_ * turn[:, None]).tolist(),
                values=(model.transform(probe) * turn).tolist())


def wilks():
    """The greedy order by determinants of all samples' and of the classes' sums of squares."""
    x, y = blobs([14, 10, 8], 6, 1.0)
    x[:, 4] = x[:, 1] + coarse(rng.normal(0, 0.1, len(x)))  # repeats another feature
    total = np.cov(x.T) * (len(x) - 1)
    within = sum(np.cov(x[y == c].T) * ((y == c).sum() - 1) for c in range(3))
    taken = []
    while len(taken) < 4:
        def ratio(f):
            part = np.ix_(taken + [f], taken + [f])
            return np.linalg.det(within[part]) / np.linalg.det(total[part])
        taken.append(min(set(range(6)) - set(taken), key=ratio))
    return case(x, y, x[:0], features=taken)


def rfe():
    x, y = blobs([20, 15, 10], 8, 1.5)
    model = RFE(SVC(kernel="linear", tol=1e-6), n_features_to_select=3, step=1).fit(x, y)
    return case(x, y, x[:0], features=np.flatnonzero(model.support_).tolist())


def search():
    x, y = blobs([25, 20, 10], 3, 1.4)
    fold = rng.permutation(np.arange(len(x)) % 3)
    model = make_pipeline(StandardScaler(), SVC(class_weight="balanced"))
    grid = {"svc__C": [10.0, 100.0, 1000.0], "svc__gamma": [0.03, 0.3]}
    found = GridSearchCV(model, grid, scoring="balanced_accuracy", cv=PredefinedSplit(fold)).fit(x, y)
    scores = np.array([found.cv_results_[f"split{i}_test_score"] for i in range(3)]).T
    assert [tuple(p.values()) for p in found.cv_results_["params"]] == list(itertools.product(*grid.values()))
    return case(x, y, x[:0], test_fold=fold.tolist(), scores=scores.tolist(), best=int(found.best_index_))


def ensemble():
    x, y = blobs([25, 20, 10], 3, 1.4)
    probe = coarse(rng.normal(0, 1.5, (12, 3)))
    parts = [("a", GaussianNB()), ("b", KNeighborsClassifier(4)), ("c", RandomForestClassifier(5, random_state=0))]
    soft = VotingClassifier(parts, voting="soft").fit(x, y)
    weighted = VotingClassifier(parts, voting="soft", weights=[3, 1, 0.5]).fit(x, y)
    hard = VotingClassifier(parts, voting="hard").fit(x, y)
    return {"members": [m.predict_proba(probe).tolist() for m in soft.estimators_],
            "mean": soft.predict_proba(probe).tolist(), "weighted": weighted.predict_proba(probe).tolist(),
            "vote": hard.predict(probe).tolist()}


print(json.dumps({
    "scikit_learn": sklearn.__version__,
    "logistic": [
        logistic([20, 15], {"c": 0.5, "class_weights": "balanced"}, C=0.5, class_weight="balanced"),
        logistic([20, 15, 8], {"c": 2.0}, C=2.0),
    ],
    "centroid": centroid(),
    "nu_svm": [
        nu_svm([25, 20, 15], {"nu": 0.4}, nu=0.4),
        nu_svm([25, 20], {"nu": 0.3, "kernel": "linear"}, nu=0.3, kernel="linear"),
    ],
    "one_class": [
        one_class({"nu": 0.2, "kernel": {"rbf": {"gamma": {"value": 0.4}}}}, nu=0.2, gamma=0.4),
        one_class({"nu": 0.29, "kernel": "linear"}, shift=3.0, nu=0.29, kernel="linear"),
    ],
    "pca": [pca((20, 5), {"count": 3}, 3), pca((8, 12), {"share": 0.9}, 0.9)],
    "wilks": wilks(),
    "rfe": rfe(),
    "search": search(),
    "ensemble": ensemble(),
}))
