#!/usr/bin/env python3
"""Writes reference.json: what PyTorch computes for the models, gradients, optimizers and schedules that
tests/worker/training compares with. Every model is written here in plain PyTorch from its description (the layer
table of the CIFAR-100 hybrid-architecture study), independently of the architecture files.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 numpy
    venv/bin/python make_reference.py

Weights and inputs come from `noise`, a closed formula that closed_form.h repeats, so only results are stored. Logits
and gradients are computed in double precision from weights rounded to single.
"""

import json
import math
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional

MASK = numpy.uint64(0xFFFFFFFF)


def noise(key, count, low, high):
    """`count` numbers in [low, high): a 32-bit integer hash of (key, place), scaled in double precision."""
    h = (numpy.arange(count, dtype=numpy.uint64) * numpy.uint64(0x9E3779B1) + numpy.uint64(key * 0x85EBCA77 + 1)) & MASK
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39)):
        h ^= h >> numpy.uint64(shift)
        h = (h * numpy.uint64(factor)) & MASK
    h ^= h >> numpy.uint64(15)
    return torch.from_numpy(low + (high - low) * (h.astype(numpy.float64) / 2**32)).float()


def fill(model, head):
    """Gives the i-th layer with weights, in the order they run, the noise of keys 8i … 8i+3; `head` scales the linear
    layer, and with it the logits."""
    leaves = [m for m in model.modules() if isinstance(m, (nn.Conv2d, nn.BatchNorm2d, nn.Linear))]
    with torch.no_grad():
        for i, leaf in enumerate(leaves):
            if isinstance(leaf, nn.BatchNorm2d):
                ranges = [(leaf.weight, 0.8, 1.2), (leaf.bias, -0.1, 0.1), (leaf.running_mean, -0.1, 0.1),
                          (leaf.running_var, 0.8, 1.2)]
            else:
                bound = math.sqrt(6 / leaf.weight[0].numel()) * (head if isinstance(leaf, nn.Linear) else 1)
                ranges = [(leaf.weight, -bound, bound)]
                if leaf.bias is not None:
                    ranges.append((leaf.bias, -0.1, 0.1))
            for slot, (tensor, low, high) in enumerate(ranges):
                tensor.copy_(noise(8 * i + slot, tensor.numel(), low, high).view(tensor.shape))
    return model


def images(key, count):
    return noise(key, count * 3 * 32 * 32, -1.7, 1.7).view(count, 3, 32, 32)


# ---- the models ----


