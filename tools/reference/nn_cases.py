"""Every comparison of nn and models/mae: one row a case, run in float64, written as safetensors.

    python nn_cases.py --out FOLDER [--seed N] [--only WORD]

A file holds what a case went in with and what came out: `weight.*`, `input.*`, `output.*`,
`cotangent.*` (the gradient fed to each output), `grad.weight.*`, `grad.input.*`; its metadata holds
`kind` and `config`. Weights and inputs are drawn in float32 and the mathematics is done in float64,
so that what a comparison in float32 shows is our own rounding alone.
"""

import argparse
import json
import math
import zlib
from pathlib import Path

import torch
from mae_reference import MaskedAutoencoder
from nn_reference import (
    Attention,
    Block,
    Encoder,
    PatchEmbed,
    counts_of,
    mlp,
    norm,
    patchify,
    rope,
    rotate,
    sincos_table,
    unpatchify,
)
from safetensors.torch import save_file
from timm.layers import drop_path
from torch import nn
from torch.nn import functional as F

GRIDS = {
    "TZYXC": dict(input_fmt="TZYXC", input_shape=[2, 2, 4, 6, 2], patch_shape=[1, 1, 2, 2]),
    "ZYXC": dict(input_fmt="ZYXC", input_shape=[4, 4, 6, 1], patch_shape=[2, 2, 2]),
    "TYXC": dict(input_fmt="TYXC", input_shape=[3, 4, 4, 2], patch_shape=[1, 2, 2]),
    "YXC": dict(input_fmt="YXC", input_shape=[6, 4, 3], patch_shape=[2, 2]),
}
BLOCK = dict(
    embed_dim=16,
    num_heads=2,
    mlp_ratio=4,
    norm_layer="LayerNorm",
    mlp_layer="Mlp",
    act_layer="GELU",
    mlp_wide_silu=False,
    qk_norm=False,
    rope_pos_enc=False,
)
MODERN = {**BLOCK, "norm_layer": "RmsNorm", "mlp_layer": "SwiGLU", "act_layer": "SiLU"}
ROPE = dict(rope_pos_enc=True, rope_theta=10.0, rope_random_rotation_per_head=True)
MAE = dict(
    mlp_ratio=2,
    depth=2,
    decoder_embed_dim=12,
    decoder_depth=1,
    decoder_num_heads=1,
    abs_sincos_enc=True,
    norm_targets=False,
)


def cases():
    """(name, kind, config) of every case."""
    yield "linear", "linear", dict(inputs=6, outputs=5, bias=True)
    yield "linear-no-bias", "linear", dict(inputs=6, outputs=5, bias=False)
    yield "layer-norm", "norm", dict(norm_layer="LayerNorm", embed_dim=10)
    yield "rms-norm", "norm", dict(norm_layer="RmsNorm", embed_dim=10)
    yield "dropout", "dropout", dict(embed_dim=6, rate=0.3)
    for name in ["LayerNorm", "RmsNorm"]:
        config = dict(norm_layer=name, embed_dim=10, rate=0.4)
        yield f"drop-path-{name.removesuffix('Norm').lower()}-norm", "drop_path", config
    yield "attention", "attention", BLOCK
    yield "attention-no-bias", "attention", {**BLOCK, "qkv_bias": False}
    yield "attention-qk-layer-norm", "attention", {**BLOCK, "qk_norm": True}
    yield "attention-qk-rms-norm", "attention", {**MODERN, "qk_norm": True}
    for act in ["GELU", "SiLU"]:
        yield f"mlp-{act.lower()}", "mlp", {**BLOCK, "embed_dim": 6, "act_layer": act}
        yield f"swiglu-{act.lower()}", "mlp", {**MODERN, "embed_dim": 6, "act_layer": act}
    yield "swiglu-wide", "mlp", {**MODERN, "embed_dim": 6, "mlp_wide_silu": True}
    for fmt, grid in GRIDS.items():
        name = fmt.lower()
        yield f"patchify-{name}", "patchify", grid
        yield f"patch-embed-{name}", "patch_embed", {**grid, "embed_dim": 7}
        yield f"sincos-{name}", "sincos", {**grid, "embed_dim": 19}
        wide = {**grid, **ROPE, "embed_dim": 40, "num_heads": 2, "depth": 2}
        yield f"rope-axial-{name}", "rope", {**wide, "rope_type": "axial"}
        yield f"rope-mixed-{name}", "rope", {**wide, "rope_type": "mixed"}
    yield "block", "block", BLOCK
    yield "block-modern", "block", {**MODERN, "qk_norm": True}
    deep = {**MODERN, **GRIDS["ZYXC"], "mlp_ratio": 2, "depth": 2}
    yield "encoder-plain", "encoder", deep
    yield "encoder-axial", "encoder", {**deep, **ROPE, "rope_type": "axial"}
    yield "encoder-mixed", "encoder", {**deep, **ROPE, "rope_type": "mixed"}
    yield "encoder-features", "features", {**BLOCK, "mlp_ratio": 1, "depth": 3, "out_layers": [0, 2]}
    plain = {**BLOCK, **MAE}
    modern = {**MODERN, **MAE, **ROPE, "abs_sincos_enc": False}
    for fmt in GRIDS:
        yield f"mae-{fmt.lower()}", "mae", {**plain, **GRIDS[fmt]}
    yield "mae-norm-targets-zyxc", "mae", {**plain, **GRIDS["ZYXC"], "norm_targets": True}
    for fmt in ["ZYXC", "TZYXC"]:
        for kind in ["axial", "mixed"]:
            options = dict(rope_type=kind, qk_norm=kind == "axial")
            yield f"mae-{kind}-{fmt.lower()}", "mae", {**modern, **GRIDS[fmt], **options}
    predict = {**modern, **GRIDS["TZYXC"], "rope_type": "mixed"}
    yield "mae-predict-tzyxc", "mae_predict", predict


