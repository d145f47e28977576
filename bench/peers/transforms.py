"""The peer of bench/transforms.ts: reads the name of a case a line, answers in ms."""

import json
import random
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(2)
torch.manual_seed(0)
random.seed(0)
B, EDGE = 16, 128
x = torch.rand(B, 1, EDGE, EDGE, EDGE, 1) * 1000
first = x.reshape(B, 1, EDGE, EDGE, EDGE)
two = x.reshape(8, 1, EDGE, EDGE, EDGE, 2)
# 128 + kernel - 1, at the next size without a prime factor above 7; mirrored at the borders
KERNEL, FAST = (17, 25, 25), (144, 160, 160)
psf = torch.rand(KERNEL)
otf = torch.fft.rfftn(psf / psf.sum(), s=FAST)
aperture = (torch.rand(EDGE, EDGE, EDGE // 2 + 1) > 0.5).float()


def resize(size):
    return F.interpolate(first, (size,) * 3, mode="trilinear").unsqueeze(-1)


def start(size):
    return [random.randint(0, EDGE - size) for _ in range(3)]


def crop(size=96):
    parts = []
    for b in range(B):
        z, y, w = start(size)
        parts.append(x[b, :, z : z + size, y : y + size, w : w + size])
    return torch.stack(parts)


def crop_resize(size=96):
    parts = []
    for b in range(B):
        side = round(EDGE * random.uniform(0.75, 1))
        z, y, w = start(side)
        part = first[b : b + 1, :, z : z + side, y : y + side, w : w + side]
        parts.append(F.interpolate(part, (size,) * 3, mode="trilinear"))
    return torch.cat(parts).unsqueeze(-1)


def zscore(v):
    axes = (1, 2, 3, 4)
    mean, std = v.mean(axes, keepdim=True), v.std(axes, keepdim=True)
    return (v - mean) / std.clamp(min=1e-4)


def percentile():
    flat = x.numpy().reshape(B, -1)
    low, high = np.percentile(flat, [1, 99.8], axis=1, keepdims=True).astype(np.float32)
    return (flat - low) / np.maximum(high - low, 1e-4)


def flip_one(v):
    dims = [d for d in (1, 2, 3) if random.random() < 0.5]
    return v.flip(dims) if dims else v


def flip():
    return torch.stack([flip_one(x[b]) for b in range(B)])


def rotate():
    return torch.stack([torch.rot90(x[b], random.randrange(4), (2, 3)) for b in range(B)])


def choice():
    return torch.stack(
        [flip_one(x[b]) if random.random() < 0.5 else zscore(x[b : b + 1])[0] for b in range(B)]
    )


def intensity():
    factor = torch.empty(B, 1, 1, 1, 1, 1).uniform_(0.8, 1.2)
    offset = torch.empty(B, 1, 1, 1, 1, 1).uniform_(-10, 10)
    return x * factor + offset


def gaussian():
    return x + torch.randn_like(x) * 5


def camera(qe=0.82, per_count=0.22, sigma=40, offset=100):
    electrons = torch.poisson(x * qe) + torch.randn_like(x) * (sigma * per_count)
    return (electrons / per_count + offset).clamp(0, 65535)


def channel_dropout():
    return two * (torch.rand(8, 1, 1, 1, 1, 2) > 0.5)


def through_aperture():
    spectrum = torch.fft.rfftn(first, dim=(2, 3, 4)) * aperture
    return torch.fft.irfftn(spectrum, s=(EDGE,) * 3, dim=(2, 3, 4))


def blur():
    padded = F.pad(first, (12, 12, 12, 12, 8, 8), mode="reflect")
    whole = torch.fft.irfftn(torch.fft.rfftn(padded, s=FAST, dim=(2, 3, 4)) * otf, s=FAST, dim=(2, 3, 4))
    return whole[:, :, 16:144, 24:152, 24:152].clamp(min=0).unsqueeze(-1).contiguous()


cases = {
    "blur by a PSF of 17 x 25 x 25": blur,
    "resize to 96": lambda: resize(96),
    "resize to 160": lambda: resize(160),
    "crop": crop,
    "crop and resize": crop_resize,
    "normalize zscore": lambda: zscore(x),
    "normalize percentile": percentile,
    "probabilistic choice": choice,
    "flip": flip,
    "rotate 90": rotate,
    "intensity": intensity,
    "gaussian noise": gaussian,
    "camera noise": camera,
    "channel dropout": channel_dropout,
    "aperture": through_aperture,
}
with torch.inference_mode():
    for line in sys.stdin:
        case = cases[json.loads(line)]
        began = time.perf_counter()
        case()
        print(1000 * (time.perf_counter() - began), flush=True)
