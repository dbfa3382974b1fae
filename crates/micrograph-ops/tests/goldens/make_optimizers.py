"""Trajectories of PyTorch's optimizers in f64. Run: python make_optimizers.py > optimizers.json

PyTorch has no FTRL: it is the formula of Keras here (its l2 is half of ours).
"""

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
    "ams_grad": lambda p: torch.optim.AdamW(
        p, lr=0.05, betas=(0.9, 0.9), weight_decay=0.1, amsgrad=True
    ),
    "nadam": lambda p: torch.optim.NAdam(p, lr=0.05),
    "nadam_other_decay": lambda p: torch.optim.NAdam(
        p, lr=0.05, betas=(0.6, 0.999), eps=1e-3, momentum_decay=3.0
    ),
    "rms_prop": lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.9),
    "rms_prop_centered": lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.9, centered=True),
    "rms_prop_momentum": lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.9, momentum=0.8),
    "rms_prop_centered_momentum": lambda p: torch.optim.RMSprop(
        p, lr=0.05, alpha=0.9, momentum=0.8, centered=True
    ),
    "ada_grad": lambda p: torch.optim.Adagrad(p, lr=0.2, initial_accumulator_value=0.1),
    "ada_delta": lambda p: torch.optim.Adadelta(p, lr=0.5),
    "ftrl": lambda p: Ftrl(p, lr=0.3, beta=0.0, l1=0.4, l2=0.25),
    "ftrl_beta": lambda p: Ftrl(p, lr=0.3, beta=1.0, l1=0.4, l2=0.25),
}


class Ftrl:
    def __init__(self, parameters, lr, beta, l1, l2):
        self.var = parameters[0]
        self.lr, self.l1, self.l2 = lr, l1, l2 + beta / (2 * lr)
        self.accumulator = torch.full_like(self.var, 0.1)
        self.linear = torch.zeros_like(self.var)

    @torch.no_grad()
    def step(self):
        grad = self.var.grad
        new = self.accumulator + grad**2
        sigma = (new.sqrt() - self.accumulator.sqrt()) / self.lr
        self.linear += grad - sigma * self.var
        quadratic = new.sqrt() / self.lr + 2 * self.l2
        clipped = self.linear.clamp(-self.l1, self.l1)
        self.var.copy_((clipped - self.linear) / quadratic)
        self.accumulator = new


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
torch.set_default_dtype(torch.float64)  # or NAdam keeps a product of its own in f32
GRADIENTS = ((torch.randn(STEPS, len(START), dtype=torch.float32) * 100).round() / 100).double().tolist()
golden = {"made_with": f"torch {torch.__version__}", "start": START, "gradients": GRADIENTS}
golden["paths"] = {name: trajectory(make) for name, make in OPTIMIZERS.items()}
json.dump(golden, sys.stdout)
print()
