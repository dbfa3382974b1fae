"""Writes values.json: z-scores, percentiles and moments by NumPy, percentile clipping by scikit-image, gray by Pillow.

Run with NumPy 2.4, Pillow 13.0 and scikit-image 0.26: python make_values.py
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from skimage.exposure import rescale_intensity


def numbers(array, digits=6):
    return [round(float(v), digits) for v in np.asarray(array).ravel()]


def main():
    rng = np.random.default_rng(11)
    shape = (2, 4, 5)
    image = rng.integers(0, 65536, shape).astype(np.float64)
    image[1] = 60000 + np.round(rng.uniform(0, 4, shape[1:]))
    flat = image.reshape(2, -1)
    mean, std = flat.mean(1)[:, None], flat.std(1)[:, None]
    low, high = np.percentile(flat, 3.5, axis=1), np.percentile(flat, 92, axis=1)
    clipped = [
        rescale_intensity(channel, in_range=(a, b), out_range=(0.0, 1.0))
        for channel, a, b in zip(flat, low, high)
    ]
    floats = np.round(rng.normal(0, 3, shape), 3)
    stream = [np.round(rng.normal(1000 * i, 1 + i, (2, 3, i + 2)), 2) for i in range(1, 5)]
    pooled = np.concatenate([part.reshape(2, -1) for part in stream], axis=1)
    color = rng.integers(0, 256, (4, 6, 3), dtype=np.uint8)
    values = {
        "shape": shape,
        "image": numbers(image),
        "z_score": numbers((flat - mean) / std),
        "low": 3.5,
        "high": 92.0,
        "clipped": numbers(clipped),
        "floats": numbers(floats),
        "unit_range": numbers((floats - floats.min()) / (floats.max() - floats.min())),
        "stream_widths": [part.shape[2] for part in stream],
        "stream": [numbers(part) for part in stream],
        "stream_mean": numbers(pooled.mean(1)),
        "stream_std": numbers(pooled.std(1)),
        "color_shape": (3, 4, 6),
        "color": numbers(color.transpose(2, 0, 1)),
        "gray": numbers(np.asarray(Image.fromarray(color).convert("L"))),
    }
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in values.items())
    Path(__file__).with_name("values.json").write_text(f"{{\n{lines}\n}}\n")


main()
