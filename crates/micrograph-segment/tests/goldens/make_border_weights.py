"""U-Net's map of border weights by SciPy's distance transform. Run: python make_border_weights.py > border_weights.json"""
import json
import sys

import numpy as np
import scipy
from scipy.ndimage import distance_transform_edt


def weights(instances, weight, sigma):
    distances = np.sort([distance_transform_edt(instances != n) for n in np.unique(instances) if n], axis=0)
    w = 1 + weight * np.exp(-((distances[0] + distances[1]) ** 2) / (2 * sigma**2))
    return np.where(instances > 0, 1, w)


def case(objects, shape, weight, sigma):
    instances = np.zeros(shape, int)
    for number, (top, bottom, left, right) in objects.items():
        instances[top:bottom, left:right] = number
    return {"shape": shape, "instances": instances.flatten().tolist(), "weight": weight, "sigma": sigma,
            "weights": np.round(weights(instances, weight, sigma).flatten(), 9).tolist()}


json.dump({"made_with": f"scipy {scipy.__version__}", "cases": [
    # Three objects, two of which touch, and one of which is at the border.
    case({7: (2, 5, 1, 4), 2: (2, 6, 4, 6), 9: (7, 9, 8, 12)}, (9, 12), 10.0, 2.0),
    case({1: (0, 1, 0, 1), 2: (0, 1, 15, 16)}, (2, 16), 3.0, 5.0),
]}, sys.stdout)
print()
