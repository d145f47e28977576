"""The peer of bench/train-step.ts: eager PyTorch, or torch.compile, on the same weights and batch.

Reads one JSON command a line, answers with one JSON line:

    {"steps": 3}     -> {"ms": [...], "losses": [...]}
    {"memory": true} -> {"tensorPeakBytes": ..., "processPeakBytes": ...}

With --make it writes the weights and the batch that all workers begin from, and ends.
"""

import argparse
import json
import sys
import time

import torch
from mae import MaskedAutoencoder
from safetensors.torch import load_file, save_file
from torch import nn


def make(config, path):
    """Weights as the platform draws them, and a batch with a mask for each sample."""
    torch.manual_seed(0)
    model = MaskedAutoencoder(config)
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
    nn.init.normal_(model.predictor.mask_token, std=0.02)
    counts = [s // p for s, p in zip(config["input_shape"], config["patch_shape"])]
    batch, tokens = config["batch_size"], torch.Size(counts).numel()
    order = torch.rand(batch, tokens).argsort(1)
    kept = int(tokens * (1 - config["mask_ratio"]))
    keep, hidden = order[:, :kept].sort(1).values, order[:, kept:].sort(1).values
    tensors = {f"weight.{k}": v for k, v in model.state_dict().items()}
    tensors["batch.video"] = torch.randn(batch, *config["input_shape"])
    tensors["batch.keep"], tensors["batch.hidden"] = keep, hidden
    tensors["batch.restore"] = torch.cat([keep, hidden], 1).argsort(1)
    save_file(tensors, path)


class Run:
    def __init__(self, config, path):
        tensors = load_file(path)
        weights = {k[7:]: v for k, v in tensors.items() if k.startswith("weight.")}
        self.batch = [tensors[f"batch.{k}"] for k in ("video", "keep", "hidden", "restore")]
        self.model = MaskedAutoencoder(config)
        self.model.load_state_dict(weights, strict=True)
        self.forward = torch.compile(self.model) if config.get("compile") else self.model
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=5e-5, fused=True
        )
        self.is_autocast = config["dtype"] == "bfloat16"

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.is_autocast):
            loss = self.forward(*self.batch)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def steps(self, count):
        ms, losses = [], []
        for _ in range(count):
            began = time.perf_counter()
            losses.append(self.step())
            ms.append((time.perf_counter() - began) * 1e3)
        return {"ms": ms, "losses": losses}

    def memory(self):
        """Bytes of tensors that live between steps, plus the peak of what a step adds to them.

        The profiler reports each allocation of the CPU allocator and each release: the same that
        our allocator counts.
        """
        self.optimizer.zero_grad(set_to_none=True)
        held = held_bytes(self.model, self.optimizer, self.batch)
        cpu = [torch.profiler.ProfilerActivity.CPU]
        with torch.profiler.profile(activities=cpu, profile_memory=True) as profiler:
            self.step()
        events = profiler.profiler.kineto_results.events()
        changes = [(e.start_ns(), e.nbytes()) for e in events if e.name() == "[memory]"]
        live = peak = 0
        for _, nbytes in sorted(changes, key=lambda change: change[0]):
            live += nbytes
            peak = max(peak, live)
        return {"tensorPeakBytes": held + peak, "processPeakBytes": process_peak_bytes()}


def held_bytes(model, optimizer, batch):
    states = [t for s in optimizer.state.values() for t in s.values() if torch.is_tensor(t)]
    tensors = [*model.parameters(), *model.buffers(), *states, *batch]
    storages = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in tensors}
    return sum(storages.values())


def process_peak_bytes():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=json.loads, required=True)
    parser.add_argument("--file", required=True)
    parser.add_argument("--make", action="store_true")
    options = parser.parse_args()
    if options.make:
        make(options.config, options.file)
        return
    torch.set_num_threads(options.config["threads"])
    run = Run(options.config, options.file)
    for line in sys.stdin:
        command = json.loads(line)
        answer = run.steps(command["steps"]) if "steps" in command else run.memory()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
