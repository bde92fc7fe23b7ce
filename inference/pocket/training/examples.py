"""What the transformer learns from: latents of scenes as told in captions, fresh ones for every batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from diffusers import AutoencoderKLLTXVideo
from torch import Tensor

from inference.pocket.training import linear
from inference.pocket.training.config import PICTURE_CHANNELS, TIME, TransformerTraining
from inference.pocket.training.data import sample_canvas, to_tensor
from inference.pocket.training.foreground import foreground
from inference.pocket.world.draw import draw_clip, draw_empty
from inference.pocket.world.orders import Told, tell
from inference.pocket.world.sampling import sample_scene
from inference.pocket.world.scene import Camera, Canvas, Scene, Speed

#: Frames of a clip's end that an extension is given, and of a beginning that a blend leads to.
_PIECE = TIME + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Frames that are given, encoded by themselves as the pipeline does it."""

    #: The frame of the clip where they begin.
    at: int
    #: Normalised, [channels, frames, height, width].
    latents: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One clip to learn; latents are normalised, [channels, frames, height, width]."""

    text: str
    latents: Tensor
    #: Of the clip that the text's last instruction changes, where this example is learned as a remix.
    parent: Tensor | None
    given: tuple[Piece, ...] = ()


class Illustrator:
    """Turns scenes into latents."""

    def __init__(self, vae: AutoencoderKLLTXVideo) -> None:
        self._vae = vae
        self._mean = vae.latents_mean[:PICTURE_CHANNELS].view(-1, 1, 1, 1)

    @torch.no_grad()
    def picture(self, video: Tensor) -> Tensor:
        """The picture's channels of [3, frames, height, width]."""
        picture: Tensor = linear.encode_picture(self._vae, video[None])[0] - self._mean
        return picture

    def latents(self, scene: Scene, canvas: Canvas) -> Tensor:
        """The place alone in the picture's channels, subjects and mood in their own."""
        subject = foreground(scene, canvas)
        if scene.camera is not Camera.STATIC:
            return torch.cat([self.picture(to_tensor(draw_empty(scene, canvas))), subject])
        # Nothing but the subjects moves, so every latent frame shows what the first shows.
        still = self.picture(to_tensor(draw_empty(scene, canvas, 0, 1))).expand(-1, subject.size(1), -1, -1)
        return torch.cat([still, subject])

    def given(self, scene: Scene, canvas: Canvas, at: int, count: int) -> Piece:
        """Frames `at` ... `at + count - 1` as the encoder would see them: the picture shows the subjects too."""
        video = draw_clip(scene, canvas, at, count)
        return Piece(at=at, latents=torch.cat([self.picture(to_tensor(video)), foreground(scene, canvas, at, count)]))


def _same_place(one: Scene, other: Scene) -> bool:
    """Whether the places alone look the same in every frame."""

    def place(scene: Scene) -> tuple[object, ...]:
        moved = Speed.NORMAL if scene.camera is Camera.STATIC else scene.speed
        return scene.setting, scene.daytime, scene.weather, scene.look, scene.layout, scene.camera, moved

    return place(one) == place(other)


def example(
    canvas: Canvas, given: tuple[tuple[int, int], ...], illustrator: Illustrator, rng: np.random.Generator, share: float
) -> Example:
    """One example; `given` are first frames and counts, `share` is how many possible remixes are learned as such."""
    scene = sample_scene(rng)
    told: Told = tell(scene, rng)
    latents, parent = illustrator.latents(scene, canvas), None
    if told.parent is not None and not given and rng.uniform() < share:
        if _same_place(scene, told.parent):
            parent = torch.cat([latents[:PICTURE_CHANNELS], foreground(told.parent, canvas)])
        else:
            parent = illustrator.latents(told.parent, canvas)
    pieces = tuple(illustrator.given(scene, canvas, at, count) for at, count in given)
    return Example(text=told.text, latents=latents, parent=parent, given=pieces)


def what_to_give(canvas: Canvas, rng: np.random.Generator) -> tuple[tuple[int, int], ...]:
    """First frames and counts of what a batch is given: as an image, a loop, an extension or a blend gives it."""
    last = canvas.frames - 1
    kinds: tuple[tuple[tuple[int, int], ...], ...] = (
        ((0, 1),),
        ((0, 1),),
        ((last, 1),),
        ((0, 1), (last, 1)),
        ((0, _PIECE),),
        ((0, _PIECE), (last - TIME, _PIECE)),
    )
    return kinds[int(rng.integers(len(kinds) if canvas.frames > 2 * _PIECE else 4))]


def examples(illustrator: Illustrator, rng: np.random.Generator, config: TransformerTraining) -> list[Example]:
    """A batch on one canvas, about `config.tokens` tokens in all."""
    canvas = sample_canvas(rng)
    frames = (canvas.frames - 1) // TIME + 1
    count = max(2, round(config.tokens / (frames * canvas.width * canvas.height / 1024)))
    given = what_to_give(canvas, rng) if frames > 1 and rng.uniform() < config.given else ()
    return [example(canvas, given, illustrator, rng, config.remixed) for _ in range(min(count, config.most))]


def in_place(piece: Piece) -> int:
    """How many of a piece's latent frames take the place of the clip's; those before them are shown beside it.

    The pipeline's rule: of a piece at the beginning all, of a single frame none, of others all but two.
    """
    frames = piece.latents.size(1)
    return frames if piece.at == 0 else max(0, frames - 2)
