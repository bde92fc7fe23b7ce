"""The autoencoder's closed-form start: principal components of patches, of blocks of patches, and of blocks of those.

Gradient descent needs hours to find what an eigenvalue problem gives in a minute. So the encoder is set to a
three-level principal component analysis and never trained: its latents are fixed before the transformer starts, and the
decoder, set to the inverse, can be trained to sharpness at any time without the transformer noticing.

Both halves end in RMS norm and SiLU, which are no linear maps. A large constant in one channel makes the norm nearly
constant, and keeps the others small, where silu(x) = x/2 + x²/4 - ... is nearly linear.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import AutoencoderKLLTXVideo
from torch import Tensor, nn
from torch.nn import functional

from inference.pocket.training.data import rng_for, snippets

#: The constant channel's value at the encoder's and the decoder's end.
_BIG = 300.0
#: Batches of snippets that the statistics come from, and their size.
_BATCHES, _COUNT, _FRAMES = 60, 6, 9
_STAGE = 4
#: Convolution taps of "here": a causal kernel's last in time, the middle in space.
_HERE = (slice(None), slice(None), 2, 1, 1)
#: Offsets within a block of 2x2x2 in the upsampler's channel order, and the strided kernel's taps that see them.
_CORNERS = [(t, h, w) for t in (0, 1) for h in (0, 1) for w in (0, 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Principal components: rows orthonormal, largest first."""

    #: [components, inputs].
    rows: Tensor
    #: Standard deviation along each, [components].
    deviation: Tensor
    #: [inputs].
    mean: Tensor


def principal(samples: list[Tensor], components: int, centred: bool) -> Basis:
    """The leading components of samples [n, inputs]."""
    count = sum(len(s) for s in samples)
    mean = torch.stack([s.sum(0) for s in samples]).sum(0) / count
    if not centred:
        mean = torch.zeros_like(mean)
    gram = torch.stack([(s - mean).T @ (s - mean) for s in samples]).sum(0) / count
    values, vectors = torch.linalg.eigh(gram.double())
    order = torch.arange(len(values) - 1, len(values) - 1 - components, -1)
    rows, variance = vectors[:, order].T.float(), values[order].float().clamp(min=1e-8)
    return Basis(rows=rows, deviation=variance.sqrt(), mean=mean)


