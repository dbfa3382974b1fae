"""Logits and gradients of the five LipNets in PyTorch, f64, for tests/it/lipnet.rs.

usage: python make_lipnets.py > lipnets.json
Small nets (2 channels, 3 classes, 8x8, 3 maps, 5 units). Element i of the j-th parameter by name is
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
    def __init__(self, side, convolutional):
        super().__init__()
        self.convolutional = convolutional
        if convolutional:
            self.output = nn.Conv2d(MAPS, CLASSES, 1)
        else:
            self.dense = nn.Linear(MAPS * side * side, DENSE)
            self.output = nn.Linear(DENSE, CLASSES)

    def forward(self, xs):
        if self.convolutional:
            return self.output(xs).mean((2, 3))
        return self.output(torch.relu(self.dense(xs.flatten(1))))


def lipnet(blocks, convolutions, fully_convolutional=False):
    net = nn.Sequential()
    for b in range(1, blocks + 1):
        net.add_module(f"block{b}", Block(CHANNELS if b == 1 else MAPS, convolutions, fully_convolutional))
    net.add_module("head", Head(SIZE >> blocks, fully_convolutional))
    return net


def case(net):
    named = sorted(net.named_parameters())
    for j, (_, p) in enumerate(named):
        with torch.no_grad():
            p.copy_(0.3 * torch.sin(0.7 * torch.arange(p.numel()) + j).reshape(p.shape))
    xs = torch.sin(0.3 * torch.arange(2 * CHANNELS * SIZE * SIZE)).reshape(2, CHANNELS, SIZE, SIZE)
    logits = net(xs)
    loss = nn.functional.cross_entropy(logits, torch.tensor([2, 0]))
    loss.backward()
    gradients = {n: [p.grad.sum().item(), p.grad.square().sum().item()] for n, p in named}
    return {"logits": logits.tolist(), "loss": loss.item(), "gradients": gradients}


CASES = {"lipnet1": lipnet(1, 1), "lipnet2": lipnet(2, 1), "lipnet4": lipnet(2, 2),
         "lipnet4c": lipnet(2, 2, True), "lipnet6": lipnet(3, 2)}
json.dump({"made_with": f"torch {torch.__version__}", "cases": {n: case(net) for n, net in CASES.items()}},
          sys.stdout, indent=1)
