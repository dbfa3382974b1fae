"""Average pooling, softmax and the fully connected layer by PyTorch. Run: python make_layers.py > layers.json"""

import torch
from case import case, draw, write

functional = torch.nn.functional


def average(shape, kernel, stride, padding, rounding):
    """Padding is not counted."""

    def function(xs):
        ceil_mode = rounding == "up"
        pool = functional.avg_pool2d
        return pool(xs, kernel, stride, padding, ceil_mode, count_include_pad=False)

    y, x = padding
    sides = {"top": y, "bottom": y, "left": x, "right": x}
    pool = {"kernel": kernel, "stride": stride, "padding": sides, "rounding": rounding}
    return case({"op": "average", "pool": pool}, function, [draw(*shape)])


def whole(shape):
    return case({"op": "whole"}, lambda xs: xs.mean((2, 3)), [draw(*shape)])


def softmax(shape, factor):
    return case({"op": "softmax"}, lambda xs: xs.softmax(-1), [draw(*shape) * factor])


def linear(samples, inputs, outputs, biased):
    arguments = [draw(samples, inputs), draw(outputs, inputs)]
    arguments += [draw(outputs)] if biased else []
    return case({"op": "linear"}, functional.linear, arguments)


torch.manual_seed(11)
write(
    [
        average((2, 1, 4, 6), (2, 2), (2, 2), (0, 0), "down"),
        average((1, 2, 5, 7), (3, 3), (2, 2), (1, 1), "down"),
        average((1, 1, 6, 5), (3, 2), (1, 3), (1, 0), "down"),
        average((1, 1, 5, 7), (2, 3), (2, 3), (0, 0), "up"),
        average((1, 1, 6, 4), (3, 3), (2, 3), (1, 1), "up"),
        whole((2, 3, 3, 4)),
        softmax((3, 4), 2.0),
        softmax((1, 2, 3), 200.0),
        linear(3, 4, 2, True),
        linear(1, 3, 5, False),
    ]
)
