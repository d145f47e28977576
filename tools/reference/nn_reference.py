"""The layers of packages/platform/src/nn, in plain PyTorch: what our numbers are checked against.

Written for this project, for being read beside the TypeScript: same names, same state dicts, same
formulas, nothing fused. Letters: B batch, N tokens, K context tokens, D width, H heads, P voxels in
a patch (or rotated channel pairs, in the rotary codes), L layers, A axes of the grid.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

# ------------------------------------------------------------------------------- grid and patches


def axes_of(input_fmt):
    """"ZYXC" -> ["Z", "Y", "X"]."""
    return list(input_fmt[:-1])


def counts_of(config):
    return [s // p for s, p in zip(config["input_shape"][:-1], config["patch_shape"])]


def patchify(video, patch_shape):
    """[B *axes C] -> [B N P]; tokens and voxels in the order of the axes, the channel fastest."""
    batch, *sizes, channels = video.shape
    split = [batch]
    for size, edge in zip(sizes, patch_shape):
        split += [size // edge, edge]
    a = len(sizes)
    order = [0, *range(1, 2 * a, 2), *range(2, 2 * a + 1, 2), 2 * a + 1]
    return video.reshape(*split, channels).permute(order).reshape(
        batch, -1, math.prod(patch_shape) * channels
    )


def unpatchify(patches, counts, patch_shape, channels):
    batch, a = patches.shape[0], len(counts)
    order = [0]
    for i in range(a):
        order += [1 + i, 1 + a + i]
    sizes = [c * p for c, p in zip(counts, patch_shape)]
    return patches.reshape(batch, *counts, *patch_shape, channels).permute(
        *order, 2 * a + 1
    ).reshape(batch, *sizes, channels)


class PatchEmbed(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.patch_shape = config["patch_shape"]
        voxels = math.prod(self.patch_shape) * config["input_shape"][-1]
        self.proj = nn.Linear(voxels, config["embed_dim"])

    def forward(self, video):
        return self.proj(patchify(video, self.patch_shape))


def coordinates(counts):
    """Grid coordinates of each token, [A N] float32, one row an axis in the grid's order."""
    grids = torch.meshgrid(*[torch.arange(c) for c in counts], indexing="ij")
    return torch.stack([g.reshape(-1) for g in grids]).float()


# --------------------------------------------------------------------------------------- positions


def sincos_table(counts, width, temperature=10000.0):
    """Frozen table [1 N D]: per axis sines then cosines, axes in the grid's order, zeros at the end."""
    per_axis = width // (2 * len(counts)) * 2
    half = per_axis // 2
    omega = temperature ** -(torch.arange(half, dtype=torch.float64) / half)
    parts = []
    for position in coordinates(counts).double():
        phase = position[:, None] * omega[None]
        parts += [phase.sin(), phase.cos()]
    table = torch.cat(parts, dim=1)
    return F.pad(table, (0, width - table.shape[1])).to(torch.get_default_dtype())[None]


ROPE_ORDER = ["X", "Y", "Z", "T"]


def rope_axes(input_fmt):
    axes = axes_of(input_fmt)
    return [axes.index(name) for name in ROPE_ORDER if name in axes]


def magnitudes(num_axes, head_dim, theta):
    per_axis = head_dim // (2 * num_axes)
    return theta ** -(2 * num_axes * torch.arange(per_axis, dtype=torch.float64) / head_dim)


class AxialRope(nn.Module):
    """Fixed frequencies, one axis each; complex factors [B|1, 1, N, head_dim/2] for every layer."""

    def __init__(self, config):
        super().__init__()
        self.depth = config["depth"]
        pairs = config["embed_dim"] // config["num_heads"] // 2
        order = rope_axes(config["input_fmt"])
        mags = magnitudes(len(order), 2 * pairs, config["rope_theta"])
        places = coordinates(counts_of(config)).double()
        phases = torch.cat([places[a][:, None] * mags[None] for a in order], dim=1)
        self.phases = F.pad(phases, (0, pairs - phases.shape[1]))

    def forward(self, places=None):
        phases = self.phases if places is None else self.phases[places]
        phases = phases.unsqueeze(-3).to(torch.get_default_dtype())
        if places is None:
            phases = phases[None]
        return [torch.polar(torch.ones_like(phases), phases)] * self.depth


