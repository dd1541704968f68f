"""The published study's images for pipeline.py and study.py: CIFAR-100 as PIL images, one by one through
RandomCrop(32, 4), a horizontal flip, ColorJitter(0.2, 0.2, 0.2, 0.1), ToTensor and Normalize. The transforms do what
torchvision's do, with PIL and torch alone."""
import math
import random

import numpy
import torch
from PIL import Image, ImageEnhance, ImageOps
from torch.utils.data import Dataset

YIQ_FROM_RGB = numpy.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])


def turn_hue(image, turn):
    h, s, v = image.convert("HSV").split()
    h = (numpy.asarray(h, dtype=numpy.int16) + int(turn * 255)).astype(numpy.uint8)
    return Image.merge("HSV", (Image.fromarray(h, "L"), s, v)).convert("RGB")


def turn_hue_in_yiq(image, turn):
    """As firesweep turns it: the chroma plane of YIQ by this share of a circle."""
    c, s = math.cos(2 * math.pi * turn), math.sin(2 * math.pi * turn)
    matrix = numpy.linalg.inv(YIQ_FROM_RGB) @ numpy.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ YIQ_FROM_RGB
    turned = numpy.asarray(image, dtype=numpy.float64) @ matrix.T
    return Image.fromarray(turned.round().clip(0, 255).astype(numpy.uint8))


def jitter(image, turn):
    for what in torch.randperm(4).tolist():
        if what == 3:
            image = turn(image, random.uniform(-0.1, 0.1))
        else:
            kind = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)[what]
            image = kind(image).enhance(random.uniform(0.8, 1.2))
    return image


class Images(Dataset):
    """The records of a binary file, as normalised tensors with their fine labels; augmented where `turn`, which turns
    an image's hue, is given."""

    def __init__(self, file, mean, std, turn=None, most=None):
        records = numpy.fromfile(file, dtype=numpy.uint8).reshape(-1, 3074)[:most]
        self.labels = records[:, 1].astype(numpy.int64)
        self.pixels = records[:, 2:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).copy()
        self.mean, self.std = torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
        self.turn = turn

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = Image.fromarray(self.pixels[index])
        if self.turn:
            left, top = random.randint(0, 8), random.randint(0, 8)
            image = ImageOps.expand(image, border=4).crop((left, top, left + 32, top + 32))
            if random.random() < 0.5:
                image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            image = jitter(image, self.turn)
        tensor = torch.from_numpy(numpy.array(image)).permute(2, 0, 1).contiguous().div(255)
        return tensor.sub_(self.mean).div_(self.std), self.labels[index]
