"""Losses by PyTorch. Run: python make_losses.py > losses.json

Weighted means are taken here, by the sum of the weights; PyTorch divides by the number of terms
where weights are not those of classes. The focal loss and the overlaps are their formulas.
"""

import torch
from case import case, draw, write

CLASS_WEIGHTS = [0.25, 3.0, 1.0]
functional = torch.nn.functional


def labels_of(shape, classes, ignored=None):
    labels = torch.randint(0, classes, (shape[0], *shape[2:]))
    if ignored is not None:
        labels.flatten()[::4] = ignored
    return labels


def cross_entropy(shape, smoothing=0.0, ignore_index=None, focusing=0.0, weighted=False):
    class_weights = CLASS_WEIGHTS[: shape[1]]
    settings = {
        "class_weights": class_weights, "ignore_index": ignore_index, "focusing": focusing,
        "smoothing": {"over_all": smoothing} if smoothing else "none",
    }
    labels = labels_of(shape, shape[1], ignore_index)
    class_weights = torch.tensor(class_weights, dtype=torch.float64)
    kept = labels != (-100 if ignore_index is None else ignore_index)
    total = torch.where(kept, class_weights[labels.clamp(0, shape[1] - 1)], 0.0)

    def function(logits, *rest):
        weights = rest[0] if weighted else 1.0
        if focusing:
            logs = torch.log_softmax(logits, 1)
            log = logs.gather(1, labels.clamp(0, shape[1] - 1).unsqueeze(1)).squeeze(1)
            losses = -total * (1 - log.exp()) ** focusing * log
        else:
            losses = functional.cross_entropy(
                logits, labels, class_weights, reduction="none", label_smoothing=smoothing,
                ignore_index=-100 if ignore_index is None else ignore_index,
            )
        return (weights * losses).sum() / (weights * total).sum()

    constants = [draw(*labels.shape, low=0.0)] if weighted else []
    return case({"cross_entropy": settings}, function, [draw(*shape, low=-3.0)], [labels], constants)


def overlap(shape, alpha, beta, scope="image", classes="all", ignore_index=None, smooth=0.5):
    config = {"smooth": smooth, "scope": scope, "classes": classes, "ignore_index": ignore_index}
    dice = alpha == beta == 0.5
    weights = {"false_positives": alpha, "false_negatives": beta}
    settings = {"dice": config} if dice else {"tversky": [weights, config]}
    labels = labels_of(shape, max(shape[1], 2), ignore_index)
    kept = (labels != (-100 if ignore_index is None else ignore_index)).double().unsqueeze(1)

    def function(logits, labels):
        if shape[1] == 1:
            probabilities, truth = logits.sigmoid(), (labels == 1).double().unsqueeze(1)
        else:
            probabilities = logits.softmax(1)
            truth = torch.stack([(labels == c).double() for c in range(shape[1])], 1)
        axes = (2, 3) if scope == "image" else (0, 2, 3)
        found = (probabilities * truth * kept).sum(axes)
        over = (probabilities * (1 - truth) * kept).sum(axes)
        missed = ((1 - probabilities) * truth * kept).sum(axes)
        s = smooth / 2 if dice else smooth
        index = (found + s) / (found + alpha * over + beta * missed + s)
        if classes == "foreground":
            index = index[..., 1:]
        return 1 - index.mean()

    return case(settings, function, [draw(*shape)], [labels])


def binary(shape, positive_weight, weighted):
    def function(logits, targets, *rest):
        weights = rest[0] if weighted else torch.ones(shape, dtype=torch.float64)
        pos_weight = torch.tensor(positive_weight, dtype=torch.float64)
        losses = functional.binary_cross_entropy_with_logits(
            logits, targets, reduction="none", pos_weight=pos_weight
        )
        return (weights * losses).sum() / weights.sum()

    targets = draw(*shape, low=0.0, high=1.0)
    targets[0], targets[1] = 0.0, 1.0
    constants = [targets] + ([draw(*shape, low=0.0)] if weighted else [])
    return case({"binary": positive_weight}, function, [draw(*shape, low=-9.0, high=9.0)], (), constants)


