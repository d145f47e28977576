"""Checks our own reference layers against timm, through the same state dict. Prints a line each.

    python check_nn_against_timm.py    exits with 1 when a difference is above LIMIT
"""

import sys
from functools import partial

import torch
from nn_reference import Attention, Block, Mlp, RmsNorm, SwiGlu, patchify, sincos_table
from timm.layers import Mlp as TimmMlp
from timm.layers import RmsNorm as TimmRmsNorm
from timm.layers import SwiGLUPacked
from timm.layers.pos_embed_sincos import build_sincos2d_pos_embed
from timm.models.vision_transformer import Attention as TimmAttention
from timm.models.vision_transformer import Block as TimmBlock
from torch import nn

LIMIT = 1e-6  # timm makes its positions in float32; the rest agrees to 1e-15
CONFIG = dict(embed_dim=24, num_heads=3, norm_layer="LayerNorm", mlp_layer="Mlp", act_layer="GELU", mlp_ratio=4)


def pairs():
    """(name, ours, timm's, input) with the same state dict in both."""
    x = torch.randn(2, 7, 24)
    norm = partial(nn.LayerNorm, eps=1e-6)
    yield "attention", Attention(CONFIG), TimmAttention(24, 3, qkv_bias=True), x
    qk = dict(qkv_bias=True, qk_norm=True, norm_layer=norm)
    yield "attention qk-norm", Attention({**CONFIG, "qk_norm": True}), TimmAttention(24, 3, **qk), x
    yield "mlp", Mlp(24, 50, "GELU"), TimmMlp(24, 50), x
    yield "swiglu", SwiGlu(24, 50, "SiLU"), SwiGLUPacked(24, 100), x
    yield "rms-norm", RmsNorm(24, 1e-6), TimmRmsNorm(24, eps=1e-6), x
    yield "block", Block(CONFIG), TimmBlock(24, 3, qkv_bias=True, norm_layer=norm), x


def main():
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    differences = {}
    for name, ours, theirs, x in pairs():
        theirs.load_state_dict(ours.state_dict(), strict=True)
        differences[name] = (ours(x) - theirs(x)).abs().max().item()

    # timm has all sines before all cosines, we have each axis together.
    table = build_sincos2d_pos_embed([5, 3], dim=16, dtype=torch.float64)
    table = table.reshape(15, 2, 2, 4).transpose(1, 2).flatten(1)
    differences["sin-cos 2-D"] = (table - sincos_table([5, 3], 16)[0]).abs().max().item()
    # A convolution is an embedding of patches.
    video, conv = torch.randn(2, 4, 6, 8, 3), nn.Conv3d(3, 5, (2, 3, 2), (2, 3, 2))
    weight = conv.weight.permute(0, 2, 3, 4, 1).reshape(5, -1)
    tokens = patchify(video, [2, 3, 2]) @ weight.T + conv.bias
    expected = conv(video.permute(0, 4, 1, 2, 3)).flatten(2).transpose(1, 2)
    differences["patchify as a convolution"] = (tokens - expected).abs().max().item()

    for name, difference in differences.items():
        print(f"{'ok  ' if difference < LIMIT else 'FAIL'}  {name}: {difference:.1e} from timm")
    sys.exit(any(difference >= LIMIT for difference in differences.values()))


if __name__ == "__main__":
    main()