def patches(video: Tensor) -> Tensor:
    """[batch, 3, frames, height, width] as [batch, 192, frames, height/8, width/8], in the autoencoder's order."""
    batch, colours, frames, height, width = video.shape
    split = video.reshape(batch, colours, frames, height // 8, 8, width // 8, 8)
    result: Tensor = split.permute(0, 1, 6, 4, 2, 3, 5).flatten(1, 3)
    return result


def blocks(features: Tensor) -> Tensor:
    """[batch, channels, frames, height, width] as vectors [..., channels * 8] of 2x2x2 blocks; frame 0 doubled."""
    doubled = torch.cat([features[:, :, :1], features], dim=2)
    batch, channels, frames, height, width = doubled.shape
    split = doubled.reshape(batch, channels, frames // 2, 2, height // 2, 2, width // 2, 2)
    result: Tensor = split.permute(0, 2, 4, 6, 1, 3, 5, 7).flatten(4, 7).flatten(0, 3)
    return result


def _project(features: Tensor, basis: Basis) -> Tensor:
    """Block coefficients on the halved grid."""
    batch, _, frames, height, width = features.shape
    vectors = blocks(features) @ basis.rows.T
    return vectors.view(batch, frames // 2 + 1, height // 2, width // 2, -1).permute(0, 4, 1, 2, 3)


def _flat(features: Tensor) -> Tensor:
    return features.movedim(1, -1).flatten(0, -2)


def balanced(deviation: Tensor) -> Tensor:
    """Scales that halve the components' range (in decibels), with a mean square of 1 after scaling.

    Between plain components, where fine detail hardly counts, and whitened ones, where it counts as much as colour.
    """
    scales = deviation.rsqrt()
    return scales / (scales * deviation).square().mean().sqrt()


@torch.no_grad()
def fit(vae: AutoencoderKLLTXVideo, seed: int, batches: int = _BATCHES) -> None:
    """Set all of `vae` from drawn snippets."""
    width = vae.encoder.conv_in.out_channels
    videos = [patches(snippets(rng_for(seed, _STAGE, i), _COUNT, _FRAMES)) for i in range(batches)]
    first = principal([_flat(v)[::7] for v in videos], width, centred=True)
    middle = [functional.conv3d(v, first.rows[..., None, None, None], -first.rows @ first.mean) for v in videos]
    second = principal([blocks(f)[::2] for f in middle], width, centred=False)
    coarse = [_project(f, second) for f in middle]
    third = principal([blocks(f) for f in coarse], width - 1, centred=False)
    _set_encoder(vae.encoder, first, second, third)
    _set_decoder(vae.decoder, first, second, third)


def _clear(convolution: nn.Conv3d) -> tuple[Tensor, Tensor]:
    convolution.weight.zero_()
    assert convolution.bias is not None
    convolution.bias.zero_()
    return convolution.weight, convolution.bias


def _set_encoder(encoder: Any, first: Basis, second: Basis, third: Basis) -> None:
    weight, bias = _clear(encoder.conv_in.conv)
    weight[_HERE] = first.rows
    bias.copy_(-first.rows @ first.mean)
    for block, basis in zip(encoder.down_blocks, (second, third), strict=True):
        weight, bias = _clear(block.downsamplers[0].conv)
        rows = basis.rows.view(len(basis.rows), -1, 8)
        for corner, (t, h, w) in enumerate(_CORNERS):
            weight[: len(rows), :, t + 1, h + 1, w + 1] = rows[..., corner]
    scales = balanced(third.deviation)
    weight[:-1] *= scales[:, None, None, None, None]
    bias[-1] = _BIG
    root = _root(len(scales) + 1, len(scales))
    weight, bias = _clear(encoder.conv_out.conv)
    index = torch.arange(len(scales))
    weight[index, index, 2, 1, 1] = 2 * root
    # The last channel is the log variance of the posterior, shared by all channels.
    bias[-1] = 2 * math.log(0.05)


def _root(channels: int, scaled: int) -> float:
    """The root mean square of `scaled` unit channels and the big one among `channels`."""
    return math.sqrt((_BIG**2 + scaled) / channels)


def _set_decoder(decoder: Any, first: Basis, second: Basis, third: Basis) -> None:
    for name, module in decoder.named_modules():
        if name.endswith("conv2"):
            module.conv.weight.zero_()
            module.conv.bias.zero_()
    coarse, fine = (block.upsamplers[0].conv.conv for block in decoder.up_blocks)
    count = len(third.deviation)
    weight, _ = _clear(decoder.conv_in.conv)
    weight[torch.arange(count), torch.arange(count), 2, 1, 1] = 1 / balanced(third.deviation)
    _expand(coarse, third.rows, fine.in_channels)
    kept = decoder.conv_out.in_channels - 1
    scales = balanced(first.deviation[:kept])
    _expand(fine, second.rows[: fine.in_channels], kept)
    fine.weight[: kept * 8] *= scales.repeat_interleave(8)[:, None, None, None, None]
    fine.bias[kept * 8 :] = _BIG
    weight, bias = _clear(decoder.conv_out.conv)
    weight[:, :kept, 2, 1, 1] = first.rows[:kept].T / scales * 2 * _root(kept + 1, kept)
    bias.copy_(first.mean)


def _expand(convolution: nn.Conv3d, rows: Tensor, kept: int) -> None:
    """Coefficients back to the first `kept` channels of their eight corners."""
    weight, _ = _clear(convolution)
    weight[: kept * 8, : len(rows), 2, 1, 1] = rows.T[: kept * 8]


@torch.no_grad()
def encode(vae: AutoencoderKLLTXVideo, video: Tensor) -> Tensor:
    """The encoder's mean for [batch, 3, frames, height, width], ten times as fast.

    Of the fitted kernels' 27 taps one or eight are not zero: only those are computed.
    Equal to `vae.encode` within rounding.
    """
    encoder = vae.encoder
    conv = encoder.conv_in.conv
    x = functional.conv3d(patches(video), conv.weight[..., 2:, 1:2, 1:2], conv.bias)
    for block in encoder.down_blocks:
        conv = block.downsamplers[0].conv
        x = torch.cat([x[:, :, :1], x], dim=2)
        x = functional.conv3d(x, conv.weight[..., 1:, 1:, 1:], conv.bias, stride=2)
    x = functional.silu(encoder.norm_out(x.movedim(1, -1)).movedim(-1, 1))
    conv = encoder.conv_out.conv
    return functional.conv3d(x, conv.weight[:-1, :, 2:, 1:2, 1:2], conv.bias[:-1])
