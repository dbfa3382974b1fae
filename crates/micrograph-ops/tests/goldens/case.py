"""A golden case of an operation: its inputs, its result by PyTorch in f64, and its gradients."""

import json
import sys

import torch


def draw(*shape, low=-2.0, high=2.0):
    unit = torch.rand(shape, dtype=torch.float64)
    return ((unit * (high - low) + low) * 100).round() / 100


def array(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


def case(settings, function, inputs, integers=(), constants=()):
    """`function(*inputs, *constants, *integers)`; the gradients are those of `inputs`."""
    inputs = [tensor.clone().requires_grad_() for tensor in inputs]
    ys = function(*inputs, *constants, *integers)
    grad = draw(*ys.shape)
    ys.backward(grad)
    return {
        "settings": settings,
        "inputs": [array(tensor) for tensor in [*inputs, *constants]],
        "integers": [array(tensor) for tensor in integers],
        "ys": array(ys),
        "grad": grad.flatten().tolist(),
        "gradients": [tensor.grad.flatten().tolist() for tensor in inputs],
    }


def write(cases):
    json.dump({"made_with": f"torch {torch.__version__}", "cases": cases}, sys.stdout)
    print()
