"""Writes sequence.json: median and mean over frames, and the whitening of channels, by NumPy and SciPy.

Run with NumPy 2.4 and SciPy 1.17: python make_sequence.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import linalg

rng = np.random.default_rng(64)
cases = []
for n in (5, 6):
    frames = rng.integers(0, 4000, (n, 2, 5, 3)).astype(float)
    cases.append(
        {"frames": frames.ravel().tolist(), "n": n, "median": np.median(frames, axis=0).ravel().tolist(),
         "mean": np.round(frames.mean(axis=0), 4).ravel().tolist()}
    )

# Three correlated channels in images of different sizes.
mixing = np.array([[9.0, 0, 0], [6, 4, 0], [1, 2, 3]])
images = [np.round(mixing @ rng.normal(0, 1, (3, width)) + [[50], [80], [20]], 2) for width in (7, 12, 5)]
pixels = np.concatenate(images, axis=1)
covariance = np.cov(pixels, bias=True)
matrix = linalg.inv(linalg.sqrtm(covariance))
whitened = matrix @ (images[1] - pixels.mean(axis=1, keepdims=True))
whitening = {
    "images": [{"width": image.shape[1], "values": image.ravel().tolist()} for image in images],
    "matrix": np.round(matrix, 8).ravel().tolist(),
    "whitened": np.round(whitened, 6).ravel().tolist(),
}
Path(__file__).with_name("sequence.json").write_text(json.dumps({"cases": cases, "whitening": whitening}) + "\n")
