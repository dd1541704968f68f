"""PyTorch's side of bench/train_step and bench/gpu: a generated model.py trained on one batch, as a careful user would
write it (channels_last, fused AdamW, gradients set to none, ReLU in place, cuDNN's benchmark; on a GPU nothing is read
back within a step).

    python train_step.py MODEL.py THREADS DEVICE AMP

DEVICE is cpu or cuda:N, AMP is off or bf16. Reads from standard input and answers each line with a number, or with what
went wrong:

    warm MODE BATCH           the seconds that it took; MODE is eager, compile or reduce-overhead (torch.compile's mode of
                              that name)
    rate MODE BATCH SECONDS   images per second of what is warm
    drop                      0; forgets what is warm, and gives its memory back"""
import gc
import importlib.util
import sys
import time

import torch
from torch import nn
from torch.nn.functional import cross_entropy

path, threads, device, amp = sys.argv[1], int(sys.argv[2]), torch.device(sys.argv[3]), sys.argv[4]
cuda = device.type == "cuda"
STEPS_BETWEEN_LOOKS = 16 if cuda else 1
WARM_UPS = 48 if cuda else 3
torch.set_num_threads(threads)
torch.set_num_interop_threads(1)
torch.backends.cudnn.benchmark = True
if cuda:
    torch.cuda.set_device(device)
torch._dynamo.config.recompile_limit = 64  # every batch size is compiled for itself
spec = importlib.util.spec_from_file_location("model", path)
module = importlib.util.module_from_spec(spec)
sys.modules["model"] = module  # torch.compile looks it up by name
spec.loader.exec_module(module)


class Side:
    def __init__(self, mode, batch):
        self.batch = batch
        images = torch.empty(batch, 3, 32, 32, device=device).uniform_(-1.7, 1.7)
        self.images = images.to(memory_format=torch.channels_last)
        self.labels = torch.randint(0, module.CLASSES, (batch,), device=device)
        network = module.Network().to(device).to(memory_format=torch.channels_last)
        for layer in network.modules():  # after a BatchNorm in every file of architectures/, so nothing reads its input
            if isinstance(layer, (nn.ReLU, nn.ReLU6)):
                layer.inplace = True
        self.optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.05, fused=True)
        compiled = {"eager": None, "compile": "default", "reduce-overhead": "reduce-overhead"}[mode]
        self.network = torch.compile(network, dynamic=False, mode=compiled) if compiled else network

    def step(self):
        torch.compiler.cudagraph_mark_step_begin()
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=amp == "bf16"):
            loss = cross_entropy(self.network(self.images), self.labels, label_smoothing=0.1)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss

    def steps(self, count):
        for _ in range(count):
            loss = self.step()
        return loss.item()  # waits for the device

    def rate(self, seconds):
        begin, steps = time.perf_counter(), 0
        while time.perf_counter() - begin < seconds:
            self.steps(STEPS_BETWEEN_LOOKS)
            steps += STEPS_BETWEEN_LOOKS
        return steps * self.batch / (time.perf_counter() - begin)


sides = {}


def answer(word, *arguments):
    if word == "drop":
        sides.clear()
        torch._dynamo.reset()
        gc.collect()
        if cuda:
            torch.cuda.empty_cache()
        return 0
    side = arguments[0], int(arguments[1])
    if word == "warm":
        begin = time.perf_counter()
        sides[side] = Side(*side)
        sides[side].steps(WARM_UPS)
        return time.perf_counter() - begin
    return sides[side].rate(float(arguments[2]))


for line in sys.stdin:
    try:
        print(answer(*line.split()), flush=True)
    except Exception as error:  # told to who asked; the next line may fare better
        print(f"{type(error).__name__}: {error}".replace("\n", " ")[:300], flush=True)
