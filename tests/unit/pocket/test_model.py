"""The shipped folder, loaded by plain diffusers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DiffusionPipeline

import inference.pocket

MODEL = Path(inference.pocket.__file__).parent / "model"
SIZE_LIMIT = 24_000_000

pytestmark = pytest.mark.skipif(not (MODEL / "model_index.json").exists(), reason="no weights are committed yet")


def test_the_folder_is_small() -> None:
    assert sum(file.stat().st_size for file in MODEL.rglob("*") if file.is_file()) <= SIZE_LIMIT


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # diffusers' own default schedule
def test_plain_diffusers_makes_a_clip() -> None:
    pipeline = DiffusionPipeline.from_pretrained(str(MODEL), dtype=torch.float32)
    assert type(pipeline).__name__ == "LTXConditionPipeline"
    pipeline.set_progress_bar_config(disable=True)
    clip = pipeline(
        prompt="a red ball rising over the sea",
        width=224,
        height=128,
        num_frames=13,
        frame_rate=12,
        num_inference_steps=2,
        guidance_scale=1.0,
        generator=torch.Generator().manual_seed(7),
        output_type="np",
    ).frames[0]
    assert np.asarray(clip).shape == (13, 128, 224, 3)
    assert np.isfinite(clip).all()
