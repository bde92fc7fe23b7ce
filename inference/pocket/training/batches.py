"""What one step of the transformer's training sees: clips and captions as tokens, by the pipeline's own conventions."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import torch
from diffusers import LTXConditionPipeline
from torch import Tensor
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from inference.pocket.training import foreground as fg
from inference.pocket.training.config import FPS, PICTURE_CHANNELS, SPACE, TIME, TransformerTraining
from inference.pocket.training.data import sample_canvas
from inference.pocket.training.examples import Example, Piece, in_place
from inference.pocket.world.orders import tell
from inference.pocket.world.sampling import sample_scene

#: Of how many tokens of a clip a lesson in words is.
_ASKED = 2
#: From this noise level on words alone decide.
_WORDS_ALONE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Clean latents and what is said of them."""

    #: [batch, tokens, channels], packed and normalised.
    clean: Tensor
    #: What a remix's start still shows of its parent's difference, per unit of noise; zero for the others.
    remains: Tensor
    #: [batch, 3, tokens]: seconds, and pixels down and right.
    coordinates: Tensor
    #: Token ids and mask, [batch, words].
    words: Tensor
    mask: Tensor
    #: Noise level per clip, [batch, 1, 1].
    sigma: Tensor
    #: True where a token is given clean, [1, tokens].
    given: Tensor
    #: Seed of the noise.
    seed: int


def coordinates(latents: Tensor, at: int = 0) -> Tensor:
    """The pipeline's own token coordinates, private there, for latents [batch, channels, frames, height, width].

    `at` is the pixel frame where they begin.
    """
    batch, _, frames, height, width = latents.shape
    ids = LTXConditionPipeline._prepare_video_ids(batch, frames, height, width)  # noqa: SLF001
    scaled: Tensor = LTXConditionPipeline._scale_video_ids(  # noqa: SLF001
        ids, scale_factor=SPACE, scale_factor_t=TIME, frame_index=at
    ).float()
    scaled[:, 0] = scaled[:, 0] / FPS
    return scaled


def _pack(latents: Tensor) -> Tensor:
    packed: Tensor = LTXConditionPipeline._pack_latents(latents)  # noqa: SLF001
    return packed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What of a batch is given, as tokens."""

    #: Those shown beside the clip, before its own: [batch, tokens, channels], and their coordinates.
    beside: Tensor
    coordinates: Tensor
    #: True for the clip's own tokens that are given, [frames * height * width].
    own: Tensor


def _give(latents: Tensor, pieces: list[tuple[Piece, ...]]) -> _Given:
    """Put given frames into `latents` [batch, channels, frames, height, width] or beside them, as the pipeline does."""
    batch, channels, frames, height, width = latents.shape
    own = torch.zeros(frames, height * width, dtype=torch.bool)
    beside, where = [latents.new_zeros(batch, 0, channels)], [torch.zeros(batch, 3, 0)]
    for same in zip(*pieces, strict=True):
        stacked, at, inside = torch.stack([piece.latents for piece in same]), same[0].at, in_place(same[0])
        count = stacked.size(2)
        if inside:
            first = at // TIME + count - inside
            latents[:, :, first : first + inside] = stacked[:, :, count - inside :]
            own[first : first + inside] = True
        if inside < count:
            shown = stacked[:, :, : count - inside]
            beside.append(_pack(shown))
            where.append(coordinates(shown, at))
    return _Given(beside=torch.cat(beside, dim=1), coordinates=torch.cat(where, dim=2), own=own.flatten())


def make_batch(
    drawn: list[Example], tokenizer: PreTrainedTokenizerFast, rng: np.random.Generator, config: TransformerTraining
) -> Batch:
    """Captions as tokens, and noise levels leaning to high noise."""
    latents = torch.stack([e.latents for e in drawn])
    words = tokenizer(
        ["" if rng.uniform() < config.drop_caption else e.text for e in drawn], padding="longest", return_tensors="pt"
    )
    # Stratified noise levels: every batch sees the whole range, which steadies the loss.
    u = (rng.permutation(len(drawn)) + rng.uniform(size=len(drawn))) / len(drawn)
    sigma = config.shift * u / (1 + (config.shift - 1) * u)
    remains = torch.zeros_like(latents)
    for i, e in enumerate(drawn):
        if e.parent is not None:
            strength = rng.uniform(config.least_strength, 0.99)
            sigma[i] = min(sigma[i], strength)
            remains[i] = (1 / strength - 1) * (e.parent - e.latents)
    given = _give(latents, [e.given for e in drawn])
    extra = given.beside.size(1)
    return Batch(
        clean=torch.cat([given.beside, _pack(latents)], dim=1),
        remains=functional.pad(_pack(remains), (0, 0, extra, 0)),
        coordinates=torch.cat([given.coordinates, coordinates(latents)], dim=2),
        words=words.input_ids,
        mask=words.attention_mask.bool(),
        sigma=torch.from_numpy(sigma).float().view(-1, 1, 1),
        given=functional.pad(given.own, (extra, 0), value=True)[None],
        seed=int(rng.integers(2**62)),
    )


@functools.cache
def _coordinates(frames: int, height: int, width: int) -> Tensor:
    return coordinates(torch.zeros(1, 1, frames, height, width))[0]


def word_lesson(tokenizer: PreTrainedTokenizerFast, rng: np.random.Generator, config: TransformerTraining) -> Batch:
    """Many captions and, of each clip, the subject's channels of a few tokens at the highest noise levels.

    There words alone tell what shall be seen. Whole clips teach words slowly, a dozen a step; these are a hundred at
    the same cost, and say clearly which of two colours is meant in "a red ball. make it blue". The picture's channels
    are left out: nothing is drawn.
    """
    texts, clean, remains, places, sigma = [], [], [], [], []
    for _ in range(config.captions):
        scene, canvas = sample_scene(rng), sample_canvas(rng)
        told, subject = tell(scene, rng), fg.foreground(scene, canvas).flatten(1)
        chosen = torch.from_numpy(rng.choice(subject.size(1), _ASKED, replace=False))
        strength = rng.uniform(_WORDS_ALONE, 1.0)
        before = subject if told.parent is None else fg.foreground(told.parent, canvas).flatten(1)
        texts.append(told.text)
        sigma.append(strength)
        clean.append(subject[:, chosen].T)
        remains.append((1 / strength - 1) * (before - subject)[:, chosen].T)
        frames, height, width = (canvas.frames - 1) // TIME + 1, canvas.height // SPACE, canvas.width // SPACE
        places.append(_coordinates(frames, height, width)[:, chosen])
    words = tokenizer(texts, padding="longest", return_tensors="pt")
    return Batch(
        clean=functional.pad(torch.stack(clean), (PICTURE_CHANNELS, 0)),
        remains=functional.pad(torch.stack(remains), (PICTURE_CHANNELS, 0)),
        coordinates=torch.stack(places),
        words=words.input_ids,
        mask=words.attention_mask.bool(),
        sigma=torch.tensor(sigma, dtype=torch.float32).view(-1, 1, 1),
        given=torch.zeros(1, _ASKED, dtype=torch.bool),
        seed=int(rng.integers(2**62)),
    )