class MixedRope(nn.Module):
    """Learnt frequencies [L A H P] over all axes; complex factors [B|1, H, N, head_dim/2]."""

    def __init__(self, config):
        super().__init__()
        order = rope_axes(config["input_fmt"])
        self.pairs = config["embed_dim"] // config["num_heads"] // 2
        mags = magnitudes(len(order), 2 * self.pairs, config["rope_theta"])
        mags = mags.to(torch.get_default_dtype())
        groups = torch.cat([torch.eye(len(order))[:, a : a + 1] * mags for a in range(len(order))], 1)
        freqs = []
        for _ in range(config["depth"] * config["num_heads"]):
            basis = torch.linalg.qr(torch.randn(len(order), len(order))).Q
            freqs.append(basis @ groups if config["rope_random_rotation_per_head"] else groups)
        freqs = torch.stack(freqs).reshape(config["depth"], config["num_heads"], len(order), -1)
        self.freqs = nn.Parameter(freqs.transpose(1, 2).contiguous())
        self.positions = coordinates(counts_of(config))[order]

    def forward(self, places=None):
        positions = self.positions[:, None] if places is None else self.positions[:, places]
        positions = positions.to(self.freqs.dtype)
        phases = torch.einsum("abn,lahp->lbhnp", positions, self.freqs)
        phases = F.pad(phases, (0, self.pairs - phases.shape[-1]))
        return list(torch.polar(torch.ones_like(phases), phases).unbind(0))


def rope(config):
    return {"axial": AxialRope, "mixed": MixedRope}[config["rope_type"]](config)


def rotate(x, rotation):
    """Turns channel pairs (2j, 2j+1) of x [B H N d] by the complex factors."""
    pairs = torch.view_as_complex(x.to(rotation.real.dtype).reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * rotation).flatten(-2).to(x.dtype)


# ------------------------------------------------------------------------------------------ layers


class RmsNorm(nn.Module):
    def __init__(self, width, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight


def norm(config, width):
    eps = config.get("norm_eps", 1e-6)
    return nn.LayerNorm(width, eps=eps) if config["norm_layer"] == "LayerNorm" else RmsNorm(width, eps)


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, self.heads = config["embed_dim"], config["num_heads"]
        self.qkv = nn.Linear(width, 3 * width, bias=config.get("qkv_bias", True))
        self.q_norm = norm(config, width // self.heads) if config.get("qk_norm") else nn.Identity()
        self.k_norm = norm(config, width // self.heads) if config.get("qk_norm") else nn.Identity()
        self.proj = nn.Linear(width, width)

    def forward(self, x, rotation=None):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        q, k = self.q_norm(q), self.k_norm(k)
        if rotation is not None:
            q, k = rotate(q, rotation), rotate(k, rotation)
        weights = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(batch, tokens, width))


ACTIVATIONS = {"GELU": F.gelu, "SiLU": F.silu}


class Mlp(nn.Module):
    def __init__(self, width, hidden, act):
        super().__init__()
        self.act = ACTIVATIONS[act]
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class SwiGlu(nn.Module):
    """Gate and value packed in one matrix, the gate first (timm's SwiGLUPacked)."""

    def __init__(self, width, hidden, act):
        super().__init__()
        self.act = ACTIVATIONS[act]
        self.fc1 = nn.Linear(width, 2 * hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x):
        gate, value = self.fc1(x).chunk(2, dim=-1)
        return self.fc2(self.act(gate) * value)


def mlp(config):
    width = config["embed_dim"]
    hidden = round(width * config["mlp_ratio"])
    if config["mlp_layer"] == "Mlp":
        return Mlp(width, hidden, config["act_layer"])
    if config["mlp_wide_silu"]:
        hidden = -(-(2 * hidden // 3) // 8) * 8
    return SwiGlu(width, hidden, config["act_layer"])


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.norm1 = norm(config, config["embed_dim"])
        self.attn = Attention(config)
        self.norm2 = norm(config, config["embed_dim"])
        self.mlp = mlp(config)

    def forward(self, x, rotation=None):
        x = x + self.attn(self.norm1(x), rotation)
        return x + self.mlp(self.norm2(x))


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.blocks = nn.ModuleList([Block(config) for _ in range(config["depth"])])
        self.norm = norm(config, config["embed_dim"])
        self.rope = rope(config) if config["rope_pos_enc"] else None

    def forward(self, x, places=None):
        rotations = self.rope(places) if self.rope else [None] * len(self.blocks)
        for block, rotation in zip(self.blocks, rotations):
            x = block(x, rotation)
        return self.norm(x)

    def features(self, x, out_layers, places=None):
        rotations = self.rope(places) if self.rope else [None] * len(self.blocks)
        found = []
        for i, (block, rotation) in enumerate(zip(self.blocks, rotations)):
            x = block(x, rotation)
            if i in out_layers:
                found.append(self.norm(x))
        return found
