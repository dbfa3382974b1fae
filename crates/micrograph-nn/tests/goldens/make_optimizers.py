"""Trajectories of PyTorch's optimizers in f64, for tests/it/optimizer.rs.

usage: python make_optimizers.py > optimizers.json
The loss is sum a (w - b)^2 over a weight (2, 3) and a bias (2,), so that each gradient depends on
the steps before; the rate falls by a tenth each step.
"""
import json
import sys

import torch

torch.set_default_dtype(torch.float64)
START = {"layer.weight": [[0.5, -1.25, 2.0], [-0.75, 0.25, 1.5]], "layer.bias": [0.125, -0.5]}
CURVATURE = {"layer.weight": [[1.0, 0.5, 2.0], [0.25, 3.0, 1.5]], "layer.bias": [2.0, 0.75]}
MINIMUM = {"layer.weight": [[0.0, 1.0, -1.0], [0.5, 0.25, -2.0]], "layer.bias": [1.0, -1.0]}
STEPS = 12


def parameters():
    return {name: torch.tensor(v, requires_grad=True) for name, v in START.items()}


def groups(p, decay):
    """The decay on the weight alone, as our default exclusion has it."""
    return [{"params": [p["layer.weight"]], "weight_decay": decay},
            {"params": [p["layer.bias"]], "weight_decay": 0.0}]


def run(make, rate, l1=0.0, clip=None):
    p = parameters()
    optimizer = make(p)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    trajectory = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = sum((torch.tensor(CURVATURE[n]) * (w - torch.tensor(MINIMUM[n])) ** 2).sum() for n, w in p.items())
        loss = loss + l1 * p["layer.weight"].abs().sum()
        loss.backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(list(p.values()), clip)
        optimizer.step()
        schedule.step()
        trajectory.append({n: w.detach().flatten().tolist() for n, w in p.items()})
    return {"rate": rate, "trajectory": trajectory}


optim = torch.optim
CASES = {
    "adam": lambda: run(lambda p: optim.Adam(p.values(), 0.1), 0.1),
    "adam_constants": lambda: run(lambda p: optim.Adam(p.values(), 0.1, (0.8, 0.95), 1e-3), 0.1),
    "adam_l2": lambda: run(lambda p: optim.Adam(groups(p, 0.3), 0.1), 0.1),
    "adam_l1": lambda: run(lambda p: optim.Adam(p.values(), 0.1), 0.1, l1=0.4),
    "adam_clipped": lambda: run(lambda p: optim.Adam(p.values(), 0.1), 0.1, clip=2.0),
    "adamw": lambda: run(lambda p: optim.AdamW(groups(p, 0.3), 0.1), 0.1),
    "adamw_all": lambda: run(lambda p: optim.AdamW(p.values(), 0.1, weight_decay=0.3), 0.1),
    "amsgrad": lambda: run(lambda p: optim.Adam(p.values(), 0.1, (0.9, 0.9), amsgrad=True), 0.1),
    "nadam_l2": lambda: run(lambda p: optim.NAdam(groups(p, 0.3), 0.1), 0.1),
    "rmsprop_momentum": lambda: run(lambda p: optim.RMSprop(p.values(), 0.1, momentum=0.8), 0.1),
    "centered_rmsprop": lambda: run(lambda p: optim.RMSprop(p.values(), 0.1, 0.8, centered=True), 0.1),
    "adagrad": lambda: run(lambda p: optim.Adagrad(p.values(), 0.5, initial_accumulator_value=0.1), 0.5),
    "adadelta": lambda: run(lambda p: optim.Adadelta(p.values(), 1.0), 1.0),
    "sgd": lambda: run(lambda p: optim.SGD(p.values(), 0.05), 0.05),
    "sgd_momentum": lambda: run(lambda p: optim.SGD(p.values(), 0.05, momentum=0.9), 0.05),
    "sgd_nesterov_l2": lambda: run(lambda p: optim.SGD(groups(p, 0.3), 0.05, momentum=0.9, nesterov=True), 0.05),
    "sgd_clipped": lambda: run(lambda p: optim.SGD(p.values(), 0.05, momentum=0.9), 0.05, clip=1.5),
}
json.dump({"made_with": f"torch {torch.__version__}", "start": START, "curvature": CURVATURE,
           "minimum": MINIMUM, "cases": {name: case() for name, case in CASES.items()}},
          sys.stdout)
