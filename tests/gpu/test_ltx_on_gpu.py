"""The engine on a CUDA device, in bfloat16."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from inference.engines.ltx import LtxEngine
from inference.engines.port import MediaReader
from inference.types import MediaRef, RenderPlan, Size
from tests.support.pictures import Frames, moving_ball
from tests.support.tiny_ltx import build_tiny_ltx, tiny_preset

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")]


class NoMedia(MediaReader):
    def latents(self, ref: MediaRef) -> bytes:
        raise AssertionError(ref)

    def frames(self, ref: MediaRef) -> Frames:
        return moving_ball(1)


def test_a_seed_gives_the_same_clip_again_on_the_device(tmp_path: Path) -> None:
    engine = LtxEngine("cuda")
    engine.load(tiny_preset(build_tiny_ltx(tmp_path)))
    plan = RenderPlan(
        preset="tiny",
        prompt="a red ball",
        size=Size(width=64, height=32),
        num_frames=13,
        fps=12,
        steps=4,
        guidance=2.0,
        seed=7,
    )

    first, second = (np.concatenate(list(engine.render(plan, NoMedia(), lambda _step: None).frames)) for _ in range(2))

    assert np.array_equal(first, second)
    assert first.std() > 0