def probability(shape, name, weighted=False, **constants):
    """Formulas over probabilities, by torch's own where it has one."""
    class_weights = CLASS_WEIGHTS[: shape[1]] if weighted else None
    cost = {name: constants} if constants else name
    settings = {"probability": {"cost": cost, "class_weights": class_weights,
                                "ignore_index": 255 if weighted else None}}
    labels = labels_of(shape, shape[1], 255 if weighted else None)
    kept = (labels != 255).double()
    of_class = torch.tensor(class_weights or [1.0] * shape[1], dtype=torch.float64)
    truth = functional.one_hot(labels.clamp(0, shape[1] - 1), shape[1]).movedim(-1, 1).double()

    def function(logits, labels, pixels=None):
        pixels, labels = (labels, pixels) if weighted else (torch.ones_like(kept), labels)
        weights = pixels * kept * of_class[labels.clamp(0, shape[1] - 1)]
        p = logits.softmax(1)
        own = (p * truth).sum(1)
        squares = functional.mse_loss(p, truth, reduction="none").sum(1)
        if name == "squared_dice":
            areas = (weights.unsqueeze(1) * (p ** 2 + truth ** 2)).sum()
            return 1 - 2 * (weights * own).sum() / (areas + constants["epsilon"])
        if name == "quadratic":
            costs = squares / 2
        elif name == "exponential":
            costs = constants["tau"] * ((squares / constants["tau"]).exp() - 1)
        elif name == "hellinger":
            costs = torch.linalg.vector_norm(p.sqrt() - truth.sqrt(), dim=1) / 2 ** 0.5
        elif name == "generalized_kullback_leibler":
            q, r = constants["order"], own + 1e-7
            costs = (r ** (1 - q) - r ** (1 - 1 / q)) / (q - 1 / q)
        else:
            r = (truth + constants["epsilon"]) / (p + constants["epsilon"])
            costs = (r - r.log() - 1).sum(1)
        return (weights * costs).sum() / weights.sum()

    pixel_weights = [draw(*labels.shape, low=0.0)] if weighted else []
    return case(settings, function, [draw(*shape)], [labels], pixel_weights)


torch.manual_seed(8)
write([
    cross_entropy((2, 3, 2, 3), smoothing=0.1),
    cross_entropy((2, 3, 3, 2), ignore_index=255),
    cross_entropy((1, 2, 3, 3), smoothing=0.2, ignore_index=1, weighted=True),
    cross_entropy((5, 3), weighted=True),
    cross_entropy((2, 3, 2, 2), focusing=2.0, weighted=True),
    cross_entropy((6, 2), focusing=0.5, ignore_index=255),
    overlap((2, 3, 3, 3), 0.5, 0.5),
    overlap((2, 3, 3, 2), 0.3, 0.7, classes="foreground", ignore_index=255),
    overlap((3, 2, 2, 3), 1.0, 1.0, scope="batch", ignore_index=0),
    overlap((2, 1, 3, 3), 0.2, 0.8),
    overlap((2, 1, 2, 4), 0.5, 0.5, scope="batch", smooth=0.0),
    binary((7,), 1.0, False),
    binary((3, 4), 2.5, True),
    probability((2, 3, 2, 2), "quadratic", True),
    probability((2, 2, 2, 3), "exponential", tau=0.5),
    probability((2, 3, 3, 2), "hellinger", True),
    probability((5, 2), "generalized_kullback_leibler", order=1.5),
    probability((2, 3, 2, 2), "itakura_saito", True, epsilon=0.01),
    probability((2, 2, 3, 3), "squared_dice", epsilon=1e-5),
    probability((2, 3, 2, 2), "squared_dice", True, epsilon=0.5),
])
