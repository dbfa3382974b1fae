"""Writes resample.json: scipy.ndimage.affine_transform on small images, all orders and borders.

Run with SciPy 1.17 and NumPy 2.4: python make_resample.py
"""

import json
import math
from pathlib import Path

import numpy as np
from scipy import ndimage

BORDERS = {"constant": "grid-constant", "nearest": "nearest", "reflect": "reflect", "wrap": "grid-wrap"}
ORDERS = {"nearest": 0, "bilinear": 1, "cubic_spline": 3}
CONSTANT = 40.0


def turned(degrees, zoom, shear, shape, shift):
    """A turn, a shear and a zoom about the center of `shape`, and a shift."""
    r, s = math.radians(degrees), shear
    matrix = np.array([[math.cos(r), math.sin(r)], [-math.sin(r), math.cos(r)]])
    matrix = matrix @ np.array([[1, -math.sin(s)], [0, math.cos(s)]]) * zoom
    center = (np.array(shape) - 1) / 2
    return matrix, center - matrix @ center + np.array(shift)


def main():
    rng = np.random.default_rng(20170601)
    cases = []
    geometries = [
        # At least 7 pixels a side: SciPy's spline at a reflecting border is inexact below (3e-6 at 4).
        # Shape, output, transform: inside for the most part; far outside on all sides; half pixels.
        ((7, 9), (6, 7), dict(degrees=33, zoom=0.9, shear=0.15, shift=(0.3, -0.45))),
        ((8, 7), (5, 9), dict(degrees=-118, zoom=2.3, shear=0.0, shift=(1.37, 3.21))),
        ((1, 8), (3, 9), dict(degrees=7, zoom=0.8, shear=0.0, shift=(0.21, 0.1))),
        ((16, 13), (6, 6), dict(degrees=61, zoom=1.1, shear=0.1, shift=(4.9, -3.3))),
    ]
    for shape, out, geometry in geometries:
        image = np.round(rng.uniform(0, 255, shape), 1).astype(np.float32)
        matrix, offset = turned(shape=shape, **geometry)
        for interpolation, order in ORDERS.items():
            for border, mode in BORDERS.items():
                warped = ndimage.affine_transform(
                    image.astype(np.float64), matrix, offset, out, order=order, mode=mode, cval=CONSTANT
                )
                cases.append({
                    "image": [round(float(v), 1) for v in image.ravel()],
                    "shape": shape,
                    "out": out,
                    "matrix": matrix.tolist(),
                    "offset": offset.tolist(),
                    "interpolation": interpolation,
                    "border": {"constant": CONSTANT} if border == "constant" else border,
                    "expected": [round(float(v), 5) for v in warped.ravel()],
                })
    lines = ",\n".join(json.dumps(case) for case in cases)
    Path(__file__).with_name("resample.json").write_text(f"[\n{lines}\n]\n")


main()
