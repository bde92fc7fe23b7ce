"""The autoencoder's training on freshly drawn stills and snippets.

The picture's channels are solved, not trained (see `linear`). What is trained is to see the subject (the encoder's last
channels) and to draw it (the decoder): two tasks side by side, with the scene's own `foreground` between them.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKLLTXVideo
from torch import Tensor
from torch.nn import functional

from inference.pocket.training import foreground as fg
from inference.pocket.training import linear, run, warm
from inference.pocket.training.config import PICTURE_CHANNELS, TIME, Training, VaeTraining, vae_sizes
from inference.pocket.training.data import Snippet, draw_snippets, parts, rng_for, snippets
from inference.pocket.training.optim import Optimisers, schedule
from inference.pocket.training.team import Team

_STAGE = 1
#: Latents measured for their mean: batches of snippets.
_STATISTICS_BATCHES = 40
#: Deviation of the noise on latents while the decoder trains, so that it bears the transformer's small errors; and of
#: that on the subject's place, in its units.
FUZZ, _PLACE_FUZZ = 0.08, 0.025
#: Share of snippets whose picture channels show the subject too, as the encoder makes them; the transformer's do not.
_SHOWN = 0.4
#: Share of snippets without any subject.
_EMPTY = 0.08
#: Close-ups that share a place: drawing it takes longer than all else.
_VISITORS = 4


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A batch: what the encoder shall see in `shown`, and what the decoder shall make of the latents."""

    #: [batch, 3, frames, height, width]: clips, of which the encoder shall see `foreground`.
    shown: Tensor
    foreground: Tensor
    #: What the picture channels are made of, the subject's channels beside them, and the wanted clips.
    picture: Tensor
    subject: Tensor
    wanted: Tensor
    #: What a pixel counts, [batch, 1, frames, height, width].
    weight: Tensor

    def to(self, device: torch.device) -> Lesson:
        """On another device."""
        return Lesson(**{f.name: getattr(self, f.name).to(device) for f in fields(self)})


def lesson(drawn: list[Snippet], rng: np.random.Generator, heavy: float) -> Lesson:
    """Mix clips with and without their subjects."""
    empty = [bool(rng.uniform() < _EMPTY) and not s.veiled for s in drawn]
    shown = torch.stack([s.empty if none else s.video for s, none in zip(drawn, empty, strict=True)])
    known = torch.stack([s.mood if none else s.foreground for s, none in zip(drawn, empty, strict=True)])
    picture = [
        s.video if rng.uniform() < _SHOWN and not none else s.empty for s, none in zip(drawn, empty, strict=True)
    ]
    return Lesson(
        shown=shown,
        foreground=known,
        picture=torch.stack(picture),
        subject=known,
        wanted=shown,
        weight=1 + (heavy - 1) * torch.stack([s.box for s in drawn]),
    )


def losses(vae: AutoencoderKLLTXVideo, batch: Lesson, config: VaeTraining) -> tuple[Tensor, dict[str, float]]:
    """Both tasks' loss on one batch, and its parts."""
    seen = linear.encode(vae, batch.shown)[:, PICTURE_CHANNELS:]
    sight = functional.smooth_l1_loss(seen, batch.foreground)
    with torch.no_grad():
        picture = linear.encode_picture(vae, batch.picture)
    latents = torch.cat([picture, batch.subject], dim=1)
    fuzz = FUZZ * torch.randn_like(latents)
    fuzz[:, PICTURE_CHANNELS + fg.CENTRE : PICTURE_CHANNELS + fg.FACING] *= _PLACE_FUZZ / FUZZ
    fuzz[:, PICTURE_CHANNELS + fg.CURVE_ASIDE] *= _PLACE_FUZZ / FUZZ
    made = linear.decode(vae, latents + fuzz)
    error = (made - batch.wanted) * batch.weight / batch.weight.mean()
    plain = error.abs().mean() + 2.0 * error.square().mean()
    sharp = edge_loss(made * batch.weight, batch.wanted * batch.weight)
    parts = {
        "sight": float(sight.detach()),
        "plain": float(plain.detach()),
        "edge": float(sharp.detach()),
        "psnr": psnr(made, batch.wanted),
    }
    return sight + plain + config.edges * sharp, parts


def psnr(made: Tensor, true: Tensor) -> float:
    """Peak signal to noise in decibels, for pixels in -1..1."""
    return float(10 * torch.log10(4.0 / (made.detach() - true).square().mean()))


