"""The shipped folder, loaded by plain diffusers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DiffusionPipeline

import inference.pocket
from inference.pocket.training import warm
from inference.pocket.training.config import Training
from inference.pocket.training.tokenizer import train_tokenizer
from inference.pocket.training.transformer import Trainer
from inference.pocket.training.vae import load_vae

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


def test_a_machine_without_checkpoints_starts_from_the_shipped_weights(tmp_path: Path) -> None:
    config = Training(folder=tmp_path)
    vocabulary = len(train_tokenizer(config.seed))
    trainer, shipped = Trainer(config, vocabulary), warm.model_weights(config)
    assert all(torch.equal(weight, shipped[name]) for name, weight in trainer.model.state_dict().items())
    assert (load_vae(config).latents_std != 1).all()
    untrained = Trainer(replace(config, warm=False), vocabulary)
    assert (untrained.model.transformer.proj_out.weight == 0).all()
