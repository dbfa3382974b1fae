"""Resizing, unpooling and adaptive pooling by PyTorch. Run: python make_resampling.py > resampling.json

The sizes of `nearest` are those at which PyTorch's f32 factor gives the exact index.
"""

import torch
from case import case, draw, write

interpolate = torch.nn.functional.interpolate


def nearest(shape, size):
    settings = {"op": "nearest", "size": size}
    return case(settings, lambda xs: interpolate(xs, size, mode="nearest"), [draw(*shape)])


def bilinear(shape, size, alignment):
    def function(xs):
        return interpolate(xs, size, mode="bilinear", align_corners=alignment == "centers")

    return case({"op": "bilinear", "size": size, "alignment": alignment}, function, [draw(*shape)])


def adaptive(shape, size):
    function = torch.nn.AdaptiveAvgPool2d(size)
    return case({"op": "adaptive", "size": size}, function, [draw(*shape)])


def crop_or_pad(shape, top, bottom, left, right):
    def function(xs):
        return torch.nn.functional.pad(xs, (left, right, top, bottom))

    margins = {"top": top, "bottom": bottom, "left": left, "right": right}
    settings = {"op": "crop_or_pad", "size": [0, 0], "margins": margins}
    return case(settings, function, [draw(*shape)])


def unpool(shape, kernel):
    image = draw(*shape)
    pooled, indices = torch.nn.functional.max_pool2d(image, kernel, return_indices=True)

    def function(xs, indices):
        return torch.nn.functional.max_unpool2d(xs, indices, kernel, output_size=shape[2:])

    return case({"op": "unpool", "size": shape[2:]}, function, [draw(*pooled.shape)], [indices])


torch.manual_seed(6)
cases = [
    nearest((2, 1, 2, 3), (4, 7)),
    nearest((1, 2, 5, 4), (3, 8)),
    adaptive((2, 1, 5, 7), (2, 3)),
    adaptive((1, 2, 3, 2), (4, 5)),
    crop_or_pad((1, 2, 3, 4), 1, 2, 0, 3),
    crop_or_pad((1, 2, 4, 5), -1, 2, 1, -3),
    unpool((2, 2, 4, 6), (2, 2)),
    unpool((1, 1, 5, 7), (2, 3)),
]
for alignment in ["edges", "centers"]:
    cases += [bilinear((2, 1, 3, 4), (6, 5), alignment)]
    cases += [bilinear((1, 2, 5, 6), (3, 1), alignment)]
    cases += [bilinear((1, 1, 1, 2), (2, 9), alignment)]
write(cases)
