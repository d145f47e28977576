"""The peer of bench/masks.ts: reads [mode, batches] a line, answers in ms a batch."""

import json
import sys
import time

import torch

torch.set_num_threads(2)
B, GRID, RATIO, BLOCKS, TRIES = 16, (4, 8, 8, 8), 0.75, 2, 10
T, D, H, W = GRID
N, S = T * D * H * W, D * H * W


def listed(context, target):
    """What the reference's generator returns, from indices [B K] and [B M]."""
    both = torch.cat([context, target], 1)
    masks = torch.zeros(B, N).scatter_(1, target, 1.0)
    return masks, context, target, both.argsort(1), both.sort(1).values


def random():
    order = torch.rand(B, N).argsort(1)
    kept = int(N * (1 - RATIO))
    return listed(order[:, :kept], order[:, kept:])


def random_space_only():
    order = torch.rand(B, S).argsort(1)
    kept = int(S * (1 - RATIO))
    frames = (torch.arange(T) * S)[None, :, None]
    spread = lambda part: (part[:, None] + frames).flatten(1)
    return listed(spread(order[:, :kept]), spread(order[:, kept:]))


def size(mode):
    u = lambda low, high: low + (high - low) * torch.rand(1).item()
    t = T if mode == "BLOCKED_SPACE_ONLY" else max(int(T * u(0.5, 1)), 1)
    if mode == "BLOCKED_TIME_ONLY":
        return t, D, H, W
    area, aspect = H * W * 0.5, u(0.75, 1.5)
    h, w = round((area * aspect) ** 0.5), round((area / aspect) ** 0.5)
    return t, D // 2, min(h, H), min(w, W)


def start(block):
    return [torch.randint(0, n - b + 1, (1,)).item() for n, b in zip(GRID, block)]


def place(mask, at, block):
    (t, d, h, w), (bt, bd, bh, bw) = at, block
    mask[t : t + bt, d : d + bd, h : h + bh, w : w + bw] = 1


def blocked(mode):
    block = size(mode)
    contexts, targets = [], []
    for _ in range(B):
        while True:
            mask = torch.zeros(GRID)
            for _ in range(BLOCKS):
                place(mask, start(block), block)
            flat = mask.flatten()
            context = torch.nonzero(flat == 0).squeeze(1)
            if mode == "BLOCKED_TIME_ONLY" or len(context) > 0:
                break
        contexts.append(context)
        targets.append(torch.nonzero(flat).squeeze(1))
    shortest = lambda lists: torch.stack([x[: min(map(len, lists))] for x in lists])
    return listed(shortest(contexts), shortest(targets))


def blocked_patterned():
    frames = torch.tensor([0, 1]).repeat(T // 2)
    flat = frames[:, None].expand(T, S).flatten()
    context, target = torch.nonzero(flat == 0).squeeze(1), torch.nonzero(flat).squeeze(1)
    return listed(context.expand(B, -1), target.expand(B, -1))


def blocked_with_random_fill():
    block, quota = size("BLOCKED"), round(N * RATIO)
    contexts, targets = [], []
    for _ in range(B):
        mask = torch.zeros(GRID)
        for _ in range(BLOCKS):
            for _ in range(TRIES):
                trial = mask.clone()
                place(trial, start(block), block)
                if trial.sum() <= quota:
                    mask = trial
                    break
        flat = mask.flatten()
        free = torch.nonzero(flat == 0).squeeze(1)
        fill = free[torch.randperm(len(free))[: quota - int(flat.sum())]]
        flat[fill] = 1
        contexts.append(torch.nonzero(flat == 0).squeeze(1))
        targets.append(torch.nonzero(flat).squeeze(1))
    return listed(torch.stack(contexts), torch.stack(targets))


cases = {
    "RANDOM": random,
    "RANDOM_SPACE_ONLY": random_space_only,
    "BLOCKED": lambda: blocked("BLOCKED"),
    "BLOCKED_TIME_ONLY": lambda: blocked("BLOCKED_TIME_ONLY"),
    "BLOCKED_SPACE_ONLY": lambda: blocked("BLOCKED_SPACE_ONLY"),
    "BLOCKED_PATTERNED": blocked_patterned,
    "BLOCKED_WITH_RANDOM_FILL": blocked_with_random_fill,
}
for line in sys.stdin:
    mode, count = json.loads(line)
    began = time.perf_counter()
    for _ in range(count):
        cases[mode]()
    print(1000 * (time.perf_counter() - began) / count, flush=True)
