"""The masked autoencoder of packages/platform/src/models/mae in plain PyTorch.

Source: He et al. 2022, "Masked Autoencoders Are Scalable Vision Learners", section 3, on a grid of
any axes. A batch of masks is three index tensors: keep [B K], hidden [B M], restore [B N], where
token n is at place restore[n] of the kept tokens followed by the hidden ones.
"""

import torch
from nn_reference import Encoder, PatchEmbed, counts_of, patchify, sincos_table, unpatchify
from torch import nn


def take(tokens, index):
    return tokens.gather(1, index[..., None].expand(-1, -1, tokens.shape[-1]))


def predictor_config(config):
    """The settings of the predictor are those of the encoder, but for three sizes."""
    sizes = {key: config[f"decoder_{key}"] for key in ("embed_dim", "depth", "num_heads")}
    return {**config, **sizes}


class MaskedEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.patch_embed = PatchEmbed(config)
        self.transformer = Encoder(config)
        self.positions = None
        if config["abs_sincos_enc"]:
            self.positions = sincos_table(counts_of(config), config["embed_dim"])

    def forward(self, video, keep):
        tokens = self.patch_embed(video)
        if self.positions is not None:
            tokens = tokens + self.positions
        return self.transformer(take(tokens, keep), keep)


class MaskedPredictor(nn.Module):
    def __init__(self, config, latent_width, voxels):
        super().__init__()
        config = predictor_config(config)
        self.embed = nn.Linear(latent_width, config["embed_dim"])
        self.mask_token = nn.Parameter(torch.randn(1, 1, config["embed_dim"]) * 0.02)
        self.transformer = Encoder(config)
        self.head = nn.Linear(config["embed_dim"], voxels)
        self.positions = None
        if config["abs_sincos_enc"]:
            self.positions = sincos_table(counts_of(config), config["embed_dim"])

    def forward(self, latent, restore):
        seen = self.embed(latent)
        batch, kept, width = seen.shape
        blank = self.mask_token.expand(batch, restore.shape[1] - kept, width)
        tokens = take(torch.cat([seen, blank], dim=1), restore)
        if self.positions is not None:
            tokens = tokens + self.positions
        return self.head(self.transformer(tokens))


class MaskedAutoencoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        voxels = config["input_shape"][-1]
        for edge in config["patch_shape"]:
            voxels *= edge
        self.encoder = MaskedEncoder(config)
        self.predictor = MaskedPredictor(config, config["embed_dim"], voxels)

    def forward(self, video, keep, hidden, restore):
        """Returns the loss and the predicted voxels of the hidden patches, [B M P]."""
        voxels = self.predictor(self.encoder(video, keep), restore)
        predicted = take(voxels, hidden)
        targets = take(patchify(video, self.config["patch_shape"]), hidden)
        if self.config.get("norm_targets"):
            mean, var = targets.mean(-1, keepdim=True), targets.var(-1, keepdim=True)
            targets = (targets - mean) / (var + 1e-6).sqrt()
        error = (predicted - targets).square().mean(-1)
        return error.sum() / hidden.numel(), predicted

    def predict(self, video, keep, restore):
        voxels = self.predictor(self.encoder(video, keep), restore)
        config = self.config
        return unpatchify(
            voxels, counts_of(config), config["patch_shape"], config["input_shape"][-1]
        )
