"""Batch normalization by PyTorch. Run: python make_batch_norm2d.py > batch_norm2d.json

The running statistics after one step are the second part of a training case's settings.
"""

import torch
from case import case, draw, write

EPSILON, MOMENTUM = 1e-3, 0.2


def make(shape, mode, offset=0.0):
    mean, variance = draw(shape[1]), draw(shape[1], low=0.5)
    settings = {"mode": mode, "epsilon": EPSILON, "momentum": MOMENTUM}
    settings |= {"mean": mean.tolist(), "variance": variance.tolist()}
    training = mode == "training"

    def function(xs, weight, bias):
        return torch.nn.functional.batch_norm(
            xs, mean, variance, weight, bias, training, MOMENTUM, EPSILON
        )

    inputs = [draw(*shape) + offset, draw(shape[1]), draw(shape[1])]
    result = case(settings, function, inputs)
    return result | {"settings": settings | {"new_mean": mean.tolist(), "new_variance": variance.tolist()}}


torch.manual_seed(7)
write([
    make((2, 3, 3, 4), "training"),
    make((1, 1, 2, 1), "training"),
    make((3, 2, 1, 1), "training", offset=1000.0),
    make((2, 3, 2, 3), "evaluation"),
])