DROP_SEED = 5  # of what is dropped: PyTorch draws it, and the case has it as an input


def dropped(drop, x, kept):
    """What `drop` makes of x, which must be what it keeps of ones with the same seed."""
    torch.manual_seed(DROP_SEED)
    y = drop(x)
    shape = kept.shape + (1,) * (y.dim() - kept.dim())
    assert torch.equal(y != 0, kept.bool().reshape(shape).expand_as(y))
    return y


class Dropout(nn.Module):
    """Single values dropped by PyTorch."""

    def __init__(self, config):
        super().__init__()
        self.rate = config["rate"]

    def forward(self, x, kept):
        return dropped(lambda v: F.dropout(v, self.rate), x, kept)


class DropPath(nn.Module):
    """A residual sum of which timm drops whole branches, and what is normalised of it."""

    def __init__(self, config):
        super().__init__()
        self.rate, self.norm = config["rate"], norm(config, config["embed_dim"])

    def forward(self, stream, branch, kept):
        total = stream + dropped(lambda v: drop_path(v, self.rate, True), branch, kept)
        return total, self.norm(total)


class Sincos(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.table = sincos_table(counts_of(config), config["embed_dim"])

    def forward(self):
        return self.table


class Patchify(nn.Module):
    """Both directions: the patches, and twice the video back from them."""

    def __init__(self, config):
        super().__init__()
        self.config = config

    def forward(self, video):
        config = self.config
        patches = patchify(video, config["patch_shape"])
        back = unpatchify(
            2 * patches, counts_of(config), config["patch_shape"], config["input_shape"][-1]
        )
        return patches, back


class Rope(nn.Module):
    """Rotates by the factors of the last layer, for all tokens and for chosen ones."""

    def __init__(self, config):
        super().__init__()
        self.rope = rope(config)

    def forward(self, x, places):
        picked = x[:, :, : places.shape[1]]
        return rotate(x, self.rope()[-1]), rotate(picked, self.rope(places)[-1])


class Features(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.transformer = Encoder(config)
        self.out_layers = config["out_layers"]

    def forward(self, x):
        return tuple(self.transformer.features(x, self.out_layers))


class Predict(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.model = MaskedAutoencoder(config)

    def forward(self, video, keep, restore):
        return self.model.predict(video, keep, restore)


BUILD = dict(
    linear=lambda c: nn.Linear(c["inputs"], c["outputs"], bias=c["bias"]),
    norm=lambda c: norm(c, c["embed_dim"]),
    dropout=Dropout,
    drop_path=DropPath,
    attention=Attention,
    mlp=mlp,
    patchify=Patchify,
    patch_embed=PatchEmbed,
    sincos=Sincos,
    rope=Rope,
    block=Block,
    encoder=Encoder,
    features=Features,
    mae=MaskedAutoencoder,
    mae_predict=Predict,
)


def inputs(kind, config, rng):
    """The inputs of a case by name, in the order of the module's arguments."""
    normal = lambda *shape: torch.randn(*shape, generator=rng, dtype=torch.float32)
    if kind == "linear":
        return dict(x=normal(3, 4, config["inputs"]))
    if kind == "sincos":
        return {}
    if kind in ("dropout", "drop_path"):
        x, branch = normal(8, 5, config["embed_dim"]), normal(8, 5, config["embed_dim"])
        ones = torch.ones(x.shape, dtype=torch.float64)
        torch.manual_seed(DROP_SEED)
        if kind == "dropout":
            return dict(x=x, kept=(F.dropout(ones, config["rate"]) != 0).long())
        kept = drop_path(ones, config["rate"], True)[:, 0, 0] != 0
        return dict(stream=x, branch=branch, kept=kept.long())
    if "input_shape" not in config:
        return dict(x=normal(2, 5, config["embed_dim"]))
    tokens = math.prod(counts_of(config))
    if kind in ("patchify", "patch_embed"):
        return dict(video=normal(2, *config["input_shape"]))
    order = torch.rand(2, tokens, generator=rng).argsort(1)
    kept = max(1, int(tokens * 0.25))
    keep, hidden = order[:, :kept].sort(1).values, order[:, kept:].sort(1).values
    if kind == "rope":
        heads = config["num_heads"]
        return dict(x=normal(2, heads, tokens, config["embed_dim"] // heads), places=keep)
    if kind == "encoder":
        return dict(x=normal(2, kept, config["embed_dim"]), places=keep)
    video, restore = normal(2, *config["input_shape"]), torch.cat([keep, hidden], 1).argsort(1)
    if kind == "mae_predict":
        return dict(video=video, keep=keep, restore=restore)
    return dict(video=video, keep=keep, hidden=hidden, restore=restore)


def run(kind, config, seed):
    """All tensors of one case, by the names of the file."""
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    module = BUILD[kind](config)
    for parameter in module.parameters():  # away from ones and zeros, which hide faults
        parameter.data += 0.2 * torch.randn_like(parameter) * (parameter.dim() < 2)
        parameter.data = parameter.data.float().double()
    given = inputs(kind, config, rng)
    fed = {k: v.double().requires_grad_() if v.is_floating_point() else v for k, v in given.items()}
    found = module(*fed.values())
    found = found if isinstance(found, tuple) else (found,)
    tensors = {f"input.{k}": v for k, v in given.items()}
    tensors |= {f"weight.{k}": v.detach() for k, v in module.named_parameters()}
    tensors |= {f"output.{i}": v.detach() for i, v in enumerate(found)}
    wanted = {f"grad.input.{k}": v for k, v in fed.items() if v.requires_grad}
    wanted |= {f"grad.weight.{k}": v for k, v in module.named_parameters()}
    if wanted and kind != "mae_predict":
        cotangents = [
            torch.randn(v.shape, generator=rng, dtype=torch.float32) if v.dim() else torch.tensor(1.0)
            for v in found
        ]
        tensors |= {f"cotangent.{i}": v for i, v in enumerate(cotangents)}
        total = sum((v * c.double()).sum() for v, c in zip(found, cotangents))
        gradients = torch.autograd.grad(total, list(wanted.values()), allow_unused=True)
        tensors |= {k: v for k, v in zip(wanted, gradients) if v is not None}
    return {
        k: (v.float() if v.is_floating_point() else v).contiguous() for k, v in tensors.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, kind, config in cases():
        if options.only not in name:
            continue
        tensors = run(kind, config, options.seed + zlib.crc32(name.encode()) % 2**20)
        metadata = {"kind": kind, "config": json.dumps(config)}
        save_file(tensors, options.out / f"{name}.safetensors", metadata=metadata)


if __name__ == "__main__":
    main()
