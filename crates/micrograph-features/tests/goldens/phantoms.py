"""Small images with one object each, and how they are written into the goldens."""

import json

import numpy as np


def phantoms():
    """Name, image of whole gray values from 0 to 255, mask."""
    rng = np.random.default_rng(11)
    y, x = np.mgrid[:30, :34].astype(float)

    def drawn(distance, noise):
        image = 150 - 90 * np.exp(-((distance / 1.7) ** 2)) + 40 * (distance > 0)
        return np.clip(np.rint(image + noise * rng.normal(size=image.shape)), 0, 255)

    radius = np.hypot(y - 14.3, x - 16.8)
    yield "disk", drawn(radius - 10.4, 12), radius < 10.4
    turned = np.hypot((y - 15) * 0.8 + (x - 17) * 0.6, 2.1 * ((x - 17) * 0.8 - (y - 15) * 0.6))
    yield "turned ellipse", drawn(turned - 13, 25), turned < 13
    ell = ((y > 3) & (y < 24) & (x < 9)) | ((y > 15) & (y < 24) & (x < 25))
    yield "L at the border", np.rint(rng.uniform(0, 255, y.shape)), ell
    ring = (radius < 11) & (np.hypot(y - 12, x - 19) > 4)
    yield "ring", drawn(radius - 11, 5), ring
    parts = (np.hypot(y - 8, x - 9) < 5) | (np.hypot(y - 21, x - 24) < 6.5)
    yield "two parts", np.rint(60 + 5 * y + rng.normal(size=y.shape)), parts
    line = (y == 12) & (x > 5) & (x < 27)
    yield "line", np.rint(8 * x % 97), line
    ragged = (radius + 4 * rng.random(y.shape)) < 11
    yield "ragged", np.rint(rng.gamma(2.0, 30.0, y.shape)).clip(0, 255), ragged
    yield "whole image", np.rint(4 * x + 3 * y), np.ones(y.shape, bool)


def cases(expected):
    """One dictionary a phantom, with the values that `expected(image, mask)` gives."""
    for name, image, mask in phantoms():
        yield {
            "name": name,
            "shape": image.shape,
            "image": image.astype(int).ravel().tolist(),
            "mask": "".join("#" if inside else "." for inside in mask.ravel()),
            "expected": expected(image, mask),
        }


def write(file_name, expected):
    with open(file_name, "w") as file:
        lines = ",\n".join(json.dumps(case) for case in cases(expected))
        file.write("[\n" + lines + "\n]\n")


def write_values(file_name, expected):
    """Without image and mask, which stand in lipnet.json in the same order."""
    with open(file_name, "w") as file:
        cases = ({"name": name, **expected(image, mask)} for name, image, mask in phantoms())
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
