"""PyTorch's side of the benchmarks: for each line `WORK COUNT` on standard input, runs the work COUNT
times and answers with the milliseconds of each run on one line."""

import os
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

CUDA = "--cuda" in sys.argv
BF16 = "--bf16" in sys.argv
torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = "--tf32" in sys.argv

torch.manual_seed(0)
torch.set_default_device("cuda" if CUDA else "cpu")
torch.set_num_threads(len(os.sched_getaffinity(0)))


def lipnet4():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 49, 256), nn.ReLU(), nn.Linear(256, 3),
    )


class StemNet(nn.Module):
    """The network of the StemNet thesis's appendix: seven levels, 37,744,002 parameters."""

    def __init__(self, maps=16, levels=7):
        super().__init__()
        self.down = nn.ModuleList(
            nn.Conv2d(1 if i == 0 else maps * 2 ** (i - 1), maps * 2**i, 5, padding=2)
            for i in range(levels)
        )
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(maps * 2 ** (i + 1), maps * 2**i, 2, 2) for i in range(levels - 1)
        )
        self.merge = nn.ModuleList(
            nn.Conv2d(maps * 2 ** (i + 1), maps * 2**i, 5, padding=2) for i in range(levels - 1)
        )
        self.out = nn.Conv2d(maps, 2, 1)

    def forward(self, x):
        kept = []
        for i, down in enumerate(self.down):
            x = F.relu(F.dropout(down(x), 0.25, self.training))
            kept.append(x)
            if i < len(self.down) - 1:
                x = F.max_pool2d(x, 2)
        for i in reversed(range(len(self.up))):
            x = torch.cat([kept[i], F.relu(self.up[i](x))], 1)
            x = F.relu(F.dropout(self.merge[i](x), 0.25, self.training))
        return self.out(x)


def step_of(model, optimizer, x, y, weight=None):
    def run():
        optimizer.zero_grad()
        with torch.autocast("cuda" if CUDA else "cpu", torch.bfloat16, enabled=BF16):
            logits = model(x)
        F.cross_entropy(logits.float(), y, weight=weight).backward()
        optimizer.step()

    return run


def lipnet_step(batch, layout):
    model = lipnet4().to(memory_format=layout)
    x = torch.randn(batch, 1, 28, 28).contiguous(memory_format=layout)
    y = torch.arange(batch) % 3
    return step_of(model, torch.optim.AdamW(model.parameters()), x, y)


def lipnet_infer(batch, layout):
    model = lipnet4().to(memory_format=layout).eval()
    x = torch.randn(batch, 1, 28, 28).contiguous(memory_format=layout)

    def run():
        with torch.inference_mode():
            model(x)

    return run


def stemnet_step(size, batch, layout):
    model = StemNet().to(memory_format=layout)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.2)
    x = torch.randn(batch, 1, size, size).contiguous(memory_format=layout)
    y = torch.randint(0, 2, (batch, size, size))
    return step_of(model, optimizer, x, y, torch.tensor([1.0, 2.0]))


def convolution(kernel, stride, inputs, outputs, batch, size, layout):
    dtype = torch.bfloat16 if BF16 else torch.float32
    x = torch.randn(batch, inputs, size, size).contiguous(memory_format=layout)
    w = torch.randn(outputs, inputs, kernel, kernel).contiguous(memory_format=layout)
    x, w = x.to(dtype).requires_grad_(), w.to(dtype).requires_grad_()
    grad = torch.randn_like(F.conv2d(x, w, padding=kernel // 2, stride=stride))

    def run():
        x.grad = w.grad = None
        F.conv2d(x, w, padding=kernel // 2, stride=stride).backward(grad)

    return run


def work(name, layout):
    parts = name.split("_")
    if name.startswith("lipnet4_step_b"):
        return lipnet_step(int(parts[2][1:]), layout)
    if name.startswith("lipnet4_infer_b"):
        return lipnet_infer(int(parts[2][1:]), layout)
    if name.startswith("stemnet7_step_"):
        return stemnet_step(int(parts[2]), int(parts[3][1:]) if len(parts) > 3 else 1, layout)
    # convK_MAPS_SIZE_bBATCH or convKsSTRIDE_..., where maps are one number or INxOUT
    kernel, stride = (parts[0][4:].split("s") + ["1"])[:2]
    maps = [int(x) for x in parts[1].split("x")]
    return convolution(
        int(kernel), int(stride), maps[0], maps[-1], int(parts[3][1:]), int(parts[2]), layout
    )


def times(run, count):
    result = []
    for _ in range(count):
        began = time.perf_counter()
        run()
        if CUDA:
            torch.cuda.synchronize()
        result.append((time.perf_counter() - began) * 1e3)
    return result


def prepared(name):
    """The work in the faster memory layout; as it comes, only the plain one."""
    layouts = [torch.contiguous_format]
    if "--layouts" in sys.argv:
        layouts.append(torch.channels_last)
    runs = []
    for layout in layouts:
        run = work(name, layout)
        run()
        runs.append((min(times(run, 3)), run))
    return min(runs, key=lambda timed: timed[0])[1]


print(torch.__version__, flush=True)
ready = {}
for line in sys.stdin:
    name, count = line.split()
    if name not in ready:
        ready[name] = prepared(name)
    print(*times(ready[name], int(count)), flush=True)
