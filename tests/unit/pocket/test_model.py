"""The shipped folder, loaded by plain diffusers."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from diffusers import DiffusionPipeline, LTXVideoTransformer3DModel
from transformers import PreTrainedTokenizerFast

import inference.pocket
from inference.pocket.judge.__main__ import preset_of
from inference.pocket.judge.clips import Made, Studio
from inference.pocket.judge.prompts import known_prompts
from inference.pocket.judge.reading import read
from inference.pocket.judge.session import judge_extensions, judge_loops, judge_remixes, judge_words
from inference.pocket.training import linear, run, warm
from inference.pocket.training.card import write_card
from inference.pocket.training.config import PICTURE_CHANNELS, Training
from inference.pocket.training.export import export, folder_of, ship
from inference.pocket.training.tokenizer import load_tokenizer
from inference.pocket.training.transformer import Trainer
from inference.pocket.training.vae import new_vae
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


def test_a_machine_without_checkpoints_starts_from_what_the_shipped_weights_know(tmp_path: Path) -> None:
    """The shipped ones are of an earlier world: all layers, the words and the subject's channels are taken over."""
    config = Training(folder=tmp_path)
    tokenizer, shipped = load_tokenizer(config), warm.model_weights(config)
    mine = Trainer(config, tokenizer).model.state_dict()
    block = "transformer.transformer_blocks.3.attn1.to_q.weight"
    assert torch.equal(mine[block], shipped[block])
    old = PreTrainedTokenizerFast.from_pretrained(config.model / "tokenizer").get_vocab()
    for word in ("▁ball", "夜"):
        now = tokenizer.get_vocab()[word]
        assert torch.equal(mine["text.shared.weight"][now], shipped["text.shared.weight"][old[word]])
    into = "transformer.proj_in.weight"
    known = shipped[into].size(1)
    assert torch.equal(mine[into][:, PICTURE_CHANNELS:known], shipped[into][:, PICTURE_CHANNELS:])
    assert (mine[into][:, known:] == 0).all()
    # Its autoencoder is another: what its picture's channels say is of no use.
    assert warm.vae_weights(config) is None
    assert (mine["transformer.proj_out.weight"][:PICTURE_CHANNELS] == 0).all()
    untrained = Trainer(replace(config, warm=False), tokenizer)
    assert (untrained.model.transformer.proj_out.weight == 0).all()


@pytest.fixture(scope="module")
def run_of_a_moment(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """A run whose trainings have just begun, and its exported model."""
    folder = tmp_path_factory.mktemp("run")
    config = Training(folder=folder, model=folder / "shipped", warm=False)
    vae = new_vae(1)
    linear.fit(vae, 1, batches=2)
    run.Checkpoint(folder / "vae.pt").save({"vae": vae.state_dict(), "step": 3, "spent": 360.0})
    run.Checkpoint(folder / "transformer.pt").save(Trainer(config, load_tokenizer(config)).state(720.0))
    export(config)
    return config


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # diffusers' own default schedule
def test_what_training_exports_is_a_small_ordinary_checkpoint_of_24_frames_a_second(run_of_a_moment: Training) -> None:
    folder = folder_of(run_of_a_moment)
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) <= SIZE_LIMIT
    pipeline = DiffusionPipeline.from_pretrained(str(folder), dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    assert (pipeline.vae_temporal_compression_ratio, pipeline.vae_spatial_compression_ratio) == (8, 32)
    clip = pipeline(prompt="a red ball", width=160, height=160, num_frames=25, num_inference_steps=1, output_type="np")
    assert np.asarray(clip.frames[0]).shape == (25, 160, 160, 3)
    rule = preset_of(folder, load_presets().get("pocket"))
    assert (rule.fps, rule.frames.step, rule.frames.min, rule.frames.max) == (24, 8, 25, 121)


def test_the_model_is_shipped_with_its_card_and_its_words(run_of_a_moment: Training) -> None:
    with pytest.raises(FileNotFoundError, match="card"):
        ship(run_of_a_moment)
    card = write_card(run_of_a_moment, {"prompts": 600, "all": {"colour": 0.97}, "wrong": []})
    told = card.read_text(encoding="utf-8")
    for fact in (
        "Of 600 held-out prompts",
        "colour 0.97",
        "3 steps, 0.1 hours",
        "24 frames a second",
        "butterfly",
        "5%",
    ):
        assert fact in told
    run_of_a_moment.model.mkdir()
    ship(run_of_a_moment)
    known = json.loads((run_of_a_moment.model / "vocabulary.json").read_text(encoding="utf-8"))
    assert len(known["world"]["subject"]) == 16
    assert "butterfly" in known["words"]["en"]
    assert "猫" in known["words"]["ja"]


def test_remixes_other_words_and_joints_are_made_and_judged() -> None:
    """One of each, by the engine; what comes out is the weights' affair."""
    made, scenes = studio(MODEL), [asked.scene for asked in known_prompts(MODEL, 6)]
    (remix,) = judge_remixes(made, scenes, 1, None)
    (word,) = judge_words(made, scenes, 1)
    assert (remix.kind, word.kind) == ("colour", "colour")
    for joints in (judge_loops(made, scenes, 1), judge_extensions(made, scenes, 1)):
        (joint,) = joints
        assert 0 <= joint.given < 255
        assert joint.jump > 0
