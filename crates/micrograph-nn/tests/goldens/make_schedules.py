"""Rates of PyTorch's schedulers at the epochs 0..9 of 10, base 0.4, for tests/it/schedule.rs.

usage: python make_schedules.py > schedules.json
"""
import json
import sys

import torch
from torch.optim import lr_scheduler as schedulers

EPOCHS = 10


def rates(make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.4)
    scheduler = make(optimizer)
    found = []
    for _ in range(EPOCHS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def warm_up(optimizer, then):
    line = schedulers.LinearLR(optimizer, start_factor=0.25, total_iters=3)
    return schedulers.SequentialLR(optimizer, [line, then], milestones=[3])


CASES = {
    "exponential": lambda o: schedulers.ExponentialLR(o, 0.8),
    "step": lambda o: schedulers.StepLR(o, 3, 0.5),
    "cosine": lambda o: schedulers.CosineAnnealingLR(o, EPOCHS, eta_min=0.02),
    "warm_up_constant": lambda o: warm_up(o, schedulers.ConstantLR(o, factor=1.0)),
    "warm_up_cosine": lambda o: warm_up(o, schedulers.CosineAnnealingLR(o, EPOCHS - 3)),
}
json.dump({"made_with": f"torch {torch.__version__}", "rates": {n: rates(c) for n, c in CASES.items()}},
          sys.stdout, indent=1)
