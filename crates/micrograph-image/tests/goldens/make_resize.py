"""Writes resize.json: Pillow's resize, ImageOps.pad and ImageOps.fit with BILINEAR on mode F.

Run with Pillow 13.0 and NumPy 2.4: python make_resize.py
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

SCALE = {
    "stretch": lambda image, size: image.resize(size, Image.Resampling.BILINEAR),
    "fit": lambda image, size: ImageOps.pad(image, size, Image.Resampling.BILINEAR, color=7.0),
    "center_crop": lambda image, size: ImageOps.fit(image, size, Image.Resampling.BILINEAR),
}


def main():
    rng = np.random.default_rng(28)
    cases = []
    for shape, out in [((9, 7), (4, 4)), ((5, 12), (8, 8)), ((4, 3), (7, 9)), ((12, 12), (5, 5)), ((3, 30), (6, 6))]:
        image = np.round(rng.uniform(0, 255, shape), 1).astype(np.float32)
        for mode, scale in SCALE.items():
            scaled = np.asarray(scale(Image.fromarray(image), (out[1], out[0])))
            cases.append({
                "image": [round(float(v), 1) for v in image.ravel()],
                "shape": shape,
                "out": out,
                "mode": mode,
                "padding": 7.0,
                "expected": [round(float(v), 4) for v in scaled.ravel()],
            })
    lines = ",\n".join(json.dumps(case) for case in cases)
    Path(__file__).with_name("resize.json").write_text(f"[\n{lines}\n]\n")


main()
