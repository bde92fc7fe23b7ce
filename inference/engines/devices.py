"""Which device a worker's setting means on this machine."""

from __future__ import annotations

import torch


def resolve_device(wanted: str) -> str:
    """`auto` is the first CUDA device, `auto:1` the second; the CPU where there is no CUDA. Others stay as they are."""
    name, _, index = wanted.partition(":")
    if name != "auto":
        return wanted
    return f"cuda:{index or 0}" if torch.cuda.is_available() else "cpu"


def device_title(device: str) -> str:
    """The device with the name of its card, for people."""
    return f"{device}, {torch.cuda.get_device_name(device)}" if device.startswith("cuda") else device
