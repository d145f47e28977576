"""AdamW with clipping, and learning-rate schedules, as PyTorch and timm compute them.

    python tools/reference/make_training_fixtures.py [--out FOLDER] [--seed N]

Needs requirements.txt of this folder. Without arguments it makes the committed fixtures anew; the
seed is fixed, so running it again leaves no difference.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from timm.scheduler import CosineLRScheduler

STEPS = 12
OPTIMIZER = {"lr": 3e-3, "betas": (0.9, 0.99), "eps": 1e-8}
DECAY = 0.05
LARGEST_NORM = 4.0

SCHEDULES = [
    {"lr": 5e-4, "update_type": "step", "warmup": 10, "cooldown": 5, "warmup_min_ratio": 0.01,
     "cos_min_ratio": 1e-4, "totalSteps": 60, "stepsPerEpoch": 12},
    {"lr": 1.0, "update_type": "step", "warmup": 0, "cooldown": 0, "warmup_min_ratio": 0.5,
     "cos_min_ratio": 0.1, "totalSteps": 17, "stepsPerEpoch": 17},
    {"lr": 2e-3, "update_type": "epoch", "warmup": 3, "cooldown": 2, "warmup_min_ratio": 0.5,
     "cos_min_ratio": 1e-2, "totalSteps": 40, "stepsPerEpoch": 4},
]


def adam_w(seed):
    """STEPS updates of a decayed matrix and an undecayed vector, gradients clipped together."""
    rng = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(shape, generator=rng)
    weight, bias = torch.nn.Parameter(draw(6, 5)), torch.nn.Parameter(draw(5))
    out = {"weight.start": weight.detach().clone(), "bias.start": bias.detach().clone()}
    groups = [{"params": [weight], "weight_decay": DECAY}, {"params": [bias], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, fused=True, **OPTIMIZER)
    trace = {"weight.grad": [], "bias.grad": [], "weight": [], "bias": [], "norm": [], "lr": []}
    for step in range(STEPS):
        lr = OPTIMIZER["lr"] * (step + 1) / STEPS
        for group in optimizer.param_groups:
            group["lr"] = lr
        weight.grad, bias.grad = draw(6, 5), draw(5)
        trace["weight.grad"].append(weight.grad.clone())
        trace["bias.grad"].append(bias.grad.clone())
        norm = torch.nn.utils.clip_grad_norm_([weight, bias], LARGEST_NORM)
        optimizer.step()
        trace["weight"].append(weight.detach().clone())
        trace["bias"].append(bias.detach().clone())
        trace["norm"].append(norm)
        trace["lr"].append(torch.tensor(lr, dtype=torch.float64))
    out |= {name: torch.stack(values).contiguous() for name, values in trace.items()}
    for name, parameter in (("weight", weight), ("bias", bias)):
        state = optimizer.state[parameter]
        out |= {f"exp_avg.{name}": state["exp_avg"], f"exp_avg_sq.{name}": state["exp_avg_sq"]}
    return out


def schedule(case):
    """Learning rate of every optimizer step; timm has no cool-down inside, so it stays at lr_min."""
    by_epoch = case["update_type"] == "epoch"
    spe = case["stepsPerEpoch"]
    length = -(-case["totalSteps"] // spe) if by_epoch else case["totalSteps"]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=case["lr"])
    scheduler = CosineLRScheduler(
        optimizer,
        t_initial=length - case["cooldown"] - case["warmup"],
        warmup_t=case["warmup"],
        warmup_lr_init=case["warmup_min_ratio"] * case["lr"],
        warmup_prefix=True,
        lr_min=case["cos_min_ratio"] * case["lr"],
    )
    lrs = []
    for step in range(case["totalSteps"]):
        scheduler.step(step // spe if by_epoch else step)
        lrs.append(optimizer.param_groups[0]["lr"])
    return lrs


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    home = Path(__file__).resolve().parents[2]
    parser.add_argument("--out", type=Path, default=home / "packages/platform/test/parity/fixtures/training")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    meta = {"wd": str(DECAY), "eps": str(OPTIMIZER["eps"]), "clip_grad": str(LARGEST_NORM)}
    save_file(adam_w(arguments.seed), arguments.out / "adam-w.safetensors", metadata=meta)
    cases = [{**case, "lrs": schedule(case)} for case in SCHEDULES]
    (arguments.out / "schedules.json").write_text(json.dumps(cases, indent=1) + "\n")