def cbr(i, o, kernel=3):
    return nn.Sequential(nn.Conv2d(i, o, kernel, padding=kernel // 2), nn.BatchNorm2d(o), nn.ReLU())


class Fire(nn.Module):
    def __init__(self, i, squeeze, expand1x1, expand3x3):
        super().__init__()
        self.squeeze, self.left, self.right = cbr(i, squeeze, 1), cbr(squeeze, expand1x1, 1), cbr(squeeze, expand3x3)

    def forward(self, x):
        x = self.squeeze(x)
        return torch.cat([self.left(x), self.right(x)], 1)


class Sum(nn.Module):
    """body(x) + shortcut(x), then `post`."""

    def __init__(self, body, shortcut=None, post=None):
        super().__init__()
        self.body, self.shortcut, self.post = body, shortcut, post

    def forward(self, x):
        y = self.body(x) + (x if self.shortcut is None else self.shortcut(x))
        return y if self.post is None else self.post(y)


def res_block(c):
    return Sum(nn.Sequential(nn.Conv2d(c, c, 1), nn.BatchNorm2d(c), nn.ReLU(), nn.Conv2d(c, c, 1), nn.BatchNorm2d(c)),
               post=nn.ReLU())


def pool():
    return nn.MaxPool2d(2, 2)


def gap():
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())


def proj(i, o):
    return nn.Conv2d(i, o, 1)


def v1(p):
    return nn.Sequential(cbr(3, 128), cbr(128, 128), cbr(128, 256), pool(), cbr(256, 256), cbr(256, 512),
                         cbr(512, 512), pool(), nn.Flatten(), nn.Dropout(p), nn.Linear(512 * 8 * 8, 100))


def v2(p):
    return nn.Sequential(cbr(3, 96), pool(), Fire(96, 16, 32, 32), Fire(64, 16, 32, 32), Fire(64, 16, 64, 64), pool(),
                         Fire(128, 16, 128, 128), cbr(256, 512), pool(), gap(), nn.Dropout(p), nn.Linear(512, 100))


def v3(p):
    return nn.Sequential(
        cbr(3, 64), pool(), Sum(Fire(64, 8, 32, 32)), Sum(Fire(64, 8, 48, 48), proj(64, 96)), Fire(96, 16, 48, 48),
        pool(), Sum(Fire(96, 16, 64, 64), proj(96, 128)), Fire(128, 32, 128, 128), pool(),
        Sum(Fire(256, 32, 128, 128), proj(256, 256)), proj(256, 512), cbr(512, 512), gap(), nn.Dropout(p),
        nn.Linear(512, 100))


def v4(p):
    return nn.Sequential(
        cbr(3, 96), cbr(96, 96), pool(), res_block(96), cbr(96, 128), cbr(128, 256), pool(), res_block(256),
        cbr(256, 256), cbr(256, 512), pool(), nn.Dropout(p), nn.Flatten(), nn.Dropout(p), nn.Linear(512 * 16, 100))


def v5(p, plain=False):
    frame = (lambda fire: fire) if plain else Sum
    return nn.Sequential(
        cbr(3, 96), frame(Fire(96, 12, 48, 48)), cbr(96, 128), nn.Dropout(p), pool(), cbr(128, 128),
        frame(Fire(128, 12, 64, 64)), cbr(128, 256), nn.Dropout(p), pool(), cbr(256, 256), Fire(256, 28, 256, 256),
        cbr(512, 512), nn.Dropout(p), pool(), gap(), nn.Dropout(p), nn.Linear(512, 100))


class Branches(nn.Module):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


def blocks(p):
    """Every kind of block that the variants do not have; BLOCKS in model_test.cpp is the same as a file."""
    return nn.Sequential(
        nn.Conv2d(3, 12, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(12), nn.ReLU6(),
        Sum(nn.Sequential(nn.ReLU(), nn.Conv2d(12, 12, 3, padding=1, groups=12), nn.BatchNorm2d(12), nn.SiLU())),
        Branches(nn.Conv2d(12, 8, 1), nn.Sequential(nn.AvgPool2d(3, 1, 1), nn.Conv2d(12, 10, 3, padding=1), nn.ReLU())),
        nn.MaxPool2d(3, 2, 1),
        Sum(nn.Sequential(nn.Conv2d(18, 24, 3, stride=2, padding=1), nn.BatchNorm2d(24)),
            nn.Sequential(nn.Conv2d(18, 24, 1, stride=2, bias=False), nn.BatchNorm2d(24)), post=nn.ReLU()),
        nn.AvgPool2d(2), nn.Flatten(), nn.Dropout(p), nn.Linear(96, 10))


MODELS = {"v1": v1, "v2": v2, "v3": v3, "v4": v4, "v5": v5, "v5_plain": lambda p: v5(p, plain=True), "blocks": blocks}
# Keeps the logits below 1, where single precision agrees within the tests' tolerance whatever the order of summation.
HEADS = {"v1": 0.03, "v2": 0.02, "v3": 0.002, "v4": 0.015, "v5": 0.02, "v5_plain": 0.05, "blocks": 0.05}


def logits():
    result = {}
    for name, make in MODELS.items():
        model = fill(make(0.3), HEADS[name]).double().eval()
        with torch.no_grad():
            result[name] = {"head": HEADS[name], "logits": model(images(900, 2).double()).flatten().tolist()}
    return result


def gradients():
    """Loss, and per parameter the norm and three elements of the gradient, for one batch in training mode."""
    result = {}
    for name, classes in (("v3", 100), ("blocks", 10)):
        model = fill(MODELS[name](0.0), 0.1).double().train()
        labels = torch.tensor([(7 * i + 3) % classes for i in range(8)])
        loss = functional.cross_entropy(model(images(901, 8).double()), labels, label_smoothing=0.1)
        loss.backward()
        parts = []
        for parameter in model.parameters():
            flat = parameter.grad.flatten()
            places = [0, flat.numel() // 2, flat.numel() - 1]
            parts.append({"norm": flat.norm().item(), "at": [flat[i].item() for i in places]})
        result[name] = {"head": 0.1, "loss": loss.item(), "gradients": parts,
                        "running_var": [m.running_var[0].item() for m in model.modules()
                                        if isinstance(m, nn.BatchNorm2d)]}
    return result


def optimizers():
    """Twelve steps on a weight [3,4] and a bias [3], gradients from noise, rates that change every step."""
    result = {}
    for name in ("adamw", "sgd", "sgd_clipped"):
        weight = noise(700, 12, -1, 1).view(3, 4).requires_grad_()
        bias = noise(701, 3, -1, 1).requires_grad_()
        groups = [{"params": [weight], "weight_decay": 0.05}, {"params": [bias], "weight_decay": 0.0}]
        optimizer = (torch.optim.AdamW(groups, lr=1.0, betas=(0.9, 0.99)) if name == "adamw" else
                     torch.optim.SGD(groups, lr=1.0, momentum=0.9, nesterov=True))
        for step in range(12):
            weight.grad = noise(710 + 2 * step, 12, -1, 1).view(3, 4)
            bias.grad = noise(711 + 2 * step, 3, -1, 1)
            if name == "sgd_clipped":
                torch.nn.utils.clip_grad_norm_([weight, bias], 0.5)
            for group in optimizer.param_groups:
                group["lr"] = 0.01 * (step + 1)
                momentum = 0.95 - 0.01 * step
                if name == "adamw":
                    group["betas"] = (momentum, 0.99)
                else:
                    group["momentum"] = momentum
            optimizer.step()
        result[name] = torch.cat([weight.detach().flatten(), bias.detach()]).tolist()
    return result


def schedules():
    result = {}
    for name, total, warmup in (("40", 40, 0.25), ("7", 7, 0.3), ("study", 12, 0.3)):
        weight = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.AdamW([weight], lr=0.01)
        cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.01, total_steps=total, pct_start=warmup)
        rates = []
        for _ in range(total):
            group = optimizer.param_groups[0]
            rates.append([group["lr"], group["betas"][0]])
            optimizer.step()
            if len(rates) < total:
                cycle.step()
        result[name] = rates
    return result


def main():
    torch.set_num_threads(1)
    reference = {"torch": torch.__version__, "logits": logits(), "gradients": gradients(), "optimizers": optimizers(),
                 "one_cycle": schedules()}
    rounded = json.loads(json.dumps(reference), parse_float=lambda text: float(f"{float(text):.9g}"))
    lines = [f" {json.dumps(part)}: {{\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()) +
             "\n }" if isinstance(value, dict) else f" {json.dumps(part)}: {json.dumps(value)}"
             for part, value in rounded.items()]
    path = pathlib.Path(__file__).with_name("reference.json")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
