"""The published study's pipeline for bench/pipeline: its images in a DataLoader, and eager training with AdamW at batch
32.

    python pipeline.py MODEL.py BATCH THREADS DATA_DIR [DEVICE]

Reads "WORKERS SECONDS" from standard input; answers with images per second, from the second batch on."""
import importlib.util
import sys
import time
from pathlib import Path

import torch
from study_images import Images, turn_hue
from torch import nn
from torch.utils.data import DataLoader

path, batch, threads, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
device = torch.device(sys.argv[5] if len(sys.argv) > 5 else "cpu")
torch.set_num_threads(threads)
spec = importlib.util.spec_from_file_location("model", path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

data = Images(folder / "train.bin", module.MEAN, module.STD, turn_hue)
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
