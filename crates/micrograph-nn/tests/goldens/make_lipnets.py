"""Logits and gradients of the LipNets in PyTorch, f64, for tests/it/lipnet.rs.

usage: python make_lipnets.py > lipnets.json
Small nets (2 channels, 3 classes, 8x8, 11x14 for LipNet-4v, 3 maps, 5 units). Element i of the j-th parameter by name is
0.3 sin(0.7 i + j), element i of the input of two images sin(0.3 i); the labels are 2 and 0. Of each
gradient the golden has the sum and the sum of squares.
"""
import json
import sys

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
CHANNELS, CLASSES, SIZE, MAPS, DENSE = 2, 3, 8, 3, 5


class Block(nn.Sequential):
    def __init__(self, inputs, convolutions, strided):
        super().__init__()
        for i in range(1, convolutions + 1):
            self.add_module(f"conv{i}", nn.Conv2d(inputs, MAPS, 3, padding=1))
            self.add_module(f"relu{i}", nn.ReLU())
            inputs = MAPS
        if strided:
            self.add_module("down", nn.Conv2d(MAPS, MAPS, 3, stride=2, padding=1))
            self.add_module("relu", nn.ReLU())
        else:
            self.add_module("pool", nn.MaxPool2d(2))


class Head(nn.Module):
    """kind: dense, convolutional (1x1, then the average), or averaged (the average, then dense)."""

    def __init__(self, side, kind):
        super().__init__()
        self.kind = kind
        if kind == "convolutional":
            self.output = nn.Conv2d(MAPS, CLASSES, 1)
        else:
            self.dense = nn.Linear(MAPS * (1 if kind == "averaged" else side * side), DENSE)
            self.output = nn.Linear(DENSE, CLASSES)

    def forward(self, xs):
        if self.kind == "convolutional":
            return self.output(xs).mean((2, 3))
        xs = nn.functional.adaptive_avg_pool2d(xs, 1) if self.kind == "averaged" else xs
        return self.output(torch.relu(self.dense(xs.flatten(1))))


def lipnet(blocks, convolutions, kind="dense"):
    net = nn.Sequential()
    for b in range(1, blocks + 1):
        net.add_module(f"block{b}", Block(CHANNELS if b == 1 else MAPS, convolutions, kind != "dense"))
    net.add_module("head", Head(SIZE >> blocks, kind))
    return net


def case(net, height=SIZE, width=SIZE):
    named = sorted(net.named_parameters())
    for j, (_, p) in enumerate(named):
        with torch.no_grad():
            p.copy_(0.3 * torch.sin(0.7 * torch.arange(p.numel()) + j).reshape(p.shape))
    xs = torch.sin(0.3 * torch.arange(2 * CHANNELS * height * width)).reshape(2, CHANNELS, height, width)
    logits = net(xs)
    loss = nn.functional.cross_entropy(logits, torch.tensor([2, 0]))
    loss.backward()
    gradients = {n: [p.grad.sum().item(), p.grad.square().sum().item()] for n, p in named}
    return {"size": [height, width], "logits": logits.tolist(), "loss": loss.item(), "gradients": gradients}


CASES = {"lipnet1": case(lipnet(1, 1)), "lipnet2": case(lipnet(2, 1)), "lipnet4": case(lipnet(2, 2)),
         "lipnet4c": case(lipnet(2, 2, "convolutional")), "lipnet6": case(lipnet(3, 2)),
         "lipnet4v": case(lipnet(2, 2, "averaged"), 11, 14)}
json.dump({"made_with": f"torch {torch.__version__}", "cases": CASES}, sys.stdout, indent=1)
