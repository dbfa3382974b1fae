"""Writes sklearn_blocks.json: the test parts of scikit-learn's KFold without shuffling.

Run with scikit-learn 1.9: python make_sklearn_blocks.py > sklearn_blocks.json
"""

import json

import numpy as np
from sklearn.model_selection import KFold

cases = [(10, 3), (23, 5), (16, 4), (3, 3)]
tests = lambda n, k: [test.tolist() for _, test in KFold(k).split(np.zeros(n))]
print(json.dumps([{"n": n, "k": k, "tests": tests(n, k)} for n, k in cases]))
