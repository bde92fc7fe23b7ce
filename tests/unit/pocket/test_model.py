"""The shipped folder, loaded by plain diffusers."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from diffusers import DiffusionPipeline, LTXVideoTransformer3DModel

import inference.pocket
from inference.pocket.judge.clips import Made, Studio
from inference.pocket.judge.reading import read
from inference.pocket.training import warm
from inference.pocket.training.config import PICTURE_CHANNELS, Training
from inference.pocket.training.tokenizer import load_tokenizer
from inference.pocket.training.transformer import Trainer
from inference.pocket.training.vae import load_vae
from inference.pocket.world.scene import Colour, Daytime, Setting
from inference.presets import load_presets
from inference.types import Size

MODEL = Path(inference.pocket.__file__).parent / "model"
SIZE_LIMIT = 24_000_000
PROMPT = "a red ball rising over the sea"


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


@pytest.fixture(scope="module")
def red_ball() -> Made:
    return studio(MODEL).generate(PROMPT, 7)


def studio(model: Path) -> Studio:
    return Studio(replace(load_presets().get("pocket"), source=str(model)), Size(width=224, height=128), 13)


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # diffusers' own default schedule
def test_plain_diffusers_gives_the_engines_latents(red_ball: Made) -> None:
    preset = load_presets().get("pocket")
    pipeline = DiffusionPipeline.from_pretrained(str(MODEL), dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    plain = pipeline(
        prompt=PROMPT,
        width=224,
        height=128,
        num_frames=13,
        frame_rate=preset.fps,
        timesteps=list(preset.timesteps),
        guidance_scale=preset.guidance,
        generator=torch.Generator().manual_seed(7),
        output_type="latent",
    ).frames
    assert (safetensors.torch.load(red_ball.latents)["latents"] - plain).abs().max() < 1e-4


def test_the_clip_shows_what_the_words_say(red_ball: Made) -> None:
    seen = read(red_ball.video, fps=12)
    assert (seen.colour, seen.setting, seen.daytime) == (Colour.RED, Setting.SEA, Daytime.DAY)


def test_the_clip_comes_from_the_transformers_weights(red_ball: Made, tmp_path: Path) -> None:
    shutil.copytree(MODEL, tmp_path / "model")
    transformer = LTXVideoTransformer3DModel.from_pretrained(tmp_path / "model" / "transformer")
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(1)
        for parameter in transformer.parameters():
            parameter.normal_(std=0.1)
    transformer.save_pretrained(tmp_path / "model" / "transformer")
    broken = studio(tmp_path / "model").generate(PROMPT, 7)
    assert np.abs(broken.video.astype(int) - red_ball.video).mean() > 20
    assert read(broken.video, fps=12).subject is None


def test_a_machine_without_checkpoints_starts_from_the_shipped_weights(tmp_path: Path) -> None:
    config = Training(folder=tmp_path)
    vocabulary = len(load_tokenizer(config))
    trainer, shipped = Trainer(config, vocabulary), warm.model_weights(config)
    assert all(torch.equal(weight, shipped[name]) for name, weight in trainer.model.state_dict().items())
    assert (load_vae(config).latents_mean[:PICTURE_CHANNELS] != 0).all()
    untrained = Trainer(replace(config, warm=False), vocabulary)
    assert (untrained.model.transformer.proj_out.weight == 0).all()
