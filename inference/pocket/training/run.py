"""What both trainings share: the machine, the clock, and checkpoints that survive being killed."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

#: A checkpoint is written when this many seconds have passed since the last.
CHECKPOINT_EVERY_S = 120.0


def device() -> torch.device:
    """The GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _seconds(dtype: torch.dtype) -> float:
    a = torch.randn(384, 384).to(dtype)
    a @ a
    start = time.perf_counter()
    a @ a
    return time.perf_counter() - start


@functools.cache
def _bf16_is_fast() -> bool:
    """Measured, because processors without bf16 instructions take 200 times as long as for fp32."""
    return torch.cuda.is_available() or _seconds(torch.bfloat16) < 0.8 * _seconds(torch.float32)


def autocast() -> contextlib.AbstractContextManager[Any]:
    """bf16 autocast where that is faster than fp32, else nothing; decide once per run."""
    return torch.autocast(device().type, torch.bfloat16) if _bf16_is_fast() else contextlib.nullcontext()


class Clock:
    """Wall time spent in training over all runs of a stage; the schedule's clock."""

    def __init__(self, minutes: float, spent: float = 0.0) -> None:
        self._budget = minutes * 60
        self._before = spent
        self._start = time.monotonic()

    @property
    def spent(self) -> float:
        """Seconds of this and earlier runs."""
        return self._before + time.monotonic() - self._start

    @property
    def progress(self) -> float:
        """0 at the first start, 1 when the budget is used."""
        return min(1.0, self.spent / self._budget)


class Checkpoint:
    """One file, replaced whole, so that a kill leaves the last good one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._last = time.monotonic()

    def load(self) -> dict[str, Any] | None:
        """The last state, if there is one."""
        if not self.path.exists():
            return None
        state: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
        return state

    def save(self, state: dict[str, Any]) -> None:
        """Write `state` now."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.path)
        self._last = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether it is time to save again."""
        return time.monotonic() - self._last > CHECKPOINT_EVERY_S


class Report:
    """A line of progress every `every` seconds, with means since the last line."""

    def __init__(self, stage: str, every: float = 20.0) -> None:
        self._stage = stage
        self._every = every
        self._sums: dict[str, float] = {}
        self._count = 0
        self._last = time.monotonic()

    def add(self, step: int, progress: float, values: dict[str, float]) -> None:
        """Count one step; prints when due."""
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._count += 1
        now = time.monotonic()
        if now - self._last < self._every:
            return
        means = " ".join(f"{name} {total / self._count:.4f}" for name, total in self._sums.items())
        print(f"{self._stage} step {step} {progress:.1%} {self._count / (now - self._last):.2f}/s {means}", flush=True)
        self._sums, self._count, self._last = {}, 0, now


def steps_until_done(clock: Clock, first: int) -> Iterator[int]:
    """Step numbers until the clock's budget is used."""
    step = first
    while clock.progress < 1.0:
        yield step
        step += 1
