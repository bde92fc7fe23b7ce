"""What the transformer learns from: latents of scenes as told in captions, fresh ones for every batch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from diffusers import AutoencoderKLLTXVideo
from torch import Tensor

from inference.pocket.training import linear
from inference.pocket.training.config import PICTURE_CHANNELS, TIME, TransformerTraining
from inference.pocket.training.data import sample_alone, sample_canvas, to_tensor
from inference.pocket.training.foreground import foreground
from inference.pocket.world.draw import draw_clip, draw_empty
from inference.pocket.world.orders import Told, tell
from inference.pocket.world.scene import Canvas, Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One clip to learn; latents are normalised, [channels, frames, height, width]."""

    text: str
    latents: Tensor
    #: Of the clip that the text's last instruction changes, where this example is learned as a remix.
    parent: Tensor | None
    #: The latents of the first frames as the encoder makes them, where those are given.
    given: Tensor | None


class Illustrator:
    """Turns scenes into latents."""

    def __init__(self, vae: AutoencoderKLLTXVideo) -> None:
        self._vae = vae
        self._mean = vae.latents_mean.view(-1, 1, 1, 1)

    @torch.no_grad()
    def picture(self, video: Tensor) -> Tensor:
        """The picture's channels of [3, frames, height, width]."""
        seen: Tensor = linear.encode(self._vae, video[None])[0]
        picture: Tensor = (seen - self._mean)[:PICTURE_CHANNELS]
        return picture

    def latents(self, scene: Scene, canvas: Canvas) -> Tensor:
        """The place alone in the picture's channels, the subject in its own."""
        subject = foreground(scene, canvas)
        # Nothing but the subject moves, so every latent frame shows what the first shows.
        still = self.picture(to_tensor(draw_empty(scene, canvas, 0, 1))).expand(-1, subject.size(1), -1, -1)
        return torch.cat([still, subject])

    def given(self, scene: Scene, canvas: Canvas, count: int) -> Tensor:
        """The first `count` latent frames as the encoder would make them: the picture shows the subject too."""
        video = draw_clip(scene, canvas, 0, TIME * (count - 1) + 1)
        return torch.cat([self.picture(to_tensor(video)), foreground(scene, canvas, 0, len(video))])


def example(canvas: Canvas, given: int, illustrator: Illustrator, rng: np.random.Generator, share: float) -> Example:
    """One example; `share` is how many of those that could be are learned as remixes."""
    scene = sample_alone(rng)
    told: Told = tell(scene, rng)
    latents, parent = illustrator.latents(scene, canvas), None
    if told.parent is not None and rng.uniform() < share:
        same = replace(told.parent, subject=scene.subject, colour=scene.colour, motion=scene.motion, look=scene.look)
        if same == scene:
            parent = torch.cat([latents[:PICTURE_CHANNELS], foreground(told.parent, canvas)])
        else:
            parent = illustrator.latents(told.parent, canvas)
    frames = illustrator.given(scene, canvas, given) if given else None
    return Example(text=told.text, latents=latents, parent=parent, given=frames)


def examples(illustrator: Illustrator, rng: np.random.Generator, config: TransformerTraining) -> list[Example]:
    """A batch on one canvas, about `config.tokens` tokens in all."""
    canvas = sample_canvas(rng)
    frames = (canvas.frames - 1) // TIME + 1
    count = max(2, round(config.tokens / (frames * canvas.width * canvas.height / 1024)))
    given = 0
    if frames > 1 and rng.uniform() < config.first_frame:
        given = 1 if rng.uniform() < 0.7 else min(frames - 1, int(rng.integers(2, 4)))
    return [example(canvas, given, illustrator, rng, config.remixed) for _ in range(min(count, config.most))]
