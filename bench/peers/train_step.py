"""PyTorch's side of bench/train_step: a generated model.py trained on one batch, as a careful user would write it
(channels_last, fused AdamW, gradients set to none, ReLU in place).

    python train_step.py MODEL.py BATCH THREADS

Reads "warm eager", "warm compile", "eager SECONDS" and "compile SECONDS" from standard input; answers with 0 or images
per second."""
import importlib.util
import sys
import time

import torch
from torch import nn
from torch.nn.functional import cross_entropy

path, batch, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
torch.set_num_interop_threads(1)
spec = importlib.util.spec_from_file_location("model", path)
module = importlib.util.module_from_spec(spec)
sys.modules["model"] = module  # torch.compile looks it up by name
spec.loader.exec_module(module)
images = torch.empty(batch, 3, 32, 32).uniform_(-1.7, 1.7).to(memory_format=torch.channels_last)
labels = torch.randint(0, module.CLASSES, (batch,))


class Side:
    def __init__(self, compiled):
        network = module.Network().to(memory_format=torch.channels_last)
        for layer in network.modules():  # after a BatchNorm in every file of architectures/, so nothing reads its input
            if isinstance(layer, (nn.ReLU, nn.ReLU6)):
                layer.inplace = True
        self.optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.05, fused=True)
        self.network = torch.compile(network) if compiled else network

    def step(self):
        loss = cross_entropy(self.network(images), labels, label_smoothing=0.1)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.item()

    def rate(self, seconds):
        begin, steps = time.perf_counter(), 0
        while time.perf_counter() - begin < seconds:
            self.step()
            steps += 1
        return steps * batch / (time.perf_counter() - begin)


sides = {}
for line in sys.stdin:
    word, argument = line.split()
    if word == "warm":
        sides[argument] = Side(compiled=argument == "compile")
        for _ in range(3):
            sides[argument].step()
        print(0, flush=True)
    else:
        print(sides[word].rate(float(argument)), flush=True)
