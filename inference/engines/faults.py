"""torch's errors to ours, by who must act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from inference.engines.port import Interrupted
from inference.errors import DeviceFault, EngineError, OutOfMemory, RenderFailed, ThreadreelError

OUT_OF_CPU_MEMORY = "can't allocate memory"
DEVICE_WORDS = ("CUDA error", "CUDNN_STATUS", "CUBLAS_STATUS", "NCCL error")


@contextmanager
def engine_errors() -> Iterator[None]:
    """Raises OutOfMemory, DeviceFault or RenderFailed for what the device or the model raises; ours pass through."""
    try:
        yield
    except (ThreadreelError, Interrupted):
        raise
    except (Exception, MemoryError) as error:
        raise translated(error) from error


def translated(error: Exception) -> EngineError:
    """The engine error that says what happened."""
    detail = f"{type(error).__name__}: {error}"
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or OUT_OF_CPU_MEMORY in str(error):
        return OutOfMemory(detail=detail)
    if isinstance(error, torch.AcceleratorError) or any(word in str(error) for word in DEVICE_WORDS):
        return DeviceFault(detail=detail)
    return RenderFailed(detail=detail)
