"""Writes elastic.json: a Gaussian filter and a spline between the nodes of a grid by SciPy.

Run with NumPy 2.4 and SciPy 1.17: python make_elastic.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import ndimage

rng = np.random.default_rng(2003)
noise = np.round(rng.uniform(-1, 1, (9, 14)), 3)
nodes = np.round(rng.normal(0, 10, (3, 3)), 2)
out = (11, 8)
rows, columns = (np.linspace(0, 2, n) for n in out)
# SciPy's own "reflect" is not exact for so few nodes; padded, its border is far away.
padded = np.pad(nodes, 30, mode="symmetric")
field = ndimage.map_coordinates(padded, np.meshgrid(30 + rows, 30 + columns, indexing="ij"), order=3)
smooth = ndimage.gaussian_filter(noise, 1.7)
numbers = lambda array: [round(float(v), 6) for v in array.ravel()]
text = json.dumps(
    {
        "noise": numbers(noise), "shape": noise.shape, "sigma": 1.7, "smooth": numbers(smooth),
        "nodes": numbers(nodes), "out": out, "field": numbers(field),
    }
)
Path(__file__).with_name("elastic.json").write_text(text + "\n")
