"""How far a job is, and its small blurry previews. Written by the rendering thread, read by the loop."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Mapping
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from PIL import Image

from inference.engines.port import Step
from inference.types import Piece, Progress, Recipe, RenderPlan, Stage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PREVIEW_BYTES = 20_000
PREVIEW_SIDE = 320

TYPICAL_SECONDS = {Stage.ENCODING: 1.0, Stage.DENOISING: 60.0, Stage.DECODING: 25.0, Stage.PACKAGING: 14.0}
"""How a job's time is shared out, as long as none of its preset was measured. Loading does not count."""

EARLIEST_ESTIMATE = 0.08
"""Fraction of the job before which the clock says nothing of its end."""


class Meter:
    """Turns an engine's steps into a job's fraction, remaining seconds and seconds per stage."""

    def __init__(
        self,
        recipe: Recipe,
        clock: Callable[[], float] = time.monotonic,
        usual: Mapping[Stage, float] = TYPICAL_SECONDS,
    ) -> None:
        """`usual` are the seconds by stage of a job like this one; only their ratios matter."""
        self._clock = clock
        self._bands = _bands(usual)
        self._lock = threading.Lock()
        weights = [_weight(piece) for piece in recipe.pieces]
        self._shares = [weight / sum(weights) for weight in weights]
        self._piece = 0
        self._progress = Progress(stage=Stage.LOADING)
        self._seconds: dict[Stage, float] = {}
        self._since = clock()
        self._started: float | None = None
        #: When the job ends by its pace so far; told anew by each step.
        self._ends_at: float | None = None
        self._previews = 0
        self._preview_due = self._since
        self._unseen: npt.NDArray[np.uint8] | None = None

    def enter(self, stage: Stage) -> None:
        """A stage begins, of which no step is known yet."""
        self.step(Step(stage=stage, step=0, total=0))

    def begin_piece(self, index: int) -> None:
        """The steps that follow belong to this piece of the recipe."""
        with self._lock:
            self._piece = index

    def step(self, step: Step) -> None:
        """Take one step's report."""
        with self._lock:
            self._clock_stage(step.stage)
            fraction = max(self._progress.fraction, self._fraction(step))
            if fraction > self._progress.fraction:
                self._ends_at = self._end(fraction)
            self._progress = Progress(stage=step.stage, step=step.step, total=step.total, fraction=fraction)
            if step.preview is not None:
                self._unseen = step.preview

    def now(self) -> Progress:
        """The newest progress, with the seconds that remain by the pace at the last step: they run down meanwhile."""
        with self._lock:
            seen = self._progress
            return Progress(
                stage=seen.stage,
                step=seen.step,
                total=seen.total,
                fraction=round(seen.fraction, 4),
                eta_seconds=None if self._ends_at is None else round(max(0.0, self._ends_at - self._clock()), 2),
                preview=self._previews,
            )

    def take_preview(self, pause: float) -> npt.NDArray[np.uint8] | None:
        """The newest frame that was not taken yet, where the last was taken `pause` seconds ago or earlier."""
        with self._lock:
            if self._unseen is None or self._clock() < self._preview_due:
                return None
            self._preview_due = self._clock() + pause
            frame, self._unseen = self._unseen, None
            return frame

    def preview_stored(self) -> None:
        """One more preview can be fetched."""
        with self._lock:
            self._previews += 1

    def seconds(self) -> dict[Stage, float]:
        """Seconds spent in each stage so far."""
        with self._lock:
            self._clock_stage(self._progress.stage)
            return dict(self._seconds)

    @property
    def device_seconds(self) -> float:
        """Seconds that this job held the device, without loading the model."""
        return sum(seconds for stage, seconds in self.seconds().items() if stage is not Stage.LOADING)

    def _clock_stage(self, stage: Stage) -> None:
        now = self._clock()
        before = self._progress.stage
        self._seconds[before] = self._seconds.get(before, 0.0) + now - self._since
        self._since = now
        if self._started is None and stage is not Stage.LOADING:
            self._started = now

    def _fraction(self, step: Step) -> float:
        low, high = self._bands[step.stage]
        within = low + (high - low) * _within(step)
        if step.stage is Stage.PACKAGING:
            return within  # of the whole job, not of a piece
        return sum(self._shares[: self._piece]) + self._shares[self._piece] * within

    def _end(self, fraction: float) -> float | None:
        """By the clock of this job."""
        if self._started is None or fraction < EARLIEST_ESTIMATE:
            return None
        return self._since + (self._since - self._started) * (1 - fraction) / fraction


def _bands(seconds: Mapping[Stage, float]) -> dict[Stage, tuple[float, float]]:
    """Where in a job's time each stage lies, 0 to 1."""
    spent = [seconds.get(stage, 0.0) for stage in TYPICAL_SECONDS]
    edges = [edge / sum(spent) for edge in accumulate(spent, initial=0.0)]
    return {Stage.LOADING: (0.0, 0.0), **dict(zip(TYPICAL_SECONDS, pairwise(edges), strict=True))}


def _within(step: Step) -> float:
    return min(1.0, step.step / step.total) if step.total else 0.0


def _weight(piece: Piece) -> float:
    """Cost of a piece relative to others: steps x pixels for a rendered one, a decode for a range of a source."""
    if isinstance(piece, RenderPlan):
        return float(max(1, piece.steps) * piece.num_frames * piece.size.width * piece.size.height)
    return 1.0


def preview_webp(frame: npt.NDArray[np.uint8]) -> bytes:
    """A small WebP, at most PREVIEW_BYTES, of a frame (height, width, 3), uint8 RGB."""
    image = Image.fromarray(frame)
    image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    for quality in (60, 40, 20):
        data = _webp(image, quality)
        if len(data) <= PREVIEW_BYTES:
            return data
    image.thumbnail((PREVIEW_SIDE // 2, PREVIEW_SIDE // 2))
    return _webp(image, 10)


def _webp(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="WEBP", quality=quality)
    return buffer.getvalue()
