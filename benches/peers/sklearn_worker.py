"""scikit-learn's side of `cargo bench -p micrograph-classic`: sklearn_worker.py FOLDER

Writes features (x.f64) and labels (y.u8) of 11,000 samples into FOLDER, says `ready`, and for each
line `WORK SEED` on standard input fits to the first 8,800, predicts the others, and answers with the
milliseconds of both together and the predicted classes.
"""

import sys
import time

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

FITTED = 8800
X, y = make_classification(
    n_samples=11000, n_features=110, n_informative=20, n_redundant=20, n_classes=3,
    weights=[0.873, 0.121, 0.006], class_sep=1.2, flip_y=0.01, random_state=0,
)
X = StandardScaler().fit_transform(X)
X.astype("<f8").tofile(f"{sys.argv[1]}/x.f64")
y.astype("u1").tofile(f"{sys.argv[1]}/y.u8")
print("ready", flush=True)

for line in sys.stdin:
    work, seed = line.split()
    if work == "svm":
        model = SVC(C=1, gamma=1 / 110, class_weight="balanced")
    elif work == "tree":
        model = DecisionTreeClassifier(random_state=int(seed))
    else:
        model = RandomForestClassifier(100, n_jobs=-1, random_state=int(seed))
    start = time.perf_counter()
    predicted = model.fit(X[:FITTED], y[:FITTED]).predict(X[FITTED:])
    print((time.perf_counter() - start) * 1000, *predicted, flush=True)
