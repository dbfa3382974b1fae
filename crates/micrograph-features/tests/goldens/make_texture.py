"""Writes texture.json: intensity and texture descriptors by pyradiomics 3.0.1, mahotas 1.4.19,
scikit-image 0.26 and NumPy 2.4.

Run in this folder: python make_texture.py
"""

import logging

import mahotas
import numpy as np
import SimpleITK
from radiomics import firstorder, glrlm, glszm, ngtdm
from skimage.feature import graycomatrix, local_binary_pattern

from phantoms import write

logging.getLogger("radiomics").setLevel(logging.ERROR)

FIRST_ORDER = (
    "Minimum 10Percentile p25 Median p75 90Percentile Maximum Range InterquartileRange Mean "
    "MeanAbsoluteDeviation RobustMeanAbsoluteDeviation RootMeanSquared Energy Variance Skewness "
    "Kurtosis Entropy Uniformity"
).split()
RUNS = (
    "Short{0}Emphasis Long{0}Emphasis GrayLevelNonUniformity GrayLevelNonUniformityNormalized "
    "{1}NonUniformity {1}NonUniformityNormalized {2}Percentage GrayLevelVariance {2}Variance "
    "{2}Entropy LowGrayLevel{2}Emphasis HighGrayLevel{2}Emphasis Short{0}LowGrayLevelEmphasis "
    "Short{0}HighGrayLevelEmphasis Long{0}LowGrayLevelEmphasis Long{0}HighGrayLevelEmphasis"
)
ZONES = (
    "SmallAreaEmphasis LargeAreaEmphasis GrayLevelNonUniformity GrayLevelNonUniformityNormalized "
    "SizeZoneNonUniformity SizeZoneNonUniformityNormalized ZonePercentage GrayLevelVariance "
    "ZoneVariance ZoneEntropy LowGrayLevelZoneEmphasis HighGrayLevelZoneEmphasis "
    "SmallAreaLowGrayLevelEmphasis SmallAreaHighGrayLevelEmphasis LargeAreaLowGrayLevelEmphasis "
    "LargeAreaHighGrayLevelEmphasis"
).split()
TONE = "Coarseness Contrast Busyness Complexity Strength".split()
DIRECTIONS = ((0, 1), (-1, 1), (-1, 0), (-1, -1))


def quantized(image, mask, bins):
    """Levels from 1 over the object's own range, 0 outside."""
    values = image[mask]
    low, width = values.min(), np.ptp(values)
    levels = np.minimum(bins - 1, np.floor(bins * ((image - low) / width))) + 1
    return np.where(mask, levels, 0).astype(np.uint8)


def calculator_of(kind, image, mask, **settings):
    volume = SimpleITK.GetImageFromArray(image[None].astype(float))
    region = SimpleITK.GetImageFromArray(mask[None].astype(np.uint8))
    return kind(
        volume, region, **{"binWidth": 1, "force2D": True, "force2Ddimension": 0, **settings}
    )


def radiomics(kind, image, mask, names, **settings):
    calculator = calculator_of(kind, image, mask, **settings)
    for name in names:
        calculator.enableFeatureByName(name)
    features = calculator.execute()
    return [float(features[name]) for name in names]


def runs_range(levels, mask, names):
    """Largest less smallest over the directions; one without pairs is left out by pyradiomics."""
    calculator = calculator_of(glrlm.RadiomicsGLRLM, levels, mask)
    calculator._initCalculation()
    matrices, runs = calculator._calculateMatrix(), calculator.coefficients["Nr"]
    by_direction = []
    for k in range(matrices.shape[3]):
        calculator.P_glrlm = matrices[..., [k]]
        calculator._calculateCoefficients()
        calculator.coefficients["Nr"] = runs[:, [k]]
        by_direction.append(
            [float(np.squeeze(getattr(calculator, f"get{n}FeatureValue")())) for n in names]
        )
    return np.ptp(by_direction, axis=0).tolist()


def first_order(image, mask):
    names = [name for name in FIRST_ORDER if name not in ("p25", "p75")] + ["Variance"]
    found = dict(zip(names, radiomics(firstorder.RadiomicsFirstOrder, image, mask, names, binCount=32)))
    found["p25"], found["p75"] = np.percentile(image[mask], [25, 75])
    return [float(found[name]) for name in FIRST_ORDER]


def haralick(levels, distance):
    try:
        both = mahotas.features.haralick(
            levels,
            ignore_zeros=True,
            return_mean_ptp=True,
            use_x_minus_y_variance=True,
            distance=distance,
        )
    except ValueError:  # a direction without pairs
        return None
    return both.tolist()


def cooccurrence(levels):
    """Right neighbors among all pixels, background included as a level of its own."""
    pairs = graycomatrix(levels, [1], [0], levels=9, symmetric=True, normed=True)
    return pairs[:, :, 0, 0].tolist()


def binary_patterns(image, mask, points, radius):
    margin = int(np.ceil(radius))
    inner = np.zeros(mask.shape, bool)
    inner[margin:-margin, margin:-margin] = True
    classes = local_binary_pattern(image.astype(float), points, radius, "uniform")[mask & inner]
    counts = np.bincount(classes.astype(int), minlength=points + 2)
    return (counts / counts.sum()).tolist()


def expected(image, mask):
    levels = quantized(image, mask, 8)
    runs = RUNS.format("Run", "RunLength", "Run").split()
    return {
        "first_order": first_order(image, mask),
        "levels": levels.ravel().tolist(),
        "cooccurrence": cooccurrence(levels),
        "haralick_1": haralick(levels, 1),
        "haralick_3": haralick(levels, 3),
        "runs_mean": radiomics(glrlm.RadiomicsGLRLM, levels, mask, runs),
        "runs_range": runs_range(levels, mask, runs),
        "zones": radiomics(glszm.RadiomicsGLSZM, levels, mask, ZONES),
        "tone": radiomics(ngtdm.RadiomicsNGTDM, levels, mask, TONE),
        "binary_patterns_8_1": binary_patterns(image, mask, 8, 1),
        "binary_patterns_16_2": binary_patterns(image, mask, 16, 2.5),
    }


write("texture.json", expected)
