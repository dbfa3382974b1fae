"""Writes field.json: resampling by a curved map, by SciPy's map_coordinates.

Run with NumPy 2.4 and SciPy 1.17: python make_field.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import ndimage

rng = np.random.default_rng(7)
image = np.round(rng.uniform(0, 255, (9, 11)), 1)
out = (6, 7)
y, x = np.mgrid[: out[0], : out[1]].astype(float)
# As in the test: rows and columns of the image, some of them outside.
source = [1.3 * y + 0.05 * x * x - 0.7, 1.7 * x - 0.03 * y * y + 0.4]
cases = [
    {"interpolation": name, "border": mode, "expected": [round(float(v), 4) for v in values.ravel()]}
    for name, order in (("nearest", 0), ("bilinear", 1), ("cubic_spline", 3))
    for mode in ("reflect",)
    for values in [ndimage.map_coordinates(image, source, order=order, mode=mode)]
]
numbers = [round(float(v), 1) for v in image.ravel()]
Path(__file__).with_name("field.json").write_text(
    json.dumps({"image": numbers, "shape": image.shape, "out": out, "cases": cases}) + "\n"
)
