"""Writes small archives as numpy writes them, and npz.json with what is in them.

Run: python make_npz.py (numpy 2.x); the arrays are fixed, the archives' time stamps are numpy's.
"""

import json
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def expected(images):
    """One image after the other as (channels, height, width), flattened."""
    images = images if images.ndim == 4 else images[..., np.newaxis]
    rows = np.transpose(images, (0, 3, 1, 2)).astype(np.float64)
    return {"shape": list(rows.shape[1:]), "pixels": [row.ravel().tolist() for row in rows]}


gray = (np.arange(5 * 2 * 4) * 37 % 256).astype(np.uint8).reshape(5, 2, 4)
stored = {
    "train_images": gray[:3],
    "train_labels": np.array([[2], [0], [0]], np.uint8),
    "test_images": gray[3:],
    "test_labels": np.array([0, 2], np.int64),
    "comment": np.array([1.5]),
}
np.savez(HERE / "npz_gray_stored.npz", **stored)

color = (np.arange(2 * 3 * 2 * 3) * 1999 % 65536).astype(np.uint16).reshape(2, 3, 2, 3)
np.savez_compressed(
    HERE / "npz_color_compressed.npz",
    val_images=np.asfortranarray(color),
    val_labels=np.array([[1], [0]], ">i4"),
)

floats = (np.arange(2 * 2 * 2) / 8 - 0.25).astype(">f4").reshape(2, 2, 2)
floats[1, 1, 0] = np.nan
np.savez_compressed(HERE / "npz_float_nan.npz", train_images=floats, train_labels=np.array([0, 1], np.uint64))

golden = {
    "numpy": np.__version__,
    "gray": {"train": expected(gray[:3]), "test": expected(gray[3:])},
    "color": {"val": expected(color)},
    "float": {"train": expected(floats[:1])},
}
(HERE / "npz.json").write_text(json.dumps(golden) + "\n")
