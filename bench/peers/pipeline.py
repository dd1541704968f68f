"""The published study's pipeline for bench/pipeline: CIFAR-100 as PIL images, one by one through RandomCrop(32, 4), a
horizontal flip, ColorJitter(0.2, 0.2, 0.2, 0.1), ToTensor and Normalize in a DataLoader, and eager training with AdamW at
batch 32. The transforms do what torchvision's do, with PIL and torch alone.

    python pipeline.py MODEL.py BATCH THREADS DATA_DIR [DEVICE]

Reads "WORKERS SECONDS" from standard input; answers with images per second, from the second batch on."""
import importlib.util
import random
import sys
import time
from pathlib import Path

import numpy
import torch
from PIL import Image, ImageEnhance, ImageOps
from torch import nn
from torch.utils.data import DataLoader, Dataset

path, batch, threads, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
device = torch.device(sys.argv[5] if len(sys.argv) > 5 else "cpu")
torch.set_num_threads(threads)
spec = importlib.util.spec_from_file_location("model", path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)


def turn_hue(image, turn):
    h, s, v = image.convert("HSV").split()
    h = (numpy.asarray(h, dtype=numpy.int16) + int(turn * 255)).astype(numpy.uint8)
    return Image.merge("HSV", (Image.fromarray(h, "L"), s, v)).convert("RGB")


def jitter(image):
    for what in torch.randperm(4).tolist():
        if what == 3:
            image = turn_hue(image, random.uniform(-0.1, 0.1))
        else:
            kind = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)[what]
            image = kind(image).enhance(random.uniform(0.8, 1.2))
    return image


class Images(Dataset):
    def __init__(self):
        records = numpy.fromfile(folder / "train.bin", dtype=numpy.uint8).reshape(-1, 3074)
        self.labels = records[:, 1].astype(numpy.int64)
        self.pixels = records[:, 2:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).copy()
        self.mean = torch.tensor(module.MEAN).view(3, 1, 1)
        self.std = torch.tensor(module.STD).view(3, 1, 1)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = ImageOps.expand(Image.fromarray(self.pixels[index]), border=4)
        left, top = random.randint(0, 8), random.randint(0, 8)
        image = image.crop((left, top, left + 32, top + 32))
        if random.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        tensor = torch.from_numpy(numpy.array(jitter(image))).permute(2, 0, 1).contiguous().div(255)
        return tensor.sub_(self.mean).div_(self.std), self.labels[index]


data = Images()
network = module.Network().to(device)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = torch.optim.AdamW(network.parameters(), lr=0.01)


def step(images, labels):
    optimizer.zero_grad()
    loss = criterion(network(images.to(device)), labels.to(device))
    loss.backward()
    optimizer.step()
    return loss.item()


def rate(workers, seconds):
    batches = iter(DataLoader(data, batch_size=batch, shuffle=True, num_workers=workers,
                              pin_memory=device.type == "cuda"))
    step(*next(batches))
    begin, images = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        step(*next(batches))
        images += batch
    return images / (time.perf_counter() - begin)


for line in sys.stdin:
    workers, seconds = line.split()
    print(rate(int(workers), float(seconds)), flush=True)
