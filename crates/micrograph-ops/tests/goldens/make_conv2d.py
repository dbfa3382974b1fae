"""Convolution and its gradients by PyTorch in f64. Run: python make_conv2d.py > conv2d.json"""

import json
import sys

import torch

CASES = [
    # batch, inputs, size, outputs, kernel, stride, (top, bottom, left, right), dilation, groups
    (2, 1, (5, 7), 2, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 1),
    (1, 2, (8, 9), 3, (3, 3), (2, 2), (1, 1, 1, 1), (1, 1), 1),
    (2, 4, (6, 5), 4, (2, 3), (1, 2), (0, 2, 1, 0), (2, 1), 2),
    (1, 3, (7, 4), 3, (1, 1), (1, 1), (0, 0, 0, 0), (1, 1), 1),
    (1, 3, (9, 6), 6, (3, 2), (3, 1), (2, 0, 1, 2), (1, 3), 3),
]


def numbers(tensor):
    return tensor.detach().flatten().tolist()


def case(batch, inputs, size, outputs, kernel, stride, padding, dilation, groups):
    def draw(*shape):
        return ((torch.rand(shape, dtype=torch.float64) * 4 - 2) * 100).round() / 100

    xs = draw(batch, inputs, *size).requires_grad_()
    weight = draw(outputs, inputs // groups, *kernel).requires_grad_()
    bias = draw(outputs).requires_grad_()
    top, bottom, left, right = padding
    padded = torch.nn.functional.pad(xs, (left, right, top, bottom))
    ys = torch.nn.functional.conv2d(padded, weight, bias, stride, 0, dilation, groups)
    grad = draw(*ys.shape)
    ys.backward(grad)
    return {
        "xs_shape": list(xs.shape), "weight_shape": list(weight.shape), "ys_shape": list(ys.shape),
        "stride": stride, "padding": padding, "dilation": dilation, "groups": groups,
        "xs": numbers(xs), "weight": numbers(weight), "bias": numbers(bias), "grad": numbers(grad),
        "ys": numbers(ys), "grad_xs": numbers(xs.grad), "grad_weight": numbers(weight.grad),
        "grad_bias": numbers(bias.grad),
    }


torch.manual_seed(1)
made_with = f"torch {torch.__version__}"
json.dump({"made_with": made_with, "cases": [case(*c) for c in CASES]}, sys.stdout)
print()
