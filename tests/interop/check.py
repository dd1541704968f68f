"""Loads exported models as a user of Python would and compares their logits with ours.

    python check.py FOLDER...      # each with model.safetensors, model.py and expected.safetensors
"""
import importlib.util
import json
import sys
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file

RTOL, ATOL = 1e-4, 1e-5


def check(folder):
    spec = importlib.util.spec_from_file_location("model_" + folder.name, folder / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    weights = load_file(folder / "model.safetensors")
    names = set(module.Network().state_dict())
    assert names == set(weights), f"names differ: {sorted(names ^ set(weights))[:5]}"
    expected = load_file(folder / "expected.safetensors")
    with torch.no_grad():
        logits = module.load()(expected["images"])
    worst = ((logits - expected["logits"]).abs() / (ATOL + RTOL * expected["logits"].abs())).max().item()
    spread = expected["logits"].std().item()
    with safe_open(folder / "model.safetensors", "pt") as file:
        metadata = file.metadata()
    print(json.dumps({"name": folder.name, "tensors": len(weights), "worst": worst, "spread": spread,
                      "batches": int(next((t for n, t in weights.items() if n.endswith("num_batches_tracked")), -1)),
                      "mean": module.MEAN, "metadata": metadata}))
    assert worst <= 1, f"logits differ by {worst} times the tolerance"
    assert spread > 1e-3, "logits that do not vary compare nothing"


for name in sys.argv[1:]:
    check(Path(name))
