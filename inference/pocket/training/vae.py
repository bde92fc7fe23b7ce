"""The decoder's training on freshly drawn stills and snippets; the encoder is solved, not trained (see `linear`)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from diffusers import AutoencoderKLLTXVideo
from diffusers.models.autoencoders.autoencoder_kl_ltx import LTXVideoCausalConv3d
from torch import Tensor
from torch.nn import functional

from inference.pocket.training import linear, run, warm
from inference.pocket.training.config import Training, VaeTraining, vae_sizes
from inference.pocket.training.data import rng_for, snippets
from inference.pocket.training.optim import Optimisers, schedule

_STAGE = 1
#: Latents measured for their mean and deviation: batches of snippets.
_STATISTICS_BATCHES = 40
#: Deviation of the noise on latents while the decoder trains.
FUZZ = 0.08


def edges(video: Tensor) -> tuple[Tensor, Tensor]:
    """Differences to the right and downward neighbours."""
    return video[..., 1:] - video[..., :-1], video[..., 1:, :] - video[..., :-1, :]


def edge_loss(made: Tensor, true: Tensor, scales: int = 2) -> Tensor:
    """Mean absolute difference of edges, at full size and halved: what L1 alone leaves blurred."""
    total = made.new_zeros(())
    for _ in range(scales):
        pairs = zip(edges(made), edges(true), strict=True)
        total = total + sum(((a - b).abs().mean() for a, b in pairs), start=made.new_zeros(()))
        made, true = (functional.avg_pool3d(v, (1, 2, 2)) for v in (made, true))
    return total


def losses(vae: AutoencoderKLLTXVideo, video: Tensor, config: VaeTraining) -> tuple[Tensor, dict[str, float]]:
    """The decoder's loss on one batch [batch, 3, frames, height, width], and its parts."""
    latents = linear.encode(vae, video)
    # The noise teaches the decoder to bear the transformer's small errors.
    made = vae.decode(latents + FUZZ * torch.randn_like(latents)).sample
    plain = (made - video).abs().mean() + 2.0 * (made - video).square().mean()
    sharp = edge_loss(made, video)
    parts = {"plain": float(plain.detach()), "edge": float(sharp.detach()), "psnr": psnr(made, video)}
    return plain + config.edges * sharp, parts


def psnr(made: Tensor, true: Tensor) -> float:
    """Peak signal to noise in decibels, for pixels in -1..1."""
    return float(10 * torch.log10(4.0 / (made.detach() - true).square().mean()))


def _batch(config: Training, step: int, progress: float) -> Tensor:
    rng = rng_for(config.seed, _STAGE, step)
    every = 4 if progress < config.vae.stills_until else 2
    if step % every:
        return snippets(rng, config.vae.stills, 1)
    count, frames = config.vae.snippets[(step // every) % len(config.vae.snippets)]
    return snippets(rng, count, frames)


def new_vae(seed: int) -> AutoencoderKLLTXVideo:
    """An untrained autoencoder, quick on stills."""
    torch.manual_seed(seed)
    vae: AutoencoderKLLTXVideo = AutoencoderKLLTXVideo(**vae_sizes())
    for module in vae.modules():
        if isinstance(module, LTXVideoCausalConv3d) and module.kernel_size == (3, 3, 3):
            module.forward = partial(_convolve, module, module.forward)
    return vae


def _convolve(module: LTXVideoCausalConv3d, convolve: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """A still repeated in time meets a kernel's time taps alike: one 2-D convolution does, at a third of the cost."""
    if x.size(2) > 1:
        return convolve(x)
    conv = module.conv
    still = functional.conv2d(x[:, :, 0], conv.weight.sum(dim=2), conv.bias, stride=conv.stride[1:], padding=1)
    return still[:, :, None]


def load_vae(config: Training) -> AutoencoderKLLTXVideo:
    """The trained autoencoder of this run, or the shipped one, with its latents' statistics."""
    state = run.Checkpoint(config.folder / "vae.pt").load()
    if state is None and not warm.shipped(config):
        raise FileNotFoundError(f"no autoencoder has been trained in {config.folder}")
    vae = new_vae(config.seed)
    vae.load_state_dict(warm.vae_weights(config) if state is None else state["vae"])
    return vae.eval().requires_grad_(False)


@torch.no_grad()
def measure_latents(vae: AutoencoderKLLTXVideo, seed: int) -> None:
    """Set the statistics by which pipelines normalise latents: a mean per channel, one deviation for all.

    Channels keep their relative sizes, so that the transformer's loss weighs them as `linear.balanced` does.
    """
    parts = [snippets(rng_for(seed, 9, i), 4, 9).to(vae.device) for i in range(_STATISTICS_BATCHES)]
    latents = torch.cat([linear.encode(vae, p).transpose(0, 1).flatten(1) for p in parts], dim=1)
    vae.latents_mean.copy_(latents.mean(dim=1))
    vae.latents_std.fill_(latents.std(dim=1).square().mean().sqrt())


def start_vae(config: Training) -> AutoencoderKLLTXVideo:
    """The autoencoder in its closed-form start."""
    vae = new_vae(config.seed)
    linear.fit(vae, config.seed)
    measure_latents(vae, config.seed)
    return vae


def train_vae(config: Training) -> None:
    """Train the decoder until the budget is used, resuming where a killed run stopped."""
    checkpoint, report = run.Checkpoint(config.folder / "vae.pt"), run.Report("vae")
    saved = checkpoint.load()
    begun = saved is not None or warm.shipped(config)
    vae = (load_vae(config) if begun else start_vae(config)).to(run.device())
    vae.decoder.requires_grad_(True)
    optimisers = Optimisers(
        vae.decoder,
        muon_rate=config.vae.muon_rate,
        adam_rate=config.vae.learning_rate,
        muon_skips=("conv_out",),
    )
    if saved is None:
        checkpoint.save(_state(vae, optimisers, 0, 0.0))
    else:
        optimisers.restore(saved["optimisers"])
    clock = run.Clock(config.vae.minutes, 0.0 if saved is None else saved["spent"])
    amp, done = run.autocast(), 0 if saved is None else saved["step"]
    for step in run.steps_until_done(clock, done):
        with amp:
            loss, parts = losses(vae, _batch(config, step, clock.progress).to(vae.device), config.vae)
        loss.backward()  # type: ignore[no-untyped-call]
        parts["norm"] = optimisers.step(schedule(clock.progress, cool=0.6))
        report.add(step, clock.progress, parts)
        done = step + 1
        if checkpoint.due:
            checkpoint.save(_state(vae, optimisers, done, clock.spent))
    checkpoint.save(_state(vae, optimisers, done, clock.spent))


def _state(vae: AutoencoderKLLTXVideo, optimisers: Optimisers, step: int, spent: float) -> dict[str, Any]:
    return {"vae": vae.state_dict(), "optimisers": optimisers.state(), "step": step, "spent": spent}
