"""SegNet, DeconvNet and FCN with few maps in PyTorch, f64, for tests/it/segmentation_vgg.rs.

usage: python make_vgg.py > vgg.json
Element i of the j-th parameter by name is a sin(0.7 i + j), with a = 0.3, where a weight of normalization has 1 added;
element i of the input of two images is sin(0.3 i), the label of pixel i is (i // 3) % 3 of 3 classes. The
loss and the gradients are those of training, the logits those of evaluation before it. Of the logits the golden has the first 40 of
the first image's class 1 and the sum of squares; of some gradients and running statistics the sum and the sum of squares.
Counts are of three channels and 21 classes at the published sizes, of modules on the device "meta".
"""
import json
import sys

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
STAGES = [2, 2, 3, 3, 3]


class Layer(nn.Module):
    """A weight, a bias or a normalization, ReLU or none."""

    def __init__(self, inputs, outputs, kernel, tail, padding=0, transposed=None):
        super().__init__()
        bias = tail in ("bias", "relu")
        if transposed is None:
            layer = nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=bias)
        else:
            layer = nn.ConvTranspose2d(inputs, outputs, kernel, padding=padding, stride=transposed, bias=bias)
        self.weight, self.bias = layer.weight, layer.bias
        self.stride, self.padding, self.tail = transposed, padding, tail
        if tail == "norm":
            self.norm = nn.BatchNorm2d(outputs)

    def forward(self, xs):
        if self.stride is None:
            xs = F.conv2d(xs, self.weight, self.bias, padding=self.padding)
        else:
            xs = F.conv_transpose2d(xs, self.weight, self.bias, stride=self.stride, padding=self.padding)
        if self.tail == "norm":
            xs = self.norm(xs)
        return torch.relu(xs) if self.tail in ("relu", "norm") else xs


def maps_at(maps, stage):
    return maps << min(stage, 3)


def encoder(channels, maps, tail, frame=1):
    stages, inputs = [], channels
    for stage, count in enumerate(STAGES):
        layers = {}
        for i in range(1, count + 1):
            layers[f"conv{i}"] = Layer(inputs, maps_at(maps, stage), 3, tail, frame if (stage, i) == (0, 1) else 1)
            inputs = maps_at(maps, stage)
        stages.append(nn.ModuleDict(layers))
    return stages


class Switches(nn.Module):
    def __init__(self, channels, classes, maps, hidden=None):
        super().__init__()
        for s, stage in enumerate(encoder(channels, maps, "norm")):
            setattr(self, f"encoder{s + 1}", stage)
        self.hidden = hidden
        if hidden:
            self.fc6 = Layer(maps_at(maps, 4), hidden, 7, "norm")
            self.fc7 = Layer(hidden, hidden, 1, "norm")
            self.fc6_up = Layer(hidden, maps_at(maps, 4), 7, "norm", transposed=1)
            self.output = Layer(maps, classes, 1, "bias")
        for s, count in enumerate(STAGES):
            layers = {}
            for i in range(1, count + 1):
                last = i == count
                outputs = maps_at(maps, max(s - 1, 0)) if last else maps_at(maps, s)
                tail = "norm"
                if last and s == 0 and not hidden:
                    outputs, tail = classes, "bias"
                layers[f"conv{i}"] = Layer(maps_at(maps, s), outputs, 3, tail, 1, 1 if hidden else None)
            setattr(self, f"decoder{s + 1}", nn.ModuleDict(layers))

    def forward(self, xs):
        switches = []
        for s in range(1, 6):
            for layer in getattr(self, f"encoder{s}").values():
                xs = layer(xs)
            xs, indices = F.max_pool2d(xs, 2, return_indices=True)
            switches.append(indices)
        if self.hidden:
            xs = self.fc6_up(self.fc7(self.fc6(xs)))
        for s in range(5, 0, -1):
            xs = F.max_unpool2d(xs, switches.pop(), 2)
            for layer in getattr(self, f"decoder{s}").values():
                xs = layer(xs)
        return self.output(xs) if self.hidden else xs


