"""Gradients by several replicas at once, one CPU thread each, met once a step.

Threads inside every operation wait for each other thousands of times a step, which on a busy machine means waiting for
whatever else runs there. Replicas that share the weights meet once.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

T = TypeVar("T")


class Team(Generic[T]):
    """Replicas of a module whose weights are one and the same memory."""

    def __init__(self, module: nn.Module, size: int) -> None:
        self._replicas = [module, *(self._replica(module) for _ in range(size - 1))]
        self._workers = ThreadPoolExecutor(size, initializer=torch.set_num_threads, initargs=(1,))

    @staticmethod
    def _replica(module: nn.Module) -> nn.Module:
        twin = copy.deepcopy(module)
        for mine, theirs in zip(twin.parameters(), module.parameters(), strict=True):
            mine.data = theirs.data
        return twin

    @property
    def size(self) -> int:
        """Replicas, and so parts a batch is cut into."""
        return len(self._replicas)

    def backward(self, loss: Callable[[nn.Module, T], Tensor], parts: Sequence[Callable[[], T]]) -> float:
        """Add the mean loss's gradients to the first module; `parts` draws one for each replica. Returns the mean."""

        def work(module: nn.Module, part: Callable[[], T]) -> float:
            value = loss(module, part()) / len(parts)
            value.backward()  # type: ignore[no-untyped-call]
            return float(value.detach())

        total = sum(self._workers.map(work, self._replicas, parts))
        for twin in self._replicas[1:]:
            for mine, theirs in zip(self._replicas[0].parameters(), twin.parameters(), strict=True):
                if theirs.grad is not None:
                    mine.grad = theirs.grad if mine.grad is None else mine.grad.add_(theirs.grad)
                    theirs.grad = None
        return total
