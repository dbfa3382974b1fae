"""Writes transform.json: the seven transforms with Keras' matrices and SciPy's spline, turns by scikit-image (bilinear:
its order 3 is no spline).

Keras 2.0 composes `rotation @ shift @ shear @ zoom`, moves the origin to the center of the image,
resamples, and flips the result (ImageDataGenerator.random_transform). Keras' angle is clockwise and
its shift is the way of the sampling point: both have the other sign here.

Run with NumPy 2.4, SciPy 1.17 and scikit-image 0.26: python make_transform.py
"""

import json
import math
from pathlib import Path

import numpy as np
from scipy import ndimage
from skimage.transform import rotate

SHIFT_FRACTION = 0.1


def keras(image, drawn):
    height, width = image.shape
    theta, shear, zoom = math.radians(-drawn["rotation_degrees"]), drawn["shear_radians"], drawn["zoom"]
    tx = -drawn["shift"][0] * SHIFT_FRACTION * height
    ty = -drawn["shift"][1] * SHIFT_FRACTION * width
    rotation_matrix = [[np.cos(theta), -np.sin(theta), 0], [np.sin(theta), np.cos(theta), 0], [0, 0, 1]]
    shift_matrix = [[1, 0, tx], [0, 1, ty], [0, 0, 1]]
    shear_matrix = [[1, -np.sin(shear), 0], [0, np.cos(shear), 0], [0, 0, 1]]
    zoom_matrix = [[zoom, 0, 0], [0, zoom, 0], [0, 0, 1]]
    matrix = np.linalg.multi_dot([np.array(m, float) for m in (rotation_matrix, shift_matrix, shear_matrix, zoom_matrix)])
    # Keras 2.0 puts the center at height / 2 + 0.5; later versions at height / 2 - 0.5, its true place.
    o_x, o_y = height / 2 - 0.5, width / 2 - 0.5
    offset_matrix = np.array([[1, 0, o_x], [0, 1, o_y], [0, 0, 1]])
    reset_matrix = np.array([[1, 0, -o_x], [0, 1, -o_y], [0, 0, 1]])
    matrix = offset_matrix @ matrix @ reset_matrix
    warped = ndimage.affine_transform(image, matrix[:2, :2], matrix[:2, 2], order=3, mode="reflect")
    if drawn["flip_horizontal"]:
        warped = warped[:, ::-1]
    if drawn["flip_vertical"]:
        warped = warped[::-1]
    return warped


def drawn(rotation=0.0, shift=(0.0, 0.0), shear=0.0, zoom=1.0, flips=(False, False)):
    return dict(
        rotation_degrees=rotation, shift=shift, shear_radians=shear, zoom=zoom, flip_horizontal=flips[0],
        flip_vertical=flips[1], brightness=0.0, contrast=1.0, gamma=1.0,
    )


def case(image, values, expected, interpolation="cubic_spline"):
    numbers = lambda array, digits: [round(float(v), digits) for v in array.ravel()]
    return {
        "image": numbers(image, 1),
        "shape": image.shape,
        "drawn": values,
        "interpolation": interpolation,
        "expected": numbers(expected, 5),
    }


def main():
    rng = np.random.default_rng(55)
    image = np.round(rng.uniform(0, 255, (9, 12)), 1)
    everything = [
        drawn(shear=0.2),
        drawn(shift=(0.7, -0.9)),
        drawn(zoom=0.8),
        drawn(rotation=37.0, flips=(True, False)),
        drawn(rotation=-151.0, shift=(0.5, 0.3), shear=0.13, zoom=0.85),
        drawn(rotation=64.0, shift=(-0.8, 0.6), shear=0.19, zoom=0.93, flips=(True, True)),
        drawn(rotation=119.0, shift=(-0.4, -1.0), shear=0.07, zoom=0.8, flips=(False, True)),
    ]
    keras_cases = [case(image, values, keras(image, values)) for values in everything]
    turns = [
        case(image, drawn(rotation=angle), rotate(image, angle, order=1, mode="symmetric"), "bilinear")
        for angle in (25.0, -80.0, 180.0)
    ]
    text = ",\n".join(json.dumps(one) for one in keras_cases + turns)
    Path(__file__).with_name("transform.json").write_text(f"[\n{text}\n]\n")


main()
