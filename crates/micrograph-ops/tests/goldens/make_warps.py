"""Reading at points and affine grids by PyTorch. Run: python make_warps.py > warps.json"""

import torch
from case import case, draw, write

BORDERS = {"zero": "zeros", "edge": "border", "reflect": "reflection"}


def sample(shape, size, interpolation, border, alignment):
    def function(xs, grid):
        return torch.nn.functional.grid_sample(
            xs, grid, interpolation, BORDERS[border], align_corners=alignment == "centers"
        )

    config = {"interpolation": interpolation, "border": border, "alignment": alignment}
    grid = draw(shape[0], *size, 2, low=-2.5, high=2.5)
    return case({"sample": config}, function, [draw(*shape), grid])


def affine(n, size, alignment):
    def function(theta):
        return torch.nn.functional.affine_grid(
            theta, (n, 1, *size), align_corners=alignment == "centers"
        )

    return case({"affine": [size, alignment]}, function, [draw(n, 2, 3)])


torch.manual_seed(9)
cases = []
for alignment in ["edges", "centers"]:
    cases += [affine(2, (3, 2), alignment), affine(1, (1, 4), alignment)]
    for border in BORDERS:
        cases += [sample((1, 2, 3, 4), (2, 3), "bilinear", border, alignment)]
        cases += [sample((2, 1, 4, 1), (2, 2), "nearest", border, alignment)]
write(cases)
