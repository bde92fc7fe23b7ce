from __future__ import annotations

import pytest
import torch

from inference.engines.faults import engine_errors
from inference.errors import DeviceFault, EngineError, JobCancelled, OutOfMemory, RenderFailed


@pytest.mark.parametrize(
    ("raised", "expected", "fatal"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), OutOfMemory, False),
        (MemoryError(), OutOfMemory, False),
        (torch.AcceleratorError("an illegal memory access was encountered"), DeviceFault, True),
        (RuntimeError("CUDA error: device-side assert triggered"), DeviceFault, True),
        (RuntimeError("shapes cannot be multiplied"), RenderFailed, False),
        (KeyError("latents"), RenderFailed, False),
    ],
)
def test_each_fault_is_named_by_who_must_act(raised: Exception, expected: type[EngineError], fatal: bool) -> None:
    with pytest.raises(expected) as caught, engine_errors():
        raise raised

    assert caught.value.fatal is fatal
    assert caught.value.__cause__ is raised


def test_too_little_memory_of_the_machine_is_told_as_such() -> None:
    with pytest.raises(OutOfMemory), engine_errors():
        torch.empty(10**15)


def test_our_own_errors_pass_through() -> None:
    cancelled = JobCancelled()

    with pytest.raises(JobCancelled) as caught, engine_errors():
        raise cancelled

    assert caught.value is cancelled
