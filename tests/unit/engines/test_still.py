from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKLLTXVideo

from inference.engines.loading import load_pipeline
from inference.engines.still import still_decoder
from tests.support.tiny_ltx import build_tiny_ltx, tiny_preset


@pytest.fixture
def vae(tmp_path: Path) -> AutoencoderKLLTXVideo:
    return load_pipeline(tiny_preset(build_tiny_ltx(tmp_path)), torch.device("cpu")).vae


@torch.no_grad()
def test_a_still_is_what_the_video_decoder_makes_of_one_frame(vae: AutoencoderKLLTXVideo) -> None:
    latents = torch.randn((1, 8, 1, 2, 3), generator=torch.Generator().manual_seed(1))

    picture = still_decoder(vae)(latents)

    assert picture.shape == (1, 3, 1, 64, 96)
    assert torch.allclose(picture, vae.decode(latents).sample, atol=1e-4)


def test_a_still_decoder_costs_no_further_weights(vae: AutoencoderKLLTXVideo) -> None:
    own = {parameter.data_ptr() for parameter in vae.decoder.parameters()}

    assert {parameter.data_ptr() for parameter in still_decoder(vae).parameters()} == own
