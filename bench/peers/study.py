"""Trains as the published study's notebook does (adrinorosario/cifar100-hybrid-architectures): eager, AdamW without
further options, batch 32 with the last partial batch, cross-entropy with smoothing 0.1, and every epoch a new
OneCycleLR over all epochs, whose max_lr replaces AdamW's own rate. Tests after every epoch.

    python study.py MODEL.py DATA_DIR [--epochs N] [--of TOTAL] [--max-lr LR] [--seed S] [--hue hsv|yiq]
                    [--amp off|bf16] [--decay all|weights] [--device cuda:0] [--workers N] [--images N]

The notebook's runs have --of 50 and --max-lr 0.1: rates of 0.004 to 0.005 in every epoch. It counts epochs from 0, so
its "Epoch: 11" is the twelfth. Answers every line of standard input (yes '' | python study.py …) with the next
epoch's test accuracy in percent, as the notebook computes it (the mean over batches); without more epochs it ends.
--decay weights spares BatchNorm and biases, --images trains and tests on the first N only."""
import argparse
import importlib.util
import random
import sys
from pathlib import Path

import numpy
import torch
from study_images import Images, turn_hue, turn_hue_in_yiq
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader

TEST_MEAN, TEST_STD = (0.507, 0.487, 0.441), (0.268, 0.257, 0.277)  # the notebook's, not those it trains with


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--of", type=int, default=50)
    parser.add_argument("--max-lr", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hue", choices=("hsv", "yiq"), default="hsv")
    parser.add_argument("--amp", choices=("off", "bf16"), default="off")
    parser.add_argument("--decay", choices=("all", "weights"), default="all")
    parser.add_argument("--device", type=torch.device, default=torch.device("cuda:0"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--images", type=int)
    return parser.parse_args()


def seed_worker(_):
    random.seed(torch.initial_seed() % 2**32)


def parameters(network, decay):
    if decay == "all":
        return network.parameters()
    kinds = [[p for p in network.parameters() if (p.dim() >= 2) == weights] for weights in (True, False)]
    return [{"params": kinds[0]}, {"params": kinds[1], "weight_decay": 0.0}]


def autocast(options):
    return torch.autocast(options.device.type, dtype=torch.bfloat16, enabled=options.amp == "bf16")


def train(network, optimizer, loader, options):
    network.train()
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    scheduler = OneCycleLR(optimizer, max_lr=options.max_lr, steps_per_epoch=len(loader), epochs=options.of,
                           pct_start=0.3, anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85,
                           max_momentum=0.95, div_factor=25.0, final_div_factor=1e4)
    for images, labels in loader:
        images = images.to(options.device, non_blocking=True)
        labels = labels.to(options.device, non_blocking=True)
        with autocast(options):
            loss = criterion(network(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()


def accuracy(network, loader, options):
    network.eval()
    shares = []
    with torch.inference_mode(), autocast(options):
        for images, labels in loader:
            found = network(images.to(options.device)).argmax(dim=1)
            shares.append((found == labels.to(options.device)).double().mean())
    return 100 * torch.stack(shares).mean().item()


def main():
    options = arguments()
    random.seed(options.seed)
    numpy.random.seed(options.seed)
    torch.manual_seed(options.seed)
    spec = importlib.util.spec_from_file_location("model", options.model)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    turn = turn_hue if options.hue == "hsv" else turn_hue_in_yiq
    kinds = {"batch_size": 32, "worker_init_fn": seed_worker, "pin_memory": options.device.type == "cuda"}
    training = DataLoader(Images(options.data / "train.bin", module.MEAN, module.STD, turn, options.images),
                          shuffle=True, num_workers=options.workers, **kinds)
    testing = DataLoader(Images(options.data / "test.bin", TEST_MEAN, TEST_STD, None, options.images),
                         num_workers=min(2, options.workers), **kinds)
    network = module.Network().to(options.device)
    optimizer = torch.optim.AdamW(parameters(network, options.decay), lr=0.01)
    epochs = 0
    for _ in sys.stdin:
        if epochs == options.epochs:
            break
        train(network, optimizer, training, options)
        print(accuracy(network, testing, options), flush=True)
        epochs += 1


if __name__ == "__main__":
    main()
