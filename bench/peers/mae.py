"""A masked autoencoder as a good user of PyTorch writes it: SDPA, packed matrices, nothing odd.

The state dict is that of our model, so both begin from the same weights.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn


def take(tokens, index):
    return tokens.gather(1, index.unsqueeze(-1).expand(-1, -1, tokens.shape[-1]))


def rotate(x, cos, sin):
    """Turns channel pairs of x [B H N d] in float32, as a complex product."""
    pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
    turned = torch.view_as_real(pairs * torch.complex(cos, sin)).flatten(-2)
    return turned.to(x.dtype)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x, rotation):
        b, n, d = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        if rotation is not None:
            q, k = rotate(q, *rotation), rotate(k, *rotation)
        x = F.scaled_dot_product_attention(q, k, v)
        return self.proj(x.transpose(1, 2).reshape(b, n, d))


class Mlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class SwiGlu(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1 = nn.Linear(width, 2 * hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x):
        gate, value = self.fc1(x).chunk(2, dim=-1)
        return self.fc2(F.silu(gate) * value)


class Block(nn.Module):
    def __init__(self, config, width, heads):
        super().__init__()
        norm = {"LayerNorm": nn.LayerNorm, "RmsNorm": nn.RMSNorm}[config["norm_layer"]]
        mlp = {"Mlp": Mlp, "SwiGLU": SwiGlu}[config["mlp_layer"]]
        self.norm1 = norm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.norm2 = norm(width, eps=1e-6)
        self.mlp = mlp(width, round(width * config["mlp_ratio"]))

    def forward(self, x, rotation):
        x = x + self.attn(self.norm1(x), rotation)
        return x + self.mlp(self.norm2(x))


class Transformer(nn.Module):
    def __init__(self, config, width, depth, heads):
        super().__init__()
        self.blocks = nn.ModuleList([Block(config, width, heads) for _ in range(depth)])
        norm = {"LayerNorm": nn.LayerNorm, "RmsNorm": nn.RMSNorm}[config["norm_layer"]]
        self.norm = norm(width, eps=1e-6)
        self.rope = config["rope_pos_enc"]
        if self.rope:
            phases = rope_phases(config, width // heads)
            self.register_buffer("cos", phases.cos(), persistent=False)
            self.register_buffer("sin", phases.sin(), persistent=False)

    def forward(self, x, places=None):
        rotation = None
        if self.rope:
            rotation = (self.cos, self.sin)
            if places is not None:
                rotation = tuple(t[places].unsqueeze(1) for t in rotation)
        x = x.float()  # the residual stream stays float32 under autocast
        for block in self.blocks:
            x = block(x, rotation)
        return self.norm(x)


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, voxels = config["embed_dim"], patch_voxels(config)
        self.patch_embed = nn.ModuleDict({"proj": nn.Linear(voxels, width)})
        self.transformer = Transformer(config, width, config["depth"], config["num_heads"])
        table = sincos(config, width) if config["abs_sincos_enc"] else None
        self.register_buffer("positions", table, persistent=False)

    def forward(self, patches, keep):
        x = self.patch_embed["proj"](take(patches, keep))  # as ours: nothing that is then dropped
        if self.positions is not None:
            x = x + self.positions[0][keep]
        return self.transformer(x, keep)


class Predictor(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["decoder_embed_dim"]
        depth, heads = config["decoder_depth"], config["decoder_num_heads"]
        self.embed = nn.Linear(config["embed_dim"], width)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, width))
        self.transformer = Transformer(config, width, depth, heads)
        self.head = nn.Linear(width, patch_voxels(config))
        table = sincos(config, width) if config["abs_sincos_enc"] else None
        self.register_buffer("positions", table, persistent=False)

    def forward(self, latent, restore, hidden):
        x = self.embed(latent)
        b, k, d = x.shape
        blank = self.mask_token.to(x.dtype).expand(b, restore.shape[1] - k, d)
        x = take(torch.cat([x, blank], dim=1), restore)
        if self.positions is not None:
            x = x + self.positions
        return self.head(take(self.transformer(x), hidden))


class MaskedAutoencoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.predictor = Predictor(config)

    def forward(self, video, keep, hidden, restore):
        patches = patchify(video, self.config["patch_shape"])
        predicted = self.predictor(self.encoder(patches, keep), restore, hidden)
        return F.mse_loss(predicted.float(), take(patches, hidden))


def patchify(video, patch_shape):
    batch, *sizes, channels = video.shape
    a = len(sizes)
    split = [n for size, edge in zip(sizes, patch_shape) for n in (size // edge, edge)]
    order = [0, *range(1, 2 * a, 2), *range(2, 2 * a + 1, 2), 2 * a + 1]
    x = video.reshape(batch, *split, channels).permute(order)
    return x.reshape(batch, -1, math.prod(patch_shape) * channels)


def patch_voxels(config):
    return math.prod(config["patch_shape"]) * config["input_shape"][-1]


def grid(config):
    counts = [s // p for s, p in zip(config["input_shape"], config["patch_shape"])]
    lines = [torch.arange(c, dtype=torch.float32) for c in counts]
    return [g.reshape(-1) for g in torch.meshgrid(*lines, indexing="ij")]


def sincos(config, width):
    places = grid(config)
    half = width // (2 * len(places))
    omega = 10000 ** (-torch.arange(half, dtype=torch.float32) / half)
    parts = [f(p[:, None] * omega) for p in places for f in (torch.sin, torch.cos)]
    table = torch.cat(parts, dim=1)
    return F.pad(table, (0, width - table.shape[1]))[None]


def rope_phases(config, head):
    axes = config["input_fmt"][:-1]
    places = grid(config)
    count = head // (2 * len(axes))
    waves = config["rope_theta"] ** (-2 * len(axes) * torch.arange(count) / head)
    parts = [places[axes.index(name)][:, None] * waves for name in "XYZT" if name in axes]
    phases = torch.cat(parts, dim=1)
    return F.pad(phases, (0, head // 2 - phases.shape[1]))