class Fcn(nn.Module):
    def __init__(self, channels, classes, maps, hidden, stride):
        super().__init__()
        self.stride = stride
        for s, stage in enumerate(encoder(channels, maps, "relu", 100)):
            setattr(self, f"encoder{s + 1}", stage)
        self.fc6 = Layer(maps_at(maps, 4), hidden, 7, "relu")
        self.fc7 = Layer(hidden, hidden, 1, "relu")
        self.score = Layer(hidden, classes, 1, "bias")
        if stride <= 16:
            self.up2 = Layer(classes, classes, 4, "none", transposed=2)
            self.score_pool4 = Layer(maps_at(maps, 3), classes, 1, "bias")
        if stride == 8:
            self.up_pool4 = Layer(classes, classes, 4, "none", transposed=2)
            self.score_pool3 = Layer(maps_at(maps, 2), classes, 1, "bias")
        self.up = Layer(classes, classes, 2 * stride, "none", transposed=stride)

    def forward(self, images):
        def crop(xs, offset, size):
            return xs[:, :, offset:offset + size[0], offset:offset + size[1]]

        xs, pooled = images, []
        for s in range(1, 6):
            for layer in getattr(self, f"encoder{s}").values():
                xs = layer(xs)
            xs = F.max_pool2d(xs, 2, ceil_mode=True)
            pooled.append(xs)
        xs = self.score(self.fc7(self.fc6(xs)))
        if self.stride <= 16:
            xs = self.up2(xs)
            xs = xs + crop(self.score_pool4(pooled[3]), 5, xs.shape[2:])
        if self.stride == 8:
            xs = self.up_pool4(xs)
            xs = xs + crop(self.score_pool3(pooled[2]), 9, xs.shape[2:])
        return crop(self.up(xs), {32: 19, 16: 27, 8: 31}[self.stride], images.shape[2:])


def both(tensor):
    return [tensor.sum().item(), tensor.square().sum().item()]


def case(net, size):
    named = sorted(net.named_parameters())
    for j, (name, p) in enumerate(named):
        wave = 0.3 * torch.sin(0.7 * torch.arange(p.numel()) + j).reshape(p.shape)
        with torch.no_grad():
            p.copy_(1 + wave if name.endswith("norm.weight") else wave)
    xs = torch.sin(0.3 * torch.arange(2 * 2 * size[0] * size[1])).reshape(2, 2, *size)
    net.eval()
    with torch.no_grad():
        logits = net(xs)
    net.train()
    labels = (torch.arange(2 * size[0] * size[1]) // 3 % 3).reshape(2, *size)
    loss = F.cross_entropy(net(xs), labels)
    loss.backward()
    ends = ("encoder1.conv1.weight", "encoder4.conv2.weight", "decoder5.conv1.weight", "decoder2.conv2.norm.bias")
    named = [(n, p) for n, p in named if n.endswith(ends) or n[:2] in ("fc", "up", "ou", "sc")]
    ends = ("encoder1.conv1.norm.running_mean", "decoder3.conv1.norm.running_var")
    running = {n: both(b) for n, b in net.named_buffers() if n.endswith(ends)}
    return {"size": size, "logits": logits[0, 1].flatten()[:40].tolist(), "squares": logits.square().sum().item(),
            "loss": loss.item(), "gradients": {n: both(p.grad) for n, p in named}, "running": running}


def count(make):
    with torch.device("meta"):
        return sum(p.numel() for p in make().parameters())


CASES = {"segnet": case(Switches(2, 3, 1), [32, 64]), "deconvnet": case(Switches(2, 3, 1, 2), [224, 224])}
COUNTS = {"segnet": count(lambda: Switches(3, 21, 64)), "deconvnet": count(lambda: Switches(3, 21, 64, 4096))}
for stride in (32, 16, 8):
    CASES[f"fcn{stride}s"] = case(Fcn(2, 3, 1, 3, stride), [9, 37])
    COUNTS[f"fcn{stride}s"] = count(lambda: Fcn(3, 21, 64, 4096, stride))
json.dump({"made_with": f"torch {torch.__version__}", "counts": COUNTS, "cases": CASES}, sys.stdout)
print()
