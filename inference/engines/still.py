"""One latent frame to one picture, three times cheaper than by way of the video decoder."""

from __future__ import annotations

import copy

import torch
from diffusers import AutoencoderKLLTXVideo
from diffusers.models.autoencoders.autoencoder_kl_ltx import LTXVideoCausalConv3d
from torch import nn
from torch.nn import functional


def still_decoder(vae: AutoencoderKLLTXVideo) -> nn.Module:
    """The autoencoder's decoder for latents of a single frame; shares its weights, gives the same picture.

    Before and after a single frame the convolutions see that frame repeated, so a kernel over three of them is the
    plain picture kernel that is the sum of its three.
    """
    shared = {id(parameter): parameter for parameter in vae.decoder.parameters()}
    decoder: nn.Module = copy.deepcopy(vae.decoder, shared)
    for module in list(decoder.modules()):
        for name, child in module.named_children():
            if isinstance(child, LTXVideoCausalConv3d):
                setattr(module, name, _StillConvolution(child.conv))
    return decoder


class _StillConvolution(nn.Module):
    """A convolution over time and space, for one frame (batch, channels, 1, height, width)."""

    def __init__(self, conv: nn.Conv3d) -> None:
        super().__init__()
        self.conv = conv

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        conv = self.conv
        picture = functional.conv2d(
            hidden_states[:, :, 0],
            conv.weight.sum(2),
            conv.bias,
            stride=conv.stride[1:],
            padding=conv.padding[1:],
            groups=conv.groups,
        )
        return picture[:, :, None]
