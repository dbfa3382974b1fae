"""Logits and gradients of small U-Nets and StemNets in PyTorch, f64, for tests/it/segmentation.rs.

usage: python make_ladders.py > ladders.json
Element i of the j-th parameter by name is a sin(0.7 i + j), with a = 0.3 for biases, else what each case
says, where a weight of normalization has 1 added; element i of the input of two images sin(0.3 i), the label of pixel i is
(i // 3) % 3 of 3 classes. The loss and the gradients are those of training, the logits those of evaluation before it.
Of the logits the golden has those of the first image's class 1 and the sum of squares, of each gradient and of each
running statistic after the pass in training the sum and the sum of squares. Counts are of one channel and two classes, at the published sizes, of modules on the device "meta".
"""
import json
import sys

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)


class Conv(nn.Conv2d):
    """A convolution, with batch normalization in the place of a bias where asked for."""

    def __init__(self, inputs, outputs, kernel, padding, normalized):
        super().__init__(inputs, outputs, kernel, padding=padding, bias=not normalized)
        self.norm = nn.BatchNorm2d(outputs) if normalized else nn.Identity()

    def forward(self, xs):
        return self.norm(super().forward(xs))


class Ladder(nn.Module):
    def __init__(self, channels, classes, resolutions, maps, kernel, convolutions, mirror=False, rectified=False,
                 normalized=False):
        super().__init__()
        self.mirror, self.rectified, self.resolutions = mirror, rectified, resolutions
        self.lost = convolutions * (kernel - 1)
        at = [maps << level for level in range(resolutions)]

        def block(inputs, outputs):
            convs = {}
            for i in range(1, convolutions + 1):
                convs[f"conv{i}"] = Conv(inputs, outputs, kernel, 0 if mirror else kernel // 2, normalized)
                inputs = outputs
            return nn.ModuleDict(convs)

        for level in range(resolutions):
            setattr(self, f"down{level + 1}", block(at[level - 1] if level else channels, at[level]))
        for level in range(resolutions - 1):
            up = block(2 * at[level], at[level])
            up["up"] = nn.ConvTranspose2d(at[level + 1], at[level], 2, stride=2)
            setattr(self, f"up{level + 1}", up)
        self.output = nn.Conv2d(maps, classes, 1)

    @staticmethod
    def convolve(block, xs):
        for name, conv in block.items():
            if name != "up":
                xs = torch.relu(conv(xs))
        return xs

    def forward(self, xs):
        height, width = xs.shape[2:]
        if self.mirror:
            xs = self.continued(xs)
        rungs = []
        for level in range(1, self.resolutions + 1):
            xs = self.convolve(getattr(self, f"down{level}"), F.max_pool2d(xs, 2) if level > 1 else xs)
            rungs.append(xs)
        rungs.pop()
        for level in range(self.resolutions - 1, 0, -1):
            up = getattr(self, f"up{level}")
            doubled = torch.relu(up["up"](xs))
            across = rungs.pop()
            dy, dx = [(across.shape[a] - doubled.shape[a]) // 2 for a in (2, 3)]
            across = across[:, :, dy:dy + doubled.shape[2], dx:dx + doubled.shape[3]]
            xs = self.convolve(up, torch.cat([across, doubled], 1))
        logits = self.output(xs)[:, :, :height, :width]
        return torch.relu(logits) if self.rectified else logits

    def continued(self, xs):
        """Sizes found by trial; reflected one pixel at a time, so that any width is possible."""
        pads = []
        for size in xs.shape[2:]:
            for lowest in range(1, 10_000):
                taken, made = lowest + self.lost, lowest
                for _ in range(self.resolutions - 1):
                    taken, made = 2 * taken + self.lost, 2 * made - self.lost
                if made >= size:
                    break
            before = (taken - made) // 2
            pads.append((before, taken - size - before))
        for axis, (before, after) in zip((2, 3), pads):
            place = torch.arange(-before, xs.shape[axis] + after)
            period = 2 * (xs.shape[axis] - 1)
            place = place % period
            xs = xs.index_select(axis, torch.minimum(place, period - place))
        return xs


def both(tensor):
    return [tensor.sum().item(), tensor.square().sum().item()]


def case(arguments, size, amplitude):
    net = Ladder(2, 3, **arguments)
    named = sorted(net.named_parameters())
    for j, (name, p) in enumerate(named):
        a = 0.3 if name.endswith("bias") else amplitude
        with torch.no_grad():
            wave = a * torch.sin(0.7 * torch.arange(p.numel()) + j).reshape(p.shape)
            p.copy_(1 + wave if name.endswith("norm.weight") else wave)
    xs = torch.sin(0.3 * torch.arange(2 * 2 * size[0] * size[1])).reshape(2, 2, *size)
    net.eval()
    with torch.no_grad():
        logits = net(xs)
    net.train()
    labels = (torch.arange(2 * size[0] * size[1]) // 3 % 3).reshape(2, *size)
    loss = F.cross_entropy(net(xs), labels)
    loss.backward()
    gradients = {n: both(p.grad) for n, p in named}
    running = {n: both(b) for n, b in sorted(net.named_buffers()) if not n.endswith("num_batches_tracked")}
    return {"size": size, "amplitude": amplitude, "logits": logits[0, 1].flatten().tolist(),
            "squares": logits.square().sum().item(), "loss": loss.item(), "gradients": gradients, "running": running}


def count(**arguments):
    with torch.device("meta"):
        return sum(p.numel() for p in Ladder(1, 2, **arguments).parameters())


UNET, STEMNET = {"kernel": 3, "convolutions": 2}, {"kernel": 5, "convolutions": 1}
CASES = {
    "unet": case({"resolutions": 3, "maps": 3, **UNET}, [4, 8], 0.3),
    "unet_norm": case({"resolutions": 3, "maps": 3, "normalized": True, **UNET}, [4, 8], 0.3),
    "unet_mirror": case({"resolutions": 2, "maps": 2, "mirror": True, **UNET}, [5, 3], 0.3),
    "stemnet": case({"resolutions": 3, "maps": 2, **STEMNET}, [8, 4], 0.2),
    "stemnet_relu": case({"resolutions": 2, "maps": 2, "rectified": True, **STEMNET}, [2, 6], 0.6),
    "rfi_unet": case({"resolutions": 2, "maps": 2, "mirror": True, **UNET}, [2, 7], 0.3),
}
COUNTS = {
    "unet": count(resolutions=5, maps=16, normalized=True, **UNET), "unet2015": count(resolutions=5, maps=64, **UNET),
    "rfi_unet": count(resolutions=3, maps=64, **UNET), "stemnet": count(resolutions=6, maps=16, **STEMNET),
    "stemnet_appendix": count(resolutions=7, maps=16, **STEMNET),
}
json.dump({"made_with": f"torch {torch.__version__}", "counts": COUNTS, "cases": CASES}, sys.stdout, indent=1)
