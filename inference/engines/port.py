"""The door between the worker and a model. Importing it imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from inference.presets import Preset
    from inference.types import MediaRef, RenderPlan, Stage

    FrameBatch = npt.NDArray[np.uint8]
    """uint8, shape (frames, height, width, 3), RGB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Told between denoising steps and between decoded batches."""

    stage: Stage
    step: int
    total: int
    #: A blurry frame, uint8 (height, width, 3), where one is cheap to make.
    preview: npt.NDArray[np.uint8] | None = None


class Interrupted(Exception):  # noqa: N818  # nobody's fault
    """Raised by an `OnStep` to stop the engine, which lets it pass as it is."""


OnStep = Callable[[Step], None]
"""Raises `JobCancelled`, or something `Interrupted`, to stop the engine."""


class MediaReader(Protocol):
    """Gives an engine the bytes behind a `MediaRef`, without telling it where they lie."""

    def latents(self, ref: MediaRef) -> bytes:
        """Safetensors bytes, as an engine's `Rendering.latents` gave them."""
        ...

    def frames(self, ref: MediaRef) -> FrameBatch:
        """Decoded frames of an image or an unmarked clip, at their stored size."""
        ...


class Rendering(Protocol):
    """One rendered piece. Take `frames` to their end first; then `latents` and `audio` are there."""

    @property
    def frames(self) -> Iterator[FrameBatch]: ...

    @property
    def latents(self) -> bytes:
        """One tensor `latents` as safetensors: normalised, fp32, (1, channels, frames, height, width)."""
        ...

    @property
    def audio(self) -> bytes | None:
        """WAV bytes, where the model makes sound."""
        ...


class VideoEngine(Protocol):
    """A model on a device. Blocking, one thread; knows no job id, mp4, chat or database."""

    def load(self, preset: Preset) -> None:
        """Make this preset the loaded one. Raises ModelMissing, OutOfMemory."""
        ...

    def render(self, plan: RenderPlan, media: MediaReader, on_step: OnStep) -> Rendering:
        """Raises Unsupported before the device is touched; EngineError; what `on_step` raises."""
        ...

    def close(self) -> None: ...
