"""Writes bootstrap.json: percentile intervals by scipy.stats.bootstrap (SciPy 1.17.1).

Run in this folder: python make_bootstrap.py (some eight minutes: 200,000 calls of scikit-learn)
Groups are resampled by giving SciPy the groups as its data. The random numbers are not ours, so
the bounds agree to within the noise of the resampling, `noise` being one standard error of a
bound from 4000 resamples (estimated from SciPy's own distribution).
"""

import json

import numpy as np
from scipy.stats import bootstrap
from sklearn import metrics


def interval(statistic, groups):
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    result = bootstrap(
        (np.arange(len(members)),),
        lambda drawn: statistic(np.concatenate([members[group] for group in drawn])),
        vectorized=False,
        n_resamples=20_000,
        method="percentile",
        rng=np.random.default_rng(5),
    )
    low, high = result.confidence_interval
    # At the 2.5 % quantile a normal density is 0.0584 / sd.
    noise = np.sqrt(0.025 * 0.975 / 4000) / 0.0584 * result.standard_error
    return {"low": low, "high": high, "noise": noise}


def main():
    rng = np.random.default_rng(93)
    n, per_group = 180, 6
    patient = np.arange(n) // per_group
    truth = (rng.random(n) < 0.4).astype(int)
    # Patients differ, so that the samples of one are alike and the clustered interval is wider.
    logit = 1.1 * (2 * truth - 1) * (1 + rng.normal(size=patient.max() + 1) * 2)[patient]
    p = np.round(1 / (1 + np.exp(-logit - rng.normal(size=n))), 4)
    predicted = (p > 0.5).astype(int)
    groups = {"samples": np.arange(n), "groups": patient}
    statistics = {
        "accuracy": lambda i: metrics.accuracy_score(truth[i], predicted[i]),
        "auroc": lambda i: metrics.roc_auc_score(truth[i], p[i]),
        "auprc": lambda i: metrics.average_precision_score(truth[i], p[i]),
        "ppv": lambda i: metrics.precision_score(truth[i], predicted[i]),
        "tnr": lambda i: metrics.recall_score(truth[i], predicted[i], pos_label=0),
    }
    golden = {
        "truth": truth.tolist(),
        "probability": p.tolist(),
        "groups": patient.tolist(),
        "expected": {
            unit: {name: interval(statistic, of) for name, statistic in statistics.items()}
            for unit, of in groups.items()
        },
    }
    with open("bootstrap.json", "w") as file:
        file.write(json.dumps(golden) + "\n")


main()
