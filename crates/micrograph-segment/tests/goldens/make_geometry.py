"""Writes geometry.json: distances and components by SciPy 1.17.1.

Run in this folder: python make_geometry.py
Distances are squared, so that they are whole numbers.
"""

import json

import numpy as np
from scipy import ndimage


def masks():
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:13, :17]
    yield "disk", (y - 6) ** 2 + (x - 7.5) ** 2 < 30
    yield "ring at the border", abs(np.hypot(y - 4, x - 3) - 4) < 1.6
    yield "sparse", rng.random((9, 14)) < 0.45
    yield "dense", rng.random((14, 9)) < 0.85
    spiral = np.array([[c == "#" for c in row] for row in (
        "#########", "........#", "#######.#", "#.....#.#", "#.###.#.#", "#.#...#.#", "#.#####.#", "#.......#", "#########")])
    yield "spiral", spiral
    yield "row", rng.random((1, 11)) < 0.7
    yield "column", rng.random((11, 1)) < 0.7


def main():
    cases = []
    for name, mask in masks():
        nothing = ndimage.distance_transform_edt(mask)
        background = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
        cases.append({
            "name": name,
            "shape": mask.shape,
            "mask": mask.astype(int).ravel().tolist(),
            "nothing": np.rint(nothing**2).astype(int).ravel().tolist(),
            "background": np.rint(background**2).astype(int).ravel().tolist(),
            "four": ndimage.label(mask)[0].ravel().tolist(),
            "eight": ndimage.label(mask, np.ones((3, 3)))[0].ravel().tolist(),
        })
    with open("geometry.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
