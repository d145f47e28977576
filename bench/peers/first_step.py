"""The peer of bench/first-step.ts: from `python` to the end of the first training step."""

import json

import torch
from mae import MaskedAutoencoder

CONFIG = dict(
    input_fmt="ZYXC",
    input_shape=[8, 32, 32, 1],
    patch_shape=[4, 8, 8],
    embed_dim=64,
    depth=2,
    num_heads=2,
    mlp_ratio=4,
    decoder_embed_dim=32,
    decoder_depth=1,
    decoder_num_heads=1,
    norm_layer="LayerNorm",
    mlp_layer="Mlp",
    abs_sincos_enc=True,
    rope_pos_enc=False,
)


def main():
    torch.manual_seed(0)
    torch.set_num_threads(2)
    model = MaskedAutoencoder(CONFIG)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    video, order = torch.randn(2, *CONFIG["input_shape"]), torch.rand(2, 32).argsort(1)
    loss = model(video, order[:, :8], order[:, 8:], order.argsort(1))
    loss.backward()
    optimizer.step()
    with open("/proc/self/status") as status:
        peak = next(line for line in status if line.startswith("VmHWM"))
    print(json.dumps({"loss": loss.item(), "processPeakBytes": int(peak.split()[1]) * 1024}))


if __name__ == "__main__":
    main()
