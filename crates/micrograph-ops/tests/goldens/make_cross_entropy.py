"""Cross-entropy with weights and smoothing by PyTorch in f64. Run: python make_cross_entropy.py > cross_entropy.json

`over_others` is the smoothing of the LipNet thesis (equation 2), through PyTorch's soft targets; its
mean over the weights of the labels is taken here, because PyTorch divides soft targets by n.
"""

import json
import sys

import torch

N, K = 6, 4
WEIGHTS = [0.25, 3.0, 1.0, 0.5]


def case(smoothing, fraction, weights):
    logits = (torch.randn(N, K, dtype=torch.float64) * 300).round() / 100
    logits.requires_grad_()
    labels = torch.randint(0, K, (N,))
    weight = None if weights is None else torch.tensor(weights, dtype=torch.float64)
    if smoothing == "over_others":
        target = torch.full((N, K), fraction / (K - 1), dtype=torch.float64)
        target[torch.arange(N), labels] = 1 - fraction
        total = N if weight is None else weight[labels].sum()
        sum_ = torch.nn.functional.cross_entropy(logits, target, weight, reduction="sum")
        loss = sum_ / total
    else:
        loss = torch.nn.functional.cross_entropy(logits, labels, weight, label_smoothing=fraction)
    loss.backward()
    return {
        "smoothing": smoothing, "fraction": fraction, "weights": weights,
        "logits": logits.detach().tolist(), "labels": labels.tolist(),
        "loss": loss.item(), "grad": logits.grad.flatten().tolist(),
    }


torch.manual_seed(3)
cases = [
    case(smoothing, fraction, weights)
    for smoothing, fraction in [("none", 0.0), ("over_all", 0.1), ("over_others", 0.05)]
    for weights in [None, WEIGHTS]
]
json.dump({"made_with": f"torch {torch.__version__}", "cases": cases}, sys.stdout)
print()
