"""Transforms, boxes and apertures as PyTorch and NumPy compute them, one file a case.

    python tools/reference/transform_cases.py [--out FOLDER] [--seed N]

A file has the inputs (`in.*`), what comes out (`out.*`), and the case with its parameters as JSON, in one
entry of the metadata: the library writes several in any order. Without arguments it makes the committed fixtures anew, which are small; the seed is fixed.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

HOME = Path(__file__).resolve().parents[2] / "packages/platform/src/data/transforms/fixtures"


def channels_first(x):
    """[B T Z Y X C] as [B*T C Z Y X], and the way back."""
    B, T, Z, Y, X, C = x.shape
    back = lambda y: y.permute(0, 2, 3, 4, 1).reshape(B, T, *y.shape[2:], C)
    return x.reshape(B * T, Z, Y, X, C).permute(0, 4, 1, 2, 3), back


def resize_cases(rng):
    sizes = lambda low, high: [int(n) for n in rng.integers(low, high, 3)]
    for name, size in (("up", sizes(7, 10)), ("down", sizes(2, 5)), ("mixed", [9, 3, 6])):
        for channels in (1, 2):
            x = torch.from_numpy(rng.random((1, 2, 6, 5, 4, channels), np.float32))
            first, back = channels_first(x)
            for mode, aligned in (("trilinear", False), ("trilinear", True), ("nearest", False), ("area", False)):
                extra = {"align_corners": aligned} if mode == "trilinear" else {}
                out = back(F.interpolate(first, size, mode=mode, **extra))
                meta = {"size": size, "mode": mode, "aligned": aligned}
                label = f"resize-{name}-{channels}-{mode}{'-aligned' if aligned else ''}"
                yield label, "resize", meta, {"in.x": x, "out.y": out}
    labels = torch.from_numpy(rng.integers(-1, 2**31 - 1, (1, 2, 5, 6, 4), np.int32))
    size = sizes(3, 12)
    # The voxel in which the centre of the new one lies; PyTorch's nearest-exact in whole numbers.
    nearest = lambda i, n, m: ((2 * i + 1) * n) // (2 * m)
    aligned = lambda i, n, m: np.floor(i * (n - 1) / (m - 1) + 0.5).astype(int)
    first = lambda i, n, m: (i * n) // m
    for mode, is_aligned, place in (("trilinear", False, nearest), ("trilinear", True, aligned), ("nearest", False, first)):
        places = [torch.from_numpy(place(np.arange(m), n, m)) for n, m in zip(labels.shape[2:], size)]
        out = labels[:, :, places[0]][:, :, :, places[1]][..., places[2]]
        meta = {"size": size, "mode": mode, "aligned": is_aligned}
        label = f"resize-labels-{mode}{'-aligned' if is_aligned else ''}"
        yield label, "resize_labels", meta, {"in.x": labels, "out.y": out}


def turn_cases(rng):
    x = torch.from_numpy(rng.random((3, 1, 4, 4, 4, 2), np.float32))
    for plane, axes in (("ZY", (2, 3)), ("ZX", (2, 4)), ("YX", (3, 4))):
        rows = [torch.rot90(x[b : b + 1], k, axes) for b, k in enumerate((1, 2, 3))]
        meta = {"plane": plane, "quarters": [1, 2, 3]}
        yield f"rotate-{plane}", "rotate", meta, {"in.x": x, "out.y": torch.cat(rows)}


def crop_cases(rng):
    x = torch.from_numpy(rng.random((1, 1, 8, 9, 10, 1), np.float32))
    start = [int(n) for n in rng.integers(0, 3, 3)]
    part = x[:, :, start[0] :, start[1] : start[1] + 6, start[2] : start[2] + 7]
    first, back = channels_first(part.contiguous())
    out = back(F.interpolate(first, (4, 4, 4), mode="trilinear"))
    meta = {"start": start, "size": list(part.shape[2:5]), "target": [4, 4, 4]}
    yield "crop-resize", "crop", meta, {"in.x": x, "out.y": out}


def normalize_cases(rng):
    for channels in (1, 3):
        counts = rng.integers(0, 65536, (2, 1, 4, 5, 6, channels)).astype(np.float32)
        flat = counts.reshape(2, -1, channels).astype(np.float64)
        low, high = np.quantile(flat, [0.013, 0.987], axis=1, keepdims=True)
        out = torch.from_numpy(((flat - low) / (high - low)).astype(np.float32).reshape(counts.shape))
        meta = {"low": 1.3, "high": 98.7}
        x = torch.from_numpy(counts)
        yield f"percentile-{channels}", "percentile", meta, {"in.x": x, "out.y": out}
        axes = (1, 2, 3, 4)
        z = (x - x.mean(axes, keepdim=True)) / x.std(axes, keepdim=True).clamp(min=1e-4)
        yield f"zscore-{channels}", "zscore", {}, {"in.x": x, "out.y": z}


def aperture_cases(rng):
    """In full spectra of complex numbers, frequency 0 in the middle, as the reference platform does."""
    for name, shape in (("even", (6, 8, 10)), ("odd", (5, 7, 9))):
        z, y, x = (np.arange(n) - n // 2 for n in (9, 11, 11))
        sharp = rng.uniform(0.5, 1.5)
        psf = np.exp(-(z[:, None, None] ** 2 / 6 + (y[:, None] ** 2 + x**2) / 3) * sharp)
        psf = (psf + 0.02 * rng.random(psf.shape)).astype(np.float32)
        otf = np.abs(np.fft.fftshift(np.fft.fftn(np.fft.ifftshift(psf))))
        image = rng.random((1, 2, *shape, 2), np.float32)
        threshold = 0.15
        cut = torch.from_numpy((otf / otf.max() >= threshold).astype(np.float32))
        mask = F.interpolate(cut[None, None], shape, mode="trilinear")[0, 0].numpy() >= 0.5
        whole = np.fft.ifftshift(mask)[None, None, :, :, :, None]
        spectrum = np.fft.fftn(image.astype(np.float64), axes=(2, 3, 4)) * whole
        out = np.fft.ifftn(spectrum, axes=(2, 3, 4)).real.astype(np.float32)
        tensors = {"in.psf": torch.from_numpy(psf), "in.x": torch.from_numpy(image), "out.y": torch.from_numpy(out)}
        yield f"aperture-{name}", "aperture", {"threshold": threshold}, tensors


def convolved(volume, kernel, mode):
    """Each voxel is the sum over the kernel, term by term."""
    margins = [(k - 1 - k // 2, k // 2) for k in kernel.shape]
    padded = np.pad(volume, margins, mode=mode)
    out = np.zeros(volume.shape)
    for place in np.ndindex(*kernel.shape):
        window = tuple(slice(start, start + n) for start, n in zip(place, volume.shape))
        out += kernel[::-1, ::-1, ::-1][place] * padded[window]
    return out


def blur_cases(rng):
    for name, shape, pad in (("reflect", (5, 4, 3), "reflect"), ("zero", (4, 3, 6), "constant")):
        image = rng.random((1, 1, 6, 7, 8, 1), np.float32)
        psf = torch.from_numpy(rng.random(shape, np.float32))
        scale = [1.0, 1.5, 0.6]
        size = [max(1, int(n * s)) for n, s in zip(shape, scale)]
        kernel = F.interpolate(psf[None, None], size, mode="trilinear")[0, 0].numpy()
        kernel = kernel.astype(np.float64) / kernel.sum()
        out = convolved(image[0, 0, ..., 0].astype(np.float64), kernel, pad)
        out = torch.from_numpy(out.astype(np.float32).reshape(image.shape))
        meta = {"padding": name, "scale": scale}
        tensors = {"in.x": torch.from_numpy(image), "in.psf": psf, "out.y": out}
        yield f"blur-{name}", "blur", meta, tensors


def measured_cases(rng):
    """Of samples that are padded, and have holes: what was not measured weighs nothing."""
    valid = (rng.random((1, 1, 6, 7, 8, 1)) > 0.2).astype(np.uint8)
    valid[:, :, :, 5:] = 0
    image = rng.random(valid.shape, np.float32) * valid
    x, v = torch.from_numpy(image), torch.from_numpy(valid)
    first, back = channels_first(x)
    known, _ = channels_first(v.float())
    for name, size in (("up", [9, 10, 8]), ("down", [3, 2, 5])):
        for mode in ("trilinear", "area"):
            weight = F.interpolate(known.double(), size, mode=mode)
            mean = F.interpolate(first.double(), size, mode=mode) / weight
            nearest = lambda y: F.interpolate(y.double(), size, mode="nearest")
            out = torch.where(weight > 0, mean, nearest(first)) * nearest(known)
            tensors = {"in.x": x, "in.valid": v, "out.y": back(out.float())}
            yield f"resize-measured-{name}-{mode}", "resize_measured", {"size": size, "mode": mode}, tensors
    psf = rng.random((3, 3, 2), np.float32)
    kernel = psf.astype(np.float64) / psf.sum()
    volume, mask = image[0, 0, ..., 0].astype(np.float64), valid[0, 0, ..., 0].astype(np.float64)
    inside = np.zeros(mask.shape)
    inside[:, :5] = 1
    for name, pad in (("reflect", "reflect"), ("zero", "constant")):
        part = convolved(mask, kernel, pad)
        whole = 1 if name == "reflect" else convolved(inside, kernel, pad)
        blurred = convolved(volume, kernel, pad) * whole * mask / np.where(mask > 0, part, 1)
        out = torch.from_numpy(blurred.astype(np.float32).reshape(image.shape))
        meta = {"padding": name, "scale": [1, 1, 1], "measured": [1, 6, 5, 8]}
        tensors = {"in.x": x, "in.valid": v, "in.psf": torch.from_numpy(psf), "out.y": out}
        yield f"blur-measured-{name}", "blur_measured", meta, tensors


def box_cases(rng):
    def boxes(n):
        low = rng.integers(0, 12, (n, 3))
        return np.concatenate([low, low + rng.integers(0, 8, (n, 3))], 1).astype(np.float64)

    a, b = boxes(7), boxes(5)
    volume = lambda box: np.prod(np.maximum(box[3:] - box[:3], 0))
    iou, giou = np.zeros((7, 5)), np.zeros((7, 5))
    for i, p in enumerate(a):
        for j, q in enumerate(b):
            shared = volume(np.r_[np.maximum(p[:3], q[:3]), np.minimum(p[3:], q[3:])])
            union = volume(p) + volume(q) - shared
            hull = volume(np.r_[np.minimum(p[:3], q[:3]), np.maximum(p[3:], q[3:])])
            iou[i, j] = shared / union if union > 0 else 0
            giou[i, j] = iou[i, j] - ((hull - union) / hull if hull > 0 else 0)
    f = lambda v: torch.from_numpy(v.astype(np.float32))
    yield "giou", "giou", {}, {"in.a": f(a), "in.b": f(b), "out.iou": f(iou), "out.giou": f(giou)}
    corners = a[:, [2, 1, 0, 5, 4, 3]]
    centres = np.concatenate([(corners[:, :3] + corners[:, 3:]) / 2, corners[:, 3:] - corners[:, :3]], 1)
    size = [20, 30, 40]
    parts = centres / np.array([40, 30, 20, 40, 30, 20])
    tensors = {"in.zyxzyx": f(a), "out.xyzxyz": f(corners), "out.cxcyczwhd": f(centres), "out.parts": f(parts)}
    yield "boxes", "boxes", {"size": size}, tensors


def label_cases(rng):
    labels = rng.choice([-1, 0, 0, 0, 4, 9, 70000], (2, 5, 6, 7)).astype(np.int32)
    ids = [int(i) for i in np.unique(labels) if i > 0]
    boxes = np.zeros((2, len(ids), 6), np.float32)
    for t in range(2):
        for n, i in enumerate(ids):
            at = np.argwhere(labels[t] == i)
            if len(at):
                boxes[t, n] = np.r_[at.min(0), at.max(0) + 1]
    tensors = {
        "in.labels": torch.from_numpy(labels),
        "out.ids": torch.tensor(ids, dtype=torch.int32),
        "out.boxes": torch.from_numpy(boxes),
    }
    yield "label-objects", "label_objects", {}, tensors


def noise_cases(rng, count):
    """What NumPy draws; ours must have the same distribution."""
    for photons, sigma in ((3, 2), (30, 2), (30, 40), (120, 0), (700, 40)):
        electrons = rng.poisson(photons * 0.82, count) + rng.normal(0, sigma * 0.22, count)
        counts = np.clip(electrons / 0.22 + 100, 0, 65535).astype(np.float32)
        out = torch.from_numpy(np.sort(counts))
        yield f"noise-{photons}-{sigma}", "noise", {"photons": photons, "sigma": sigma}, {"out.y": out}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=HOME)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(arguments.seed)
    is_fixture = arguments.out == HOME
    makers = [resize_cases, turn_cases, crop_cases, normalize_cases, aperture_cases, blur_cases, box_cases, label_cases]
    cases = [case for make in makers for case in make(rng)]
    cases += noise_cases(rng, 1_000 if is_fixture else 200_000)
    cases += measured_cases(rng)
    for name, case, meta, tensors in cases:
        path = arguments.out / f"{name}.safetensors"
        whole = {key: value.contiguous() for key, value in tensors.items()}
        save_file(whole, path, metadata={"case": json.dumps({"case": case, **meta})})
