"""Max pooling, its indices and its gradient by PyTorch. Run: python make_max_pool2d.py > max_pool2d.json

Pixels are small integers, so that ties are many. PyTorch pads symmetrically.
"""

import json
import sys

import torch

CASES = [
    # shape, kernel, stride, padding (vertical, horizontal), rounding
    ((2, 2, 4, 6), (2, 2), (2, 2), (0, 0), "down"),
    ((1, 2, 5, 7), (3, 3), (2, 2), (1, 1), "down"),
    ((1, 1, 5, 5), (2, 2), (2, 2), (0, 0), "down"),
    ((2, 1, 6, 5), (3, 2), (1, 3), (1, 0), "down"),
    ((1, 2, 5, 7), (2, 3), (2, 3), (0, 0), "up"),
    ((1, 1, 6, 4), (3, 3), (2, 3), (1, 1), "up"),
    ((1, 1, 4, 1), (3, 2), (4, 2), (1, 0), "up"),
]


def case(shape, kernel, stride, padding, rounding):
    xs = torch.randint(-3, 4, shape).double().requires_grad_()
    pool = torch.nn.functional.max_pool2d
    ceil_mode = rounding == "up"
    ys, indices = pool(xs, kernel, stride, padding, ceil_mode=ceil_mode, return_indices=True)
    grad = torch.randint(-9, 10, ys.shape).double()
    ys.backward(grad)
    numbers = {"xs": xs, "ys": ys, "indices": indices, "grad": grad, "grad_xs": xs.grad}
    flat = {name: tensor.detach().flatten().tolist() for name, tensor in numbers.items()}
    sizes = {"kernel": kernel, "stride": stride, "padding": padding, "rounding": rounding}
    return {"xs_shape": list(shape), "ys_shape": list(ys.shape), **sizes, **flat}


torch.manual_seed(2)
made_with = f"torch {torch.__version__}"
json.dump({"made_with": made_with, "cases": [case(*c) for c in CASES]}, sys.stdout)
print()
