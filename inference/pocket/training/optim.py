"""Optimisers: Muon for matrices and kernels, AdamW for the rest.

Muon (Jordan et al., 2024, https://kellerjordan.github.io/posts/muon/) makes each update of a matrix near orthogonal;
small models learn in a fraction of AdamW's steps. torch.optim.Muon takes 2-D parameters only, hence this one, for
convolution kernels too.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from torch import Tensor, nn

#: Coefficients of the quintic Newton-Schulz iteration given with Muon.
_QUINTIC = (3.4445, -4.7750, 2.0315)


_SLOW = 0.1
#: Taller matrices are taken as blocks of this many rows, each orthogonalised alone: the cost grows with rows squared.
_ROWS = 192


def orthogonalise(update: Tensor, steps: int = 5) -> Tensor:
    """The nearest matrix with (about) equal singular values; `update` is [..., rows, columns]."""
    a, b, c = _QUINTIC
    wide = update.size(-2) <= update.size(-1)
    x = update if wide else update.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    result: Tensor = x if wide else x.mT
    return result


def _blocks(matrix: Tensor) -> Tensor:
    """[rows, columns] as [blocks, rows / blocks, columns] with at most `_ROWS` rows where rows divide evenly."""
    rows = matrix.size(0)
    count = next(n for n in range(1, rows + 1) if rows % n == 0 and rows // n <= _ROWS)
    return matrix.view(count, rows // count, -1)


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised; parameters of more than two dimensions are taken as [first, the rest]."""

    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float = 0.95, weight_decay: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]  # noqa: ARG002 - the base class's signature
        """Apply one update; closures are not supported."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._update(p, group)

    def _update(self, p: Tensor, group: dict[str, Any]) -> None:
        assert p.grad is not None
        state = self.state[p]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(p.grad)
        momentum: Tensor = state["momentum"]
        momentum.lerp_(p.grad, 1 - group["momentum"])
        nesterov = p.grad.lerp(momentum, group["momentum"]).flatten(1)
        # Taps that are kept at zero stay out: they would change nothing, at two thirds of the cost.
        used = nesterov.any(dim=0)
        if not used.any():
            return
        whole = bool(used.all())
        update = orthogonalise(_blocks(nesterov if whole else nesterov[:, used]))
        # A tall matrix gets larger steps, so that every output moves as much whatever the shape.
        update = update * max(1.0, update.size(-2) / update.size(-1)) ** 0.5
        p.mul_(1 - group["lr"] * group["weight_decay"])
        if not whole:
            nesterov[:, used] = update.flatten(0, 1)
            update = nesterov
        p.add_(update.view_as(p), alpha=-group["lr"])


class Optimisers:
    """Muon and AdamW over one module, stepped together under one schedule, Muon's work shared by `threads` threads.

    AdamW moves parameters with `slow` in their names at a tenth of its rate.
    """

    def __init__(
        self,
        module: nn.Module,
        *,
        muon_rate: float,
        adam_rate: float,
        muon_skips: tuple[str, ...],
        slow: str = "\0",
        threads: int = 1,
    ) -> None:
        named = list(module.named_parameters())
        hidden = [p for n, p in named if p.ndim >= 2 and not any(skip in n for skip in muon_skips)]
        chosen = {id(p) for p in hidden}
        rest = [(n, p) for n, p in named if id(p) not in chosen]
        groups = [
            {"params": [p for n, p in rest if (slow in n) == is_slow], "share": _SLOW if is_slow else 1.0}
            for is_slow in (False, True)
        ]
        self._parameters = [p for _, p in named]
        self._muons = [Muon(hidden[i::threads], lr=muon_rate) for i in range(threads)]
        self._adam = torch.optim.AdamW(groups, lr=adam_rate, betas=(0.9, 0.98), weight_decay=0.0)
        self._rates = [*([muon_rate] * threads), adam_rate]
        self._workers = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))

    @property
    def _all(self) -> list[torch.optim.Optimizer]:
        return [*self._muons, self._adam]

    def step(self, scale: float, clip: float = 1.0) -> float:
        """Clip, update with the learning rates times `scale`, and clear; returns the gradient's norm."""
        norm = float(nn.utils.clip_grad_norm_(self._parameters, clip))
        for optimiser, rate in zip(self._all, self._rates, strict=True):
            for group in optimiser.param_groups:
                group["lr"] = rate * scale * group.get("share", 1.0)
        for _ in self._workers.map(lambda optimiser: optimiser.step(), self._all):
            pass
        for optimiser in self._all:
            optimiser.zero_grad(set_to_none=True)
        return norm

    def state(self) -> list[dict[str, Any]]:
        """What a checkpoint needs."""
        return [optimiser.state_dict() for optimiser in self._all]

    def restore(self, state: list[dict[str, Any]]) -> None:
        """Undo `state`; with another number of threads the momenta start anew."""
        if len(state) == len(self._all):
            for optimiser, saved in zip(self._all, state, strict=True):
                optimiser.load_state_dict(saved)


def schedule(progress: float, warm: float = 0.01, cool: float = 0.3) -> float:
    """Warm up, hold, and fall linearly to 2% over the last `cool` of the run; progress is 0..1."""
    if progress < warm:
        return 0.1 + 0.9 * progress / warm
    return 1.0 if progress < 1 - cool else max(0.02, (1 - progress) / cool)
