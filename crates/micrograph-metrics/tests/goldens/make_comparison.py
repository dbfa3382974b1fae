"""Writes comparison.json: tests of two classifiers by other people's programs.

Run in this folder: python make_comparison.py (half a minute)
McNemar and Holm: statsmodels 0.15.0. The corrected resampled t test: the formula as scikit-learn
1.9.1 has it in its example "Statistical comparison of models using grid search", with the tail of
SciPy 1.17.1. Paired intervals: scipy.stats.bootstrap(paired=True); SciPy's random numbers are not
ours, so that `noise` is one standard error of a bound from 4000 resamples.
"""

import json

import numpy as np
from scipy import stats
from sklearn import metrics
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests


def corrected_std(differences, n_train, n_test):
    """As in scikit-learn's example."""
    kr = len(differences)
    corrected_var = np.var(differences, ddof=1) * (1 / kr + n_test / n_train)
    return np.sqrt(corrected_var)


def resampled_t(differences, n_train, n_test):
    std = corrected_std(differences, n_train, n_test)
    t = np.mean(differences) / std
    p = 2 * stats.t.sf(abs(t), len(differences) - 1)
    return {
        "differences": differences,
        "test_to_train": n_test / n_train,
        "standard_error": std,
        "statistic": t,
        "p_value": p,
    }


def mcnemar_case(b, c):
    case = {"b": b, "c": c}
    for exact in (True, False):
        result = mcnemar([[5, b], [c, 3]], exact=exact, correction=True)
        case["exact" if exact else "chi_squared"] = result.pvalue
        if not exact:
            case["statistic"] = result.statistic
    return case


def interval(statistic, groups):
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    result = stats.bootstrap(
        (np.arange(len(members)),),
        lambda drawn: statistic(np.concatenate([members[group] for group in drawn])),
        vectorized=False,
        n_resamples=4_000,
        method="percentile",
        rng=np.random.default_rng(5),
    )
    low, high = result.confidence_interval
    # At the 2.5 % quantile a normal density is 0.0584 / sd.
    noise = np.sqrt(0.025 * 0.975 / 4000) / 0.0584 * result.standard_error
    return {"low": low, "high": high, "noise": noise}


def paired():
    rng = np.random.default_rng(31)
    n, per_group = 150, 5
    patient = np.arange(n) // per_group
    truth = (rng.random(n) < 0.35).astype(int)
    # What is hard for one is hard for the other: the difference is known better than either.
    shared = 1.2 * (2 * truth - 1) + rng.normal(size=n) * 1.5
    by_patient = rng.normal(size=patient.max() + 1)[patient]
    p = {
        name: np.round(1 / (1 + np.exp(-shared - shift * by_patient - rng.normal(size=n) * 0.6)), 4)
        for name, shift in (("first", 0.2), ("second", 1.5))
    }

    def difference(score):
        return lambda i: score(truth[i], p["first"][i]) - score(truth[i], p["second"][i])

    scores = {
        "accuracy": lambda y, p: metrics.accuracy_score(y, p > 0.5),
        "balanced_accuracy": lambda y, p: metrics.balanced_accuracy_score(y, p > 0.5),
        "macro_f1": lambda y, p: metrics.f1_score(y, p > 0.5, average="macro"),
        "auroc": metrics.roc_auc_score,
    }
    units = {"samples": np.arange(n), "groups": patient}
    return {
        "truth": truth.tolist(),
        "first": p["first"].tolist(),
        "second": p["second"].tolist(),
        "groups": patient.tolist(),
        "expected": {
            unit: {name: interval(difference(score), of) for name, score in scores.items()}
            for unit, of in units.items()
        },
    }


def main():
    rng = np.random.default_rng(7)
    p_values = [np.round(rng.random(m) ** 3, 4).tolist() for m in (1, 3, 6, 15)] + [[0.2, 0.2, 0.01]]
    folds = [
        resampled_t([0.021, 0.034, -0.004, 0.017, 0.029], 400, 100),
        resampled_t([-0.11, -0.09, -0.13], 200, 100),
        resampled_t(np.round(rng.normal(0.01, 0.02, 100), 4).tolist(), 900, 100),
        resampled_t([0.02, 0.01, 0.05, 0.03], 1, 0),
    ]
    pairs = [(1, 2), (3, 9), (0, 7), (12, 12), (13, 12), (30, 11), (400, 330), (2, 60), (0, 1)]
    golden = {
        "mcnemar": [mcnemar_case(b, c) for b, c in pairs],
        "resampled_t": folds,
        "holm": [
            {"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()} for p in p_values
        ],
        "paired": paired(),
    }
    with open("comparison.json", "w") as file:
        file.write(json.dumps(golden) + "\n")


main()