def _batch(config: Training, step: int, replica: int) -> Lesson:
    """What one replica learns in one step; all of a step learn the same kind."""
    rng, kind = rng_for(config.seed, _STAGE, step, replica), rng_for(config.seed, _STAGE, step)
    if step % config.vae.every == 0:
        count, frames = config.vae.snippets[(step // config.vae.every) % len(config.vae.snippets)]
        return lesson(draw_snippets(rng, count, frames), rng, config.vae.subject)
    if kind.uniform() >= config.vae.close:
        return lesson(draw_snippets(rng, config.vae.stills, 1), rng, config.vae.subject)
    # Mostly close-ups: the subject is a sixth of the picture and nearly all that there is to learn.
    drawn = draw_snippets(rng, 2 * config.vae.stills, 1, visitors=_VISITORS)
    return lesson([s.close_up(rng) for s in drawn], rng, config.vae.subject)


def new_vae(seed: int) -> AutoencoderKLLTXVideo:
    """An untrained autoencoder."""
    torch.manual_seed(seed)
    vae: AutoencoderKLLTXVideo = AutoencoderKLLTXVideo(**vae_sizes())
    return vae


def load_vae(config: Training) -> AutoencoderKLLTXVideo:
    """The trained autoencoder of this run, or the shipped one where it is of these sizes, with its statistics."""
    state = run.Checkpoint(config.folder / "vae.pt").load()
    weights = warm.vae_weights(config) if state is None else state["vae"]
    if weights is None:
        raise FileNotFoundError(f"no autoencoder has been trained in {config.folder}")
    vae = new_vae(config.seed)
    vae.load_state_dict(weights)
    return vae.eval().requires_grad_(False)


@torch.no_grad()
def measure_latents(vae: AutoencoderKLLTXVideo, seed: int) -> None:
    """Set the mean by which pipelines normalise the picture's channels; no deviation.

    Channels keep their relative sizes, so that the transformer's loss weighs them as `linear.balanced` does.
    """
    parts = [snippets(rng_for(seed, 9, i), 4, 1 + TIME, empty=1.0) for i in range(_STATISTICS_BATCHES)]
    latents = torch.cat([linear.encode(vae, p).transpose(0, 1).flatten(1) for p in parts], dim=1)
    vae.latents_mean.zero_()
    vae.latents_mean[:PICTURE_CHANNELS] = latents.mean(dim=1)[:PICTURE_CHANNELS]
    vae.latents_std.fill_(1.0)


def start_vae(config: Training) -> AutoencoderKLLTXVideo:
    """The autoencoder in its closed-form start."""
    vae = new_vae(config.seed)
    linear.fit(vae, config.seed)
    measure_latents(vae, config.seed)
    return vae


def train_vae(config: Training) -> None:
    """Train until the budget is used, resuming where a killed run stopped."""
    checkpoint, report = run.Checkpoint(config.folder / "vae.pt"), run.Report("vae")
    saved = checkpoint.load()
    begun = saved is not None or warm.vae_weights(config) is not None
    vae = (load_vae(config) if begun else start_vae(config)).requires_grad_(True).to(run.device())
    fixed = linear.frozen(vae)
    optimisers = Optimisers(
        vae,
        muon_rate=config.vae.muon_rate,
        adam_rate=config.vae.learning_rate,
        muon_skips=("conv_out", "conv_in"),
        threads=config.threads,
    )
    if saved is None:
        checkpoint.save(_state(vae, optimisers, 0, 0.0))
    else:
        optimisers.restore(saved["optimisers"])
    torch.set_num_threads(1)
    team: Team[Lesson] = Team(vae, config.threads if run.device().type == "cpu" else 1)
    clock = run.Clock(config.vae.minutes, 0.0 if saved is None else saved["spent"])
    done, seen = 0 if saved is None else saved["step"], dict[str, float]()

    def loss_of(replica: Any, part: Lesson) -> Tensor:
        with run.autocast():
            loss, found = losses(replica, part.to(run.device()), config.vae)
        seen.update(found)
        return loss

    drawn = parts(functools.partial(_batch, config), done, team.size, config.workers)
    for step in run.steps_until_done(clock, done):
        team.backward(loss_of, next(drawn))
        for parameter, mask in fixed:
            if parameter.grad is not None:
                parameter.grad.mul_(mask)
        norm = optimisers.step(schedule(clock.progress, cool=0.6))
        report.add(step, clock.progress, seen | {"norm": norm})
        done = step + 1
        if checkpoint.due:
            checkpoint.save(_state(vae, optimisers, done, clock.spent))
    checkpoint.save(_state(vae, optimisers, done, clock.spent))


def _state(vae: AutoencoderKLLTXVideo, optimisers: Optimisers, step: int, spent: float) -> dict[str, Any]:
    return {"vae": vae.state_dict(), "optimisers": optimisers.state(), "step": step, "spent": spent}
