"""Transposed convolution by PyTorch. Run: python make_conv_transpose2d.py > conv_transpose2d.json

PyTorch pads symmetrically; asymmetric padding is cut off the result of none.
"""

import torch
from case import case, draw, write

CASES = [
    # xs, weight, stride, (top, bottom, left, right), output padding, dilation, groups
    ((2, 1, 3, 4), (1, 2, 3, 3), (1, 1), (1, 1, 1, 1), (0, 0), (1, 1), 1),
    ((1, 2, 4, 3), (2, 1, 2, 2), (2, 2), (0, 0, 0, 0), (0, 0), (1, 1), 1),
    ((1, 4, 3, 2), (4, 2, 3, 2), (3, 2), (1, 0, 0, 1), (2, 1), (1, 2), 2),
    ((1, 2, 2, 3), (2, 3, 1, 1), (2, 1), (0, 0, 0, 1), (1, 0), (1, 1), 1),
]


def transposed(stride, padding, output_padding, dilation, groups):
    def function(xs, weight, bias):
        top, bottom, left, right = padding
        ys = torch.nn.functional.conv_transpose2d(
            xs, weight, bias, stride, 0, output_padding, groups, dilation
        )
        return ys[:, :, top : ys.shape[2] - bottom, left : ys.shape[3] - right]

    return function


def make(xs, weight, stride, padding, output_padding, dilation, groups):
    sides = dict(zip(("top", "bottom", "left", "right"), padding))
    settings = {
        "stride": stride, "padding": sides, "output_padding": output_padding,
        "dilation": dilation, "groups": groups,
    }
    function = transposed(stride, padding, output_padding, dilation, groups)
    return case(settings, function, [draw(*xs), draw(*weight), draw(weight[1] * groups)])


torch.manual_seed(5)
write([make(*c) for c in CASES])
