"""Trajectories of PyTorch's optimizers in f64. Run: python make_optimizers.py > optimizers.json"""

import json
import sys

import torch

STEPS = 12
START = [1.0, -2.0, 0.5, 3.0, -0.25]
OPTIMIZERS = {
    "adam": lambda p: torch.optim.Adam(p, lr=0.05),
    "adam_other_betas": lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-3),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.1),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "sgd_decay": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.05),
    "sgd_momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.05),
    "sgd_nesterov": lambda p: torch.optim.SGD(
        p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05
    ),
}


def trajectory(make):
    p = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = make([p])
    path = []
    for gradient in GRADIENTS:
        p.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        path.append(p.detach().tolist())
    return path


torch.manual_seed(4)
GRADIENTS = ((torch.randn(STEPS, len(START)) * 100).round() / 100).double().tolist()
golden = {"made_with": f"torch {torch.__version__}", "start": START, "gradients": GRADIENTS}
golden["paths"] = {name: trajectory(make) for name, make in OPTIMIZERS.items()}
json.dump(golden, sys.stdout)
print()
