"""The autoencoder's closed-form start: principal components of patches, of blocks of patches, of blocks of those.

Gradient descent needs hours to find what an eigenvalue problem gives in a minute. So the encoder's picture channels are
principal component analysis on several levels and never trained: those latents are fixed before the transformer starts.
The decoder, set to the inverse, hands the subject's channels up as well, with the place made relative to every patch
and frame; what is trained then is only how to draw it.

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

from inference.pocket.training import foreground as fg
from inference.pocket.training.config import FOREGROUND_CHANNELS, PATCH, PICTURE_CHANNELS, SPACE, STAGES, TIME
from inference.pocket.training.data import rng_for, snippets

#: The constant channel's value at the encoder's and the decoder's end. The decoder's is trained, and is smaller, so
#: that its last layer can learn.
_ENCODER_BIG, _DECODER_BIG = 300.0, 40.0
#: Batches of snippets that the statistics come from, and their size; a share is without subjects.
_BATCHES, _COUNT, _FRAMES, _EMPTY = 60, 6, 17, 0.5
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
    """[batch, 3, frames, height, width] as one vector a patch, [batch, 48, ...], in the autoencoder's order."""
    batch, colours, frames, height, width = video.shape
    split = video.reshape(batch, colours, frames, height // PATCH, PATCH, width // PATCH, PATCH)
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
    count = PICTURE_CHANNELS
    videos = [patches(snippets(rng_for(seed, _STAGE, i), _COUNT, _FRAMES, empty=_EMPTY)) for i in range(batches)]
    first = principal([_flat(v)[::7] for v in videos], count, centred=True)
    features = [functional.conv3d(v, first.rows[..., None, None, None], -first.rows @ first.mean) for v in videos]
    levels: list[Basis] = []
    for stage in range(STAGES):
        # Of the fine grids a part of the blocks will do.
        levels.append(principal([blocks(f)[:: 2 ** (STAGES - 1 - stage)] for f in features], count, centred=False))
        features = [_project(f, levels[-1]) for f in features]
    _set_encoder(vae.encoder, first, levels)
    _set_decoder(vae.decoder, first, levels)


def _clear(convolution: nn.Conv3d) -> tuple[Tensor, Tensor]:
    assert convolution.bias is not None
    convolution.weight.zero_()
    convolution.bias.zero_()
    return convolution.weight, convolution.bias


def _shrink(convolution: nn.Conv3d, kept: tuple[slice, slice, slice], first: int = 0, share: float = 1.0) -> None:
    """Keep only some taps of a learned kernel's rows from `first` on, scaled for the fewer inputs."""
    weight = convolution.weight[first:].clone()
    convolution.weight[first:].zero_()
    taps = weight[(slice(None), slice(None), *kept)]
    grown = math.sqrt(weight[0].numel() / taps[0].numel())
    convolution.weight[(slice(first, None), slice(None), *kept)] = taps * grown * share


_ALL, _LAST = slice(None), slice(2, 3)


def _set_encoder(encoder: Any, first: Basis, levels: list[Basis]) -> None:
    """Components in the leading channels, a constant in the last; those between are free to learn."""
    count = PICTURE_CHANNELS
    conv = encoder.conv_in.conv
    _shrink(conv, (_LAST, slice(1, 2), slice(1, 2)))
    conv.weight[:count].zero_()
    conv.bias.zero_()
    conv.weight[:count, :, 2, 1, 1] = first.rows
    conv.bias[:count] = -first.rows @ first.mean
    for i, (block, basis) in enumerate(zip(encoder.down_blocks, levels, strict=True)):
        conv = block.downsamplers[0].conv
        _shrink(conv, (slice(1, 3), slice(1, 3), slice(1, 3)))
        conv.weight[:count].zero_()
        conv.bias.zero_()
        rows = basis.rows.view(count, -1, 8)
        for corner, (t, h, w) in enumerate(_CORNERS):
            conv.weight[:count, :count, t + 1, h + 1, w + 1] = rows[..., corner]
        # Where blocks that learn look on, no component may drown the others.
        conv.weight[:count] *= balanced(basis.deviation)[:, None, None, None, None]
        if i:
            conv.weight[:, :count] /= balanced(levels[i - 1].deviation)[:, None, None, None]
    conv.weight[-1].zero_()
    for name, module in encoder.named_modules():
        if name.endswith(("conv1", "conv2")):
            _shrink(module.conv, (_LAST, _ALL, _ALL))
            if name.endswith("conv2"):
                module.conv.weight.zero_()
                module.conv.bias.zero_()
    encoder.mid_block.resnets[-1].conv2.conv.bias[-1] = _ENCODER_BIG
    channels = conv.out_channels
    root = math.sqrt((_ENCODER_BIG**2 + channels) / channels)
    out = encoder.conv_out.conv
    _shrink(out, (_LAST, slice(1, 2), slice(1, 2)), share=2 * root)
    out.weight[:count].zero_()
    out.weight[:, -1].zero_()
    out.bias.zero_()
    index = torch.arange(count)
    out.weight[index, index, 2, 1, 1] = 2 * root
    # The last channel is the log variance of the posterior, shared by all channels.
    out.weight[-1].zero_()
    out.bias[-1] = 2 * math.log(0.05)


def _set_decoder(decoder: Any, first: Basis, levels: list[Basis]) -> None:
    count, kept = PICTURE_CHANNELS, PICTURE_CHANNELS + FOREGROUND_CHANNELS
    weight, _ = _clear(decoder.conv_in.conv)
    index = torch.arange(kept)
    weight[index, index, 2, 1, 1] = torch.cat([1 / balanced(levels[-1].deviation), torch.ones(FOREGROUND_CHANNELS)])
    for i, (block, basis) in enumerate(zip(decoder.up_blocks, reversed(levels), strict=True)):
        fine = block.upsamplers[0].conv.conv
        _expand(fine, basis.rows, steps=SPACE / 4 / 2**i, share=TIME / 4 / (TIME - 1) / 2**i)
        if i < STAGES - 1:
            _bend(fine, frames=TIME // 2**i)
    scales = balanced(first.deviation)
    fine.weight[: count * 8] *= scales.repeat_interleave(8)[:, None, None, None, None]
    for name, module in decoder.named_modules():
        if name.endswith(("conv1", "conv2")):
            # Above the latents' own grid every frame is drawn by itself.
            if "mid_block" not in name:
                _shrink(module.conv, (_LAST, _ALL, _ALL))
            if name.endswith("conv2"):
                module.conv.weight.zero_()
                module.conv.bias.zero_()
    decoder.up_blocks[-1].resnets[-1].conv2.conv.bias[-1] = _DECODER_BIG
    root = math.sqrt((_DECODER_BIG**2 + kept) / fine.in_channels)
    weight, bias = _clear(decoder.conv_out.conv)
    weight[:, :count, 2, 1, 1] = first.rows.T / scales * 2 * root
    bias.copy_(first.mean)


def _expand(convolution: nn.Conv3d, rows: Tensor, *, steps: float, share: float) -> None:
    """Coefficients back to their eight corners, and the subject's channels with the place told from each corner.

    `steps` is the corners' distance from the middle in pixels, `share` that of the way by which half the frames differ.
    """
    count = PICTURE_CHANNELS
    weight, bias = _clear(convolution)
    weight[: count * 8, : len(rows), 2, 1, 1] = rows.T
    for channel in range(FOREGROUND_CHANNELS):
        row = (count + channel) * 8
        weight[row : row + 8, count + channel, 2, 1, 1] = 1
    for corner, (t, h, w) in enumerate(_CORNERS):
        for axis, side in enumerate((w, h)):
            row, way = (count + fg.CENTRE + axis) * 8 + corner, count + fg.DISPLACEMENT + axis
            bias[row] = -(2 * side - 1) * steps / fg.PLACE
            weight[row, way, 2, 1, 1] = (2 * t - 1) * share * fg.WAY / fg.PLACE


def _bend(convolution: nn.Conv3d, frames: int) -> None:
    """A bend slows the first half of `frames` and hastens the second.

    With a frames² from the middle of the latent, the middles of the halves lie where they would without, and the steps
    from frame to frame are smaller and larger by a frames / 2.
    """
    change = frames / 2 * (TIME - 1) * fg.BEND / 4 / fg.WAY
    for axis, channel in ((0, fg.CURVE_ASIDE), (1, fg.CURVE)):
        row, bend = (PICTURE_CHANNELS + fg.DISPLACEMENT + axis) * 8, PICTURE_CHANNELS + channel
        for corner, (t, _, _) in enumerate(_CORNERS):
            convolution.weight[row + corner, bend, 2, 1, 1] = (2 * t - 1) * change


def _flat_convolve(conv: nn.Conv3d, x: Tensor) -> Tensor:
    """A kernel whose earlier taps are zero, frame by frame: [batch, channels, frames, height, width]."""
    frames = x.size(2)
    flat = functional.conv2d(x.transpose(1, 2).flatten(0, 1), conv.weight[:, :, 2], conv.bias, padding=1)
    return flat.view(-1, frames, *flat.shape[1:]).transpose(1, 2)


def residual(block: Any, x: Tensor) -> Tensor:
    """LTXVideoResnetBlock3d whose kernels see one frame."""
    hidden = functional.silu(block.norm1(x.movedim(1, -1)).movedim(-1, 1))
    hidden = _flat_convolve(block.conv1.conv, hidden)
    hidden = functional.silu(block.norm2(hidden.movedim(1, -1)).movedim(-1, 1))
    return x + _flat_convolve(block.conv2.conv, hidden)


def encode(vae: AutoencoderKLLTXVideo, video: Tensor) -> Tensor:
    """The encoder's mean for [batch, 3, frames, height, width], ten times as fast.

    Of the kernels' 27 taps one, eight or nine are not zero: only those are computed.
    Equal to `vae.encode` within rounding.
    """
    encoder = vae.encoder
    conv = encoder.conv_in.conv
    x = functional.conv3d(patches(video), conv.weight[..., 2:, 1:2, 1:2], conv.bias)
    for block in encoder.down_blocks:
        for layer in block.resnets or ():
            x = residual(layer, x)
        conv = block.downsamplers[0].conv
        x = torch.cat([x[:, :, :1], x], dim=2)
        x = functional.conv3d(x, conv.weight[..., 1:, 1:, 1:], conv.bias, stride=2)
    for layer in encoder.mid_block.resnets:
        x = residual(layer, x)
    x = functional.silu(encoder.norm_out(x.movedim(1, -1)).movedim(-1, 1))
    conv = encoder.conv_out.conv
    return functional.conv3d(x, conv.weight[:-1, :, 2:, 1:2, 1:2], conv.bias[:-1])


def encode_picture(vae: AutoencoderKLLTXVideo, video: Tensor) -> Tensor:
    """The picture's channels of `encode`, four times as fast: without those that learned to see the subjects.

    These never write into the picture's, and touch them but by the last norm, where the large constant outweighs them.
    """
    encoder, count = vae.encoder, PICTURE_CHANNELS
    conv = encoder.conv_in.conv
    x = functional.conv3d(patches(video), conv.weight[:count, :, 2:, 1:2, 1:2], conv.bias[:count])
    for block in encoder.down_blocks:
        conv = block.downsamplers[0].conv
        x = torch.cat([x[:, :, :1], x], dim=2)
        x = functional.conv3d(x, conv.weight[:count, :count, 1:, 1:, 1:], conv.bias[:count], stride=2)
    conv = encoder.conv_out.conv
    mean_square = (x.square().sum(dim=1, keepdim=True) + _ENCODER_BIG**2) / conv.in_channels
    x = functional.silu(x * mean_square.rsqrt())
    return functional.conv3d(x, conv.weight[:count, :count, 2:, 1:2, 1:2], conv.bias[:count])


def frozen(vae: AutoencoderKLLTXVideo) -> list[tuple[Tensor, Tensor]]:
    """Parameters that must keep some of their entries, each with a mask that is 1 on those it may change."""
    count, masks = PICTURE_CHANNELS, []

    def free(weight: Tensor, taps: tuple[slice, ...], first: int, last: int | None) -> None:
        mask = torch.zeros_like(weight)
        mask[(slice(first, last), _ALL, *taps)] = 1
        masks.append((weight, mask))

    encoder, decoder = vae.encoder, vae.decoder
    here, block, around = (_LAST, slice(1, 2), slice(1, 2)), (slice(1, 3),) * 3, (_LAST, _ALL, _ALL)
    free(encoder.conv_in.conv.weight, here, count, None)
    for down in encoder.down_blocks:
        free(down.downsamplers[0].conv.weight, block, count, -1)
    free(encoder.conv_out.conv.weight, here, count, -1)
    for name, module in vae.named_modules():
        if name.endswith(("conv1", "conv2")) and not name.startswith("decoder.mid_block"):
            ends = (count, -1) if name.startswith("encoder") and name.endswith("conv2") else (0, None)
            free(module.conv.weight, around, *ends)
    for up in decoder.up_blocks:
        free(up.upsamplers[0].conv.conv.weight, around, 0, None)
    free(decoder.conv_out.conv.weight, around, 0, None)
    for name, parameter in encoder.named_parameters():
        if name.endswith("bias") and "conv1" not in name:
            mask = torch.ones_like(parameter)
            mask[:count] = 0
            mask[-1] = 0
            masks.append((parameter, mask))
    return masks


def decode(vae: AutoencoderKLLTXVideo, latents: Tensor) -> Tensor:
    """What `vae.decode` makes of raw latents, frame by frame above the latents' grid, where earlier taps are zero."""
    decoder = vae.decoder
    x = decoder.mid_block(decoder.conv_in(latents))
    for block in decoder.up_blocks:
        x = _upsample(block.upsamplers[0].conv.conv, x)
        for layer in block.resnets:
            x = residual(layer, x)
    x = functional.silu(decoder.norm_out(x.movedim(1, -1)).movedim(-1, 1))
    return _unpatch(_flat_convolve(decoder.conv_out.conv, x))


def _upsample(conv: nn.Conv3d, x: Tensor) -> Tensor:
    """LTXVideoUpsampler3d: corners become places, and the first frame's repetition is dropped."""
    batch, _, frames, height, width = x.shape
    split = _flat_convolve(conv, x).reshape(batch, -1, 2, 2, 2, frames, height, width)
    return split.permute(0, 1, 5, 2, 6, 3, 7, 4).flatten(6, 7).flatten(4, 5).flatten(2, 3)[:, :, 1:]


def _unpatch(features: Tensor) -> Tensor:
    """`patches` undone."""
    batch, _, frames, height, width = features.shape
    split = features.reshape(batch, 3, PATCH, PATCH, frames, height, width)
    return split.permute(0, 1, 4, 5, 3, 6, 2).flatten(5, 6).flatten(3, 4)
